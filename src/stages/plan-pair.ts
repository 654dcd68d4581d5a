/**
 * One linked pair: ask the core what to do, and put its verdicts into writes and store changes. No I/O; the
 * dry run and the engine both call it.
 */
import { pairHash } from '../core/fingerprint.ts'
import { reconcile } from '../core/reconcile.ts'
import type { FieldBase } from '../core/base.ts'
import type { Plan, Verdict } from '../core/plan.ts'
import { otherSide, SIDES, type Both, type Side } from '../core/record.ts'
import { canonicalText, isBlank, type Canonical, type FieldValue, type FieldValues } from '../core/value.ts'
import type { Change, IntentField } from '../store/store.ts'
import { closeConflict, conflictRow } from './conflict-rows.ts'
import { referencesIn, type Directory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { withOrigins } from './hub.ts'
import { referenceRules, ruleOf } from './rule-index.ts'
import type { EdgeDelta, Pair, Write } from './work.ts'

export interface PairPlan {
  readonly plan: Plan
  readonly writes: readonly Write[]
  readonly changes: readonly Change[]
  /** Conflicts that this plan opens for a person. */
  readonly opened: number
}

type WriteVerdict = Extract<Verdict, { kind: 'write' }>

/** Decides a pair. `evidenceComplete` says that missing evidence is missing for good. */
export function decidePairFields(
  engine: Engine,
  mapping: MappingRuntime,
  pair: Pair,
  directory: Directory,
  evidenceComplete: boolean,
): Plan {
  const error = engine.settings.clockErrorMs
  return reconcile({
    rules: mapping.rules,
    base: pair.base,
    left: pair.left,
    right: pair.right,
    context: directory.context,
    evidenceComplete,
    clockErrorMs: { left: error, right: error },
    choices: Object.fromEntries(
      Object.entries(pair.decisions).map(([field, decision]) => [field, decision.choice]),
    ),
    paused: { ...mapping.paused, ...quarantinedFields(mapping, pair) },
  })
}

export function planPair(
  engine: Engine,
  mapping: MappingRuntime,
  pair: Pair,
  directory: Directory,
  plan: Plan,
): PairPlan {
  const changes: Change[] = []
  const bases: Record<string, FieldBase> = {}
  let opened = 0
  for (const verdict of plan.verdicts) {
    if (verdict.kind === 'rebase' || verdict.kind === 'hold') bases[verdict.field] = verdict.base
    if (verdict.kind === 'hold') {
      const { field, conflict: report } = verdict
      const row = conflictRow(engine, mapping, { link: pair.link, field, report, state: 'open' })
      changes.push({ kind: 'open-conflict', conflict: row })
      opened += 1
    } else if (verdict.kind === 'rebase' && pair.base[verdict.field]?.held) {
      const choice = choiceOn(pair, verdict.field, verdict.base)
      const loser = choice === null ? null : otherSide(choice)
      changes.push(closeConflict(engine, { link: pair.link.id, field: verdict.field, loser }))
    }
  }
  if (Object.keys(bases).length > 0) changes.push({ kind: 'set-base', link: pair.link.id, fields: bases })
  changes.push(...pendingEdges(mapping, pair, directory))
  const writes = writesOf(engine, mapping, pair, directory, plan)
  return { plan, writes, changes, opened }
}

/** Right before left, records before associations: the order in which a pair's writes are sent. */
function writesOf(
  engine: Engine,
  mapping: MappingRuntime,
  pair: Pair,
  directory: Directory,
  plan: Plan,
): readonly Write[] {
  const verdicts = plan.verdicts.filter((verdict): verdict is WriteVerdict => verdict.kind === 'write')
  const values: Write[] = []
  const edges: Write[] = []
  for (const side of ['right', 'left'] as const) {
    const forSide = verdicts.filter((verdict) => verdict.side === side)
    const snapshot = pair[side]
    const own = forSide.filter((verdict) => ruleOf(mapping, verdict.field)[side].channel === 'value')
    const payload = own.reduce<FieldValues>(
      (sum, verdict) => ({
        ...sum,
        ...ruleOf(mapping, verdict.field)[side].write(
          verdict.target,
          { ...snapshot.values, ...sum },
          directory.context[side],
        ),
      }),
      {},
    )
    const stamp = missingStamp(mapping, pair, side)
    if (
      own.length > 0 ||
      (stamp && (mapping.rules.stampWhen === 'eager' || isMisnamed(mapping, pair, side)))
    ) {
      values.push(updateWrite(engine, mapping, pair, side, { ...payload, ...stamp }, own))
    }
    for (const verdict of forSide) {
      const rule = ruleOf(mapping, verdict.field)
      if (rule[side].channel !== 'edge') continue
      const target = rule[side].write(verdict.target, snapshot.values, directory.context[side])
      for (const field of Object.keys(target)) {
        const edge = edgeDelta(field, snapshot.values[field] ?? null, target[field] ?? null)
        edges.push({
          ...updateWrite(engine, mapping, pair, side, target, [verdict]),
          kind: 'associate',
          edge,
        })
      }
    }
  }
  return [...values, ...edges]
}

function updateWrite(
  engine: Engine,
  mapping: MappingRuntime,
  pair: Pair,
  side: Side,
  values: FieldValues,
  verdicts: readonly WriteVerdict[],
): Write {
  return {
    id: engine.runtime.id(),
    link: pair.link.id,
    side,
    kind: 'update',
    record: pair[side].key.id,
    values,
    edge: null,
    removal: null,
    stamp: null,
    fields: withOrigins(engine, mapping, {
      side,
      source: pair[otherSide(side)],
      fields: Object.fromEntries(verdicts.map((verdict) => [verdict.field, intentField(pair, verdict)])),
    }),
    target: pair[side],
    source: pair[otherSide(side)],
    base: pair.base,
  }
}

/** What a person chose for this field, if the values are still those of the conflict that was shown. */
function choiceOn(pair: Pair, field: string, values: Partial<Both<Canonical>>): Side | null {
  const { left = null, right = null } = values
  const isSame = pair.base[field]?.held === pairHash(left, right)
  return isSame ? (pair.decisions[field]?.choice ?? null) : null
}

function intentField(pair: Pair, verdict: WriteVerdict): IntentField {
  const { field, side, source, target, before, agreedAs, human, because, conflict } = verdict
  const decided = choiceOn(pair, field, { [side]: before, [otherSide(side)]: source }) !== null
  return { source, target, before, agreedAs, human, because, settles: { report: conflict, decided } }
}

/** The stamp this side's record should carry and does not; it rides on the next write (DESIGN section 5). */
export function missingStamp(mapping: MappingRuntime, pair: Pair, side: Side): FieldValues | null {
  const field = mapping.rules.stamp[side]
  if (field === null) return null
  const wanted = pair[otherSide(side)].key.id
  return pair[side].values[field] === wanted ? null : { [field]: wanted }
}

/**
 * A stamp that names another record (a merge put a new one in its place, say) is worse than none: it would lead astray
 * whoever rebuilds the pairs from stamps. It does not wait for a ride.
 */
function isMisnamed(mapping: MappingRuntime, pair: Pair, side: Side): boolean {
  const field = mapping.rules.stamp[side]
  return field !== null && !isBlank(pair[side].values[field] ?? null)
}

export function edgeDelta(field: string, before: FieldValue, after: FieldValue): EdgeDelta {
  const now = new Map(referencesIn(before).map((ref) => [canonicalText({ ...ref }), ref]))
  const then = new Map(referencesIn(after).map((ref) => [canonicalText({ ...ref }), ref]))
  return {
    field,
    add: [...then].filter(([key]) => !now.has(key)).map(([, ref]) => ref),
    remove: [...now].filter(([key]) => !then.has(key)).map(([, ref]) => ref),
  }
}

function quarantinedFields(mapping: MappingRuntime, pair: Pair): Record<string, string> {
  const paused: Record<string, string> = {}
  for (const entry of pair.quarantines) {
    for (const rule of mapping.rules.fields) {
      const blamed = SIDES.some((side) => rule[side].fields.some((field) => entry.fields.includes(field)))
      if (blamed) paused[rule.key] = `set aside: ${entry.reason}`
    }
  }
  return paused
}

/** Targets that have no link yet; the pair is looked at again when they get one. */
function pendingEdges(mapping: MappingRuntime, pair: Pair, directory: Directory): Change[] {
  return referenceRules(mapping).map((rule): Change => {
    const edges = SIDES.flatMap((side) =>
      rule[side].fields.flatMap((field) => directory.pending(side, pair[side].values[field] ?? null)),
    ).map((edge) => ({ ...edge, link: pair.link.id, field: rule.key }))
    return { kind: 'await-targets', link: pair.link.id, field: rule.key, edges }
  })
}
