/**
 * Somebody else's record holds a unique value, or a creation without a stamp may have happened after all. Who holds
 * the keys is looked up strongly and remembered, so that matching finds them.
 */
import type { ConnectorError } from '../errors.ts'
import { otherSide, type Side, type Snapshot } from '../core/record.ts'
import type { MatchRule } from '../core/rules.ts'
import type { FieldValues } from '../core/value.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords, findRecords } from './fetch.ts'
import { keyedRecord } from './sighting.ts'
import type { Write } from './work.ts'

/** The vendor refused a creation: that record was created meanwhile, or is one we could not see. */
export async function rematch(
  engine: Engine,
  mapping: MappingRuntime,
  write: Write,
  error: ConnectorError,
): Promise<void> {
  const { side } = write
  const named = error.existingId === null ? [] : [error.existingId]
  const readings = await fetchRecords(engine, mapping, side, named, { edges: true })
  const existing = [...readings.values()].flatMap((reading) =>
    reading.kind === 'found' ? [reading.snapshot] : [],
  )
  const sharing = await findHolders(engine, mapping, side, (rule) =>
    rule.keys[otherSide(side)](write.source.values),
  )
  await remember(engine, mapping, side, [...existing, ...sharing])
}

/** Records of a side that share a strong key with what was to be stored there. */
export async function rememberHolders(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  payload: FieldValues,
): Promise<void> {
  const holders = await findHolders(engine, mapping, side, (rule) => rule.keys[side](payload))
  await remember(engine, mapping, side, holders)
}

async function remember(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  found: readonly Snapshot[],
): Promise<void> {
  const distinct = new Map(found.map((snapshot) => [snapshot.key.id, snapshot]))
  const sightings = [...distinct.values()].map((snapshot) => keyedRecord(mapping.rules, side, snapshot))
  await engine.store.recordReads({ mapping: mapping.rules.mapping, side, sightings })
}

async function findHolders(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  keysOf: (rule: MatchRule) => readonly string[],
): Promise<readonly Snapshot[]> {
  const found: Snapshot[] = []
  for (const rule of mapping.rules.match) {
    if (rule.strength !== 'strong') continue
    const values = keysOf(rule).map(rule.query[side])
    found.push(...(await findRecords(engine, mapping, side, rule.field[side], values)))
  }
  return found
}
