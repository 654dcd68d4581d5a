import { describe, expect, it } from 'vitest'
import { codes, TestPortal, type Reply } from './portal.ts'

function write(type: string, property: string, value: unknown): { portal: TestPortal; reply: Reply } {
  const portal = new TestPortal()
  const base = { contacts: { lastname: 'x' }, companies: { name: 'x' }, deals: { dealname: 'x' } }[type]
  const reply = portal.post(`/crm/v3/objects/${type}`, { properties: { ...base, [property]: value } })
  return { portal, reply }
}

describe('property values', () => {
  it.each([
    ['contacts', 'jobtitle', '  CTO  ', 'CTO'],
    ['contacts', 'message', 'one\r\ntwo', 'one\ntwo'],
    ['contacts', 'city', 0, '0'],
    ['contacts', 'city', false, 'false'],
    ['companies', 'numberofemployees', 12, '12'],
    ['companies', 'annualrevenue', '12.50', '12.50'],
    ['companies', 'annualrevenue', '1e6', '1e6'],
    ['companies', 'is_public', true, 'true'],
    ['companies', 'industry', 'COMPUTER_SOFTWARE', 'COMPUTER_SOFTWARE'],
    ['contacts', 'hs_buying_role', 'CHAMPION;END_USER', 'CHAMPION;END_USER'],
    ['deals', 'closedate', '1795312800000', '2026-11-22T02:00:00Z'],
    ['deals', 'closedate', '2026-12-31', '2026-12-31T00:00:00Z'],
    ['deals', 'closedate', '2026-12-31T10:00:00.5+01:00', '2026-12-31T09:00:00.500Z'],
    ['deals', 'deal_currency_code', 'EUR', 'EUR'],
    ['contacts', 'hubspot_owner_id', '181530201', '181530201'],
  ])('%s.%s takes %j and stores %s', (type, property, value, stored) => {
    const { portal, reply } = write(type, property, value)
    expect(reply.status, JSON.stringify(reply.body)).toBe(201)
    expect(portal.read(type, reply.body.id, property)[property]).toBe(stored)
  })

  it.each([
    ['contacts', 'nonsense', 'x', 'PROPERTY_DOESNT_EXIST'],
    ['contacts', 'hs_object_id', '1', 'READ_ONLY_VALUE'],
    ['deals', 'amount_in_home_currency', '1', 'READ_ONLY_VALUE'],
    ['contacts', 'email', 'not an address', 'INVALID_EMAIL'],
    ['companies', 'industry', 'computer_software', 'INVALID_OPTION'],
    ['companies', 'industry', 'Computer Software', 'INVALID_OPTION'],
    ['contacts', 'hs_buying_role', 'CHAMPION;nobody', 'INVALID_OPTION'],
    ['companies', 'is_public', 'yes', 'INVALID_OPTION'],
    ['companies', 'annualrevenue', '1,000', 'INVALID_INTEGER'],
    ['deals', 'closedate', 'tomorrow', 'INVALID_LONG'],
    ['deals', 'closedate', '2026-12-31T10:00:00', 'INVALID_LONG'],
    ['deals', 'deal_currency_code', 'JPY', 'INVALID_OPTION'],
    ['deals', 'dealstage', '139485001', 'INVALID_OPTION'],
    ['contacts', 'hubspot_owner_id', '61000101', 'INVALID_OPTION'],
    ['contacts', 'hubspot_owner_id', '181530206', 'INVALID_OPTION'],
    ['contacts', 'message', 'x'.repeat(65_537), 'INVALID_LENGTH'],
  ])('%s.%s refuses %j with %s', (type, property, value, code) => {
    const { reply } = write(type, property, value)
    expect(reply.status).toBe(400)
    expect(codes(reply)).toEqual([code])
    expect(reply.body.errors[0].context.propertyName).toEqual([property])
    const listed = JSON.parse(/Property values were not valid: (\[.*\])/s.exec(reply.body.message)?.[1] ?? '')
    expect(listed).toMatchObject([{ isValid: false, error: code, name: property }])
  })

  it('names all invalid properties at once and writes nothing', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { lastname: 'x' })
    const properties = { city: 'Rome', nonsense: '1', createdate: '2020-01-01' }
    const reply = portal.patch(`/crm/v3/objects/contacts/${id}`, { properties })
    expect(codes(reply)).toEqual(['PROPERTY_DOESNT_EXIST', 'READ_ONLY_VALUE'])
    expect(reply.body.category).toBe('VALIDATION_ERROR')
    expect(portal.read('contacts', id, 'city')['city']).toBeNull()
  })

  it('takes dates as days or as milliseconds at midnight', () => {
    const portal = new TestPortal()
    const created = portal.post('/crm/v3/properties/contacts', {
      name: 'birthday',
      label: 'Birthday',
      type: 'date',
      fieldType: 'date',
      groupName: 'contactinformation',
    })
    expect(created.status).toBe(201)
    const id = portal.create('contacts', { lastname: 'x', birthday: '1795305600000' })
    expect(portal.read('contacts', id, 'birthday')['birthday']).toBe('2026-11-22')
    const reply = portal.patch(`/crm/v3/objects/contacts/${id}`, {
      properties: { birthday: '1795312800000' },
    })
    expect(reply.body.errors[0]).toMatchObject({
      code: 'INVALID_DATE',
      message: '1795312800000 is at 02:00:00.0 UTC, not midnight!',
    })
    for (const birthday of ['2026-02-30', 'soon']) {
      expect(codes(portal.patch(`/crm/v3/objects/contacts/${id}`, { properties: { birthday } }))).toEqual([
        'INVALID_DATE',
      ])
    }
  })

  it('adds to a set with a leading semicolon and replaces it without', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { lastname: 'x', hs_buying_role: 'CHAMPION' })
    const patch = (value: string) =>
      portal.patch(`/crm/v3/objects/contacts/${id}`, { properties: { hs_buying_role: value } }).body
        .properties.hs_buying_role
    expect(patch(';END_USER')).toBe('CHAMPION;END_USER')
    expect(patch('INFLUENCER')).toBe('INFLUENCER')
  })

  it('re-wraps the HTML of notes, so that what comes back is not what was sent', () => {
    const portal = new TestPortal()
    const hs_note_body = 'Hello<script>steal()</script> <b onclick="x()">you</b>'
    const id = portal.create('notes', { hs_timestamp: '2026-11-23T10:00:00Z', hs_note_body })
    const properties = portal.read('notes', id, 'hs_note_body', 'hs_body_preview')
    expect(properties['hs_note_body']).toBe(
      '<div style="" dir="auto" data-top-level="true">Hello <b>you</b></div>',
    )
    expect(properties['hs_body_preview']).toBe('Hello you')
  })

  it.each([
    ['{not json', /^Invalid input JSON on line 1, column 2/],
    ['{}', /^Some required fields were not set: \[properties\]$/],
    ['{"properties":{"city":null}}', /Cannot deserialize value of type/],
    ['{"properties":{"city":["a"]}}', /Cannot deserialize value of type/],
    ['[]', /Cannot deserialize value of type/],
  ])('cannot read the body %s', (body, message) => {
    const reply = new TestPortal().post('/crm/v3/objects/contacts', body)
    expect(reply.status).toBe(400)
    expect(reply.body.message).toMatch(message)
    expect(reply.body).not.toHaveProperty('category')
  })

  it('ignores additional e-mails without a word unless the portal accepts them', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { email: 'a@x.com', hs_additional_emails: 'b@x.com' })
    expect(portal.read('contacts', id, 'hs_additional_emails')['hs_additional_emails']).toBeNull()
    portal.model.settings.additionalEmails = 'accepted'
    portal.patch(`/crm/v3/objects/contacts/${id}`, { properties: { hs_additional_emails: 'b@x.com' } })
    expect(portal.get('/crm/v3/objects/contacts/b@x.com?idProperty=email').body.id).toBe(id)
  })
})

describe('deals', () => {
  const AMOUNTS = [
    'amount_in_home_currency',
    'hs_projected_amount',
    'hs_deal_stage_probability',
    'deal_currency_code',
    'hs_exchange_rate',
  ]

  it('calculate exactly, with all places, and without a rate where there is one currency', () => {
    const portal = new TestPortal({ settings: { additionalCurrencies: [] } })
    const id = portal.create('deals', { dealname: 'x', amount: '15000', dealstage: 'qualifiedtobuy' })
    expect(portal.read('deals', id, ...AMOUNTS)).toMatchObject({
      amount_in_home_currency: '15000',
      hs_projected_amount: '6000.00000000000033306690738754696212708950042724609375000',
      hs_deal_stage_probability: '0.40000000000000002220446049250313080847263336181640625',
      deal_currency_code: null,
      hs_exchange_rate: null,
    })
  })

  it('have a currency and a rate where there are several', () => {
    const portal = new TestPortal()
    const id = portal.create('deals', { dealname: 'x', amount: '-12.50', dealstage: 'closedwon' })
    expect(portal.read('deals', id, ...AMOUNTS)).toMatchObject({
      amount_in_home_currency: '-12.500',
      hs_projected_amount: '-12.50',
      hs_deal_stage_probability: '1',
      deal_currency_code: 'USD',
      hs_exchange_rate: '1.0',
    })
  })

  it('created with a name alone land in the default pipeline, in no stage', () => {
    const portal = new TestPortal()
    const reply = portal.post('/crm/v3/objects/deals', { properties: { dealname: 'x', amount: 10000 } })
    expect(reply.body.properties).toMatchObject({
      amount: '10000',
      days_to_close: '0',
      hs_closed_amount: '0',
      hs_deal_stage_probability_shadow: '0',
      hs_is_closed_won: 'false',
      hs_projected_amount: '0',
      num_notes: '0',
      pipeline: 'default',
    })
    const { id } = reply.body
    expect(portal.read('deals', id, 'dealstage')).toMatchObject({ dealstage: null })
    expect(portal.patch(`/crm/v3/objects/deals/${id}`, { properties: { pipeline: '70411873' } }).status).toBe(
      200,
    )
  })

  it('set the closed flags and the close date when they close, unless the write says when', () => {
    const portal = new TestPortal()
    const dealstage = 'appointmentscheduled'
    const id = portal.create('deals', { dealname: 'x', closedate: '2027-01-01', dealstage })
    portal.now += 1_000
    portal.patch(`/crm/v3/objects/deals/${id}`, { properties: { dealstage: 'closedwon' } })
    expect(portal.read('deals', id, 'closedate', 'hs_is_closed', 'hs_is_closed_won')).toMatchObject({
      closedate: '2026-11-23T12:00:01.123Z',
      hs_is_closed: 'true',
      hs_is_closed_won: 'true',
    })
    const entered = portal.read(
      'deals',
      id,
      'hs_v2_date_entered_closedwon',
      'hs_v2_date_exited_appointmentscheduled',
    )
    expect(entered['hs_v2_date_entered_closedwon']).toBe('2026-11-23T12:00:01.123Z')
    const properties = { dealstage: 'closedlost', closedate: '2026-12-24' }
    portal.patch(`/crm/v3/objects/deals/${id}`, { properties })
    expect(portal.read('deals', id, 'closedate')['closedate']).toBe('2026-12-24T00:00:00Z')
    const listed = portal.get('/crm/v3/properties/deals').body.results.map((p: { name: string }) => p.name)
    expect(listed).not.toContain('hs_v2_date_entered_closedwon')
  })

  it('want a stage of their own pipeline', () => {
    const portal = new TestPortal()
    const id = portal.create('deals', { dealname: 'x', dealstage: 'appointmentscheduled' })
    const patch = (properties: unknown) => portal.patch(`/crm/v3/objects/deals/${id}`, { properties })
    expect(codes(patch({ pipeline: '70411873' }))).toEqual(['INVALID_OPTION'])
    expect(codes(patch({ dealstage: '139485001' }))).toEqual(['INVALID_OPTION'])
    expect(codes(patch({ dealstage: '' }))).toEqual(['INVALID_OPTION'])
    expect(patch({ pipeline: '70411873', dealstage: '139485001' }).status).toBe(200)
  })
})
