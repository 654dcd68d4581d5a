/**
 * Each mapping lists and hears of a record by itself, so that one that is asked about it may not have met it yet. It would
 * find nobody for it: a lead would take the place of a contact, and a contact be made beside a lead.
 */
import { SIDES } from '../core/record.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'
import type { Loner } from './loners.ts'
import { keyedRecord } from './sighting.ts'

/** Makes another mapping's records known to this one. The vendor is asked only for whoever is new to it. */
export async function introduce(
  engine: Engine,
  mapping: MappingRuntime,
  loners: readonly Loner[],
): Promise<void> {
  const { rules } = mapping
  for (const side of SIDES) {
    const own = loners.filter((loner) => loner.subject.side === side)
    const held = own.map(({ snapshot }) => keyedRecord(rules, side, snapshot))
    const keys = [...new Set(held.flatMap((record) => record.keys))]
    if (keys.length === 0) continue
    const holders = await engine.store.holders({ mapping: rules.mapping, side, keys })
    const isNew = (id: string, key: string) => !holders.get(key)?.includes(id)
    const strangers = held.filter((record) => record.keys.some((key) => isNew(record.id, key)))
    const ids = strangers.map(({ id }) => id)
    const readings = await fetchRecords(engine, mapping, side, ids, { edges: false })
    const sightings = [...readings.values()].flatMap((reading) =>
      reading.kind === 'found' ? [keyedRecord(rules, side, reading.snapshot)] : [],
    )
    if (sightings.length > 0) await engine.store.recordReads({ mapping: rules.mapping, side, sightings })
  }
}
