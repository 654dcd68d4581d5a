/**
 * The `values` table of a mapping: pairs of a left and a right word. A left word may have several right words
 * (the first one is written) and a right word several left ones (the first listed is written); the finer side
 * keeps what it holds as long as that still corresponds.
 */
import type { Canonical } from '../../core/value.ts'
import type { FieldEntry } from '../document.ts'

export interface ValueTable {
  readonly pairs: readonly { readonly left: string; readonly right: string }[]
  /** Words of the other side for a word, the one to write first; none when the table does not list it. */
  readonly rightOf: (left: Canonical) => readonly string[]
  readonly leftOf: (right: Canonical) => readonly string[]
  readonly isPair: (left: Canonical, right: Canonical) => boolean
  /** Place of a word in the listed order, the first being 0; -1 for words that are not listed. */
  readonly rankLeft: (left: Canonical) => number
  readonly rankRight: (right: Canonical) => number
  /** Name of the group of words that correspond directly or through each other; null for unlisted words. */
  readonly groupOfLeft: (left: Canonical) => string | null
  readonly groupOfRight: (right: Canonical) => string | null
}

export function valueTable(values: NonNullable<FieldEntry['values']>): ValueTable {
  const entries = Object.entries(values).map(([left, right]) => ({
    left: left.trim(),
    right: typeof right === 'string' ? [right] : right,
  }))
  const pairs = entries.flatMap(({ left, right }) => right.map((word) => ({ left, right: word })))
  const rightOf = grouped(
    pairs,
    (pair) => pair.left,
    (pair) => pair.right,
  )
  const leftOf = grouped(
    pairs,
    (pair) => pair.right,
    (pair) => pair.left,
  )
  const order = new Map(entries.map(({ left }, index) => [left, index]))
  const groups = connected(pairs)
  const at = <T>(map: ReadonlyMap<string, T>, canonical: Canonical, otherwise: T): T =>
    typeof canonical === 'string' ? (map.get(canonical) ?? otherwise) : otherwise
  const rankLeft = (left: Canonical): number => at(order, left, -1)
  return {
    pairs,
    rightOf: (left) => at(rightOf, left, []),
    leftOf: (right) => at(leftOf, right, []),
    isPair: (left, right) => typeof right === 'string' && at(rightOf, left, []).includes(right),
    rankLeft,
    rankRight: (right) => Math.max(-1, ...at(leftOf, right, []).map(rankLeft)),
    groupOfLeft: (left) => at(groups, left, null),
    groupOfRight: (right) => {
      const [left] = at(leftOf, right, [])
      return left === undefined ? null : at(groups, left, null)
    },
  }
}

function grouped<T>(
  items: readonly T[],
  key: (item: T) => string,
  member: (item: T) => string,
): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group) group.push(member(item))
    else groups.set(key(item), [member(item)])
  }
  return groups
}

/** Left word → first left word of its group. Two left words share a group when a right word belongs to both. */
function connected(pairs: ValueTable['pairs']): ReadonlyMap<string, string> {
  const groups = new Map<string, string>()
  const groupOfRight = new Map<string, string>()
  for (const { left, right } of pairs) {
    const group = groups.get(left) ?? left
    const joined = groupOfRight.get(right) ?? group
    groups.set(left, joined)
    groupOfRight.set(right, joined)
    if (joined !== group) {
      for (const [word, name] of groups) if (name === group) groups.set(word, joined)
      for (const [word, name] of groupOfRight) if (name === group) groupOfRight.set(word, joined)
    }
  }
  return groups
}
