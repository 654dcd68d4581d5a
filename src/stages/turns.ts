/** One piece of work after the other, in the order in which they came. A failure is heard by whoever asked for the work. */
import type { Engine } from './engine.ts'

export function createTurns(): Engine['turn'] {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work, work)
    last = mine
    return mine
  }
}
