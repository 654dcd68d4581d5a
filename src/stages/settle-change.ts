/** An update or association whose outcome is unknown: what the record shows now tells what became of it. */
import { commitField } from '../core/commit.ts'
import { NEVER_AGREED, type FieldBase, type LinkBase } from '../core/base.ts'
import { instantMs } from '../core/instant.ts'
import { wasWritten } from '../core/overwritten.ts'
import type { Snapshot } from '../core/record.ts'
import type { SideContext } from '../core/rules.ts'
import { settleUpdate, type SettledUpdate } from '../core/settle.ts'
import type { Canonical } from '../core/value.ts'
import type { Change } from '../store/change.ts'
import type { Link } from '../store/links.ts'
import type { Intent, IntentField } from '../store/writes.ts'
import { settledConflicts } from './conflict-rows.ts'
import { openDirectory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { historiesOf, historyContext, timelineIn } from './histories.ts'
import { writtenOver } from './attribution.ts'
import { handedOn } from './hub.ts'
import { ruleOf } from './rule-index.ts'
import { hasRule, journalOf, mayStillArrive, readTarget } from './unsettled.ts'

/**
 * Null while the request may still arrive. Until then nothing that the record shows is certain: the value sent may
 * have been typed by a person, and a request that comes after its outcome was settled overwrites whatever was
 * decided meanwhile.
 */
export async function settleChange(
  engine: Engine,
  mapping: MappingRuntime,
  intent: Intent,
  { link, base }: { readonly link: Link; readonly base: LinkBase },
): Promise<readonly Change[] | null> {
  if (mayStillArrive(engine, intent)) return null
  const snapshot = await readTarget(engine, mapping, intent)
  if (snapshot === 'gone' || snapshot === 'moved') {
    // What it overwrote is missing from the record when somebody takes that out of the bin.
    const close: Change = { kind: 'close-intent', intent: intent.id }
    return [close, ...overruled(engine, mapping, intent, link, Object.keys(intent.fields))]
  }
  if (snapshot === 'hidden') return null
  const directory = await openDirectory(engine.store, engine.pairing, {
    left: intent.side === 'left' ? [snapshot] : [],
    right: intent.side === 'right' ? [snapshot] : [],
  })
  const sight: Sight = { snapshot, context: directory.context[intent.side] }
  const result = judge(mapping, intent, sight)
  const doubtful = result.kind === 'settled' ? result.fields.filter(({ kind }) => kind === 'doubtful') : []
  const untouched = await untouchedSince(
    engine,
    mapping,
    intent,
    doubtful.map(({ field }) => field),
  )
  const arrived = await arrivedOf(engine, mapping, intent, result, untouched)
  return conclude(engine, mapping, intent, { link, base, sight, result, untouched, arrived })
}

/** The target of an unsettled write, as a look found it. */
export interface Sight {
  readonly snapshot: Snapshot
  readonly context: SideContext
}

/** What the look says about the write. */
export function judge(mapping: MappingRuntime, intent: Intent, sight: Sight): SettledUpdate {
  return settleUpdate({
    // Associations do not move a record's version, so an unmoved one proves nothing about them.
    versionBefore: intent.kind === 'associate' ? null : intent.versionBefore,
    versionNow: sight.snapshot.version,
    fields: Object.entries(intent.fields).flatMap(([key, { target, before }]) =>
      hasRule(mapping, key) ? [{ field: key, target, before, now: shown(mapping, intent, sight, key) }] : [],
    ),
  })
}

/**
 * What follows for the intent, the bases, the journal and open conflicts. `untouched`: doubtful fields that never
 * changed. `arrived`: fields that no longer hold what was sent, although it did arrive.
 */
export function conclude(
  engine: Engine,
  mapping: MappingRuntime,
  intent: Intent,
  options: {
    readonly link: Link
    readonly base: LinkBase
    readonly sight: Sight
    readonly result: SettledUpdate
    readonly untouched: ReadonlySet<string>
    readonly arrived: readonly string[]
  },
): readonly Change[] {
  const { link, base, sight, result, untouched, arrived } = options
  const close: Change = { kind: 'close-intent', intent: intent.id }
  if (result.kind === 'not-applied') return [close]
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
        stored: shown(mapping, intent, sight, field.field),
        known: 'read-back-unknown',
        human: sent.human,
        writeOnce: ruleOf(mapping, field.field).policy.kind === 'write-once',
      }).base
    } else if (!untouched.has(field.field)) {
      bases[field.field] = { ...(known ?? NEVER_AGREED), doubt: true }
    }
  }
  const applied = Object.keys(bases).filter((field) => bases[field]?.doubt === false)
  // A third value may be what the vendor made of the one sent, or a person's who came after it.
  const movedOn = result.fields.filter(({ kind }) => kind === 'moved-on').map(({ field }) => field)
  return [
    close,
    { kind: 'set-base', link: intent.link, fields: bases },
    ...(applied.length === 0 ? [] : [journalOf(engine, mapping, intent, applied, sight.snapshot)]),
    // What the record shows is somebody else's: its version is none of ours.
    ...(arrived.length === 0 ? [] : [journalOf(engine, mapping, intent, arrived, null)]),
    ...settledConflicts(engine, mapping, {
      link,
      side: intent.side,
      fields: pick(intent.fields, applied),
      base,
    }),
    ...handedOn(engine, mapping, {
      side: intent.side,
      record: sight.snapshot.key.id,
      fields: pick(intent.fields, applied),
    }),
    ...writtenOver(engine, mapping, {
      side: intent.side,
      record: sight.snapshot.key.id,
      fields: applied,
      sinceMs: intent.sentAtMs,
    }),
    ...overruled(engine, mapping, intent, link, movedOn),
  ]
}

/**
 * Fields of which nobody will know whether the write reached them: a value that a rule decided against may have been
 * overwritten. It is reported rather than lost.
 */
function overruled(
  engine: Engine,
  mapping: MappingRuntime,
  intent: Intent,
  link: Link,
  keys: readonly string[],
): readonly Change[] {
  const fields = Object.entries(pick(intent.fields, keys)).map(([key, field]) => {
    const report = field.settles?.report ?? null
    return [key, { ...field, settles: { report, decided: false } }] as const
  })
  // No conflict is over by that.
  const base = {}
  return settledConflicts(engine, mapping, {
    link,
    side: intent.side,
    fields: Object.fromEntries(fields),
    base,
  })
}

function pick(fields: Intent['fields'], keys: readonly string[]): Record<string, IntentField> {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => keys.includes(key)))
}

function shown(mapping: MappingRuntime, intent: Intent, sight: Sight, key: string): Canonical {
  return ruleOf(mapping, key)[intent.side].read(sight.snapshot.values, sight.context)
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

/**
 * Fields that show something else by now and of which the vendor's history tells that they held what was sent: the write
 * arrived, so it belongs in the journal, and whatever it overwrote is looked back on like any other's.
 */
async function arrivedOf(
  engine: Engine,
  mapping: MappingRuntime,
  intent: Intent,
  result: SettledUpdate,
  untouched: ReadonlySet<string>,
): Promise<readonly string[]> {
  const { side, record } = intent
  if (intent.kind !== 'update' || record === null || result.kind === 'not-applied') return []
  const rules = result.fields
    .filter(({ field, kind }) => kind !== 'applied' && !untouched.has(field))
    .map(({ field }) => ruleOf(mapping, field))
  if (rules.length === 0) return []
  const fields = [...new Set(rules.flatMap((rule) => rule[side].fields))]
  const histories = await historiesOf(engine, mapping, side, [{ id: record, fields }])
  const history = histories.get(record)
  if (!history) return []
  const context = await historyContext(engine, mapping, side, histories)
  const sinceMs = intent.sentAtMs - engine.settings.clockErrorMs
  return rules.flatMap((rule) => {
    const sent = intent.fields[rule.key]
    const timeline = timelineIn(mapping, side, rule, history, context)
    if (!sent || timeline === null) return []
    return wasWritten(timeline, { before: sent.before, after: sent.target, sinceMs }) ? [rule.key] : []
  })
}
