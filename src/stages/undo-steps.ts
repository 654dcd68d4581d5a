/** Pairs that a run made are set apart, pairs that it ended are linked again. Only our own database changes. */
import type { FieldBase } from '../core/base.ts'
import { LEFT_APART } from '../core/match.ts'
import { wasRead } from '../core/reconcile.ts'
import { SIDES, type Both, type Snapshot } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import type { Directory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { stepLink } from './link-changes.ts'
import { closeBooks } from './vanish.ts'
import type { Task } from './work.ts'

/** Both records go on alone; neither is matched nor created on the other side, as when a person keeps them apart. */
export function setApart(
  engine: Engine,
  mapping: MappingRuntime,
  task: Task,
  because: string,
): readonly Change[] {
  const { mapping: name } = mapping.rules
  const link = { ...task.link, epoch: task.epoch }
  const atMs = engine.runtime.now()
  return [
    ...stepLink(engine, mapping, {
      link,
      to: { left: null, right: null, state: 'unlinked' },
      kind: 'unlink',
      side: 'left',
      record: link.left,
      because,
    }),
    ...closeBooks(engine, mapping, link, task.base),
    ...SIDES.flatMap((side): Change[] => {
      const id = task[side]?.key.id
      if (id === undefined) return []
      return [{ kind: 'suppress', mapping: name, record: { side, id }, reason: LEFT_APART, atMs }]
    }),
  ]
}

/**
 * The pair stands again, and its base is what both sides hold now: whatever differs stays different until somebody
 * edits it.
 */
export function linkAgain(
  engine: Engine,
  mapping: MappingRuntime,
  again: {
    readonly task: Task
    readonly records: Both<Snapshot>
    readonly directory: Directory
    readonly because: string
  },
): readonly Change[] {
  const { task, records, because } = again
  const { mapping: name, version } = mapping.rules
  const { left, right } = records
  const atMs = engine.runtime.now()
  const ids = { left: left.key.id, right: right.key.id }
  return [
    ...stepLink(engine, mapping, {
      link: task.link,
      to: { ...ids, state: 'live' },
      kind: 'link',
      side: 'left',
      record: ids.left,
      because,
    }),
    {
      kind: 'set-link',
      link: task.link.id,
      rules: version,
      versions: { left: left.version, right: right.version },
    },
    { kind: 'set-base', link: task.link.id, fields: pinned(mapping, again) },
    ...SIDES.flatMap((side): Change[] => {
      const record = { side, id: ids[side] }
      return [
        { kind: 'release', mapping: name, record },
        { kind: 'drop-review', mapping: name, record },
        { kind: 'release-waiting', targetMapping: name, side, target: record.id, atMs },
      ]
    }),
  ]
}

function pinned(
  mapping: MappingRuntime,
  again: { readonly task: Task; readonly records: Both<Snapshot>; readonly directory: Directory },
): Readonly<Record<string, FieldBase>> {
  const { task, records } = again
  const { context } = again.directory
  return Object.fromEntries(
    mapping.rules.fields
      .filter((rule) => SIDES.every((side) => wasRead(rule[side], records[side].values)))
      .map((rule) => {
        const known = task.base[rule.key]
        const left = rule.left.read(records.left.values, context.left)
        const right = rule.right.read(records.right.values, context.right)
        const base = { doubt: false, held: null, once: known?.once ?? false, ring: known?.ring ?? [] }
        return [rule.key, { ...base, left, right }]
      }),
  )
}
