/** Records without a living pair, as they are now. */
import type { Reading } from '../connectors/reading.ts'
import type { Change } from '../store/change.ts'
import type { DirtyRecord, Subject } from '../store/records.ts'
import { SIDES, type RecordId, type Side, type Snapshot } from '../core/record.ts'
import { isKept, type Link } from '../store/links.ts'
import { answered, followUp } from './dirty-rows.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords, type Readings } from './fetch.ts'
import { idOn } from './link-changes.ts'
import { NOTHING_READ, type ReadAhead } from './read-ahead.ts'
import { rememberForOthers } from './seen-for-others.ts'
import { keyedRecord, stampKey } from './sighting.ts'
import { INTENTS_MAX } from './unsettled.ts'
import { onReappeared } from './vanish.ts'

export interface Loner {
  readonly subject: Subject
  readonly dirty: readonly DirtyRecord[]
  readonly snapshot: Snapshot
  /** The pair in which it was taken for dead; it is alive again, as somebody took it out of the bin. Null otherwise. */
  readonly former: Link | null
}

interface LonelySubject {
  readonly subject: Subject
  readonly dirty: readonly DirtyRecord[]
}

/** Reads the records; those that are gone or not visible are answered right away. */
export async function readLoners(
  engine: Engine,
  mapping: MappingRuntime,
  subjects: readonly LonelySubject[],
  ahead: ReadAhead = NOTHING_READ,
): Promise<{ readonly loners: readonly Loner[]; readonly changes: readonly Change[] }> {
  const { mapping: name } = mapping.rules
  const loners: Loner[] = []
  const changes: Change[] = []
  for (const side of SIDES) {
    const own = subjects.filter(({ subject }) => subject.side === side)
    const readings = await readingsOf(engine, mapping, side, own, ahead)
    const isGone = own.some(({ subject }) => readings.get(subject.id)?.kind === 'gone')
    const awaited = isGone ? await awaitedBySettling(engine, mapping, side) : new Set<RecordId>()
    for (const { subject, dirty } of own) {
      const reading = readings.get(subject.id)
      const { link } = subject
      const ended = link !== null && !isKept(link)
      if (reading?.kind === 'found' && reading.snapshot.key.id !== subject.id) {
        changes.push(...mergedAway(engine, mapping, subject, reading.snapshot.key.id))
      } else if (reading?.kind === 'found') {
        if (ended) changes.push(...onReappeared(engine, mapping, link, subject))
        loners.push({
          subject: ended ? { ...subject, link: null } : subject,
          dirty,
          snapshot: reading.snapshot,
          former: ended ? link : null,
        })
        continue
      }
      // What lives on as a record of another object is that mapping's to look at.
      const isOver = (reading?.kind === 'gone' && !awaited.has(subject.id)) || reading?.kind === 'moved'
      if (isOver) {
        changes.push({ kind: 'forget-record', mapping: name, record: subject })
        changes.push({ kind: 'drop-review', mapping: name, record: subject })
        changes.push({ kind: 'heal', mapping: name, record: subject })
        if (link && !ended) changes.push({ kind: 'set-link', link: link.id, state: 'tomb' })
      }
      changes.push(...answered(mapping, dirty))
    }
    const seen = loners.filter((loner) => loner.subject.side === side)
    if (seen.length === 0) continue
    await engine.store.recordReads({
      mapping: name,
      side,
      sightings: seen.map((loner) => keyedRecord(mapping.rules, side, loner.snapshot)),
    })
    await rememberForOthers(
      engine,
      mapping,
      side,
      seen.map(({ snapshot }) => snapshot),
    )
  }
  return { loners, changes }
}

async function readingsOf(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  subjects: readonly LonelySubject[],
  ahead: ReadAhead,
): Promise<Readings> {
  const readings = new Map<RecordId, Reading>()
  for (const { subject, dirty } of subjects) {
    const snapshot = await ahead.of(side, subject.id, dirty)
    if (snapshot) readings.set(subject.id, { kind: 'found', requestedId: subject.id, snapshot })
  }
  const others = subjects.map(({ subject }) => subject.id).filter((id) => !readings.has(id))
  const fetched = await fetchRecords(engine, mapping, side, others, { edges: true, stamps: true })
  for (const [id, reading] of fetched) readings.set(id, reading)
  return readings
}

/**
 * Records that an unsettled creation may have made: what is remembered of them is the only proof that it arrived, once
 * somebody has deleted them.
 */
async function awaitedBySettling(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
): Promise<ReadonlySet<RecordId>> {
  const { mapping: name } = mapping.rules
  const open = await engine.store.openIntents({ mapping: name, limit: INTENTS_MAX })
  const keys = open.flatMap(({ kind, side: at, stamp }) =>
    kind === 'create' && at === side && stamp ? [stampKey(stamp.value)] : [],
  )
  const holders = await engine.store.holders({ mapping: name, side, keys })
  return new Set([...holders.values()].flat())
}

/** The vendor answers with the record it was merged into, which is looked at under its own id. */
function mergedAway(
  engine: Engine,
  mapping: MappingRuntime,
  { side, id, link }: Subject,
  survivor: RecordId,
): readonly Change[] {
  const { mapping: name } = mapping.rules
  const atMs = engine.runtime.now()
  const record = { side, id }
  return [
    ...(link ? [{ kind: 'set-link', link: link.id, state: 'unlinked', ...idOn(side, null) } as const] : []),
    { kind: 'put-alias', mapping: name, side, from: id, to: survivor, atMs },
    { kind: 'forget-record', mapping: name, record },
    { kind: 'drop-review', mapping: name, record },
    { kind: 'heal', mapping: name, record },
    followUp(engine, name, { side, id: survivor }),
  ]
}
