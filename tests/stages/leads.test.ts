/** Leads are people of Attio beside contacts; a conversion moves the pair and makes nothing twice. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  altered,
  attioPerson,
  calm,
  counterpart,
  edit,
  expectRest,
  held,
  ids,
  makeRecordTypes,
  only,
  remove,
  salesforcePerson,
} from './story.ts'
import { SIDES } from '../../src/core/record.ts'
import { drain } from '../../src/stages/drain.ts'
import type { Engine, MappingRuntime } from '../../src/stages/engine.ts'
import { sweep } from '../../src/stages/sweep.ts'
import { openTestWorld, shippedMapping, type TestWorld } from './world.ts'

const LEADS = 'attio-salesforce/people-Lead'
const CONTACTS = 'attio-salesforce/people-Contact'

const ADA = { first: 'Ada', last: 'King', email: 'ada@king-family.com', job: 'Engineer' }

let world: TestWorld

beforeEach(async () => {
  world = await openTestWorld({ empty: true, crms: ['salesforce'] })
  calm(world)
})

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

function convert(lead: string, values: Record<string, unknown> = {}): string {
  const choices = { opportunityName: null, ...values }
  return world.salesforce.edit({ action: 'convert', object: 'Lead', id: lead, values: choices }).id
}

/** Says no twice: postponed records come back at once, and the pair that they wait for is another mapping's. */
function twice(): () => boolean {
  let asked = 0
  return () => (asked += 1) > 2
}

function reference(id: string): unknown {
  return { target_object: 'people', target_record_id: id }
}

function peopleOf(deal: string): readonly string[] {
  const { associations } = world.salesforce.dump()['Opportunity']?.[deal] ?? { associations: [] }
  return associations.map(({ id }) => id)
}

async function mappings(): Promise<{ engine: Engine; leads: MappingRuntime; contacts: MappingRuntime }> {
  const engine = await world.engine()
  const [leads, contacts] = [LEADS, CONTACTS].map((name) =>
    engine.pairing.mappings.find(({ rules }) => rules.mapping === name),
  )
  if (!leads || !contacts) throw new Error('leads and contacts are mapped')
  return { engine, leads, contacts }
}

async function pairs(mapping: string): Promise<number> {
  return world.store.countLinks(mapping)
}

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

describe('a conversion', () => {
  test('moves the pair to the contact, and creates no person', async () => {
    const lead = salesforcePerson(world, 'Lead', ADA)
    await world.sync()
    const [person = ''] = ids(world, 'attio', 'people')
    const before = world.writes()
    const contact = convert(lead)
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([person])
    expect(ids(world, 'salesforce', 'Contact')).toEqual([contact])
    expect(await counterpart(world, 'attio', person)).toBe(contact)
    expect([await pairs(LEADS), await pairs(CONTACTS)]).toEqual([0, 1])
    expect(held(world, 'attio', 'people')).toMatchObject({ salesforce_id: [contact] })
    // The company of the account that the conversion made, and the person: its company and its stamp.
    expect(world.writes()).toEqual({ ...before, attio: before.attio + 2 })
  })

  test('of a lead without any key is recognised, although its contact is looked at first', async () => {
    const lead = salesforcePerson(world, 'Lead', { first: 'Ada', last: 'King' })
    await world.sync()
    const [person = ''] = ids(world, 'attio', 'people')
    const contact = convert(lead)
    const engine = await world.engine()
    const contacts = engine.pairing.mappings.find(({ rules }) => rules.mapping === CONTACTS)
    if (!contacts) throw new Error('no mapping of contacts')
    const record = { side: 'right', id: contact } as const
    const dirty = { mapping: CONTACTS, record, reason: 'webhook', lane: 0, dueMs: 0, atMs: 0 } as const
    await engine.store.commitPlans([{ kind: 'mark', ...dirty }])
    await world.run(drain(engine, contacts, { isOver: twice() }))
    expect(ids(world, 'attio', 'people')).toEqual([person])
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([person])
    expect(await counterpart(world, 'attio', person)).toBe(contact)
  })

  test('of a lead whose person nobody knows yet to be made waits for that, and makes no second one', async () => {
    const lead = salesforcePerson(world, 'Lead', { first: 'Ada', last: 'King' })
    const { engine, leads, contacts } = await mappings()
    world.faults.attio.replace([{ kind: 'reset-after', mutating: true, times: 1 }])
    await world.run(sweep(engine, leads, 'right', 3))
    await world.run(drain(engine, leads))
    const [person = ''] = ids(world, 'attio', 'people')
    const contact = convert(lead)
    await world.run(sweep(engine, contacts, 'right', 3))
    await world.run(drain(engine, contacts, { isOver: twice() }))
    expect(ids(world, 'attio', 'people')).toEqual([person])
    await world.advance(60_000)
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([person])
    expect(await counterpart(world, 'attio', person)).toBe(contact)
  })

  test('keeps what was agreed on: what was edited in between wins on the side where it was edited', async () => {
    const lead = salesforcePerson(world, 'Lead', ADA)
    await world.sync()
    const [person = ''] = ids(world, 'attio', 'people')
    const contact = convert(lead)
    edit(world, 'salesforce', 'Contact', contact, { Title: 'Countess' })
    edit(world, 'attio', 'people', person, { phone_numbers: ['+14155550100'] })
    await world.sync()
    expect(only(held(world, 'attio', 'people')['job_title'])).toBe('Countess')
    expect(held(world, 'salesforce', 'Contact')['Phone']).toBe('+14155550100')
    expect(await world.store.conflicts({ state: 'all', limit: 10 })).toEqual([])
  })

  test('clears what was cleared in the lead just before, where the field is only carried from there', async () => {
    const only = ['as: phones, region: US', 'as: phones, region: US, direction: right-to-left'] as const
    await world.close()
    world = await openTestWorld({
      empty: true,
      crms: ['salesforce'],
      mappings: [
        shippedMapping('salesforce-companies'),
        altered('salesforce-people', only),
        altered('salesforce-leads', only),
      ],
    })
    calm(world)
    const lead = salesforcePerson(world, 'Lead', { ...ADA, phone: '+14155550100' })
    await world.sync()
    expect(held(world, 'attio', 'people')).toMatchObject({ phone_numbers: ['+14155550100'] })
    edit(world, 'salesforce', 'Lead', lead, { Phone: null })
    convert(lead)
    await world.sync()
    await world.sync()
    expect(held(world, 'attio', 'people')['phone_numbers'] ?? []).toEqual([])
  })

  test('is followed although the lead was put into the bin before anybody looked', async () => {
    const lead = salesforcePerson(world, 'Lead', { first: 'Ada', last: 'King' })
    await world.sync()
    const [person = ''] = ids(world, 'attio', 'people')
    const contact = convert(lead)
    remove(world, 'salesforce', 'Lead', lead)
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([person])
    expect(await counterpart(world, 'attio', person)).toBe(contact)
    expect([await pairs(LEADS), await pairs(CONTACTS)]).toEqual([0, 1])
  })

  test('into a contact that has a person of its own shows the two people as duplicates', async () => {
    const contact = salesforcePerson(world, 'Contact', { ...ADA, email: 'countess@king-family.com' })
    const lead = salesforcePerson(world, 'Lead', ADA)
    await world.sync()
    const [account] = ids(world, 'salesforce', 'Account')
    const accountId =
      account ??
      world.salesforce.edit({ action: 'create', object: 'Account', values: { Name: 'Engines' } }).id
    edit(world, 'salesforce', 'Contact', contact, { AccountId: accountId })
    await world.sync()
    convert(lead, { contactId: contact, accountId })
    await world.sync()
    expect(ids(world, 'attio', 'people')).toHaveLength(2)
    expect(ids(world, 'salesforce', 'Contact')).toEqual([contact])
    expect(await pairs(CONTACTS)).toBe(1)
    expect(await world.store.reviews(10)).toMatchObject([{ mapping: CONTACTS, kind: 'duplicate' }])
  })

  test('of two leads into one contact keeps the person of the one, and shows the other', async () => {
    const leads = [ADA, { ...ADA, email: 'countess@king-family.com' }].map((who) =>
      salesforcePerson(world, 'Lead', who),
    )
    await world.sync()
    const [first = '', second = ''] = leads
    const contact = convert(first)
    convert(second, { contactId: contact, accountId: only(ids(world, 'salesforce', 'Account')) })
    await world.sync()
    expect(ids(world, 'attio', 'people')).toHaveLength(2)
    expect(ids(world, 'salesforce', 'Contact')).toEqual([contact])
    expect([await pairs(LEADS), await pairs(CONTACTS)]).toEqual([0, 1])
    expect(await world.store.reviews(10)).toMatchObject([{ mapping: CONTACTS, kind: 'duplicate' }])
  })

  test('of a lead whose person was deleted brings nobody back', async () => {
    const lead = salesforcePerson(world, 'Lead', ADA)
    await world.sync()
    const [person = ''] = ids(world, 'attio', 'people')
    remove(world, 'attio', 'people', person)
    // Edited at the same time, so that it is not deleted as well.
    edit(world, 'salesforce', 'Lead', lead, { Title: 'Countess' })
    await world.sync()
    convert(lead)
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([])
  })

  test('nor does that of another lead into the contact that this one has become', async () => {
    const lead = salesforcePerson(world, 'Lead', ADA)
    await world.sync()
    remove(world, 'attio', 'people', ids(world, 'attio', 'people')[0] ?? '')
    edit(world, 'salesforce', 'Lead', lead, { Title: 'Countess' })
    await world.sync()
    const contactId = convert(lead)
    const other = salesforcePerson(world, 'Lead', { ...ADA, email: 'augusta@king-family.com' })
    convert(other, { contactId })
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([])
  })

  test('that nobody saw the lead before makes an ordinary contact', async () => {
    const lead = salesforcePerson(world, 'Lead', ADA)
    const contact = convert(lead)
    await world.sync()
    expect(ids(world, 'attio', 'people')).toHaveLength(1)
    expect(await counterpart(world, 'salesforce', contact)).toBe(ids(world, 'attio', 'people')[0])
    expect(await world.store.reviews(10)).toEqual([])
  })

  test('is followed by stamps when the database is lost', async () => {
    const lead = salesforcePerson(world, 'Lead', ADA)
    await world.sync()
    const [person = ''] = ids(world, 'attio', 'people')
    await world.loseDatabase()
    const contact = convert(lead)
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([person])
    expect(await counterpart(world, 'attio', person)).toBe(contact)
  })
})
