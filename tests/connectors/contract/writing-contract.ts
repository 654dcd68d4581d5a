/** The part of the connector contract about writing: what is stored, what is refused, and what a lost answer leaves open. */
import { describe, expect, test } from 'vitest'
import type { RecordId } from '../../../src/core/record.ts'
import { isBlank } from '../../../src/core/value.ts'
import { done, failed, only, sorted, type Bench } from './bench.ts'

export function writingContract(bench: Bench): void {
  const { read, found, create, created, update, findKeys } = bench

  describe('create', () => {
    test('answers with what was stored, as a later read shows it', async () => {
      const outcome = done(await create(1, { [bench.at.sample.text]: 'hello' }))
      const snapshot = await found(outcome.id)
      expect(snapshot.values[bench.at.sample.text]).toBe('hello')
      for (const [field, value] of Object.entries(outcome.image)) {
        if (field in snapshot.values) expect(value).toEqual(snapshot.values[field])
      }
    })

    test('of a unique value that is taken is not-unique and stores nothing', async () => {
      if (!bench.at.sample.keyIsUnique) return
      const id = await created(1)
      const again = failed(await create(1, { [bench.at.sample.text]: 'second' }))
      expect(again.kind).toBe('not-unique')
      expect((await found(id)).values[bench.at.sample.text]).toBeNull()
      expect(await findKeys([1])).toHaveLength(1)
    })

    test('keyed by a unique stamp never makes a second record', async ({ skip }) => {
      if (bench.at.stamped === null) return skip('this vendor has no unique stamp')
      const { object, stamp } = bench.at.stamped
      expect(bench.at.connector.capabilities.uniqueStamp(object)).toBe(true)
      const item = {
        writeId: 'w',
        values: { ...bench.at.stamped.values(1), [stamp]: 'other-side-7' },
        stamp: { field: stamp, value: 'other-side-7' },
      }
      bench.at.network.interruptNextWrite('applied')
      expect(failed(only(await bench.at.connector.create(object, [item]))).kind).toBe('ambiguous')
      const second = done(only(await bench.at.connector.create(object, [item])))
      const records = await bench.at.connector.find({
        object,
        field: stamp,
        values: ['other-side-7'],
        fields: [stamp],
      })
      expect(records.map((record) => record.key.id)).toEqual([second.id])
    })

    test('of several items fails only for the one that is refused', async () => {
      const outcomes = await bench.at.connector.create(bench.at.sample.object, [
        { writeId: 'good', values: bench.at.sample.values(1), stamp: null },
        { writeId: 'bad', values: bench.at.sample.refused(2), stamp: null },
        { writeId: 'fine', values: bench.at.sample.values(3), stamp: null },
      ])
      const byId = new Map(outcomes.map((outcome) => [outcome.writeId, outcome]))
      expect(byId.get('good')).toMatchObject({ kind: 'done' })
      expect(byId.get('fine')).toMatchObject({ kind: 'done' })
      expect(byId.get('bad')).toMatchObject({ kind: 'failed', error: { kind: 'rejected' } })
      expect(await findKeys([1, 2, 3])).toHaveLength(2)
    })
  })

  describe('update', () => {
    test('sets exactly the given fields, and answers with the stored values', async () => {
      const id = await created(1)
      const before = await found(id)
      const outcome = done(await update(id, { [bench.at.sample.text]: 'new' }))
      expect(outcome).toMatchObject({ id, writeId: `update-${id}` })
      const after = await found(id)
      expect(after.values).toEqual({ ...before.values, [bench.at.sample.text]: 'new' })
      if (bench.at.sample.text in outcome.image)
        expect(outcome.image).toEqual({ [bench.at.sample.text]: 'new' })
    })

    test('clears with a blank', async () => {
      const id = await created(1, { [bench.at.sample.text]: 'old' })
      done(await update(id, { [bench.at.sample.text]: null }))
      expect((await found(id)).values[bench.at.sample.text]).toBeNull()
    })

    test('makes a multi-valued field equal to what is given', async ({ skip }) => {
      if (bench.at.several === null) return skip('this vendor has no multi-valued field')
      const { field, values } = bench.at.several
      const [a, b, c] = values
      const id = await created(1, { [field]: [a, b] })
      const stored = async () => {
        const request = { object: bench.at.sample.object, ids: [id], fields: [field] }
        const reading = only(await bench.at.connector.read(request))
        return reading.kind === 'found' ? reading.snapshot.values[field] : reading.kind
      }
      done(await update(id, { [field]: [b, c] }))
      expect(sorted(await stored())).toEqual(sorted([b, c]))
      done(await update(id, { [field]: [] }))
      expect(isBlank((await stored()) ?? null)).toBe(true)
    })

    test('of a removed record is not-found', async () => {
      const id = bench.at.person.create(1)
      bench.at.settle()
      bench.at.person.remove(id)
      bench.at.settle()
      expect(failed(await update(id, { [bench.at.sample.text]: 'x' })).kind).toBe('not-found')
    })

    test.each([
      ['unsent', 'transient', null],
      ['lost', 'ambiguous', null],
      ['applied', 'ambiguous', 'new'],
    ] as const)('that was %s is %s', async (how, kind, stored) => {
      const id = await created(1)
      bench.at.network.interruptNextWrite(how)
      expect(failed(await update(id, { [bench.at.sample.text]: 'new' })).kind).toBe(kind)
      expect((await found(id)).values[bench.at.sample.text]).toBe(stored)
    })
  })

  describe('remove', () => {
    const remove = async (id: RecordId) => {
      const mode = bench.at.connector.capabilities.archives ? 'archive' : 'delete'
      return only(await bench.at.connector.remove(bench.at.sample.object, [{ writeId: 'remove', id, mode }]))
    }

    test('leaves positive evidence, and is done again when repeated', async () => {
      const id = await created(1)
      expect(done(await remove(id)).id).toBe(id)
      expect(await read(id)).toMatchObject({
        kind: 'gone',
        how: bench.at.connector.capabilities.archives ? 'archived' : 'deleted',
      })
      done(await remove(id))
    })

    test('whose answer was lost is ambiguous', async () => {
      const id = await created(1)
      bench.at.network.interruptNextWrite('applied')
      expect(failed(await remove(id)).kind).toBe('ambiguous')
      expect((await read(id)).kind).toBe('gone')
    })
  })
}
