/**
 * A mapping was edited, or a schema changed: bases made under other rules are translated (algorithms 9.4). A
 * side that under the old rules had not changed has not changed under the new ones either: its base becomes
 * what it reads now. So an edited mapping neither writes nor invents conflicts by itself.
 *
 * An entry that names other fields than before is another question: what one of them held says nothing of the other,
 * and a blank there is nothing that somebody cleared. It begins anew, as an added entry does, and so does one that the
 * old rules do not have: what is left of it is from before it was taken out.
 */
import type { FieldBase } from '../core/base.ts'
import { pairHash } from '../core/fingerprint.ts'
import { wasRead } from '../core/reconcile.ts'
import { SIDES, type Both } from '../core/record.ts'
import type { FieldRule, ObjectRules } from '../core/rules.ts'
import { isEqual, type Canonical } from '../core/value.ts'
import type { Store } from '../store/store.ts'
import type { Directory } from './directory.ts'
import type { MappingRuntime } from './engine.ts'
import { rulesOfVersion } from './rules-archive.ts'
import type { Pair, Ready } from './work.ts'

/** Old rules of the given pairs by version, without those that have the present ones. */
export async function olderRules(
  store: Store,
  mapping: MappingRuntime,
  ready: readonly Ready[],
): Promise<ReadonlyMap<string, ObjectRules>> {
  const versions = new Set(
    ready.flatMap(({ pair, group }) =>
      pair.isNew || group.link.rules === mapping.rules.version ? [] : [group.link.rules],
    ),
  )
  const older = new Map<string, ObjectRules>()
  for (const version of versions) {
    const rules = await rulesOfVersion(store, version)
    if (rules) older.set(version, rules)
  }
  return older
}

/** The pair with its base translated from `old` into the mapping's present rules. */
export function underNewRules(
  mapping: MappingRuntime,
  old: ObjectRules | undefined,
  pair: Pair,
  directory: Directory,
): Pair {
  if (!old) return pair
  const base: Record<string, FieldBase> = { ...pair.base }
  for (const rule of mapping.rules.fields) {
    const known = base[rule.key]
    const before = old.fields.find((candidate) => candidate.key === rule.key)
    if (!known) continue
    if (!before || isOfOtherFields(before, rule)) delete base[rule.key]
    else base[rule.key] = translate(known, { before, rule, present: mapping.rules, pair, directory })
  }
  return { ...pair, base }
}

function isOfOtherFields(before: FieldRule, rule: FieldRule): boolean {
  return SIDES.some((side) => !before[side].fields.some((field) => rule[side].fields.includes(field)))
}

function translate(
  known: FieldBase,
  options: { before: FieldRule; rule: FieldRule; present: ObjectRules; pair: Pair; directory: Directory },
): FieldBase {
  const { before, rule, present, pair, directory } = options
  const readable = SIDES.every((side) =>
    [before, rule].every((each) => wasRead(each[side], pair[side].values)),
  )
  if (!readable) return known
  const under = (each: FieldRule): Both<Canonical> => ({
    left: each.left.read(pair.left.values, directory.context.left),
    right: each.right.read(pair.right.values, directory.context.right),
  })
  const then = under(before)
  const now = under(rule)
  let moved = known
  for (const side of SIDES) {
    // What is left of a group of which not all is read any more would look like an edit.
    const isWhole = before[side].fields.every((field) => present.reads[side].includes(field))
    const isUnchanged = !isWhole || isEqual(then[side], known[side])
    if (isUnchanged && !isEqual(now[side], known[side])) moved = { ...moved, [side]: now[side] }
  }
  // A conflict that a person is looking at stays the same conflict.
  if (known.held === pairHash(then.left, then.right)) {
    const held = pairHash(now.left, now.right)
    if (held !== known.held) moved = { ...moved, held }
  }
  return moved
}
