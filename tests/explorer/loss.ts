/** What a write takes away from the people on the side it writes to. */
import { canonicalText, isEqual, isList, type Canonical } from '../../src/core/value.ts'

export interface Overwriting {
  /** What the written side holds before, and what its vendor stores. */
  readonly lost: Canonical
  readonly now: Canonical
  /** What the decision had seen there. */
  readonly before: Canonical
  /** `truth.base` of the written side. */
  readonly own: Canonical
  /** The value of the other side that was carried over, and `truth.base` there. */
  readonly source: Canonical
  readonly far: Canonical
}

/** Whether the write undoes what a person did there, and whether its decision had seen that. */
export type Loss = 'none' | 'seen' | 'unseen'

export function lossOf(shape: 'whole' | 'elements', write: Overwriting): Loss {
  return shape === 'whole' ? lossOfValue(write) : lossOfElements(write)
}

/** A value that stands is replaced. */
function lossOfValue({ lost, now, before, own }: Overwriting): Loss {
  if (isEqual(lost, now) || isEqual(lost, own)) return 'none'
  return isEqual(lost, before) ? 'seen' : 'unseen'
}

/**
 * Sets are merged element by element, so that each is judged by itself: one that a person added is gone, or one that a
 * person removed is back although nobody added it on the other side.
 */
function lossOfElements({ lost, now, before, own, source, far }: Overwriting): Loss {
  const sets = [lost, now, before, own, source, far].map(elements)
  const [inLost, inNow, inBefore, inOwn, inSource, inFar] = sets.map((set) => (e: string) => set.has(e))
  const all = [...new Set(sets.flatMap((set) => [...set]))]
  const undone = all.filter((e) => {
    const added = inLost!(e) && !inOwn!(e)
    const removed = !inLost!(e) && inOwn!(e)
    const isAddedThere = inSource!(e) && !inFar!(e)
    return (added && !inNow!(e)) || (removed && inNow!(e) && !isAddedThere)
  })
  if (undone.length === 0) return 'none'
  return undone.some((e) => inLost!(e) === inBefore!(e)) ? 'seen' : 'unseen'
}

function elements(value: Canonical): ReadonlySet<string> {
  return new Set(isList(value) ? value.map(canonicalText) : [])
}
