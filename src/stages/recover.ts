/**
 * Writes whose outcome nobody recorded: the process died between intent and commit, or the answer was lost.
 * They are settled by looking, never by sending again (DESIGN rule 4, algorithms 5.3).
 */
import { settleUpdate } from '../core/settle.ts'
import { commitField } from '../core/commit.ts'
import type { FieldBase } from '../core/base.ts'
import type { Snapshot } from '../core/record.ts'
import { instantMs } from '../core/instant.ts'
import { otherSide, type Side } from '../core/record.ts'
import type { Canonical } from '../core/value.ts'
import type { Change, Intent, Link } from '../store/store.ts'
import type { LinkBase } from '../core/base.ts'
import { closeConflict } from './conflict-rows.ts'
import { openDirectory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'
import { ruleOf } from './plan-pair.ts'
import { entomb } from './vanish.ts'

const INTENTS_MAX = 500

export interface Recovery {
  readonly settled: number
  /** When the next parked intent may be settled, epoch ms; null when none is left. */
  readonly nextAtMs: number | null
}

export async function recover(engine: Engine, mapping: MappingRuntime): Promise<Recovery> {
  const intents = await engine.store.openIntents({ mapping: mapping.rules.mapping, limit: INTENTS_MAX })
  if (intents.length === 0) return { settled: 0, nextAtMs: null }
  const links = await engine.store.loadLinks({ links: [...new Set(intents.map((intent) => intent.link))] })
  const byLink = new Map(links.map((entry) => [entry.link.id, entry]))
  let settled = 0
  let nextAtMs: number | null = null
  for (const intent of intents) {
    const known = byLink.get(intent.link)
    if (!known || engine.sending.has(intent.id)) continue
    const changes = await settle(engine, mapping, intent, known.link, known.base)
    if (changes) {
      await engine.store.ackWrites([...changes, ...remark(engine, mapping, intent, known.link)])
      settled += 1
    } else {
      const due = intent.sentAtMs + engine.settings.zombieHorizonMs
      nextAtMs = nextAtMs === null ? due : Math.min(nextAtMs, due)
    }
  }
  if (settled > 0) engine.log.info({ settled, parked: intents.length - settled }, 'unknown writes settled')
  return { settled, nextAtMs }
}

/** Null while it is too early to tell: the request may still be travelling. */
async function settle(
  engine: Engine,
  mapping: MappingRuntime,
  intent: Intent,
  link: Link,
  base: LinkBase,
): Promise<readonly Change[] | null> {
  switch (intent.kind) {
    case 'create':
      return settleCreation(engine, mapping, intent, link)
    case 'update':
    case 'associate':
      return settleChange(engine, mapping, intent, base)
    case 'remove':
      return settleRemoval(engine, mapping, intent, link, base)
  }
}

async function settleChange(
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

/** The write is in the history although its answer never came. */
function journalOf(
  engine: Engine,
  mapping: MappingRuntime,
  intent: Intent,
  fields: readonly string[],
  snapshot: Snapshot | null,
): Change {
  const of = (pick: (field: Intent['fields'][string]) => Canonical) =>
    Object.fromEntries(fields.flatMap((key) => (intent.fields[key] ? [[key, pick(intent.fields[key])]] : [])))
  return {
    kind: 'journal',
    entry: {
      run: engine.run,
      link: intent.link,
      mapping: mapping.rules.mapping,
      side: intent.side,
      kind: intent.kind,
      record: snapshot?.key.id ?? intent.record,
      before: of((field) => field.before),
      after: of((field) => field.target),
      cause: of((field) => field.because),
      version: snapshot?.version ?? null,
      atMs: engine.runtime.now(),
    },
  }
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

async function settleCreation(
  engine: Engine,
  mapping: MappingRuntime,
  intent: Intent,
  link: Link,
): Promise<readonly Change[] | null> {
  const { side } = intent
  const close: Change = { kind: 'close-intent', intent: intent.id }
  if (!intent.stamp) return mayStillArrive(engine, intent) ? null : [close]
  const found = await engine.pairing.connectors[side].find({
    object: mapping.rules.object[side],
    field: intent.stamp.field,
    values: [intent.stamp.value],
    fields: mapping.rules.reads[side],
  })
  const created = found[0] ?? (await findInBin(engine, mapping, side, intent.stamp))
  if (!created) return mayStillArrive(engine, intent) ? null : [close]
  const [holder] = await engine.store.load({
    mapping: mapping.rules.mapping,
    records: [{ side, id: created.key.id }],
  })
  // Somebody linked it meanwhile: the record that it was made for is matched again.
  if (holder?.link && holder.link.id !== link.id) return [close]
  // Adopt it. The base is what was intended on both sides: whatever differs now shows as a change.
  const bases: Record<string, FieldBase> = {}
  for (const [key, field] of Object.entries(intent.fields)) {
    if (!hasRule(mapping, key)) continue
    bases[key] = commitField({
      base: null,
      side,
      source: field.source,
      target: field.target,
      agreedAs: null,
      stored: field.target,
      known: 'post-image',
      human: field.human,
      writeOnce: ruleOf(mapping, key).policy.kind === 'write-once',
    }).base
  }
  const { mapping: name } = mapping.rules
  const atMs = engine.runtime.now()
  const ids = side === 'left' ? { left: created.key.id } : { right: created.key.id }
  const source = link[otherSide(side)]
  engine.tally.created[side] += 1
  return [
    close,
    { kind: 'set-link', link: link.id, ...ids, state: 'live' },
    { kind: 'set-base', link: link.id, fields: bases },
    journalOf(engine, mapping, intent, Object.keys(bases), created),
    { kind: 'release-waiting', targetMapping: name, side, target: created.key.id, atMs },
    ...(source === null
      ? []
      : [
          {
            kind: 'release-waiting',
            targetMapping: name,
            side: otherSide(side),
            target: source,
            atMs,
          } as const,
        ]),
  ]
}

/** Created, deleted again by a person, and all before we knew: the bin still shows the stamp (B6). */
async function findInBin(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  stamp: NonNullable<Intent['stamp']>,
): Promise<Snapshot | null> {
  const connector = engine.pairing.connectors[side]
  if (!connector.capabilities.archives) return null
  let cursor: string | null = null
  do {
    const page = await connector.list({
      object: mapping.rules.object[side],
      fields: [stamp.field],
      cursor,
      archived: true,
    })
    const found = page.records.find((record) => record.values[stamp.field] === stamp.value)
    if (found) return found
    cursor = page.next
  } while (cursor !== null)
  return null
}

async function settleRemoval(
  engine: Engine,
  mapping: MappingRuntime,
  intent: Intent,
  link: Link,
  base: LinkBase,
): Promise<readonly Change[] | null> {
  const close: Change = { kind: 'close-intent', intent: intent.id }
  const snapshot = await readTarget(engine, mapping, intent)
  if (snapshot === 'gone') return [close, ...entomb(engine, mapping, link, base)]
  if (snapshot === 'hidden' || mayStillArrive(engine, intent)) return null
  return [close]
}

async function readTarget(
  engine: Engine,
  mapping: MappingRuntime,
  intent: Intent,
): Promise<Snapshot | 'gone' | 'hidden'> {
  if (intent.record === null) return 'gone'
  const edges = intent.kind === 'associate'
  const readings = await fetchRecords(engine, mapping, intent.side, [intent.record], { edges })
  const reading = readings.get(intent.record)
  if (!reading || reading.kind === 'hidden') return 'hidden'
  return reading.kind === 'gone' ? 'gone' : reading.snapshot
}

/** A request that nobody answered may be applied later than our look (algorithms 5.6). */
function mayStillArrive(engine: Engine, intent: Intent): boolean {
  return engine.runtime.now() < intent.sentAtMs + engine.settings.zombieHorizonMs
}

function hasRule(mapping: MappingRuntime, key: string): boolean {
  return mapping.rules.fields.some((rule) => rule.key === key)
}

/** Settled either way, the pair is looked at again with fresh reads. */
function remark(engine: Engine, mapping: MappingRuntime, intent: Intent, link: Link): readonly Change[] {
  const atMs = engine.runtime.now()
  const side = otherSide(intent.side)
  const id = link[side]
  if (id === null) return []
  const record = { side, id }
  const name = mapping.rules.mapping
  return [
    { kind: 'mark', mapping: name, record, reason: 'follow-up', lane: 1, dueMs: atMs, atMs },
    { kind: 'postpone', mapping: name, record, dueMs: atMs },
  ]
}
