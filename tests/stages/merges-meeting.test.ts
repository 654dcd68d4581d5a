/** Merges that meet something else: a merge in the other CRM, a deletion, a restored record, an open conflict. */
import { expect, test } from 'vitest'
import { drain } from '../../src/stages/drain.ts'
import { lookAtEverything } from '../../src/stages/pass.ts'
import {
  attioCompany,
  attioPerson,
  conflicts,
  counterpart,
  edit,
  held,
  hubspotCompany,
  hubspotPerson,
  ids,
  peopleMapping,
  remove,
} from './story.ts'
import { shippedMapping } from './world.ts'
import { mergeInAttio, mergeInHubSpot, open, twoPairs, world } from './merging.ts'
test('the same two people merged in both CRMs are one pair, and nobody is asked', async () => {
  const { first, second, firstThere, secondThere } = await twoPairs()
  const here = mergeInAttio(first, second)
  const there = mergeInHubSpot(firstThere, secondThere)
  await world.sync()
  expect(await counterpart(world, 'attio', here)).toBe(there)
  expect(await world.store.countLinks('attio-hubspot/people-contacts')).toBe(1)
  expect(await world.store.reviews(10)).toEqual([])
})

test('the same two companies merged in both CRMs are one pair, although nothing but a stamp tells', async () => {
  await world.close()
  await open([shippedMapping('companies')])
  const first = attioCompany(world, 'Acme')
  const second = hubspotCompany(world, 'ACME Ltd')
  await world.sync()
  const firstThere = (await counterpart(world, 'attio', first)) ?? ''
  const secondThere = (await counterpart(world, 'hubspot', second)) ?? ''
  await world.advance(60_000)
  const merge = (vendor: 'attio' | 'hubspot', id: string, other: string) =>
    world[vendor].edit({
      action: 'merge',
      object: 'companies',
      id,
      other: { object: 'companies', id: other },
    })
  merge('hubspot', second, firstThere)
  // Its stamp names the company that was merged away over there.
  const survivor = merge('attio', first, secondThere).id
  await world.sync()
  expect(ids(world, 'hubspot', 'companies')).toHaveLength(1)
  expect(ids(world, 'attio', 'companies')).toEqual([survivor])
  expect(await counterpart(world, 'attio', survivor)).toBe(ids(world, 'hubspot', 'companies')[0])
  expect(await world.store.reviews(10)).toEqual([])
})

test('the same two people merged in Attio long after in HubSpot are one pair, whatever was edited meanwhile', async () => {
  const cleo = hubspotPerson(world, { first: 'Cleo', last: 'Byron', email: 'cleo@byron-poems.com' })
  const bob = attioPerson(world, { first: 'Bob', last: 'Moor', email: 'bob@byron-poems.com' })
  await world.sync()
  const cleoHere = (await counterpart(world, 'hubspot', cleo)) ?? ''
  const there = mergeInHubSpot(cleo, (await counterpart(world, 'attio', bob)) ?? '')
  await world.sync()
  const paired = await counterpart(world, 'hubspot', there)
  const [alone, other] = paired === bob ? [cleoHere, bob] : [bob, cleoHere]
  edit(world, 'hubspot', 'contacts', there, { email: 'poet@byron-poems.com', hs_additional_emails: '' })
  await world.sync()
  // The one that was left alone wins, with the stamp of the contact that went into the other.
  Object.assign(world.attio.settings, { mergeMultiselect: 'primary' })
  const survivor = mergeInAttio(alone, other)
  await world.sync()
  expect(ids(world, 'hubspot', 'contacts')).toEqual([there])
  expect(await counterpart(world, 'hubspot', there)).toBe(survivor)
})

test('whoever lost a contact by a merge does not take the place of one that is merged with somebody else', async () => {
  const cleo = hubspotPerson(world, { first: 'Cleo', last: 'Byron', email: 'cleo@byron-poems.com' })
  const bob = attioPerson(world, { first: 'Bob', last: 'Moor', email: 'bob@moor-lands.com' })
  await world.sync()
  const cleoHere = (await counterpart(world, 'hubspot', cleo)) ?? ''
  const there = mergeInHubSpot(cleo, (await counterpart(world, 'attio', bob)) ?? '')
  await world.sync()
  const paired = (await counterpart(world, 'hubspot', there)) ?? ''
  const alone = paired === bob ? cleoHere : bob
  // Its stamp names a contact that went into the other's.
  edit(world, 'attio', 'people', alone, { hubspot_id: alone === bob ? there : cleo })
  await world.sync()
  const dan = attioPerson(world, { first: 'Dan', last: 'Hill', phone: '+14155550100' })
  const survivor = mergeInAttio(paired, dan)
  await world.sync()
  expect(await counterpart(world, 'attio', alone)).toBeNull()
  expect(await counterpart(world, 'hubspot', there)).toBe(survivor)
})

test('a contact that came back does not follow the stamp that a merge gave it: a person is asked', async () => {
  Object.assign(world.hubspot.settings, { primaryIdPreservation: true })
  const ada = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
  const alike = hubspotPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
  const other = attioPerson(world, { first: 'Augusta', last: 'King', email: 'augusta@king-family.com' })
  await world.sync()
  const stamped = (await counterpart(world, 'attio', other)) ?? ''
  await world.advance(60_000)
  // Ada's pair was found equal and needed no stamp: the contact that is left carries the one of the other.
  const survivor = mergeInHubSpot(alike, stamped)
  expect(held(world, 'hubspot', 'contacts')['attio_record_id']).toBe(other)
  // It is gone before the engine's next write can correct that.
  world.onRequest = (vendor, request) => {
    if (vendor !== 'hubspot' || !request.url.includes('/contacts/batch/update')) return
    world.onRequest = () => undefined
    remove(world, 'hubspot', 'contacts', survivor)
  }
  await world.sync()
  expect(ids(world, 'hubspot', 'contacts')).toEqual([])
  world.hubspot.edit({ action: 'restore', object: 'contacts', id: survivor })
  await world.sync()
  expect(ids(world, 'hubspot', 'contacts')).toEqual([survivor])
  const questions = (await world.store.reviews(10)).toSorted((a, b) => b.kind.localeCompare(a.kind))
  expect(questions).toMatchObject([
    { kind: 'duplicate', record: { side: 'left', id: other }, candidates: [{ id: ada }] },
    { kind: 'ambiguous', record: { side: 'right', id: survivor } },
  ])
  expect(questions[1]?.candidates.map(({ id }) => id).toSorted()).toEqual([ada, other].toSorted())
})

test('whoever got the key of a deleted record, and has a counterpart of their own, does not take its place', async () => {
  const ada = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
  const there = hubspotPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
  await world.sync()
  expect(await counterpart(world, 'attio', ada)).toBe(there)
  // All of this before anybody looks again: it could be a merge, and Bob is in HubSpot, too.
  remove(world, 'attio', 'people', ada)
  const bob = attioPerson(world, { first: 'Bob', last: 'Moor', email: 'bob@moor-family.com' })
  edit(world, 'attio', 'people', bob, { email_addresses: ['bob@moor-family.com', 'ada@king-family.com'] })
  const bobThere = hubspotPerson(world, { first: 'Bob', last: 'Moor', email: 'bob@moor-family.com' })
  await world.sync()
  expect(held(world, 'hubspot', 'contacts', there)['firstname']).toBe('Ada')
  expect(await counterpart(world, 'attio', bob)).toBe(bobThere)
  expect(await world.store.reviews(10)).toMatchObject([
    {
      record: { side: 'right', id: there },
      kind: 'delete-vs-update',
      because: 'deleted on one side, or merged into a record that has its key and may be somebody else',
    },
  ])
})

test('a merge closes the conflict of the pair that ends', async () => {
  await world.close()
  const mappings = [peopleMapping('{ left: job_title, right: jobtitle, conflict: ask }')]
  await open(mappings)
  const { first, second, firstThere, secondThere } = await twoPairs()
  for (const [id, there] of [
    [first, firstThere],
    [second, secondThere],
  ] as const) {
    edit(world, 'attio', 'people', id, { job_title: `Countess ${id}` })
    edit(world, 'hubspot', 'contacts', there, { jobtitle: 'Poet' })
  }
  await world.sync()
  expect(await conflicts(world)).toHaveLength(2)
  mergeInAttio(first, second)
  await world.sync()
  expect((await conflicts(world)).length).toBeLessThanOrEqual(1)
})

test('a contact that was taken out of the bin and merged into keeps one person, and the other one is told of', async () => {
  Object.assign(world.hubspot.settings, { primaryIdPreservation: true })
  const { first, second, firstThere, secondThere } = await twoPairs()
  remove(world, 'hubspot', 'contacts', firstThere)
  await world.sync()
  world.hubspot.edit({ action: 'restore', object: 'contacts', id: firstThere })
  expect(mergeInHubSpot(firstThere, secondThere)).toBe(firstThere)
  await world.sync()
  const kept = await counterpart(world, 'hubspot', firstThere)
  expect([first, second]).toContain(kept)
  const other = kept === first ? second : first
  expect(await world.store.reviews(10)).toMatchObject([
    { kind: 'duplicate', record: { side: 'left', id: other }, candidates: [{ side: 'left', id: kept }] },
  ])
})

test('a survivor that nothing but HubSpot’s own word tells from a new contact gets no second person', async () => {
  const [first, second] = ['Ada', 'Augusta'].map((name) => hubspotPerson(world, { first: name }))
  await world.sync()
  const people = ids(world, 'attio', 'people')
  const survivor = mergeInHubSpot(first ?? '', second ?? '')
  const engine = await world.engine()
  // One at a time: the survivor is listed, and what went into it is missed only when the listing ends.
  const one = { ...engine, settings: { ...engine.settings, batchSize: 1 } }
  const [mapping] = engine.pairing.mappings
  if (!mapping) throw new Error('people have a mapping')
  await world.run(lookAtEverything(engine, { report: () => undefined }))
  await world.run(drain(one, mapping))
  await world.sync()
  expect(ids(world, 'attio', 'people')).toEqual(people)
  expect(people).toContain(await counterpart(world, 'hubspot', survivor))
})
