/** Sets as canonical values: sorted arrays of distinct elements, blank when empty. */
import { canonicalText, isList, type Canonical } from './value.ts'

/** Element key → element. Anything that is not a list is a set of one; blank is the empty set. */
function elements(value: Canonical): Map<string, Canonical> {
  const list = value === null ? [] : isList(value) ? value : [value]
  return new Map(list.map((element) => [canonicalText(element), element]))
}

export function toSet(items: Iterable<Canonical>): Canonical {
  const byKey = new Map([...items].map((element) => [canonicalText(element), element]))
  const sorted = [...byKey.entries()].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return sorted.length === 0 ? null : sorted.map(([, element]) => element)
}

/**
 * Three-way merge of sets against each side's own base: `(L ∩ R) ∪ (L \ BL) ∪ (R \ BR)`, and additionally keeps
 * what a side holds that the *other* side never had (a difference both already knew stays as it is on its
 * side is not expressible in one result, so such an element counts as added). There is no membership
 * conflict: an element of the base can only have been removed, one outside it only added (algorithms 2.6).
 */
export function mergeSets(options: {
  baseLeft: Canonical
  baseRight: Canonical
  left: Canonical
  right: Canonical
}): Canonical {
  const left = elements(options.left)
  const right = elements(options.right)
  const baseLeft = elements(options.baseLeft)
  const baseRight = elements(options.baseRight)
  const merged: Canonical[] = []
  for (const [key, element] of left) {
    const removedRight = baseRight.has(key) && !right.has(key)
    if (right.has(key) || !baseLeft.has(key) || !removedRight) merged.push(element)
  }
  for (const [key, element] of right) {
    const removedLeft = baseLeft.has(key) && !left.has(key)
    if (!left.has(key) && (!baseRight.has(key) || !removedLeft)) merged.push(element)
  }
  return toSet(merged)
}

/** Whether `after` has what was added to `before` to make `changed`, and lacks what was removed from it. */
export function hasChanges(options: { before: Canonical; changed: Canonical; after: Canonical }): boolean {
  const before = elements(options.before)
  const changed = elements(options.changed)
  const after = elements(options.after)
  const added = [...changed.keys()].filter((key) => !before.has(key))
  const removed = [...before.keys()].filter((key) => !changed.has(key))
  return added.every((key) => after.has(key)) && removed.every((key) => !after.has(key))
}
