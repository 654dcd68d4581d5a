/**
 * Deletions, merges and what they do to links (algorithms 2.7, 3.5). Everything here starts from a positive
 * answer of the vendor; a record that merely was not listed never gets this far.
 */
import type { Reading } from '../connectors/connector.ts'
import { otherSide, type RecordId, type Side, type Snapshot } from '../core/record.ts'
import type { Change, Link, Subject } from '../store/store.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { sightingOf, type Write } from './work.ts'

/** Live records that took over from vanished ones, by vanished id. */
export type Successors = ReadonlyMap<RecordId, Snapshot>

export interface Vanished {
  readonly id: RecordId
  /** The other half of its pair, when it could be read. */
  readonly counterpart: Snapshot | null
}

/**
 * Looks for records that took over: Attio merges leave no redirect, both originals are simply 404, but the
 * survivor carries the stamp of one and the strong keys of both. Batched: at most two finds per rule and side.
 */
export async function findSuccessors(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  vanished: readonly Vanished[],
): Promise<Successors> {
  const successors = new Map<RecordId, Snapshot>()
  const withCounterpart = vanished.filter((item) => item.counterpart !== null)
  if (withCounterpart.length === 0) return successors
  const { rules } = mapping
  const dead = new Set(vanished.map((item) => item.id))

  const stamp = rules.stamp[side]
  if (stamp !== null) {
    const byStamp = new Map(withCounterpart.map((item) => [item.counterpart?.key.id ?? '', item.id]))
    for (const snapshot of await find(engine, mapping, side, stamp, [...byStamp.keys()])) {
      const old = byStamp.get(String(snapshot.values[stamp] ?? ''))
      if (old !== undefined && !dead.has(snapshot.key.id)) successors.set(old, snapshot)
    }
  }
  for (const rule of rules.match) {
    if (rule.strength !== 'strong') continue
    const wanted = new Map<string, RecordId>()
    for (const item of withCounterpart) {
      if (successors.has(item.id) || !item.counterpart) continue
      for (const key of rule.keys[otherSide(side)](item.counterpart.values)) wanted.set(key, item.id)
    }
    const values = [...wanted.keys()].map(rule.query[side])
    for (const snapshot of await find(engine, mapping, side, rule.field[side], values)) {
      const key = rule.keys[side](snapshot.values).find((candidate) => wanted.has(candidate))
      const old = key === undefined ? undefined : wanted.get(key)
      if (old !== undefined && !dead.has(snapshot.key.id)) successors.set(old, snapshot)
    }
  }
  return successors
}

async function find(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  field: string,
  values: readonly string[],
): Promise<readonly Snapshot[]> {
  if (values.length === 0) return []
  const connector = engine.pairing.connectors[side]
  const object = mapping.rules.object[side]
  const size = connector.capabilities.batch.find
  const found: Snapshot[] = []
  for (let i = 0; i < values.length; i += size) {
    const request = { object, field, values: values.slice(i, i + size), fields: mapping.rules.reads[side] }
    found.push(...(await connector.find(request)))
  }
  return found
}

/**
 * `old` lives on in `survivor`. A survivor without a link takes the old one's place and base, so that its
 * differences show as changes of that side; otherwise the pairs collapse and the other pair stays.
 */
export function onMerge(
  engine: Engine,
  mapping: MappingRuntime,
  options: { side: Side; link: Link; old: RecordId; survivor: Snapshot; survivorLink: Link | null },
): { readonly kind: 'moved' | 'collapsed'; readonly changes: readonly Change[] } {
  const { side, link, old, survivor, survivorLink } = options
  const { mapping: name } = mapping.rules
  const atMs = engine.runtime.now()
  const alias: Change = { kind: 'put-alias', mapping: name, side, from: old, to: survivor.key.id, atMs }
  const forget: Change = { kind: 'forget-record', mapping: name, record: { side, id: old } }
  if (!survivorLink || survivorLink.id === link.id) {
    return {
      kind: 'moved',
      changes: [
        alias,
        forget,
        { kind: 'release', mapping: name, record: { side, id: survivor.key.id } },
        { kind: 'drop-review', mapping: name, record: { side, id: survivor.key.id } },
        { kind: 'set-link', link: link.id, ...ids(side, survivor.key.id), state: 'live' },
        journalOf(engine, mapping, link, 'relink', side, survivor.key.id, `${old} was merged`),
      ],
    }
  }
  const far = otherSide(side)
  const counterpart = link[far]
  const other = survivorLink[far]
  const changes: Change[] = [
    { kind: 'set-link', link: link.id, state: 'unlinked', ...ids(far, null) },
    alias,
    forget,
    journalOf(engine, mapping, link, 'unlink', side, old, `merged into ${survivor.key.id}, which has a pair`),
  ]
  if (counterpart !== null && counterpart !== other) {
    const record = { side: far, id: counterpart }
    changes.push(
      { kind: 'suppress', mapping: name, record, reason: 'its counterpart was merged away', atMs },
      {
        kind: 'put-review',
        review: {
          id: engine.runtime.id(),
          mapping: name,
          record,
          kind: 'duplicate',
          candidates: other === null ? [] : [{ side: far, id: other }],
          because: `its counterpart ${old} was merged into ${survivor.key.id}`,
          atMs,
        },
      },
    )
  }
  return { kind: 'collapsed', changes }
}

/** One side is gone and the pair is dissolved: the dead id stays blocked, the survivor is released (B5). */
export function unlink(
  engine: Engine,
  mapping: MappingRuntime,
  options: { link: Link; gone: Side; because: string; contested: boolean },
): readonly Change[] {
  const { link, gone, because } = options
  const survivorSide = otherSide(gone)
  const survivor = link[survivorSide]
  const { mapping: name } = mapping.rules
  const atMs = engine.runtime.now()
  const changes: Change[] = [
    { kind: 'set-link', link: link.id, state: 'unlinked', ...ids(survivorSide, null) },
    journalOf(engine, mapping, link, 'unlink', gone, link[gone], because),
  ]
  const deadId = link[gone]
  if (deadId !== null)
    changes.push({ kind: 'forget-record', mapping: name, record: { side: gone, id: deadId } })
  if (survivor === null) return changes
  const record = { side: survivorSide, id: survivor }
  changes.push({ kind: 'suppress', mapping: name, record, reason: because, atMs })
  if (options.contested) {
    changes.push({
      kind: 'put-review',
      review: {
        id: engine.runtime.id(),
        mapping: name,
        record,
        kind: 'delete-vs-update',
        candidates: deadId === null ? [] : [{ side: gone, id: deadId }],
        because: 'deleted on one side, edited on the other',
        atMs,
      },
    })
  }
  return changes
}

export function entomb(engine: Engine, mapping: MappingRuntime, link: Link): readonly Change[] {
  const changes: Change[] = [
    { kind: 'set-link', link: link.id, state: 'tomb' },
    journalOf(engine, mapping, link, 'unlink', 'left', link.left, 'both records are gone'),
  ]
  for (const side of ['left', 'right'] as const) {
    const id = link[side]
    if (id !== null)
      changes.push({ kind: 'forget-record', mapping: mapping.rules.mapping, record: { side, id } })
  }
  return changes
}

/** Carries a deletion over; the pair becomes a tomb when the write is acknowledged. */
export function planRemoval(
  engine: Engine,
  options: { link: Link; gone: Side; survivor: Snapshot; mode: 'archive' | 'delete' },
): Write {
  const { link, gone, survivor, mode } = options
  return {
    id: engine.runtime.id(),
    link: link.id,
    side: otherSide(gone),
    kind: 'remove',
    record: survivor.key.id,
    values: {},
    edge: null,
    removal: mode,
    stamp: null,
    fields: {},
    settles: {},
    target: survivor,
    source: { ...survivor, key: { ...survivor.key, id: link[gone] ?? survivor.key.id } },
    base: {},
  }
}

export function removed(
  engine: Engine,
  mapping: MappingRuntime,
  write: Write,
  link: Omit<Link, 'epoch'>,
): readonly Change[] {
  return [{ kind: 'close-intent', intent: write.id }, ...entomb(engine, mapping, { ...link, epoch: 0 })]
}

/**
 * A record that was taken for dead is alive again under its own id (undelete). Its old partner, if it still
 * lives and has no other pair, gets it back with the old base; otherwise the record starts anew.
 */
export function onReappeared(
  engine: Engine,
  mapping: MappingRuntime,
  subject: Subject & { readonly link: Link },
): readonly Change[] {
  return [
    { kind: 'set-link', link: subject.link.id, ...ids(subject.side, null) },
    journalOf(engine, mapping, subject.link, 'unlink', subject.side, subject.id, 'the record is alive again'),
  ]
}

export function isAlive(reading: Reading | undefined): reading is Extract<Reading, { kind: 'found' }> {
  return reading?.kind === 'found'
}

export function keysOf(mapping: MappingRuntime, side: Side, snapshot: Snapshot): readonly string[] {
  return sightingOf(mapping.rules, side, snapshot).keys
}

function ids(side: Side, id: RecordId | null): { left: RecordId | null } | { right: RecordId | null } {
  return side === 'left' ? { left: id } : { right: id }
}

function journalOf(
  engine: Engine,
  mapping: MappingRuntime,
  link: Link,
  kind: 'link' | 'unlink' | 'relink',
  side: Side,
  record: RecordId | null,
  because: string,
): Change {
  return {
    kind: 'journal',
    entry: {
      run: engine.run,
      link: link.id,
      mapping: mapping.rules.mapping,
      side,
      kind,
      record,
      before: {},
      after: {},
      cause: because,
      version: null,
      atMs: engine.runtime.now(),
    },
  }
}
