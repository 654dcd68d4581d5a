/** Deletions, and what they do in the other CRM (I9, I10). */
import { afterEach, describe, expect, test } from 'vitest'
import { explainField } from '../../src/stages/explain.ts'
import { adaUnder } from './deleting.ts'
import {
  attioPerson,
  calm,
  conflicts,
  edit,
  expectRest,
  held,
  hubspotPerson,
  ids,
  peopleMapping,
  remove,
} from './story.ts'
import { openTestWorld, type TestWorld } from './world.ts'

let world: TestWorld
let ada: { attio: string; hubspot: string }

async function open(...policy: Parameters<typeof adaUnder>): Promise<void> {
  ;({ world, ada } = await adaUnder(...policy))
}

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

describe('a deleted contact does not come back', () => {
  test('although our memory of it is lost: the stamp of its counterpart names it', async () => {
    world = await openTestWorld({ empty: true, mappings: [peopleMapping()] })
    calm(world)
    const contact = hubspotPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
    await world.sync()
    await world.loseDatabase()
    remove(world, 'hubspot', 'contacts', contact)
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([])
    expect(ids(world, 'attio', 'people')).toHaveLength(1)
  })

  test('for the record that its counterpart was merged into', async () => {
    world = await openTestWorld({ empty: true, mappings: [peopleMapping()] })
    calm(world)
    Object.assign(world.attio.settings, { mergeMultiselect: 'primary' })
    const dead = hubspotPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
    hubspotPerson(world, { first: 'Bob', email: 'bob@byron-poems.com' })
    await world.sync()
    const [one = '', two = ''] = ids(world, 'attio', 'people')
    const isAda = held(world, 'attio', 'people', one)['hubspot_id']?.toString() === dead
    const [ofDead, other] = isAda ? [one, two] : [two, one]
    remove(world, 'hubspot', 'contacts', dead)
    await world.sync()
    world.attio.edit({
      action: 'merge',
      object: 'people',
      id: ofDead,
      other: { object: 'people', id: other },
    })
    await world.sync()
    const emails = ids(world, 'hubspot', 'contacts').map(
      (id) => held(world, 'hubspot', 'contacts', id)['email'],
    )
    expect(emails).not.toContain('ada@king-family.com')
  })
})

describe('a person deleted in Attio', () => {
  test.each(['unlink', 'ignore'])('stays in HubSpot under %s, and is not created again', async (policy) => {
    await open(policy, policy)
    remove(world, 'attio', 'people', ada.attio)
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([ada.hubspot])
    edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Countess' })
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([])
  })

  test('goes to the recycle bin of HubSpot under archive', async () => {
    await open('archive', 'unlink')
    remove(world, 'attio', 'people', ada.attio)
    const tally = await world.sync()
    expect(tally.deleted).toEqual({ left: 0, right: 1 })
    expect(world.hubspot.dump()['contacts']?.[ada.hubspot]?.state).toBe('archived')
  })

  test('before everything of it was carried over leaves what it never held, and a person decides', async () => {
    await open('archive', 'unlink')
    const bob = { first: 'Bob', last: 'Byron', email: 'bob@byron-poems.com' }
    const person = attioPerson(world, { ...bob, job: 'Poet' })
    const contact = hubspotPerson(world, { ...bob, phone: '+14155550100' })
    world.onAnswer = (vendor, request) => {
      if (vendor !== 'hubspot' || !world.hubspot.isMutating(request)) return
      world.onAnswer = () => undefined
      remove(world, 'attio', 'people', person)
    }
    await world.sync()
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toContain(contact)
    expect(await world.store.reviews(10)).toMatchObject([{ kind: 'delete-vs-update' }])
  })

  test('stays known in the journal, with everything mapped that the contact held', async () => {
    await open('archive', 'unlink')
    remove(world, 'attio', 'people', ada.attio)
    await world.sync()
    const [link] = await world.store.findLinks(ada.hubspot)
    const { journal } = await world.store.history({ link: link?.id ?? '', limit: 2 })
    const ids = { left: ada.attio, right: ada.hubspot }
    expect(journal).toMatchObject([
      { kind: 'unlink', before: { ...ids, state: 'live' }, after: { ...ids, state: 'tomb' } },
      {
        kind: 'remove',
        side: 'right',
        record: ada.hubspot,
        before: { job_title: 'Engineer', email_addresses: ['ada@king-family.com'], company: null },
        after: {},
        cause: 'deleted on the left side',
      },
    ])
  })

  test('leaves a contact in HubSpot whose past can be told', async () => {
    await open('unlink', 'unlink')
    remove(world, 'attio', 'people', ada.attio)
    await world.sync()
    const steps = await explainField(world.store, { record: ada.hubspot, keyOf: () => 'job_title' })
    expect(steps.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['write', 'unlink', 'alone', 'now']))
  })

  test('and edited in HubSpot just after we looked is kept and put before a person', async () => {
    await open('archive', 'unlink')
    remove(world, 'attio', 'people', ada.attio)
    world.onAnswer = (vendor, { url }) => {
      if (vendor !== 'hubspot' || !url.includes('/contacts/batch/read')) return
      world.onAnswer = () => undefined
      edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Countess' })
    }
    await world.sync()
    await world.advance(60_000)
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([ada.hubspot])
    expect(await world.store.reviews(10)).toMatchObject([{ kind: 'delete-vs-update' }])
  })

  test('and edited in HubSpot since is kept and put before a person', async () => {
    await open('archive', 'unlink')
    remove(world, 'attio', 'people', ada.attio)
    edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Countess' })
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([ada.hubspot])
    expect(ids(world, 'attio', 'people')).toEqual([])
    expect(await world.store.reviews(10)).toMatchObject([
      { kind: 'delete-vs-update', record: { side: 'right', id: ada.hubspot } },
    ])
    edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Poet' })
    await world.sync()
    expect(await world.store.reviews(10)).toHaveLength(1)
    expect(ids(world, 'attio', 'people')).toEqual([])
  })

  test('and in HubSpot too is gone, and nothing is left over', async () => {
    await open('archive', 'archive')
    remove(world, 'attio', 'people', ada.attio)
    remove(world, 'hubspot', 'contacts', ada.hubspot)
    const before = world.writes()
    await world.sync()
    expect(world.writes()).toEqual(before)
    expect(await world.store.countLinks('attio-hubspot/people-contacts')).toBe(0)
  })

  test('and made anew by hand is one person again, with everything that HubSpot knew', async () => {
    await open('archive', 'unlink')
    remove(world, 'attio', 'people', ada.attio)
    attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([ada.hubspot])
    expect(held(world, 'attio', 'people')).toMatchObject({ job_title: ['Engineer'] })
    expect(held(world, 'hubspot', 'contacts')).toMatchObject({ jobtitle: 'Engineer' })
  })

  test('closes the conflict that was open on the pair', async () => {
    world = await openTestWorld({
      empty: true,
      mappings: [peopleMapping('{ left: job_title, right: jobtitle, conflict: ask }')],
    })
    calm(world)
    const id = attioPerson(world, {
      first: 'Ada',
      last: 'King',
      email: 'ada@king-family.com',
      job: 'Engineer',
    })
    await world.sync()
    edit(world, 'attio', 'people', id, { job_title: 'Countess' })
    edit(world, 'hubspot', 'contacts', ids(world, 'hubspot', 'contacts')[0] ?? '', { jobtitle: 'Poet' })
    await world.sync()
    expect(await conflicts(world)).toHaveLength(1)
    remove(world, 'attio', 'people', id)
    await world.sync()
    expect(await conflicts(world)).toEqual([])
  })
})

describe('a contact deleted in HubSpot', () => {
  test('stays in Attio under unlink, and comes together again when it is restored', async () => {
    await open('unlink', 'unlink')
    remove(world, 'hubspot', 'contacts', ada.hubspot)
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([ada.attio])
    expect(ids(world, 'hubspot', 'contacts')).toEqual([])
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([])

    world.hubspot.edit({ action: 'restore', object: 'contacts', id: ada.hubspot })
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([ada.hubspot])
    expect(ids(world, 'attio', 'people')).toEqual([ada.attio])
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Countess')
    edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Poet' })
    await world.sync()
    expect(held(world, 'attio', 'people')).toMatchObject({ job_title: ['Poet'] })
  })

  test.each([
    ['while it lay in the bin', true],
    ['after it was restored', false],
  ])('and restored keeps cleared what somebody cleared in Attio %s', async (_, isEarly) => {
    await open('unlink', 'unlink')
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    await world.sync()
    remove(world, 'hubspot', 'contacts', ada.hubspot)
    await world.sync()
    const restore = () => world.hubspot.edit({ action: 'restore', object: 'contacts', id: ada.hubspot })
    const clear = () => edit(world, 'attio', 'people', ada.attio, { job_title: null })
    for (const step of isEarly ? [clear, restore] : [restore, clear]) step()
    await world.sync()
    expect(held(world, 'attio', 'people')['job_title'] ?? null).toBeNull()
    expect(held(world, 'hubspot', 'contacts')['jobtitle'] ?? '').toBe('')
  })

  test('and restored tells of what was edited in both since', async () => {
    await open('unlink', 'unlink')
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Poet' })
    await world.sync()
    remove(world, 'hubspot', 'contacts', ada.hubspot)
    await world.sync()
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    world.hubspot.edit({ action: 'restore', object: 'contacts', id: ada.hubspot })
    edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Engineer' })
    await world.sync()
    expect(await conflicts(world, 'all')).toMatchObject([
      { field: 'job_title', base: { left: 'Poet', right: 'Poet' } },
    ])
  })

  test('is deleted in Attio under delete, and a restored contact is a new person', async () => {
    await open('archive', 'delete')
    remove(world, 'hubspot', 'contacts', ada.hubspot)
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([])
    world.hubspot.edit({ action: 'restore', object: 'contacts', id: ada.hubspot })
    await world.sync()
    expect(ids(world, 'attio', 'people')).toHaveLength(1)
    expect(ids(world, 'hubspot', 'contacts')).toEqual([ada.hubspot])
  })

  test('and restored before anybody looked is untouched', async () => {
    await open('archive', 'delete')
    remove(world, 'hubspot', 'contacts', ada.hubspot)
    world.hubspot.edit({ action: 'restore', object: 'contacts', id: ada.hubspot })
    const before = world.writes()
    await world.sync()
    expect(world.writes()).toEqual(before)
    expect(ids(world, 'attio', 'people')).toEqual([ada.attio])
  })

  test('before its removal was sent is not removed twice', async () => {
    await open('archive', 'unlink')
    remove(world, 'attio', 'people', ada.attio)
    world.onRequest = (vendor, request) => {
      if (vendor !== 'hubspot' || !request.url.includes('/batch/archive')) return
      world.onRequest = () => undefined
      remove(world, 'hubspot', 'contacts', ada.hubspot)
    }
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([])
    expect(await world.store.countLinks('attio-hubspot/people-contacts')).toBe(0)
  })

  test('and edited between the look and its removal is kept', async () => {
    await open('archive', 'unlink', { freshMs: 0 })
    remove(world, 'attio', 'people', ada.attio)
    let looks = 0
    world.onAnswer = (vendor, request) => {
      if (vendor !== 'hubspot' || !request.url.includes('/batch/read')) return
      looks += 1
      if (looks === 1) edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Countess' })
    }
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Countess')
    expect(await world.store.reviews(10)).toMatchObject([{ kind: 'delete-vs-update' }])
  })
})
