/** Names beside ids: from what the last passes left in the store, with the shipped mapping files. */
import { expect, test } from 'vitest'
import { fieldIndex } from '../../src/cli/field-index.ts'
import { pairName, recordNames } from '../../src/cli/record-names.ts'
import { openStore } from '../../src/compose.ts'
import { loadConfig } from '../../src/config.ts'
import { fieldBase, link, sighting } from '../store/contract/samples.ts'

const INDEX = fieldIndex(
  loadConfig('config/attune.yaml', {}, { onMissingToken: () => undefined, keepOptional: true }),
)
const PEOPLE = 'attio-hubspot/people-contacts'
const DEALS = 'attio-salesforce/deals-Opportunity'

const openMemory = () => openStore({ file: ':memory:' })

test('a pair is called what both sides held when they last agreed', async () => {
  const store = await openMemory()
  const name = (first: string) => ({
    first_name: first,
    last_name: 'Lovelace',
    full_name: `${first} Lovelace`,
  })
  await store.commitPlans([
    { kind: 'put-link', link: link('p', { mapping: PEOPLE }) },
    {
      kind: 'set-base',
      link: 'p',
      fields: { name: fieldBase(name('Ada'), { right: name('A.') }), job_title: fieldBase('Analyst') },
    },
    { kind: 'put-link', link: link('d', { mapping: DEALS }) },
    { kind: 'set-base', link: 'd', fields: { name: fieldBase('12  engines') } },
  ])
  const names = await recordNames(store, INDEX, { links: ['p', 'd', 'nobody'], records: [] })
  expect(names.ofPair('p')).toEqual({ left: 'Ada Lovelace', right: 'A. Lovelace' })
  expect(names.of({ mapping: PEOPLE, side: 'right', id: 'p-r' })).toBe('A. Lovelace')
  expect(names.ofPair('d')).toEqual({ left: '12 engines', right: '12 engines' })
  expect(names.ofPair('nobody')).toEqual({ left: null, right: null })
})

test('a record without a pair is called what it was recognised by, and by its address where it has no name', async () => {
  const store = await openMemory()
  const sightings = [
    sighting('both', { keys: ['0:ada@x.example', '1:Ada Lovelace', 'stamp:9'] }),
    sighting('mail', { keys: ['0:ada@x.example'] }),
    sighting('none', { keys: ['stamp:9'] }),
  ]
  await store.recordReads({ mapping: PEOPLE, side: 'left', sightings })
  await store.commitPlans([
    { kind: 'put-link', link: link('p', { mapping: PEOPLE, left: 'both', right: null, state: 'half' }) },
  ])
  const records = ['mail', 'none', 'nobody'].map((id) => ({ mapping: PEOPLE, side: 'left' as const, id }))
  const names = await recordNames(store, INDEX, { links: ['p'], records })
  expect(records.map(names.of)).toEqual(['ada@x.example', null, null])
  expect(names.ofPair('p')).toEqual({ left: 'Ada Lovelace', right: null })
})

test('what a CRM holds cannot move the cursor of a terminal', async () => {
  const store = await openMemory()
  await store.recordReads({
    mapping: PEOPLE,
    side: 'left',
    sightings: [sighting('a', { keys: ['1:Ada\u001b[2J  Lovelace'] })],
  })
  const record = { mapping: PEOPLE, side: 'left', id: 'a' } as const
  expect((await recordNames(store, INDEX, { links: [], records: [record] })).of(record)).toBe(
    'Ada[2J Lovelace',
  )
})

test.each([
  ['Ada', 'Ada', 'Ada'],
  ['Ada', null, 'Ada'],
  [null, 'Ada', 'Ada'],
  ['Ada', 'A.', 'Ada (hubspot: A.)'],
  [null, null, null],
] as const)('%s and %s are one pair', (left, right, text) => {
  expect(pairName({ left, right }, { left: 'attio', right: 'hubspot' })).toBe(text)
})
