/**
 * A record that a run removed, made anew: no vendor here restores by its API what it removed. It gets another id, by
 * which the old one is known from now on, and stands alone until its pair is linked again.
 */
import type { RecordId } from '../core/record.ts'
import type { Canonical } from '../core/value.ts'
import type { Change } from '../store/change.ts'
import type { Intent } from '../store/writes.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { idOn, noteRecord } from './link-changes.ts'

/** Under which it is neither created on the other side nor taken for new. */
const BROUGHT_BACK = 'brought back by an undo'

export function broughtBack(
  engine: Engine,
  mapping: MappingRuntime,
  made: {
    readonly intent: Pick<Intent, 'id' | 'link' | 'side' | 'fields'>
    /** The id under which it was removed. */
    readonly from: RecordId
    readonly to: RecordId
    /** What is stored, by field key. */
    readonly after: Readonly<Record<string, Canonical>>
    readonly version: string | null
  },
): readonly Change[] {
  const { intent, from, to, after, version } = made
  const { side, fields, link } = intent
  const { mapping: name } = mapping.rules
  const record = { side, id: to }
  const atMs = engine.runtime.now()
  const perField = (pick: (field: Intent['fields'][string]) => Canonical) =>
    Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, pick(field)]))
  return [
    { kind: 'close-intent', intent: intent.id },
    { kind: 'set-link', link, state: 'unlinked', ...idOn(side, null) },
    { kind: 'put-alias', mapping: name, side, from, to, atMs },
    { kind: 'suppress', mapping: name, record, reason: BROUGHT_BACK, atMs },
    noteRecord(mapping, side, to),
    {
      kind: 'journal',
      entry: {
        run: engine.run,
        link,
        mapping: name,
        side,
        kind: 'create',
        record: to,
        before: perField((field) => field.before),
        after,
        cause: perField((field) => field.because),
        version,
        atMs,
      },
    },
  ]
}
