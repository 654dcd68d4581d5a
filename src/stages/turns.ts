/**
 * One piece of work after the other, in the order in which they came. A failure is heard by whoever asked for the
 * work.
 */
export type Turn = <T>(work: () => Promise<T>) => Promise<T>

export function createTurns(): Turn {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const mine = last.then(work, work)
    last = mine
    return mine
  }
}
