/**
 * One linked pair: ask the core what to do, and put its verdicts into writes and store changes. No I/O; the
 * dry run and the engine both call it.
 */
import { reconcile } from '../core/reconcile.ts'
import type { FieldBase } from '../core/base.ts'
import type { Plan, Verdict } from '../core/plan.ts'
import { otherSide, SIDES, type Both, type Side } from '../core/record.ts'
import type { FieldRule } from '../core/rules.ts'
import { canonicalText, isBlank, type FieldValue, type FieldValues } from '../core/value.ts'
import type { Change, Conflict, IntentField } from '../store/store.ts'
import { referencesIn, type Directory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
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
  const nowMs = engine.runtime.now()
  const changes: Change[] = []
  const bases: Record<string, FieldBase> = {}
  let opened = 0
  for (const verdict of plan.verdicts) {
    const before = pair.base[verdict.field]
    const decided = pair.decisions[verdict.field]
    if (verdict.kind === 'rebase' || verdict.kind === 'hold') bases[verdict.field] = verdict.base
    if (verdict.kind === 'hold') {
      const conflict = conflictRow(engine, mapping, pair, verdict.field, verdict.conflict, 'open', nowMs)
      changes.push({ kind: 'open-conflict', conflict })
      opened += 1
    } else if (decided && verdict.kind !== 'write') {
      changes.push(closeConflict(pair, verdict.field, otherSide(decided.choice), nowMs))
    } else if (before?.held && verdict.kind === 'rebase') {
      changes.push({ ...closeConflict(pair, verdict.field, null, nowMs), state: 'superseded' })
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
    if (own.length > 0 || (stamp && mapping.rules.stampWhen === 'eager')) {
      values.push(updateWrite(engine, pair, side, { ...payload, ...stamp }, own))
    }
    for (const verdict of forSide) {
      const rule = ruleOf(mapping, verdict.field)
      if (rule[side].channel !== 'edge') continue
      const target = rule[side].write(verdict.target, snapshot.values, directory.context[side])
      for (const field of Object.keys(target)) {
        const edge = edgeDelta(field, snapshot.values[field] ?? null, target[field] ?? null)
        edges.push({ ...updateWrite(engine, pair, side, target, [verdict]), kind: 'associate', edge })
      }
    }
  }
  return [...values, ...edges]
}

function updateWrite(
  engine: Engine,
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
    fields: Object.fromEntries(verdicts.map((verdict) => [verdict.field, intentField(verdict)])),
    settles: Object.fromEntries(
      verdicts.map((verdict) => [
        verdict.field,
        { report: verdict.conflict, decided: pair.decisions[verdict.field] !== undefined },
      ]),
    ),
    target: pair[side],
    source: pair[otherSide(side)],
    base: pair.base,
  }
}

export function intentField(verdict: WriteVerdict): IntentField {
  const { source, target, before, agreedAs, human, because } = verdict
  return { source, target, before, agreedAs, human, because }
}

export function ruleOf(mapping: MappingRuntime, field: string): FieldRule {
  const rule = mapping.rules.fields.find((candidate) => candidate.key === field)
  if (!rule) throw new Error(`No rule for field ${field} in mapping ${mapping.rules.mapping}`)
  return rule
}

/** The stamp this side's record should carry and does not; it rides on the next write (DESIGN section 5). */
export function missingStamp(mapping: MappingRuntime, pair: Pair, side: Side): FieldValues | null {
  const field = mapping.rules.stamp[side]
  if (field === null) return null
  const wanted = pair[otherSide(side)].key.id
  return pair[side].values[field] === wanted ? null : { [field]: wanted }
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
  const changes: Change[] = []
  for (const rule of mapping.rules.fields) {
    const edges = SIDES.flatMap((side) =>
      rule[side].fields.flatMap((field) => directory.pending(side, pair[side].values[field] ?? null)),
    ).map((edge) => ({ ...edge, link: pair.link.id, field: rule.key }))
    const isReference = SIDES.some((side) =>
      rule[side].fields.some((field) => mapping.schemas[side].fields.get(field)?.type === 'reference'),
    )
    if (isReference) changes.push({ kind: 'await-targets', link: pair.link.id, field: rule.key, edges })
  }
  return changes
}

export function conflictRow(
  engine: Engine,
  mapping: MappingRuntime,
  pair: Pick<Pair, 'link' | 'left' | 'right'>,
  field: string,
  report: Extract<Verdict, { kind: 'hold' }>['conflict'],
  state: Conflict['state'],
  nowMs: number,
): Conflict {
  return {
    id: engine.runtime.id(),
    mapping: mapping.rules.mapping,
    link: pair.link.id,
    field,
    kind: report.kind,
    left: report.left,
    right: report.right,
    base: report.base,
    records: { left: pair.left.key.id, right: pair.right.key.id },
    evidence: report.evidence,
    rule: report.rule,
    loser: report.loser,
    state,
    openedAtMs: nowMs,
    closedAtMs: state === 'open' ? null : nowMs,
  }
}

function closeConflict(
  pair: Pair,
  field: string,
  loser: Side | null,
  atMs: number,
): Extract<Change, { kind: 'close-conflict' }> {
  return { kind: 'close-conflict', link: pair.link.id, field, state: 'resolved', loser, atMs }
}

/** A creation on `side` from the one record there is. Null when nothing at all would be stored. */
export function planCreation(
  engine: Engine,
  mapping: MappingRuntime,
  options: {
    link: string
    side: Side
    source: Both<Pair['left']>['left']
    directory: Directory
    skip: ReadonlySet<string>
  },
): Write {
  const { side, source, directory } = options
  const from = otherSide(side)
  const fields: Record<string, IntentField> = {}
  let values: FieldValues = {}
  for (const rule of mapping.rules.fields) {
    if (mapping.paused[rule.key] !== undefined || options.skip.has(rule.key)) continue
    if (rule.direction === (side === 'right' ? 'right-to-left' : 'left-to-right')) continue
    if (rule[side].channel === 'edge') continue
    const value = rule[from].read(source.values, directory.context[from])
    const blank = rule[side].read({}, directory.context[side])
    const restored =
      side === 'right'
        ? rule.forward(value, blank, directory.context)
        : rule.backward(value, blank, directory.context)
    if (restored.kind === 'keep' || isBlank(restored.value)) continue
    values = { ...values, ...rule[side].write(restored.value, values, directory.context[side]) }
    fields[rule.key] = {
      source: value,
      target: restored.value,
      before: blank,
      agreedAs: null,
      human: false,
      because: `created from the ${from} side`,
    }
  }
  const stampField = mapping.rules.stamp[side]
  const stamp = stampField === null ? null : { field: stampField, value: source.key.id }
  return {
    id: engine.runtime.id(),
    link: options.link,
    side,
    kind: 'create',
    record: null,
    values: stamp ? { ...values, [stamp.field]: stamp.value } : values,
    edge: null,
    removal: null,
    stamp,
    fields,
    settles: {},
    target: null,
    source,
    base: {},
  }
}
