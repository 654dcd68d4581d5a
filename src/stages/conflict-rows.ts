/** Conflicts as rows for people: opening one, recording one that a rule settled, and closing. */
import type { ConflictReport } from '../core/plan.ts'
import type { Side } from '../core/record.ts'
import type { Change, Conflict } from '../store/store.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import type { Pair } from './work.ts'

export function conflictRow(
  engine: Engine,
  mapping: MappingRuntime,
  options: {
    readonly pair: Pick<Pair, 'left' | 'right'>
    readonly link: string
    readonly field: string
    readonly report: ConflictReport
    readonly state: Extract<Conflict['state'], 'open' | 'auto'>
  },
): Conflict {
  const { pair, link, field, report, state } = options
  const nowMs = engine.runtime.now()
  return {
    id: engine.runtime.id(),
    mapping: mapping.rules.mapping,
    link,
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

/** `resolved` when a person's choice took effect, `superseded` when the values moved on by themselves. */
export function closeConflict(
  engine: Engine,
  options: { readonly link: string; readonly field: string; readonly loser: Side | null },
): Change {
  const { link, field, loser } = options
  const state = loser === null ? 'superseded' : 'resolved'
  return { kind: 'close-conflict', link, field, state, loser, atMs: engine.runtime.now() }
}
