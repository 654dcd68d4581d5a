/** The part of the connector contract about who set a value and when, and about what was there before. */
import { describe, expect, test, type TestContext } from 'vitest'
import type { RecordId } from '../../../src/core/record.ts'
import { isList } from '../../../src/core/value.ts'
import { done, type Bench } from './bench.ts'

export function historyContract(bench: Bench): void {
  const { created, update } = bench

  describe('evidence', () => {
    const evidenceOf = async (id: RecordId) => {
      const asked = { object: bench.at.sample.object, records: [{ id, fields: [bench.at.sample.text] }] }
      return (await bench.at.connector.evidence(asked)).get(id)?.[bench.at.sample.text]
    }

    test('tells a person from ourselves', async () => {
      const id = await created(1, { [bench.at.sample.text]: 'ours' })
      expect(await evidenceOf(id)).toMatchObject({ actor: { kind: 'us' } })
      bench.at.settle()
      bench.at.person.setText(id, 'theirs')
      expect(await evidenceOf(id)).toMatchObject({ actor: { kind: 'human' } })
    })

    test('says when a field was cleared', async () => {
      const id = bench.at.person.create(1)
      bench.at.settle()
      bench.at.person.setText(id, 'there')
      const before = await evidenceOf(id)
      bench.at.settle()
      bench.at.person.clearText(id)
      const after = await evidenceOf(id)
      expect(Date.parse(after?.at ?? '')).toBeGreaterThan(Date.parse(before?.at ?? ''))
    })
  })

  describe('history', () => {
    const versionsOf = async (id: RecordId, field = bench.at.sample.text) => {
      const asked = { object: bench.at.sample.object, records: [{ id, fields: [field] }] }
      const versions = (await bench.at.connector.history(asked)).get(id)?.[field] ?? null
      return versions?.map(({ value, actor }) => [value, actor.kind]) ?? null
    }

    const whereKept = (name: string, body: (skip: TestContext['skip']) => Promise<void>) =>
      test(name, async ({ skip }) => {
        if (!bench.at.connector.capabilities.keepsHistory) skip('this vendor keeps no history')
        await body(skip)
      })

    test('of a vendor that keeps none is missing', async ({ skip }) => {
      if (bench.at.connector.capabilities.keepsHistory) skip('this vendor keeps history')
      expect(await versionsOf(await created(1))).toBeNull()
    })

    whereKept('tells what a field held and who set it, oldest first', async () => {
      const { text } = bench.at.sample
      const id = await created(1, { [text]: 'ours' })
      bench.at.settle()
      bench.at.person.setText(id, 'theirs')
      bench.at.settle()
      done(await update(id, { [text]: 'ours again' }))
      expect(await versionsOf(id)).toEqual([
        ['ours', 'us'],
        ['theirs', 'human'],
        ['ours again', 'us'],
      ])
    })

    whereKept('shows what was replaced within the same moment', async () => {
      const { text } = bench.at.sample
      const id = await created(1, { [text]: 'ours' })
      bench.at.person.setText(id, 'theirs')
      done(await update(id, { [text]: 'ours again' }))
      expect((await versionsOf(id))?.map(([value]) => value)).toEqual(['ours', 'theirs', 'ours again'])
    })

    whereKept('shows when a field was blank, and does not know whose doing that was at worst', async () => {
      const id = bench.at.person.create(1)
      bench.at.settle()
      bench.at.person.setText(id, 'there')
      bench.at.settle()
      bench.at.person.clearText(id)
      const versions = await versionsOf(id)
      expect(versions?.slice(-2).map(([value]) => value)).toEqual(['there', null])
      expect(['human', 'unknown']).toContain(versions?.at(-1)?.[1])
    })

    whereKept('shows the elements of a list as they lived together', async (skip) => {
      if (bench.at.several === null) return skip('this vendor has no multi-valued field')
      const { field, values } = bench.at.several
      const [one, two, three] = values
      const id = await created(1, { [field]: [one] })
      bench.at.settle()
      done(await update(id, { [field]: [one, two] }))
      bench.at.settle()
      done(await update(id, { [field]: [two, three] }))
      const asked = { object: bench.at.sample.object, records: [{ id, fields: [field] }] }
      const versions = (await bench.at.connector.history(asked)).get(id)?.[field] ?? []
      const sets = versions.map(({ value }) => new Set(isList(value) ? value : [value]))
      expect(sets).toEqual([new Set([one]), new Set([one, two]), new Set([two, three])])
    })

    test('of what is gone or does not exist is missing, not empty', async () => {
      const id = await created(1)
      expect(await versionsOf(id, 'no_such_field')).toBeNull()
      expect(await versionsOf('no-such-record')).toBeNull()
    })

    test('of what a person removed is as it was, where there is a bin, and missing where there is none', async () => {
      const { text } = bench.at.sample
      const id = await created(1, { [text]: 'text 1' })
      const before = await versionsOf(id, text)
      bench.at.person.remove(id)
      expect([before, null]).toContainEqual(await versionsOf(id, text))
    })

    whereKept('is of many records at once', async () => {
      const { object, text } = bench.at.sample
      const ids = await Promise.all([1, 2, 3].map((n) => created(n, { [text]: `text ${n}` })))
      const records = ids.map((id) => ({ id, fields: [text] }))
      const found = await bench.at.connector.history({ object, records })
      expect(ids.map((id) => found.get(id)?.[text]?.map(({ value }) => value))).toEqual([
        ['text 1'],
        ['text 2'],
        ['text 3'],
      ])
    })
  })
}
