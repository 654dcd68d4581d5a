/**
 * Records without a pair: find the one counterpart, or create it, or ask a person (algorithms 3.2, 3.3).
 * Candidates come from the matching keys of everything ever listed or read; where the vendor would not itself
 * refuse a second record with the same key, it is asked strongly before a creation.
 */
import { MERGED_AWAY, type MatchDecision } from '../core/match.ts'
import { otherSide } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import type { Link } from '../store/links.ts'
import type { RecordRef } from '../store/records.ts'
import { adopt } from './adopt.ts'
import { claimedByOthers, type Origin } from './claims.ts'
import { leaveAlone } from './collapse.ts'
import { planCreations } from './create.ts'
import { decideLoner } from './decide-loner.ts'
import { again, followUp } from './dirty-rows.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { isRefusalActive } from './refusal-cause.ts'
import { handBack } from './handed-back.ts'
import type { Loner } from './loners.ts'
import { planReady } from './plan-ready.ts'
import { isPairedMeanwhile, prospect } from './prospects.ts'
import { question } from './questions.ts'
import { siblingsOf } from './siblings.ts'
import { refKey, taskOf, type Prepared, type Ready, type Task } from './work.ts'

/** Why two records were linked, for people; what is known by the ids that they carry is no guess of ours. */
export const LINKED = {
  key: 'both records match',
  stamp: 'one record carries the id of the other',
} as const

/** `heirs`: records that took the place of a merged one in this batch, which the store does not know yet. */
export async function prepareLoners(
  engine: Engine,
  mapping: MappingRuntime,
  loners: readonly Loner[],
  heirs: Iterable<string>,
): Promise<Prepared> {
  const changes: Change[] = []
  const tasks: Task[] = []
  const ready: Ready[] = []
  const creating: Loner[] = []
  const alone: RecordRef[] = []
  const taken = new Set(heirs)
  const prospects = await prospect(engine, mapping, loners)
  const others = await claimedByOthers(engine, mapping, loners, prospects)
  for (const loner of loners) {
    const key = refKey(loner.subject)
    // Adopted a moment ago as the counterpart of another record of this batch: answered with that one.
    if (taken.has(key)) continue
    if (isPairedMeanwhile(loner, prospects)) {
      changes.push(...again(engine, mapping, loner.dirty))
      continue
    }
    if (isSetAside(engine, mapping, loner)) {
      changes.push(stillAlone(mapping, loner))
      tasks.push(lonerTask(loner))
      continue
    }
    const partner = prospects.orphaned.get(key)
    if (partner) {
      changes.push(followUp(engine, mapping.rules.mapping, partner), ...again(engine, mapping, loner.dirty))
      continue
    }
    const origin = others.origins.get(key)
    if (origin?.kind === 'paired') {
      changes.push(origin.woken, ...again(engine, mapping, loner.dirty))
      continue
    }
    const decision = others.claims.get(key) ?? decideLoner(mapping, loner, prospects)
    if (decision.kind === 'create' && origin?.kind === 'alone') {
      changes.push(stillAlone(mapping, loner), ...stayAlone(engine, mapping, loner, origin))
      tasks.push(lonerTask(loner))
    } else if (decision.kind === 'create') {
      creating.push(loner)
    } else if (decision.kind === 'adopt') {
      const far: RecordRef = { side: otherSide(loner.subject.side), id: decision.other }
      const adopted = taken.has(refKey(far))
        ? null
        : await adopt(engine, mapping, loner, { far, because: LINKED[decision.because] }, loners, prospects)
      if (!adopted) {
        // The counterpart is busy, moved, or cannot be read.
        changes.push(...again(engine, mapping, loner.dirty))
        continue
      }
      taken.add(key).add(refKey(far))
      ready.push(adopted.ready)
      changes.push(...adopted.changes)
      engine.tally.linked += 1
    } else {
      if (decision.kind === 'nothing' && !others.claims.has(key)) alone.push(loner.subject)
      changes.push(stillAlone(mapping, loner), ...answered(engine, mapping, loner, decision))
      if (others.kept.has(key)) changes.push(stillKeptElsewhere(engine, mapping, loner))
      tasks.push(lonerTask(loner))
    }
  }
  changes.push(...others.questions, ...(await handBack(engine, mapping, alone)))
  const planned = await planReady(engine, mapping, ready)
  const created = await planCreations(engine, mapping, creating)
  return {
    changes: [...changes, ...planned.changes, ...created.changes],
    tasks: [...tasks, ...planned.tasks, ...created.tasks],
    plans: planned.plans,
  }
}

/**
 * No counterpart was to be made for what the record was before: none is made for it either, now and later. Where people were
 * told that this one is there twice, they still are.
 */
function stayAlone(
  engine: Engine,
  mapping: MappingRuntime,
  { subject: { side, id } }: Loner,
  { reason, was }: Extract<Origin, { kind: 'alone' }>,
): readonly Change[] {
  const record = { side, id }
  if (reason === MERGED_AWAY) {
    return leaveAlone(engine, mapping, { record, beside: null, because: `it was ${was}, and ${reason}` })
  }
  const { mapping: name } = mapping.rules
  return [
    { kind: 'suppress', mapping: name, record, reason, atMs: engine.runtime.now() },
    { kind: 'drop-review', mapping: name, record },
  ]
}

/** Nothing happens to the record itself: an open question, or nothing at all. */
function answered(
  engine: Engine,
  mapping: MappingRuntime,
  loner: Loner,
  decision: Extract<MatchDecision, { kind: 'nothing' | 'review' }>,
): readonly Change[] {
  const { mapping: name } = mapping.rules
  const { side, id } = loner.subject
  if (decision.kind === 'nothing') {
    // What a person is told about a record that was set free is not answered by its being left alone.
    if (loner.subject.suppressed !== null) return []
    return [{ kind: 'drop-review', mapping: name, record: { side, id } }]
  }
  return [question(engine, mapping, { side, id }, decision)]
}

/** Whoever links it first is right: it is looked at again then, as half of a pair. */
function stillAlone({ rules }: MappingRuntime, { subject: { side, id } }: Loner): Change {
  return { kind: 'expect', record: { side, id }, mappings: [rules.mapping], to: 'alone' }
}

/** Should that pair end first, nobody else would look at the record again. */
function stillKeptElsewhere(
  engine: Engine,
  mapping: MappingRuntime,
  { subject: { side, id } }: Loner,
): Change {
  const mappings = siblingsOf(engine, mapping, side).map(({ rules }) => rules.mapping)
  return { kind: 'expect', record: { side, id }, mappings, to: 'pair' }
}

function isSetAside(engine: Engine, mapping: MappingRuntime, loner: Loner): boolean {
  const entry = loner.subject.quarantine
  if (!entry || entry.fields.length > 0) return false
  return isRefusalActive(engine, mapping, entry, { source: loner.snapshot, dirty: loner.dirty })
}

function lonerTask(loner: Loner): Task {
  const { side } = loner.subject
  const link: Link = {
    id: '',
    mapping: '',
    left: null,
    right: null,
    state: 'half',
    epoch: 0,
    rules: '',
    versions: { left: null, right: null },
  }
  return taskOf(
    { link, dirty: loner.dirty, subjects: [loner.subject] },
    side === 'left' ? loner.snapshot : null,
    side === 'right' ? loner.snapshot : null,
  )
}
