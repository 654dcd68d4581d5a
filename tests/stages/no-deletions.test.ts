/** What only looks like a deletion: dead tokens, empty answers, records that leave the scope (I10, I26). */
import { afterEach, describe, expect, test } from 'vitest'
import { ConnectorError } from '../../src/errors.ts'
import {
  altered,
  associations,
  attioCompany,
  attioPerson,
  calm,
  counterpart,
  edit,
  expectRest,
  held,
  hubspotPerson,
  ids,
  only,
} from './story.ts'
import { openTestWorld, shippedMapping, type TestWorld } from './world.ts'
import { adaUnder } from './deleting.ts'
let world: TestWorld
let ada: { attio: string; hubspot: string }

async function open(...policy: Parameters<typeof adaUnder>): Promise<void> {
  ;({ world, ada } = await adaUnder(...policy))
}

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

describe('what is not a deletion', () => {
  test('a revoked token stops the pass and deletes nothing', async () => {
    await open('archive', 'delete')
    Object.assign(world.attio.settings, { tokenRevoked: true })
    await expect(world.sync()).rejects.toBeInstanceOf(ConnectorError)
    Object.assign(world.attio.settings, { tokenRevoked: false })
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([ada.hubspot])
    expect(ids(world, 'attio', 'people')).toEqual([ada.attio])
  })

  test('a scope that was taken away stops the pass and deletes nothing', async () => {
    await open('archive', 'delete')
    const { scopes } = world.hubspot.settings
    Object.assign(world.hubspot.settings, { scopes: ['oauth', 'crm.objects.companies.read'] })
    await expect(world.sync()).rejects.toBeInstanceOf(ConnectorError)
    Object.assign(world.hubspot.settings, { scopes })
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([ada.hubspot])
    expect(ids(world, 'attio', 'people')).toEqual([ada.attio])
  })

  test('storms of 5xx and 429 pass, and nothing is deleted', async () => {
    await open('archive', 'delete')
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    world.faults.attio.replace([{ kind: 'refuse', refusal: 'rate-limit', times: 4 }])
    world.faults.hubspot.replace([{ kind: 'refuse', refusal: 'rate-limit', times: 4 }])
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Countess')
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Poet' })
    world.faults.hubspot.replace([{ kind: 'status', status: 503, probability: 0.5, times: 12 }])
    for (let pass = 0; pass < 6; pass += 1) {
      await world.sync().catch((error: unknown) => expect(error).toBeInstanceOf(ConnectorError))
    }
    world.faults.hubspot.replace([])
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Poet')
    expect(ids(world, 'attio', 'people')).toEqual([ada.attio])
  })

  test('a record that leaves the scope is left alone, and goes on when it comes back', async () => {
    const scope = 'scope:\n  right: { lifecyclestage: { not_in: [subscriber] } }\n\ncreate:'
    world = await openTestWorld({ empty: true, mappings: [altered('people', ['create:', scope])] })
    calm(world)
    const id = attioPerson(world, {
      first: 'Ada',
      last: 'King',
      email: 'ada@king-family.com',
      job: 'Engineer',
    })
    await world.sync()
    const [there = ''] = ids(world, 'hubspot', 'contacts')
    edit(world, 'hubspot', 'contacts', there, { lifecyclestage: '' })
    edit(world, 'hubspot', 'contacts', there, { lifecyclestage: 'subscriber' })
    await world.sync()
    edit(world, 'attio', 'people', id, { job_title: 'Countess' })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Engineer')
    edit(world, 'hubspot', 'contacts', there, { lifecyclestage: 'customer' })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Countess')
    expect(ids(world, 'attio', 'people')).toEqual([id])
  })

  describe('a record that leaves the scope while it is decided about', () => {
    const scope = 'scope:\n  right: { lifecyclestage: { not_in: [subscriber] } }\n\ncreate:'

    /** Ada and her contact, agreed on; `leave` takes the contact out of the scope. */
    async function adaInScope() {
      const mappings = [altered('people', ['create:', scope]), shippedMapping('companies')]
      world = await openTestWorld({ empty: true, mappings })
      calm(world)
      const person = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'Engineer' })
      await world.sync()
      const contact = (await counterpart(world, 'attio', person)) ?? ''
      edit(world, 'hubspot', 'contacts', contact, { lifecyclestage: 'customer' })
      await world.sync()
      await world.sync()
      const leave = () => {
        edit(world, 'hubspot', 'contacts', contact, { lifecyclestage: '' })
        edit(world, 'hubspot', 'contacts', contact, { lifecyclestage: 'subscriber' })
      }
      return { person, contact, leave }
    }

    test('just before its associations are read, is left alone', async () => {
      const { person, contact, leave } = await adaInScope()
      const company = attioCompany(world, 'Acme', 'acme-rockets.com')
      await world.sync()
      // Her associations there matter because of the one that she gets here.
      const employer = { company: [{ target_object: 'companies', target_record_id: company }] }
      edit(world, 'attio', 'people', person, { job_title: 'Countess', ...employer })
      let looks = 0
      world.onRequest = (vendor, { url }) => {
        if (vendor !== 'hubspot' || !url.includes('/contacts/batch/read')) return
        looks += 1
        if (looks === 2) leave()
      }
      await world.sync()
      expect(looks).toBeGreaterThan(1)
      expect(held(world, 'hubspot', 'contacts', contact)['jobtitle']).toBe('Engineer')
    })

    test.each([5, 15])('because the other side takes %i s to answer, is left alone', async (seconds) => {
      const { person, contact, leave } = await adaInScope()
      edit(world, 'attio', 'people', person, { job_title: 'Countess' })
      let looks = 0
      world.onAnswer = (vendor, { url }) => {
        if (vendor !== 'hubspot' || !url.includes('/contacts/batch/read')) return
        looks += 1
        if (looks === 1) leave()
      }
      world.faults.attio.replace([{ kind: 'delay', delayMs: seconds * 1_000, path: 'people/records' }])
      await world.sync()
      world.faults.attio.replace([])
      expect(looks).toBeGreaterThan(0)
      expect(held(world, 'hubspot', 'contacts', contact)['jobtitle']).toBe('Engineer')
    })

    test('because another write of its batch hangs, gets no association', async () => {
      const { person, contact, leave } = await adaInScope()
      const bob = attioPerson(world, { first: 'Bob', email: 'bob@byron-poems.com' })
      const company = attioCompany(world, 'Acme', 'acme-rockets.com')
      await world.sync()
      const employer = { company: [{ target_object: 'companies', target_record_id: company }] }
      edit(world, 'attio', 'people', bob, employer)
      edit(world, 'attio', 'people', person, employer)
      // Written first, so that her association is sent after his.
      edit(world, 'hubspot', 'contacts', contact, { jobtitle: 'Countess' })
      let calls = 0
      world.onRequest = (vendor, { url }) => {
        if (vendor !== 'hubspot' || !/associations.*create/.test(url)) return
        calls += 1
        if (calls === 1) leave()
      }
      const hangs = {
        kind: 'timeout-after',
        delayMs: 30_000,
        path: 'associations.*create',
        times: 1,
      } as const
      world.faults.hubspot.replace([hangs])
      await world.sync()
      expect(calls).toBeGreaterThan(0)
      expect(only(held(world, 'attio', 'people', person)['job_title'])).toBe('Countess')
      expect(associations(world, 'contacts', contact)).toEqual([])
    })
  })

  test('a contact outside the scope is neither created in Attio nor matched', async () => {
    const scope = 'scope:\n  right: { lifecyclestage: { not_in: [subscriber] } }\n\ncreate:'
    world = await openTestWorld({ empty: true, mappings: [altered('people', ['create:', scope])] })
    calm(world)
    const id = hubspotPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
    edit(world, 'hubspot', 'contacts', id, { lifecyclestage: '' })
    edit(world, 'hubspot', 'contacts', id, { lifecyclestage: 'subscriber' })
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([])
    edit(world, 'hubspot', 'contacts', id, { lifecyclestage: 'lead' })
    await world.sync()
    expect(ids(world, 'attio', 'people')).toHaveLength(1)
  })
})
