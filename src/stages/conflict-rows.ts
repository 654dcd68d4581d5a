/** Conflicts as rows for people: opening one, recording one that a rule settled, and closing. */
import type { ConflictReport } from '../core/plan.ts'
import type { Both, RecordId, Side } from '../core/record.ts'
import type { LinkBase } from '../core/base.ts'
import type { Change, Conflict, Intent } from '../store/store.ts'
import type { Engine, MappingRuntime } from './engine.ts'

export function conflictRow(
  engine: Engine,
  mapping: MappingRuntime,
  options: {
    readonly records: Both<RecordId | null>
    readonly link: string
    readonly field: string
    readonly report: ConflictReport
    readonly state: Extract<Conflict['state'], 'open' | 'auto'>
  },
): Conflict {
  const { records, link, field, report, state } = options
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
    records,
    evidence: report.evidence,
    rule: report.rule,
    loser: report.loser,
    state,
    openedAtMs: nowMs,
    closedAtMs: state === 'open' ? null : nowMs,
  }
}

/**
 * What settled conflicts leave behind once their write took effect, whether its answer told or a look afterwards: the
 * open ones are over, and what a rule decided is recorded with the value that lost.
 */
export function settledConflicts(
  engine: Engine,
  mapping: MappingRuntime,
  write: {
    readonly link: string
    readonly side: Side
    readonly fields: Intent['fields']
    readonly base: LinkBase
    readonly records: Both<RecordId | null>
  },
): readonly Change[] {
  const { link, side, base } = write
  const records = { left: write.records.left, right: write.records.right }
  const atMs = engine.runtime.now()
  return Object.entries(write.fields).flatMap(([field, { settles }]): Change[] => {
    const { report, decided } = settles
    const state = decided ? 'resolved' : 'superseded'
    return [
      ...(decided || base[field]?.held
        ? [{ kind: 'close-conflict', link, field, state, loser: side, atMs } as const]
        : []),
      ...(report
        ? [
            {
              kind: 'open-conflict',
              conflict: conflictRow(engine, mapping, { records, link, field, report, state: 'auto' }),
            } as const,
          ]
        : []),
    ]
  })
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
