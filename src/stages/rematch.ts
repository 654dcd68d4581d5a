/**
 * The vendor refused a creation because somebody else's record holds a unique value. That record was created
 * meanwhile, or is one we could not see: look it up strongly and remember its keys, so that matching finds it.
 */
import type { ConnectorError } from '../errors.ts'
import { otherSide, type Snapshot } from '../core/record.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'
import { sightingOf } from './sighting.ts'
import type { Write } from './work.ts'

export async function rematch(
  engine: Engine,
  mapping: MappingRuntime,
  write: Write,
  error: ConnectorError,
): Promise<void> {
  const { side } = write
  const found = new Map<string, Snapshot>()
  if (error.existingId !== null) {
    const readings = await fetchRecords(engine, mapping, side, [error.existingId], { edges: true })
    for (const reading of readings.values()) {
      if (reading.kind === 'found') found.set(reading.snapshot.key.id, reading.snapshot)
    }
  }
  for (const snapshot of await findByKeys(engine, mapping, write)) found.set(snapshot.key.id, snapshot)
  const sightings = [...found.values()].map((snapshot) => sightingOf(mapping.rules, side, snapshot))
  await engine.store.recordReads({ mapping: mapping.rules.mapping, side, sightings })
}

/** Records of the written side that share a strong key with the source. */
async function findByKeys(
  engine: Engine,
  mapping: MappingRuntime,
  write: Write,
): Promise<readonly Snapshot[]> {
  const { side } = write
  const { rules } = mapping
  const connector = engine.pairing.connectors[side]
  const found: Snapshot[] = []
  for (const rule of rules.match) {
    if (rule.strength !== 'strong') continue
    const values = rule.keys[otherSide(side)](write.source.values).map(rule.query[side])
    if (values.length === 0) continue
    const field = rule.field[side]
    found.push(
      ...(await connector.find({ object: rules.object[side], field, values, fields: rules.reads[side] })),
    )
  }
  return found
}
