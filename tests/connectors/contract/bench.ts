/** What every part of the connector contract does with the account that the test at hand has to itself. */
import { expect } from 'vitest'
import type { ConnectorError } from '../../../src/errors.ts'
import type { Reading } from '../../../src/connectors/reading.ts'
import type { WriteOutcome } from '../../../src/connectors/writing.ts'
import type { RecordId, Snapshot } from '../../../src/core/record.ts'
import type { FieldValues } from '../../../src/core/value.ts'
import type { ConnectorFixture } from './fixture.ts'

export type Bench = ReturnType<typeof benchAt>

export function benchAt(fixture: () => ConnectorFixture) {
  const fields = () => [fixture().sample.text, fixture().sample.key]

  const read = async (id: RecordId): Promise<Reading> => {
    const readings = await fixture().connector.read({
      object: fixture().sample.object,
      ids: [id],
      fields: fields(),
    })
    expect(readings).toHaveLength(1)
    return readings[0]!
  }

  const found = async (id: RecordId): Promise<Snapshot> => {
    const reading = await read(id)
    expect(reading).toMatchObject({ kind: 'found', requestedId: id })
    return (reading as Reading & { kind: 'found' }).snapshot
  }

  const create = async (n: number, more: FieldValues = {}) =>
    only(
      await fixture().connector.create(fixture().sample.object, [
        { writeId: `create-${n}`, values: { ...fixture().sample.values(n), ...more }, stamp: null },
      ]),
    )

  const created = async (n: number, more: FieldValues = {}): Promise<RecordId> =>
    done(await create(n, more)).id

  const update = async (id: RecordId, values: FieldValues) =>
    only(await fixture().connector.update(fixture().sample.object, [{ writeId: `update-${id}`, id, values }]))

  const findKeys = async (ns: readonly number[]) =>
    fixture().connector.find({
      object: fixture().sample.object,
      field: fixture().sample.key,
      values: ns.map((n) => fixture().sample.keyOf(n)),
      fields: [fixture().sample.key],
    })

  return {
    get at() {
      return fixture()
    },
    fields,
    read,
    found,
    create,
    created,
    update,
    findKeys,
  }
}

export function only<T>(items: readonly T[]): T {
  expect(items).toHaveLength(1)
  return items[0]!
}

export function done(outcome: WriteOutcome): WriteOutcome & { kind: 'done' } {
  if (outcome.kind === 'failed') throw outcome.error
  return outcome
}

export function failed(outcome: WriteOutcome): ConnectorError {
  if (outcome.kind === 'failed') return outcome.error
  throw new Error(`${outcome.writeId} was expected to fail and is done`)
}

/** Vendors may keep a set of values in an order of their own. */
export function sorted(value: unknown): unknown {
  return Array.isArray(value) ? value.map((each) => JSON.stringify(each)).toSorted() : value
}
