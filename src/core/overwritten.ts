/**
 * What a write of ours replaced without anybody having seen it (algorithms 5.5, tactic 4). Vendors here offer no
 * compare-and-set: an edit that lands between our look and the effect of our write is overwritten. The vendor's value
 * history shows it afterwards, in the vendor's own order, so that no clock of ours is involved:
 *
 *     … what the decision saw … [somebody else's values] … what we wrote
 *
 * Only the last value before ours was lost by our doing. Whatever came before it in the window was replaced by somebody
 * on that very side, as any edit replaces an older one.
 */
import { instantMs } from './instant.ts'
import type { Actor, Evidence, History, Version } from './record.ts'
import type { FieldRule, SideContext, SideRule } from './rules.ts'
import { hasChanges, toSet } from './sets.ts'
import { isBlank, isEqual, isList, type Canonical, type FieldValue, type FieldValues } from './value.ts'

/** What the fields of one rule held together from one moment on. */
export interface Held {
  readonly value: Canonical
  readonly evidence: Evidence
}

/** A write of ours to one field, as the journal has it: what the decision saw, and what was stored. */
export interface OwnWrite {
  readonly before: Canonical
  readonly after: Canonical
  /** Where it is known, an instant before it was stored: epoch ms by the vendor's clock. */
  readonly sinceMs?: number
}

export interface Overwritten {
  readonly lost: Held
  /** What we wrote is still there. Otherwise somebody has decided anew since. */
  readonly stands: boolean
}

const NOBODY: Actor = { kind: 'unknown', id: null }

/**
 * The fields of a rule through time, oldest first, from before the first of their versions on. Null when the history of
 * one of them could not be read: what they held together is not known then.
 */
export function timelineOf(
  rule: Pick<SideRule, 'fields' | 'read'>,
  history: History,
  options: { readonly blank: (field: string) => FieldValue; readonly context: SideContext },
): readonly Held[] | null {
  if (!rule.fields.every((field) => field in history)) return null
  let values: FieldValues = Object.fromEntries(rule.fields.map((field) => [field, options.blank(field)]))
  const held = (evidence: Evidence): Held => ({ value: rule.read(values, options.context), evidence })
  return [
    held({ at: null, actor: NOBODY }),
    ...saves(rule.fields, history).map(({ at, actor, changed }) => {
      values = { ...values, ...changed }
      return held({ at, actor })
    }),
  ]
}

/** Every value that a history mentions, field by field: what canonisers may have to look up. */
export function valuesIn(history: History): FieldValues {
  return Object.fromEntries(
    Object.entries(history).map(([field, versions]) => [
      field,
      versions.flatMap(({ value }) => (isList(value) ? value : [value])),
    ]),
  )
}

interface Save {
  readonly at: string
  readonly actor: Actor
  readonly changed: FieldValues
}

/**
 * What one actor stored at one moment is one save, however many fields it changed, and with it whatever the vendor
 * derived from that.
 */
function saves(fields: readonly string[], history: History): readonly Save[] {
  const entries = fields.flatMap((field) => (history[field] ?? []).map((version) => ({ field, ...version })))
  const found: Save[] = []
  for (const { field, at, actor, value } of entries.toSorted(byTime)) {
    const last = found.at(-1)
    const by = last?.at === at && !(field in last.changed) ? commonActor(last.actor, actor) : null
    if (last && by) found[found.length - 1] = { at, actor: by, changed: { ...last.changed, [field]: value } }
    else found.push({ at, actor, changed: { [field]: value } })
  }
  return found
}

/** At one moment ours come last: nothing that may have been lost is taken for an edit of ours. */
function byTime(a: Pick<Version, 'at' | 'actor'>, b: Pick<Version, 'at' | 'actor'>): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1
  return Number(a.actor.kind === 'us') - Number(b.actor.kind === 'us')
}

/** Lists by their elements: a history need not tell in which order they were (Attio's does not). */
function isSame(a: Canonical, b: Canonical): boolean {
  return isList(a) && isList(b) ? isEqual(toSet(a), toSet(b)) : isEqual(a, b)
}

/** Whose save both belong to; null when they are two people's. */
function commonActor(a: Actor, b: Actor): Actor | null {
  if (a.kind === 'system') return b
  if (b.kind === 'system') return a
  return a.kind === b.kind && a.id === b.id ? a : null
}

/**
 * For each write, oldest first, what it overwrote unseen; null where that is nothing, or cannot be told any more
 * because the history does not reach back to what the decision saw. Later writes of the same values have to be among them,
 * or one of their places is taken for that of an earlier one.
 */
export function findOverwritten(
  timeline: readonly Held[],
  writes: readonly OwnWrite[],
  shape: FieldRule['shape'],
): readonly (Overwritten | null)[] {
  const found: (Overwritten | null)[] = []
  let end = timeline.length
  for (const write of writes.toReversed()) {
    const own = ownEntry(timeline.slice(0, end), write)
    if (own !== null) end = own
    found.unshift(own === null ? null : overwrittenAt(timeline, own, { ...write, shape }))
  }
  return found
}

/** Whether anything was held before what is held now. */
export function wasFilledBefore(timeline: readonly Held[]): boolean {
  return timeline.slice(0, -1).some(({ value }) => !isBlank(value))
}

/** Whether a write of which no answer came is in the timeline. */
export function wasWritten(timeline: readonly Held[], write: Required<OwnWrite>): boolean {
  return ownEntry(timeline, write) !== null
}

/**
 * What a record held last that was removed, where nobody had seen that when the removal was decided; null where that is
 * nothing. `untilMs`: by the vendor's clock, what is later was entered into a record that had come back.
 */
export function lostWithRecord(
  timeline: readonly Held[],
  { before, untilMs }: { readonly before: Canonical; readonly untilMs: number },
): Held | null {
  const then = timeline.filter(({ evidence }) => (instantMs(evidence.at ?? '') ?? -Infinity) <= untilMs)
  const last = then.at(-1)
  if (!last || last.evidence.actor.kind === 'us' || isSame(last.value, before)) return null
  return follows(then, then.length, before) ? last : null
}

function overwrittenAt(
  timeline: readonly Held[],
  own: number,
  { before, after, shape }: OwnWrite & Pick<FieldRule, 'shape'>,
): Overwritten | null {
  const lost = timeline[own - 1]
  if (!lost || lost.evidence.actor.kind === 'us') return null
  if (isSame(lost.value, before) || isSame(lost.value, after)) return null
  if (shape === 'elements' && hasChanges({ before, changed: lost.value, after })) return null
  return { lost, stands: own === timeline.length - 1 }
}

/**
 * Which entry is the write: the last one of ours with its value that follows what the decision saw. A vendor that does
 * not say who removed something (Attio) signs a write that only removes with nobody's name.
 */
function ownEntry(timeline: readonly Held[], write: OwnWrite): number | null {
  for (const kind of ['us', 'unknown'] as const) {
    for (let i = timeline.length - 1; i > 0; i -= 1) {
      const entry = timeline[i]
      if (entry?.evidence.actor.kind !== kind || !isSame(entry.value, write.after)) continue
      if (!isSince(entry, write.sinceMs)) break
      if (follows(timeline, i, write.before)) return i
    }
  }
  return null
}

function isSince({ evidence }: Held, sinceMs = Number.NEGATIVE_INFINITY): boolean {
  return (instantMs(evidence.at ?? '') ?? Number.NEGATIVE_INFINITY) >= sinceMs
}

/** Whether `value` was held before entry `i`, with nothing of ours in between. */
function follows(timeline: readonly Held[], i: number, value: Canonical): boolean {
  for (let j = i - 1; j >= 0; j -= 1) {
    const entry = timeline[j]
    if (!entry) return false
    if (isSame(entry.value, value)) return true
    if (entry.evidence.actor.kind === 'us') return false
  }
  return false
}
