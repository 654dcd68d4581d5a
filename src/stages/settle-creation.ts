/** A creation whose outcome is unknown: the stamp finds what it made, in the recycle bin and in our memory too. */
import { commitField } from '../core/commit.ts'
import type { FieldBase, LinkBase } from '../core/base.ts'
import { otherSide, type RecordId, type Side, type Snapshot } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import { isPair, type Link } from '../store/links.ts'
import type { Intent } from '../store/writes.ts'
import { broughtBack } from './bring-back.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { handedOn } from './hub.ts'
import { idOn, noteRecord, stepLink } from './link-changes.ts'
import { leaveAlone } from './collapse.ts'
import { ruleOf } from './rule-index.ts'
import { rememberHolders } from './rematch.ts'
import { stampKey } from './sighting.ts'
import { hasRule, journalOf, mayStillArrive } from './unsettled.ts'
import { closeBooks } from './vanish.ts'

/** Null while it is too early to tell. */
export async function settleCreation(
  engine: Engine,
  mapping: MappingRuntime,
  intent: Intent,
  { link, base }: { readonly link: Link; readonly base: LinkBase },
): Promise<readonly Change[] | null> {
  const { side } = intent
  const close: Change = { kind: 'close-intent', intent: intent.id }
  const isEarly = mayStillArrive(engine, intent)
  if (!intent.stamp) {
    if (isEarly) return null
    // Only its keys can tell whether it happened: matching meets it, and does not create beside it.
    await rememberHolders(engine, mapping, side, intent.payload)
    return [close]
  }
  const alive = await findByStamp(engine, mapping, { side, stamp: intent.stamp, sentAtMs: intent.sentAtMs })
  const created =
    alive ??
    (await findInBin(engine, mapping, intent)) ??
    (await recall(engine, mapping, side, intent.stamp.value))
  if (!created) return isEarly ? null : [close]
  const [holder] = await engine.store.load({
    mapping: mapping.rules.mapping,
    records: [{ side, id: created.key.id }],
  })
  if (holder?.link && holder.link.id !== link.id) {
    const pair = holder.link
    // In the bin nobody would find it again: also of a pair that ended it must not be made once more.
    if (intent.record === null && (isPair(pair) || alive === undefined)) {
      return [close, ...goneInto(engine, mapping, { link, base, side, found: created.key.id, pair })]
    }
    // The record that it was made for is matched again, first of all by the stamp.
    return [close]
  }
  if (intent.record !== null) {
    const after = Object.fromEntries(Object.entries(intent.fields).map(([key, field]) => [key, field.target]))
    const { id: to } = created.key
    engine.tally.created[side] += 1
    return broughtBack(engine, mapping, {
      intent,
      from: intent.record,
      to,
      after,
      version: created.version,
    })
  }
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
  const known = Object.fromEntries(Object.entries(intent.fields).filter(([key]) => key in bases))
  const { mapping: name } = mapping.rules
  const atMs = engine.runtime.now()
  const ids = side === 'left' ? { left: created.key.id } : { right: created.key.id }
  const source = link[otherSide(side)]
  engine.tally.created[side] += 1
  return [
    close,
    { kind: 'set-link', link: link.id, ...ids, state: 'live' },
    noteRecord(mapping, side, created.key.id),
    { kind: 'set-base', link: link.id, fields: bases },
    journalOf(engine, mapping, intent, Object.keys(bases), created),
    ...handedOn(engine, mapping, { side, record: created.key.id, fields: known }),
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

/**
 * What was made is part of another pair: a person merged it into that one's record, which has its stamp now. As with
 * any merge of two pairs, the record that it was made for is a duplicate; an upsert by that stamp would write to the
 * other's.
 */
function goneInto(
  engine: Engine,
  mapping: MappingRuntime,
  options: { link: Link; base: LinkBase; side: Side; found: RecordId; pair: Link },
): readonly Change[] {
  const { link, base, side, found, pair } = options
  const far = otherSide(side)
  const source = link[far]
  return [
    ...stepLink(engine, mapping, {
      link,
      to: { state: 'unlinked', ...idOn(far, null) },
      kind: 'unlink',
      side,
      record: found,
      because: `what was created is part of ${found}, which has a pair`,
    }),
    ...closeBooks(engine, mapping, link, base),
    ...(source === null
      ? []
      : leaveAlone(engine, mapping, {
          record: { side: far, id: source },
          beside: pair[far] === null ? null : { side: far, id: pair[far] },
          because: `the record that was created for it is part of ${found}`,
        })),
  ]
}

/**
 * That it arrived, any answer can show, and an old one of a record that a person has deleted since; that nothing
 * arrived, only one from after the horizon.
 */
async function findByStamp(
  engine: Engine,
  mapping: MappingRuntime,
  {
    side,
    stamp,
    sentAtMs,
  }: Pick<Intent, 'side' | 'sentAtMs'> & { readonly stamp: NonNullable<Intent['stamp']> },
): Promise<Snapshot | undefined> {
  const horizonMs = sentAtMs + engine.settings.zombieHorizonMs
  const isOver = engine.runtime.now() >= horizonMs
  for (const asOfMs of isOver ? [0, horizonMs] : [0]) {
    const [found] = await engine.pairing.connectors[side].find({
      object: mapping.rules.object[side],
      field: stamp.field,
      values: [stamp.value],
      fields: mapping.rules.reads[side],
      asOfMs,
    })
    if (found) return found
  }
  return undefined
}

/**
 * Created, deleted again by a person, and all before we knew: the bin still shows the stamp (B6). So does the record
 * that this one was to replace, under whichever of its ids.
 */
async function findInBin(
  engine: Engine,
  mapping: MappingRuntime,
  { side, stamp, record: replaced }: Intent,
): Promise<Snapshot | null> {
  const connector = engine.pairing.connectors[side]
  if (!connector.capabilities.archives || stamp === null) return null
  let cursor: string | null = null
  do {
    const page = await connector.list({
      object: mapping.rules.object[side],
      fields: [stamp.field],
      cursor,
      archived: true,
    })
    const stamped = page.records.filter((record) => record.values[stamp.field] === stamp.value)
    const records = stamped.map(({ key }) => ({ side, id: key.id }))
    const known = await engine.store.load({ mapping: mapping.rules.mapping, records })
    const found = stamped.find((_, i) => replaced === null || known[i]?.id !== replaced)
    if (found) return found
    cursor = page.next
  } while (cursor !== null)
  return null
}

/**
 * Where there is no bin, a listing may have shown the record before a person deleted it. Its keys are kept for as long
 * as this creation is open (`readLoners`).
 */
async function recall(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  stamped: RecordId,
): Promise<Pick<Snapshot, 'key' | 'version'> | null> {
  const { mapping: name, object } = mapping.rules
  const key = stampKey(stamped)
  const [id] = (await engine.store.holders({ mapping: name, side, keys: [key] })).get(key) ?? []
  if (id === undefined) return null
  const { connection } = engine.pairing.connectors[side]
  return { key: { connection, object: object[side], id }, version: null }
}
