/** A conversion of a lead moves its pair to the contact, and makes nothing twice. */
import { describe, expect, test } from 'vitest'
import { altered, counterpart, edit, held, ids, only, remove, salesforcePerson } from './story.ts'
import { drain } from '../../src/stages/drain.ts'
import { sweep } from '../../src/stages/sweep.ts'
import { shippedMapping } from './world.ts'
import { ADA, CONTACTS, convert, LEADS, mappings, pairs, twice, world, open } from './leads-org.ts'
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
    await open([
      shippedMapping('salesforce-companies'),
      altered('salesforce-people', only),
      altered('salesforce-leads', only),
    ])
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
