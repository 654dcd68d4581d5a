/** Conflicts as rows for people: opening one, recording one that a rule settled, and closing. Pure. */
import type { LinkBase } from '../core/base.ts'
import type { ConflictReport } from '../core/plan.ts'
import type { Side } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import type { Link } from '../store/links.ts'
import type { Conflict } from '../store/waiting.ts'
import type { IntentField } from '../store/writes.ts'
import type { Engine, MappingRuntime } from './engine.ts'

export function conflictRow(
  engine: Engine,
  mapping: MappingRuntime,
  options: {
    readonly link: Pick<Link, 'id' | 'left' | 'right'>
    readonly field: string
    readonly report: ConflictReport
    readonly state: Extract<Conflict['state'], 'open' | 'auto'>
  },
): Conflict {
  const { link, field, report, state } = options
  const nowMs = engine.runtime.now()
  return {
    id: engine.runtime.id(),
    mapping: mapping.rules.mapping,
    link: link.id,
    field,
    kind: report.kind,
    left: report.left,
    right: report.right,
    base: report.base,
    records: { left: link.left, right: link.right },
    evidence: report.evidence,
    rule: report.rule,
    loser: report.loser,
    state,
    openedAtMs: nowMs,
    closedAtMs: state === 'open' ? null : nowMs,
  }
}

/**
 * What a write that is known to be applied does to conflicts, field by field: a standing one is over, and the value
 * that a rule overwrote is put on record.
 */
export function settledConflicts(
  engine: Engine,
  mapping: MappingRuntime,
  options: {
    readonly link: Pick<Link, 'id' | 'left' | 'right'>
    readonly side: Side
    readonly fields: Readonly<Record<string, IntentField>>
    /** As it was before the write. */
    readonly base: LinkBase
  },
): readonly Change[] {
  const { link, side, base } = options
  return Object.entries(options.fields).flatMap(([field, { settles }]): Change[] => {
    if (!settles) return []
    const { report, decided } = settles
    const isOver = decided || Boolean(base[field]?.held)
    const state = decided ? 'resolved' : 'superseded'
    // A person's choice says itself who loses.
    const loser = decided ? null : side
    const atMs = engine.runtime.now()
    return [
      ...(isOver ? [{ kind: 'close-conflict', link: link.id, field, state, loser, atMs } as const] : []),
      ...(report
        ? [
            {
              kind: 'open-conflict',
              conflict: conflictRow(engine, mapping, { link, field, report, state: 'auto' }),
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
