/** Records without a living pair, as they are now. */
import type { Change, DirtyRecord, Subject } from '../store/store.ts'
import type { Snapshot } from '../core/record.ts'
import { SIDES } from '../core/record.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'
import { sightingOf } from './work.ts'

export interface Loner {
  readonly subject: Subject
  readonly dirty: readonly DirtyRecord[]
  readonly snapshot: Snapshot
}

/** Reads the records; those that are gone or not visible are answered right away. */
export async function readLoners(
  engine: Engine,
  mapping: MappingRuntime,
  subjects: readonly { readonly subject: Subject; readonly dirty: readonly DirtyRecord[] }[],
): Promise<{ readonly loners: readonly Loner[]; readonly changes: readonly Change[] }> {
  const { mapping: name } = mapping.rules
  const loners: Loner[] = []
  const changes: Change[] = []
  for (const side of SIDES) {
    const own = subjects.filter(({ subject }) => subject.side === side)
    const readings = await fetchRecords(
      engine,
      mapping,
      side,
      own.map(({ subject }) => subject.id),
      { edges: true },
    )
    for (const { subject, dirty } of own) {
      const reading = readings.get(subject.id)
      if (reading?.kind === 'found') {
        loners.push({ subject, dirty, snapshot: reading.snapshot })
        continue
      }
      if (reading?.kind === 'gone') {
        changes.push({ kind: 'forget-record', mapping: name, record: subject })
        changes.push({ kind: 'drop-review', mapping: name, record: subject })
        if (subject.link) changes.push({ kind: 'set-link', link: subject.link.id, state: 'tomb' })
      }
      changes.push(
        ...dirty.map((row): Change => ({ kind: 'settle', mapping: name, record: row, seq: row.seq })),
      )
    }
    const seen = loners.filter((loner) => loner.subject.side === side)
    await engine.store.recordReads({
      mapping: name,
      side,
      sightings: seen.map((loner) => sightingOf(mapping.rules, side, loner.snapshot)),
    })
  }
  return { loners, changes }
}
