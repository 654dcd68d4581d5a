/** The part of the connector contract about reading: listings, records by id, and searches. */
import { describe, expect, test } from 'vitest'
import type { RecordId } from '../../../src/core/record.ts'
import { type Bench } from './bench.ts'

export function readingContract(bench: Bench): void {
  const { fields, read, found, created, findKeys } = bench

  describe('list', () => {
    test('walks every record once around, oldest first', async () => {
      const ids = [1, 2, 3].map((n) => {
        const id = bench.at.person.create(n)
        bench.at.settle()
        return id
      })
      const seen: RecordId[] = []
      let cursor: string | null = null
      do {
        const page = await bench.at.connector.list({
          object: bench.at.sample.object,
          fields: fields(),
          cursor,
        })
        for (const record of page.records) {
          expect(Object.keys(record.values).toSorted()).toEqual(fields().toSorted())
          seen.push(record.key.id)
        }
        cursor = page.next
      } while (cursor !== null)
      expect(seen.filter((id) => ids.includes(id))).toEqual(ids)
    })

    test('the recycle bin holds what was archived, and nothing else', async () => {
      const id = bench.at.person.create(1)
      const kept = bench.at.person.create(2)
      bench.at.settle()
      bench.at.person.remove(id)
      bench.at.settle()
      const bin = await bench.at.connector.list({
        object: bench.at.sample.object,
        fields: fields(),
        cursor: null,
        archived: true,
      })
      const binned = bin.records.map((record) => record.key.id)
      expect(binned.includes(id)).toBe(bench.at.connector.capabilities.archives)
      expect(binned).not.toContain(kept)
    })
  })

  describe('read', () => {
    test('gives a record as it is now, with a version that changes when it does', async () => {
      const id = bench.at.person.create(1)
      bench.at.settle()
      const before = await found(id)
      expect(before.key).toEqual({
        connection: bench.at.connector.connection,
        object: bench.at.sample.object,
        id,
      })
      expect(before.values[bench.at.sample.text]).toBeNull()
      expect((await found(id)).version).toBe(before.version)

      bench.at.settle()
      bench.at.person.setText(id, 'hello')
      const after = await found(id)
      expect(after.values[bench.at.sample.text]).toBe('hello')
      if (before.version !== null) expect(after.version).not.toBe(before.version)
      if (bench.at.connector.capabilities.versions === 'ordered')
        expect(after.version! > before.version!).toBe(true)
    })

    test('answers once per distinct id', async () => {
      const ids = [bench.at.person.create(1), bench.at.person.create(2)]
      bench.at.settle()
      const readings = await bench.at.connector.read({
        object: bench.at.sample.object,
        ids: [...ids, ids[0]!],
        fields: [bench.at.sample.key],
      })
      expect(readings.map(({ requestedId }) => requestedId).toSorted()).toEqual(ids.toSorted())
    })

    test('knows a removed record as gone, beside one that is there', async () => {
      const removed = bench.at.person.create(1)
      const kept = bench.at.person.create(2)
      bench.at.settle()
      bench.at.person.remove(removed)
      bench.at.settle()
      const readings = await bench.at.connector.read({
        object: bench.at.sample.object,
        ids: [removed, kept],
        fields: [bench.at.sample.key],
      })
      expect(new Map(readings.map(({ requestedId, kind }) => [requestedId, kind]))).toEqual(
        new Map([
          [removed, 'gone'],
          [kept, 'found'],
        ]),
      )
      expect(await read(removed)).toMatchObject({ kind: 'gone' })
    })

    test('never shows a merged record under its old id', async () => {
      const primary = bench.at.person.create(1)
      const secondary = bench.at.person.create(2)
      bench.at.settle()
      const survivor = bench.at.person.merge(primary, secondary)
      bench.at.settle()
      expect((await found(survivor)).key.id).toBe(survivor)
      for (const id of [primary, secondary].filter((each) => each !== survivor)) {
        const reading = await read(id)
        if (reading.kind === 'found') expect(reading.snapshot.key.id).toBe(survivor)
        else expect(reading.kind).toBe('gone')
      }
    })

    test('of nothing is nothing', async () => {
      expect(await bench.at.connector.read({ object: bench.at.sample.object, ids: [], fields: [] })).toEqual(
        [],
      )
    })
  })

  describe('find', () => {
    test('answers with every record that holds one of the values, as soon as it was written', async () => {
      const first = await created(1)
      const second = await created(2)
      await created(3)
      const records = await findKeys([1, 2, 99])
      expect(records.map((record) => record.key.id).toSorted()).toEqual([first, second].toSorted())
    })

    test('does not answer with a removed record', async () => {
      const id = bench.at.person.create(1)
      bench.at.settle()
      bench.at.person.remove(id)
      expect(await findKeys([1])).toEqual([])
    })
  })
}
