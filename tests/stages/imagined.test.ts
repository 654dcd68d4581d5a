/** A connector that imagines its writes reads as if they had happened, and sends none of them. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Connector } from '../../src/connectors/connector.ts'
import { imagined } from '../../src/stages/imagined.ts'
import { associations, calm, hubspotCompany, hubspotPerson, PEOPLE_ONLY } from './story.ts'
import { openTestWorld, type TestWorld } from './world.ts'

let world: TestWorld
let dream: Connector
let ada: string
let acme: string

const PRIMARY = 'association:companies/primary'
const FIELDS = ['firstname', 'jobtitle', PRIMARY]

beforeEach(async () => {
  world = await openTestWorld({ empty: true, mappings: PEOPLE_ONLY })
  calm(world)
  ada = hubspotPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'Engineer' })
  acme = hubspotCompany(world, 'Acme', 'acme-rockets.com')
  const { right } = (await world.pairing()).pairing.connectors
  dream = imagined(right, { nameOf: (writeId) => `$${writeId}`, now: () => world.runtime.now() })
})

afterEach(async () => {
  expect(world.writes(), 'only what setting up the fields wrote').toEqual(before)
  await world.close()
})

let before: Record<string, number>

beforeEach(() => {
  before = world.writes()
})

async function valuesOf(...ids: string[]): Promise<unknown[]> {
  const readings = await world.run(dream.read({ object: 'contacts', ids, fields: FIELDS }))
  return ids.map((id) => {
    const reading = readings.find(({ requestedId }) => requestedId === id)
    return reading?.kind === 'found' ? reading.snapshot.values : reading?.kind
  })
}

const update = (jobtitle: string) =>
  world.run(dream.update('contacts', [{ writeId: 'w1', id: ada, values: { jobtitle } }]))

test('what was written is read, and everything else as it is', async () => {
  expect(await update('Countess')).toEqual([
    { kind: 'done', writeId: 'w1', id: ada, image: { jobtitle: 'Countess' }, version: null },
  ])
  expect(await valuesOf(ada)).toEqual([{ firstname: 'Ada', jobtitle: 'Countess', [PRIMARY]: [] }])
  const request = {
    object: 'contacts',
    field: 'email',
    values: ['ada@king-family.com'],
    fields: ['jobtitle'],
  }
  expect(await world.run(dream.find(request))).toMatchObject([{ values: { jobtitle: 'Countess' } }])
})

test('a created record is read by the name that it got, blank where nothing was written', async () => {
  const item = { writeId: 'w1', values: { firstname: 'Bob' }, stamp: null }
  expect(await world.run(dream.create('contacts', [item]))).toMatchObject([{ kind: 'done', id: '$w1' }])
  expect(await valuesOf('$w1', ada)).toEqual([
    { firstname: 'Bob', jobtitle: null, [PRIMARY]: null },
    { firstname: 'Ada', jobtitle: 'Engineer', [PRIMARY]: [] },
  ])
  const records = [{ id: '$w1', fields: ['firstname'] }]
  expect(await world.run(dream.evidence({ object: 'contacts', records }))).toEqual(new Map())
})

test('associations are added and removed one by one, of real and of imagined records', async () => {
  const [real, made] = [
    { object: 'companies', id: acme },
    { object: 'companies', id: '$w9' },
  ]
  const associate = (add: (typeof real)[], remove: (typeof real)[]) =>
    world.run(dream.associate('contacts', [{ writeId: 'w1', id: ada, field: PRIMARY, add, remove }]))
  await associate([real], [])
  expect(await associate([made, real], [])).toMatchObject([{ image: { [PRIMARY]: [real, made] } }])
  await associate([], [real])
  expect(await valuesOf(ada)).toMatchObject([{ [PRIMARY]: [made] }])
  expect(associations(world, 'contacts', ada)).toEqual([])
})

test('a removed record is gone, by id and by value', async () => {
  await world.run(dream.remove('contacts', [{ writeId: 'w1', id: ada, mode: 'archive' }]))
  expect(await valuesOf(ada)).toEqual(['gone'])
  const request = {
    object: 'contacts',
    field: 'email',
    values: ['ada@king-family.com'],
    fields: ['jobtitle'],
  }
  expect(await world.run(dream.find(request))).toEqual([])
})
