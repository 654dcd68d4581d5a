/** Leads are people of Attio beside contacts: whoever is one is not made the other as well. */
import { describe, expect, test } from 'vitest'
import {
  attioPerson,
  counterpart,
  edit,
  held,
  ids,
  makeRecordTypes,
  remove,
  salesforcePerson,
} from './story.ts'
import { SIDES } from '../../src/core/record.ts'
import { drain } from '../../src/stages/drain.ts'
import { sweep } from '../../src/stages/sweep.ts'
import {
  ADA,
  CONTACTS,
  convert,
  LEADS,
  mappings,
  pairs,
  peopleOf,
  reference,
  twice,
  world,
} from './leads-org.ts'

describe('a person is a lead or a contact', () => {
  test('a lead becomes a person, and no contact is created for that person', async () => {
    const lead = salesforcePerson(world, 'Lead', ADA)
    await world.sync()
    await world.sync()
    expect(held(world, 'attio', 'people')).toMatchObject({ salesforce_id: [lead] })
    expect(ids(world, 'salesforce', 'Contact')).toEqual([])
    expect([await pairs(LEADS), await pairs(CONTACTS)]).toEqual([1, 0])
  })

  test('somebody in Attio who is a lead already does not become a contact', async () => {
    attioPerson(world, ADA)
    salesforcePerson(world, 'Lead', ADA)
    await world.sync()
    expect(ids(world, 'attio', 'people')).toHaveLength(1)
    expect(ids(world, 'salesforce', 'Contact')).toEqual([])
    expect([await pairs(LEADS), await pairs(CONTACTS)]).toEqual([1, 0])
  })

  test('whoever is new in Attio becomes a contact', async () => {
    attioPerson(world, ADA)
    await world.sync()
    expect(held(world, 'salesforce', 'Contact')).toMatchObject({ LastName: 'King', Title: 'Engineer' })
    expect(ids(world, 'salesforce', 'Lead')).toEqual([])
  })

  test('a lead with the address of a contact is shown to a person, and nobody is created twice', async () => {
    salesforcePerson(world, 'Contact', ADA)
    await world.sync()
    const lead = salesforcePerson(world, 'Lead', ADA)
    await world.sync()
    expect(ids(world, 'attio', 'people')).toHaveLength(1)
    expect(await world.store.reviews(10)).toMatchObject([
      { mapping: LEADS, kind: 'duplicate', record: { side: 'right', id: lead } },
    ])
  })

  test('of a contact and a lead with one address it is the contact, and the lead is shown to a person', async () => {
    const person = attioPerson(world, ADA)
    const lead = salesforcePerson(world, 'Lead', { ...ADA, first: 'Augusta' })
    const contact = salesforcePerson(world, 'Contact', ADA)
    await world.sync()
    expect(await counterpart(world, 'attio', person)).toBe(contact)
    expect(held(world, 'salesforce', 'Lead')).toMatchObject({ FirstName: 'Augusta' })
    expect([await pairs(LEADS), await pairs(CONTACTS)]).toEqual([0, 1])
    expect(await world.store.reviews(10)).toMatchObject([
      { mapping: LEADS, kind: 'duplicate', record: { side: 'right', id: lead } },
    ])
  })

  test('nor is it the lead when only the mapping of leads has met the person yet', async () => {
    const person = attioPerson(world, ADA)
    const lead = salesforcePerson(world, 'Lead', { ...ADA, first: 'Augusta' })
    const contact = salesforcePerson(world, 'Contact', ADA)
    const { engine, leads, contacts } = await mappings()
    await world.run(sweep(engine, contacts, 'right', 3))
    for (const side of SIDES) await world.run(sweep(engine, leads, side, 3))
    await world.run(drain(engine, leads, { isOver: twice() }))
    await world.sync()
    expect(await counterpart(world, 'attio', person)).toBe(contact)
    expect([await pairs(LEADS), await pairs(CONTACTS)]).toEqual([0, 1])
    expect(await world.store.reviews(10)).toMatchObject([
      { mapping: LEADS, kind: 'duplicate', record: { side: 'right', id: lead } },
    ])
  })

  test('nor does a lead become a contact when only the mapping of contacts has met the person yet', async () => {
    attioPerson(world, ADA)
    salesforcePerson(world, 'Lead', ADA)
    const { engine, leads, contacts } = await mappings()
    await world.run(sweep(engine, leads, 'right', 3))
    for (const side of SIDES) await world.run(sweep(engine, contacts, side, 3))
    await world.run(drain(engine, contacts, { isOver: twice() }))
    await world.sync()
    expect(ids(world, 'salesforce', 'Contact')).toEqual([])
    expect([await pairs(LEADS), await pairs(CONTACTS)]).toEqual([1, 0])
  })

  test.each(['Lead', 'Contact'] as const)(
    'somebody who was entered as a %s since Salesforce was listed does not become a contact',
    async (object) => {
      await world.sync()
      await world.advance(30_000)
      const id = salesforcePerson(world, object, ADA)
      const person = attioPerson(world, ADA)
      const { engine, contacts } = await mappings()
      await world.run(sweep(engine, contacts, 'left', 3))
      await world.run(drain(engine, contacts, { isOver: twice() }))
      await world.sync()
      expect(ids(world, 'salesforce', 'Contact')).toEqual(object === 'Contact' ? [id] : [])
      expect(await counterpart(world, 'attio', person)).toBe(id)
    },
  )

  test('somebody with the new address of a lead that has a person is shown, whichever mapping looked first', async () => {
    const lead = salesforcePerson(world, 'Lead', { first: 'Eve', last: 'King' })
    await world.sync()
    await world.advance(30_000)
    edit(world, 'salesforce', 'Lead', lead, { Email: ADA.email })
    const person = attioPerson(world, ADA)
    const { engine, leads, contacts } = await mappings()
    await world.run(sweep(engine, leads, 'left', 3))
    await world.run(drain(engine, leads))
    await world.run(drain(engine, contacts))
    await world.sync()
    expect(ids(world, 'salesforce', 'Contact')).toEqual([])
    expect(await world.store.reviews(10)).toMatchObject([
      {
        mapping: LEADS,
        kind: 'duplicate',
        record: { side: 'left', id: person },
        candidates: [{ side: 'right', id: lead }],
      },
    ])
  })

  test('a contact that was refused for the sake of a lead gets its person when that lead is deleted', async () => {
    const lead = salesforcePerson(world, 'Lead', ADA)
    const contact = salesforcePerson(world, 'Contact', { ...ADA, first: 'Augusta' })
    await world.sync()
    // As where the person came too late to be listed, and the creation had failed for other reasons before it was refused.
    const record = { side: 'right', id: contact } as const
    const question = { id: 'q', mapping: CONTACTS, record, kind: 'not-unique', candidates: [] } as const
    const review = { ...question, because: 'the address is taken', atMs: world.runtime.now() }
    await world.store.commitPlans([{ kind: 'put-review', review }])
    const [person = ''] = ids(world, 'attio', 'people')
    remove(world, 'salesforce', 'Lead', lead)
    await world.sync()
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([person])
    expect(await counterpart(world, 'attio', person)).toBe(contact)
    expect(await world.store.reviews(10)).toEqual([])
  })

  test('somebody who may be a lead becomes a contact when that lead is deleted', async () => {
    const who = { first: 'Ada', last: 'King' }
    const person = attioPerson(world, who)
    const lead = salesforcePerson(world, 'Lead', who)
    await world.sync()
    await world.sync()
    expect(await world.store.reviews(10)).toHaveLength(2)
    expect(ids(world, 'salesforce', 'Contact')).toEqual([])
    remove(world, 'salesforce', 'Lead', lead)
    await world.sync()
    await world.sync()
    expect(await world.store.reviews(10)).toEqual([])
    expect(ids(world, 'salesforce', 'Contact')).toEqual([await counterpart(world, 'attio', person)])
  })

  test('two people of Attio who become one keep the contact, and the lead is shown to a person', async () => {
    const contact = salesforcePerson(world, 'Contact', { ...ADA, email: 'countess@king-family.com' })
    const lead = salesforcePerson(world, 'Lead', ADA)
    await world.sync()
    const [first = '', second = ''] = ids(world, 'attio', 'people')
    const other = { object: 'people', id: second }
    world.attio.edit({ action: 'merge', object: 'people', id: first, other })
    await world.sync()
    await world.sync()
    const [person = ''] = ids(world, 'attio', 'people')
    expect(await counterpart(world, 'attio', person)).toBe(contact)
    expect([await pairs(LEADS), await pairs(CONTACTS)]).toEqual([0, 1])
    expect(await world.store.reviews(10)).toMatchObject([
      { mapping: LEADS, kind: 'duplicate', record: { side: 'right', id: lead } },
    ])
  })

  test('and so is the contact that this lead becomes, whatever address the person has by then', async () => {
    const contact = salesforcePerson(world, 'Contact', { ...ADA, email: 'countess@king-family.com' })
    const lead = salesforcePerson(world, 'Lead', ADA)
    await world.sync()
    const [first = '', second = ''] = ids(world, 'attio', 'people')
    const other = { object: 'people', id: second }
    const { id: person } = world.attio.edit({ action: 'merge', object: 'people', id: first, other })
    await world.sync()
    await world.sync()
    edit(world, 'attio', 'people', person, { email_addresses: ['countess@king-family.com'] })
    const became = convert(lead)
    await world.sync()
    await world.sync()
    expect(await counterpart(world, 'attio', person)).toBe(contact)
    expect(ids(world, 'attio', 'people')).toEqual([person])
    const [review, ...others] = await world.store.reviews(10)
    expect(review).toMatchObject({
      mapping: CONTACTS,
      kind: 'duplicate',
      record: { side: 'right', id: became },
    })
    expect(review?.because).toContain(lead)
    expect(others).toEqual([])
  })

  test('a lead that somebody deletes does not come back as a contact', async () => {
    const lead = salesforcePerson(world, 'Lead', ADA)
    await world.sync()
    const [person = ''] = ids(world, 'attio', 'people')
    remove(world, 'salesforce', 'Lead', lead)
    await world.sync()
    edit(world, 'attio', 'people', person, { job_title: 'Analyst' })
    await world.sync()
    expect(ids(world, 'salesforce', 'Contact')).toEqual([])
    expect(await pairs(LEADS)).toBe(0)
  })

  test('nor does one that somebody makes one with another lead', async () => {
    const leads = [ADA, { ...ADA, email: 'countess@king-family.com' }].map((who) =>
      salesforcePerson(world, 'Lead', who),
    )
    await world.sync()
    const [id = '', other = ''] = leads
    world.salesforce.edit({ action: 'merge', object: 'Lead', id, other: { object: 'Lead', id: other } })
    await world.sync()
    for (const person of ids(world, 'attio', 'people')) {
      edit(world, 'attio', 'people', person, { job_title: 'Analyst' })
    }
    await world.sync()
    expect(ids(world, 'salesforce', 'Contact')).toEqual([])
    expect(await world.store.reviews(10)).toMatchObject([{ mapping: LEADS, kind: 'duplicate' }])
  })

  test('not even when its person becomes one with another', async () => {
    const leads = [ADA, { ...ADA, email: 'countess@king-family.com' }].map((who) =>
      salesforcePerson(world, 'Lead', who),
    )
    await world.sync()
    for (const lead of leads) remove(world, 'salesforce', 'Lead', lead)
    await world.sync()
    const [first = '', second = ''] = ids(world, 'attio', 'people')
    const other = { object: 'people', id: second }
    world.attio.edit({ action: 'merge', object: 'people', id: first, other })
    await world.sync()
    await world.sync()
    expect(ids(world, 'salesforce', 'Contact')).toEqual([])
  })

  test('and finds its person again when it is restored', async () => {
    const lead = salesforcePerson(world, 'Lead', ADA)
    await world.sync()
    const [person = ''] = ids(world, 'attio', 'people')
    remove(world, 'salesforce', 'Lead', lead)
    await world.sync()
    world.salesforce.edit({ action: 'restore', object: 'Lead', id: lead })
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([person])
    expect(await counterpart(world, 'attio', person)).toBe(lead)
  })
})

describe('a deal', () => {
  test('gets the people who are contacts, and a lead when it has become one', async () => {
    makeRecordTypes(world)
    const contact = salesforcePerson(world, 'Contact', { ...ADA, email: 'countess@king-family.com' })
    const lead = salesforcePerson(world, 'Lead', ADA)
    await world.sync()
    const people = ids(world, 'attio', 'people')
    const member = (await world.pairing()).pairing.users.left[0]?.id ?? ''
    world.attio.edit({
      action: 'create',
      object: 'deals',
      values: {
        name: 'Ten engines',
        stage: 'Lead',
        owner: [{ referenced_actor_type: 'workspace-member', referenced_actor_id: member }],
        associated_people: people.map(reference),
      },
    })
    await world.sync()
    const [deal = ''] = ids(world, 'salesforce', 'Opportunity')
    expect(peopleOf(deal)).toEqual([contact])
    const converted = convert(lead)
    await world.sync()
    expect(peopleOf(deal).toSorted()).toEqual([contact, converted].toSorted())
  })
})
