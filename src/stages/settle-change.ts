/** An update or association whose outcome is unknown: what the record shows now tells what became of it. */
import { commitField } from '../core/commit.ts'
import type { FieldBase, LinkBase } from '../core/base.ts'
import { instantMs } from '../core/instant.ts'
import { settleUpdate } from '../core/settle.ts'
import type { Change, Intent } from '../store/store.ts'
import { closeConflict } from './conflict-rows.ts'
import { openDirectory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { ruleOf } from './side-writes.ts'
import { hasRule, journalOf, mayStillArrive, readTarget } from './unsettled.ts'

/** Null while it is too early to tell. */
export async function settleChange(
  engine: Engine,
  mapping: MappingRuntime,
  intent: Intent,
  base: LinkBase,
): Promise<readonly Change[] | null> {
  const close: Change = { kind: 'close-intent', intent: intent.id }
  const snapshot = await readTarget(engine, mapping, intent)
  if (snapshot === 'gone') return [close]
  if (snapshot === 'hidden') return null
  const directory = await openDirectory(engine.store, engine.pairing, {
    left: intent.side === 'left' ? [snapshot] : [],
    right: intent.side === 'right' ? [snapshot] : [],
  })
  const context = directory.context[intent.side]
  const keys = Object.keys(intent.fields).filter((key) => hasRule(mapping, key))
  const now = (key: string) => ruleOf(mapping, key)[intent.side].read(snapshot.values, context)
  const result = settleUpdate({
    // Associations do not move a record's version, so an unmoved one proves nothing about them.
    versionBefore: intent.kind === 'associate' ? null : intent.versionBefore,
    versionNow: snapshot.version,
    fields: keys.map((key) => ({
      field: key,
      target: intent.fields[key]?.target ?? null,
      before: intent.fields[key]?.before ?? null,
      now: now(key),
    })),
  })
  if (result.kind === 'not-applied') return mayStillArrive(engine, intent) ? null : [close]
  const doubtful = result.fields.filter((field) => field.kind === 'doubtful').map((field) => field.field)
  // Reverted, or not there yet: only after the horizon does the old value mean anything.
  if (doubtful.length > 0 && mayStillArrive(engine, intent)) return null
  const untouched = await untouchedSince(engine, mapping, intent, doubtful)
  const bases: Record<string, FieldBase> = {}
  for (const field of result.fields) {
    const sent = intent.fields[field.field]
    if (!sent) continue
    const known = base[field.field] ?? null
    if (field.kind === 'applied') {
      bases[field.field] = commitField({
        base: known,
        side: intent.side,
        source: sent.source,
        target: sent.target,
        agreedAs: sent.agreedAs,
        stored: now(field.field),
        known: 'read-back-unknown',
        human: sent.human,
        writeOnce: ruleOf(mapping, field.field).policy.kind === 'write-once',
      }).base
    } else if (field.kind === 'doubtful' && known && !untouched.has(field.field)) {
      bases[field.field] = { ...known, doubt: intent.side }
    }
  }
  const applied = Object.keys(bases).filter((field) => bases[field]?.doubt === null)
  return [
    close,
    { kind: 'set-base', link: intent.link, fields: bases },
    ...(applied.length === 0 ? [] : [journalOf(engine, mapping, intent, applied, snapshot)]),
    ...settledConflicts(engine, intent, base, applied),
  ]
}

/**
 * Doubtful fields whose history shows no change since the write was sent: it never arrived. Associations have
 * no history and no version; one that is as before was not made.
 */
async function untouchedSince(
  engine: Engine,
  mapping: MappingRuntime,
  intent: Intent,
  fields: readonly string[],
): Promise<ReadonlySet<string>> {
  if (intent.kind === 'associate') return new Set(fields)
  if (fields.length === 0 || intent.record === null) return new Set()
  const { side, record } = intent
  const asked = fields.flatMap((field) => ruleOf(mapping, field)[side].fields)
  const found = await engine.pairing.connectors[side].evidence({
    object: mapping.rules.object[side],
    records: [{ id: record, fields: asked }],
  })
  const evidence = found.get(record) ?? {}
  const isOlder = (field: string) => {
    const at = instantMs(evidence[field]?.at ?? '')
    return at !== null && at < intent.sentAtMs - engine.settings.clockErrorMs
  }
  return new Set(fields.filter((field) => ruleOf(mapping, field)[side].fields.every(isOlder)))
}

/** Conflicts that the write settled are over. */
function settledConflicts(
  engine: Engine,
  intent: Intent,
  base: LinkBase,
  fields: readonly string[],
): readonly Change[] {
  return fields.flatMap((field): Change[] =>
    base[field]?.held ? [closeConflict(engine, { link: intent.link, field, loser: intent.side })] : [],
  )
}
