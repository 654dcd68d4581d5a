/**
 * Records without a pair: find the one counterpart, or create it, or ask a person (algorithms 3.2, 3.3).
 * Candidates come from the matching keys of everything ever listed or read; where the vendor would not itself
 * refuse a second record with the same key, it is asked strongly before a creation.
 */
import { decideMatch, type MatchDecision } from '../core/match.ts'
import { otherSide, type Side, type Snapshot } from '../core/record.ts'
import type { Change, Link, RecordRef } from '../store/store.ts'
import { planCreations } from './create.ts'
import type { Task } from './deliver.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { backoffMs, quarantineCause } from './failure.ts'
import { fetchRecords } from './fetch.ts'
import { planReady, taskOf, type LinkedGroup, type Prepared, type Ready } from './linked.ts'
import type { Loner } from './loners.ts'
import { prospect, type Member, type Prospects, type Stamps } from './prospects.ts'
import { onMerge } from './vanish.ts'
import { refKey, type Pair } from './work.ts'

export async function prepareLoners(
  engine: Engine,
  mapping: MappingRuntime,
  loners: readonly Loner[],
): Promise<Prepared> {
  const changes: Change[] = []
  const tasks: Task[] = []
  const ready: Ready[] = []
  const creating: Loner[] = []
  const taken = new Set<string>()
  const prospects = await prospect(engine, mapping, loners)
  for (const loner of loners) {
    const key = refKey(loner.subject)
    // Adopted a moment ago as the counterpart of another record of this batch: answered with that one.
    if (taken.has(key)) continue
    if (isSetAside(mapping, loner)) {
      tasks.push(lonerTask(loner))
      continue
    }
    const component = prospects.components.get(key)
    const isStrong = component?.rule != null && mapping.rules.match[component.rule]?.strength === 'strong'
    const members = isStrong ? component.members : []
    const heir = await inherit(engine, mapping, loner, prospects.stamps, members)
    if (heir) {
      changes.push(...heir, ...again(engine, mapping, loner))
      continue
    }
    const decision = decide(mapping, loner, prospects)
    if (decision.kind === 'create') {
      creating.push(loner)
    } else if (decision.kind === 'adopt') {
      const far: RecordRef = { side: otherSide(loner.subject.side), id: decision.other }
      const adopted = taken.has(refKey(far))
        ? null
        : adopt(engine, mapping, loner, far, loners, prospects.snapshots)
      if (!adopted) {
        changes.push(...again(engine, mapping, loner))
        continue
      }
      taken.add(refKey(far))
      ready.push(adopted.ready)
      changes.push(...adopted.changes)
      engine.tally.linked += 1
    } else {
      changes.push(...answered(engine, mapping, loner, decision))
      tasks.push(lonerTask(loner))
    }
  }
  const planned = await planReady(engine, mapping, ready)
  const created = await planCreations(engine, mapping, creating)
  return {
    changes: [...changes, ...planned.changes, ...created.changes],
    tasks: [...tasks, ...planned.tasks, ...created.tasks],
    plans: planned.plans,
  }
}

function decide(mapping: MappingRuntime, loner: Loner, prospects: Prospects): MatchDecision {
  const { side, id, suppressed } = loner.subject
  const { rules } = mapping
  const component = prospects.components.get(refKey(loner.subject))
  const strength = component?.rule == null ? null : (rules.match[component.rule]?.strength ?? null)
  const members = component?.members ?? []
  const plausible =
    strength === 'weak' ? members.filter((member) => mayBeSame(mapping, loner, member, prospects)) : members
  return decideMatch({
    side,
    id,
    suppressed,
    members: plausible,
    strength,
    cut: (component?.cut ?? false) && plausible.length > 1,
    stamped: prospects.stamps.free.get(refKey(loner.subject)) ?? null,
    mayCreate: rules.create[otherSide(side)],
    inScope: rules.inScope[side](loner.snapshot.values),
  })
}

/**
 * Equal weak keys propose a pair only while a strong key is missing on either record: two people of one name
 * with different e-mail addresses are two people.
 */
function mayBeSame(mapping: MappingRuntime, loner: Loner, member: Member, prospects: Prospects): boolean {
  const other = prospects.snapshots.get(refKey(member))
  if (!other) return true
  const { side } = loner.subject
  return !hasStrongKey(mapping, side, loner.snapshot) || !hasStrongKey(mapping, member.side, other)
}

function hasStrongKey(mapping: MappingRuntime, side: Side, snapshot: Snapshot): boolean {
  return mapping.rules.match.some(
    (rule) => rule.strength === 'strong' && rule.keys[side](snapshot.values).length > 0,
  )
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
  if (decision.kind === 'nothing') return [{ kind: 'drop-review', mapping: name, record: { side, id } }]
  return [
    {
      kind: 'put-review',
      review: {
        id: engine.runtime.id(),
        mapping: name,
        record: { side, id },
        kind: decision.review,
        candidates: decision.candidates.map((candidate) => ({ side: candidate.side, id: candidate.id })),
        because: decision.because,
        atMs: engine.runtime.now(),
      },
    },
  ]
}

function adopt(
  engine: Engine,
  mapping: MappingRuntime,
  loner: Loner,
  far: RecordRef,
  batch: readonly Loner[],
  snapshots: ReadonlyMap<string, Snapshot>,
): { ready: Ready; changes: readonly Change[] } | null {
  const inBatch = batch.find((other) => refKey(other.subject) === refKey(far))
  const snapshot = snapshots.get(refKey(far))
  if (!snapshot || snapshot.key.id !== far.id || !mapping.rules.inScope[far.side](snapshot.values))
    return null
  const { mapping: name, version } = mapping.rules
  const [left, right] = far.side === 'right' ? [loner.snapshot, snapshot] : [snapshot, loner.snapshot]
  const half = loner.subject.link ?? inBatch?.subject.link ?? null
  const link = {
    id: half?.id ?? engine.runtime.id(),
    mapping: name,
    left: left.key.id,
    right: right.key.id,
    state: 'live' as const,
    rules: version,
    versions: { left: left.version, right: right.version },
  }
  const pair: Pair = { link, isNew: true, base: {}, left, right, decisions: {}, quarantines: [] }
  const atMs = engine.runtime.now()
  const changes: Change[] = [
    half
      ? { kind: 'set-link', link: link.id, left: link.left, right: link.right, state: 'live' }
      : { kind: 'put-link', link },
    { kind: 'drop-review', mapping: name, record: loner.subject },
    { kind: 'drop-review', mapping: name, record: far },
    { kind: 'release', mapping: name, record: loner.subject },
    { kind: 'release', mapping: name, record: far },
    { kind: 'release-waiting', targetMapping: name, side: 'left', target: link.left, atMs },
    { kind: 'release-waiting', targetMapping: name, side: 'right', target: link.right, atMs },
    {
      kind: 'journal',
      entry: {
        run: engine.run,
        link: link.id,
        mapping: name,
        side: loner.subject.side,
        kind: 'link',
        record: loner.subject.id,
        before: {},
        after: {},
        cause: 'both records match',
        version: null,
        atMs,
      },
    },
  ]
  const dirty = [...loner.dirty, ...(inBatch?.dirty ?? [])]
  const group: LinkedGroup = { link: { ...link, epoch: half?.epoch ?? 0 }, subjects: [loner.subject], dirty }
  return { ready: { group, pair, priorAttempts: 0 }, changes }
}

/**
 * The record's place is taken by a partner that is gone: the vendor merged records without leaving a redirect,
 * and this one is the survivor. Returns the changes that hand the place over, or null.
 */
async function inherit(
  engine: Engine,
  mapping: MappingRuntime,
  loner: Loner,
  stamps: Stamps,
  members: readonly Member[],
): Promise<readonly Change[] | null> {
  const { side } = loner.subject
  const byKey = members.filter((member) => member.side !== side && member.link).map((member) => member.link)
  for (const link of [stamps.taken.get(refKey(loner.subject)) ?? null, ...byKey]) {
    const partner = link?.[side] ?? null
    if (!link || partner === null || partner === loner.subject.id) continue
    const reading = (await fetchRecords(engine, mapping, side, [partner], { edges: false })).get(partner)
    if (reading?.kind !== 'gone') continue
    const merged = onMerge(engine, mapping, {
      side,
      link,
      old: partner,
      survivor: loner.snapshot,
      survivorLink: null,
    })
    return merged.changes
  }
  return null
}

function isSetAside(mapping: MappingRuntime, loner: Loner): boolean {
  const entry = loner.subject.quarantine
  if (!entry || entry.fields.length > 0) return false
  if (loner.dirty.some((row) => row.reasons.includes('retry'))) return false
  return quarantineCause(mapping, otherSide(loner.subject.side), loner.snapshot.values) === entry.cause
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
    { link, dirty: loner.dirty },
    side === 'left' ? loner.snapshot : null,
    side === 'right' ? loner.snapshot : null,
  )
}

/** Not now: the counterpart is busy, moved, or cannot be read. */
function again(engine: Engine, mapping: MappingRuntime, loner: Loner): readonly Change[] {
  return loner.dirty.map((row) => {
    const delay = row.attempts === 0 ? 0 : backoffMs(row.attempts, engine.runtime.random())
    const dueMs = engine.runtime.now() + delay
    return { kind: 'postpone', mapping: mapping.rules.mapping, record: row, dueMs }
  })
}
