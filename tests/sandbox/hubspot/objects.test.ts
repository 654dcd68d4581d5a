import { describe, expect, it } from 'vitest'
import { START, TestPortal } from './portal.ts'

describe('creating', () => {
  it('answers 201 with what was sent, what the server set, and sorted property keys', () => {
    const portal = new TestPortal()
    const reply = portal.post('/crm/v3/objects/contacts', {
      properties: { email: 'Ada@Example.COM', lastname: 'Lovelace', phone: '+1 (415) 555-0100' },
    })
    expect(reply.status).toBe(201)
    expect(reply.headers['content-type']).toBe('application/json;charset=utf-8')
    expect(reply.headers['location']).toContain(`/crm/v3/objects/contacts/${reply.body.id}`)
    const { properties } = reply.body
    expect(Object.keys(properties)).toEqual(Object.keys(properties).toSorted())
    expect(properties).toMatchObject({
      email: 'ada@example.com',
      hs_email_domain: 'example.com',
      hs_full_name_or_email: 'Lovelace',
      hs_all_contact_vids: reply.body.id,
      hs_lifecyclestage_lead_date: String(START),
      hs_object_source: 'INTEGRATION',
      hs_object_source_id: String(portal.model.identity.appId),
      hs_pipeline: 'contacts-lifecycle-pipeline',
      hs_searchable_calculated_phone_number: '4155550100',
      lifecyclestage: 'lead',
      createdate: '2026-11-23T12:00:00.123Z',
      lastmodifieddate: '2026-11-23T12:00:00.123Z',
    })
    expect(properties).not.toHaveProperty('hs_lastmodifieddate')
  })

  it.each([
    ['contacts', { phone: '1' }, ['email', 'firstname', 'lastname']],
    ['companies', { phone: '1' }, ['name', 'domain']],
    ['deals', { amount: '1' }, ['dealname']],
    ['tickets', { subject: 'x' }, ['hs_pipeline_stage']],
    ['notes', { hs_note_body: 'x' }, ['hs_timestamp']],
    ['tasks', { hs_task_subject: 'x' }, ['hs_timestamp']],
  ])('refuses %s without its required properties', (type, properties, missing) => {
    const reply = new TestPortal().post(`/crm/v3/objects/${type}`, { properties })
    expect(reply.status).toBe(400)
    expect(reply.body.message).toContain('Some required properties were not set.')
    expect(reply.body.context.properties).toEqual(missing)
  })

  it('names the existing contact when the e-mail is taken, in any case, primary or secondary', () => {
    const portal = new TestPortal({ settings: { additionalEmails: 'accepted' } })
    const id = portal.create('contacts', { email: 'a@x.com', hs_additional_emails: 'second@x.com' })
    for (const email of ['A@X.com', 'second@x.com']) {
      const reply = portal.post('/crm/v3/objects/contacts', { properties: { email } })
      expect(reply.status).toBe(409)
      expect(reply.body).toMatchObject({
        status: 'error',
        message: `Contact already exists. Existing ID: ${id}`,
        category: 'CONFLICT',
      })
      expect(Object.keys(reply.body)).toEqual(['status', 'message', 'correlationId', 'category'])
    }
  })

  it('accepts two companies with one domain', () => {
    const portal = new TestPortal()
    expect(portal.create('companies', { domain: 'x.com' })).not.toBe(
      portal.create('companies', { domain: 'x.com' }),
    )
  })

  it('associates inline, and refuses missing records, unknown types and wrong directions', () => {
    const portal = new TestPortal()
    const company = portal.create('companies', { name: 'X' })
    const link = (id: string, associationTypeId: number, associationCategory = 'HUBSPOT_DEFINED') => [
      { to: { id }, types: [{ associationCategory, associationTypeId }] },
    ]
    const contact = portal.create('contacts', { lastname: 'L' }, link(company, 1))
    const read = portal.get(`/crm/v3/objects/contacts/${contact}?associations=companies,deals`)
    expect(read.body.associations).toEqual({
      companies: {
        results: [
          { id: company, type: 'contact_to_company' },
          { id: company, type: 'contact_to_company_unlabeled' },
        ],
      },
    })
    const create = (associations: unknown) =>
      portal.post('/crm/v3/objects/contacts', { properties: { lastname: 'M' }, associations })
    expect(create(link('1', 279)).body.context.INVALID_OBJECT_IDS).toEqual(['COMPANY=1 is not valid'])
    expect(create(link(company, 3, 'USER_DEFINED')).body.context).toEqual({
      associationSpec: ['USER_DEFINED=3'],
      INVALID_ASSOCIATION_TYPE_ID: ['USER_DEFINED=3 is not a valid association definition id'],
    })
    expect(create(link(company, 280)).body.message).toBe(
      'invalid from object type 0-1 for associations to be created. expected: 0-2',
    )
    expect(Object.keys(portal.model.dump()['contacts'] ?? {})).toEqual([contact])
  })

  it('makes a company from the e-mail domain when the account does so', () => {
    const portal = new TestPortal({ settings: { companiesFromEmailDomains: true } })
    const contact = portal.create('contacts', { email: 'a@acme.example' })
    portal.create('contacts', { email: 'b@acme.example' })
    portal.create('contacts', { email: 'c@gmail.com' })
    const companies = Object.values(portal.model.dump()['companies'] ?? {})
    expect(companies).toMatchObject([
      {
        values: {
          domain: 'acme.example',
          hs_object_source: 'COMPANIES',
          hs_object_source_id: 'FetchAssociatedCompanyIdStep',
          hs_object_source_label: 'CRM_SETTING',
        },
      },
    ])
    expect(portal.model.dump()['contacts']?.[contact]?.associations[0]?.label).toBe('primary')
  })
})

describe('reading', () => {
  it('leaves unknown properties out, prints empty ones as null, and adds the three that are always there', () => {
    const portal = new TestPortal()
    const id = portal.create('companies', { name: 'X' })
    const reply = portal.get(`/crm/v3/objects/company/${id}?properties=phone&properties=nonsense,industry`)
    expect(Object.keys(reply.body.properties)).toEqual([
      'createdate',
      'hs_lastmodifieddate',
      'hs_object_id',
      'industry',
      'phone',
    ])
    expect(reply.body.properties.phone).toBeNull()
    expect(Object.keys(reply.body)).toEqual(['id', 'properties', 'createdAt', 'updatedAt', 'archived', 'url'])
  })

  it.each(['contact', 'contacts', '0-1'])('accepts the type name %s and a trailing slash', (name) => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { email: 'a@x.com' })
    expect(portal.get(`/crm/v3/objects/${name}/${id}/`).status).toBe(200)
    expect(portal.get(`//crm/v3/objects/${name}/A%40x.com?idProperty=email`).body.id).toBe(id)
  })

  it.each([
    ['/crm/v3/objects/contacts/123', 404, 'resource not found'],
    ['/crm/v3/objects/contacts/abc', 404, 'Object not found.  objectId are usually numeric.'],
    ['/crm/v3/objects/widgets/1', 400, 'Unable to infer object type from: widgets'],
    ['/crm/v3/objects/0-9999/1', 400, 'Invalid object or event type id: 0-9999'],
    ['/crm/v3/objects/products/1', 501, 'The object type products is not modelled by this sandbox.'],
    ['/crm/v3/lists/1', 501, 'The path /crm/v3/lists/1 is not modelled by this sandbox.'],
    ['/nothing/here', 404, 'resource not found'],
  ])('answers %s with %i', (path, status, message) => {
    const reply = new TestPortal().get(path)
    expect(reply.status).toBe(status)
    expect(reply.body.message).toBe(message)
    expect(reply.body.correlationId).toBe(reply.headers['x-hubspot-correlation-id'])
  })

  it('keeps versions newest first with their sources', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { lastname: 'A', jobtitle: 'CTO' })
    portal.now += 1_000
    portal.model.edit({ action: 'update', object: 'contacts', id, values: { jobtitle: 'CEO' } })
    const reply = portal.get(`/crm/v3/objects/contacts/${id}?propertiesWithHistory=jobtitle`)
    const [newest, oldest] = reply.body.propertiesWithHistory.jobtitle
    expect(newest).toEqual({
      value: 'CEO',
      timestamp: '2026-11-23T12:00:01.123Z',
      sourceType: 'CRM_UI',
      sourceId: 'userId:61000101',
      updatedByUserId: 61000101,
    })
    expect(oldest).toMatchObject({
      value: 'CTO',
      sourceType: 'INTEGRATION',
      sourceId: String(portal.model.identity.appId),
    })
  })

  it.each([
    ['contacts', 45],
    ['companies', 20],
  ])('keeps a limited number of versions of %s', (type, kept) => {
    const portal = new TestPortal()
    const id = portal.create(type, { [type === 'contacts' ? 'lastname' : 'name']: 'x' })
    for (let turn = 0; turn < 50; turn++)
      portal.patch(`/crm/v3/objects/${type}/${id}`, { properties: { city: `${turn}` } })
    const reply = portal.get(`/crm/v3/objects/${type}/${id}?propertiesWithHistory=city`)
    expect(reply.body.propertiesWithHistory.city).toHaveLength(kept)
    expect(reply.body.propertiesWithHistory.city[0].value).toBe('49')
  })
})

describe('listing', () => {
  it('pages in id order across ids of different length, and drops `paging` on the last page', () => {
    const portal = new TestPortal()
    const ids = Array.from({ length: 230 }, (_, n) => portal.create('contacts', { lastname: `${n}` }))
    expect(new Set(ids.map((id) => id.length)).size).toBe(2)
    const seen: string[] = []
    let after: string | undefined = '0'
    while (after !== undefined) {
      const reply = portal.get(`/crm/v3/objects/contacts?limit=100&after=${after}`)
      seen.push(...reply.body.results.map((row: { id: string }) => row.id))
      after = reply.body.paging?.next.after
      if (after !== undefined) expect(after).toBe(String(Number(seen.at(-1)) + 1))
    }
    expect(seen).toEqual(ids)
    expect(portal.get('/crm/v3/objects/contacts').body.results).toHaveLength(10)
  })

  it.each(['limit=101', 'limit=0', 'limit=x', 'after=abc'])('refuses %s', (query) => {
    expect(new TestPortal().get(`/crm/v3/objects/contacts?${query}`).status).toBe(400)
  })

  it('lists the recycle bin for 90 days, and refuses it for notes', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { lastname: 'x' })
    expect(portal.call('DELETE', `/crm/v3/objects/contacts/${id}`).status).toBe(204)
    expect(portal.call('DELETE', `/crm/v3/objects/contacts/${id}`).status).toBe(204)
    expect(portal.call('DELETE', `/crm/v3/objects/contacts/1`).status).toBe(204)
    expect(portal.get(`/crm/v3/objects/contacts/${id}`).status).toBe(404)
    const [row] = portal.get('/crm/v3/objects/contacts?archived=true').body.results
    expect(row).toMatchObject({ id, archived: true, archivedAt: '2026-11-23T12:00:00.123Z' })
    expect(portal.get(`/crm/v3/objects/contacts/${id}?archived=true`).status).toBe(200)
    portal.now += 90 * 86_400_000
    expect(portal.get('/crm/v3/objects/contacts?archived=true').body.results).toEqual([])
    expect(portal.get('/crm/v3/objects/notes?archived=true').status).toBe(400)
  })
})

describe('updating', () => {
  it('answers the changed properties, moves the modified date, and leaves it alone when nothing changes', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { lastname: 'x', city: 'Berlin' })
    portal.now += 1_000
    const same = portal.patch(`/crm/v3/objects/contacts/${id}`, { properties: { city: ' Berlin ' } })
    expect(same.body.updatedAt).toBe('2026-11-23T12:00:00.123Z')
    const reply = portal.patch(`/crm/v3/objects/contacts/${id}`, { properties: { city: 'Rome', zip: '' } })
    expect(reply.status).toBe(200)
    expect(reply.body.properties).toMatchObject({ city: 'Rome', zip: null })
    expect(reply.body.properties).not.toHaveProperty('lastname')
    expect(reply.body.updatedAt).toBe('2026-11-23T12:00:01.123Z')
    expect(
      portal.patch(`/crm/v3/objects/contacts/${id}`, { properties: { city: '' } }).body.properties.city,
    ).toBeNull()
  })

  it('finds contacts by e-mail, companies by nothing', () => {
    const portal = new TestPortal()
    portal.create('contacts', { email: 'a@x.com' })
    const path = '/crm/v3/objects/contacts/a@x.com?idProperty=email'
    expect(portal.patch(path, { properties: { city: 'Rome' } }).status).toBe(200)
    const company = portal.patch('/crm/v3/objects/companies/x.com?idProperty=domain', { properties: {} })
    expect(company.body.message).toBe('Unable to perform update/upsert by non-unique 0-2 property domain')
  })

  it('refuses the e-mail of another contact', () => {
    const portal = new TestPortal()
    const first = portal.create('contacts', { email: 'a@x.com' })
    const second = portal.create('contacts', { email: 'b@x.com' })
    const reply = portal.patch(`/crm/v3/objects/contacts/${second}`, { properties: { email: 'a@x.com' } })
    expect([reply.status, reply.body.message]).toEqual([409, `Contact already exists. Existing ID: ${first}`])
  })

  it('moves the lifecycle stage forward only, silently, unless it is cleared in between', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { lastname: 'x', lifecyclestage: 'customer' })
    const patch = (lifecyclestage: string) =>
      portal.patch(`/crm/v3/objects/contacts/${id}`, { properties: { lifecyclestage } })
    const back = patch('lead')
    expect([back.status, back.body.properties.lifecyclestage]).toEqual([200, 'customer'])
    patch('')
    expect(patch('lead').body.properties.lifecyclestage).toBe('lead')
    expect(patch('other').body.properties.lifecyclestage).toBe('other')
  })

  it('frees the e-mail of an archived contact for a new record', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { email: 'a@x.com' })
    portal.call('DELETE', `/crm/v3/objects/contacts/${id}`)
    expect(portal.create('contacts', { email: 'a@x.com' })).not.toBe(id)
    expect(() => portal.model.edit({ action: 'restore', object: 'contacts', id })).toThrow(/a@x.com/)
  })

  it('answers 423 while the object is locked and 477 while the account moves', () => {
    const portal = new TestPortal()
    portal.model.settings.lockedObjects = ['contacts']
    expect(portal.post('/crm/v3/objects/contacts', { properties: { lastname: 'x' } }).status).toBe(423)
    portal.model.settings.movesUntilMs = START + 90_000
    const reply = portal.get('/crm/v3/owners')
    expect([reply.status, reply.headers['retry-after']]).toEqual([477, '90'])
  })

  it('deletes for good under the GDPR', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { email: 'a@x.com' })
    const reply = portal.post('/crm/v3/objects/contacts/gdpr-delete', {
      objectId: 'a@x.com',
      idProperty: 'email',
    })
    expect(reply.status).toBe(204)
    expect(portal.get(`/crm/v3/objects/contacts/${id}?archived=true`).status).toBe(404)
    expect(portal.model.dump()['contacts']).toEqual({})
  })
})
