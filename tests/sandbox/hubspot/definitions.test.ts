/** Properties, pipelines, owners, schemas, account: what describes a portal. */
import { describe, expect, it } from 'vitest'
import { codes, TestPortal, type Body } from './portal.ts'

const NEW = {
  name: 'tier',
  label: 'Tier',
  type: 'string',
  fieldType: 'text',
  groupName: 'companyinformation',
}
const COMPANIES = '/crm/v3/properties/companies'

describe('properties', () => {
  it.each([
    ['contacts', 'lifecyclestage', { type: 'enumeration', fieldType: 'radio', externalOptions: true }],
    ['contacts', 'hubspot_owner_id', { referencedObjectType: 'OWNER', externalOptions: true, options: [] }],
    ['contacts', 'email', { type: 'string', fieldType: 'text', hasUniqueValue: true }],
    ['companies', 'industry', { type: 'enumeration', fieldType: 'select' }],
    ['companies', 'domain', { hasUniqueValue: false }],
    [
      'deals',
      'amount',
      { type: 'number', showCurrencySymbol: true, currencyPropertyName: 'deal_currency_code' },
    ],
    ['deals', 'amount_in_home_currency', { calculated: true, fieldType: 'calculation_equation' }],
    ['contacts', 'createdate', { modificationMetadata: { readOnlyValue: true } }],
  ])('%s.%s is described', (type, name, expected) => {
    const reply = new TestPortal().get(`/crm/v3/properties/${type}/${name}`)
    expect(reply.status).toBe(200)
    expect(reply.body).toMatchObject(expected)
  })

  it('list a realistic catalogue without archived or unlisted ones', () => {
    const portal = new TestPortal()
    for (const type of ['contacts', 'companies', 'deals']) {
      expect(portal.get(`/crm/v3/properties/${type}`).body.results.length).toBeGreaterThan(55)
    }
  })

  it.each([
    ['deals', 'dealstage'],
    ['deals', 'pipeline'],
    ['deals', 'deal_currency_code'],
    ['tickets', 'hs_pipeline_stage'],
    ['contacts', 'hubspot_owner_id'],
  ])('%s.%s keeps its options elsewhere', (type, name) => {
    const { body } = new TestPortal().get(`/crm/v3/properties/${type}/${name}`)
    expect(body).toMatchObject({ externalOptions: true, options: [] })
  })

  it('are printed as recorded, and in batches without their makers', () => {
    const portal = new TestPortal()
    const made = portal.post(COMPANIES, NEW)
    expect(Object.keys(made.body)).toEqual([
      'updatedAt',
      'createdAt',
      'name',
      'label',
      'type',
      'fieldType',
      'description',
      'groupName',
      'options',
      'createdUserId',
      'updatedUserId',
      'displayOrder',
      'calculated',
      'externalOptions',
      'archived',
      'hasUniqueValue',
      'hidden',
      'modificationMetadata',
      'formField',
      'dataSensitivity',
    ])
    const batch = portal.post(`${COMPANIES}/batch/create`, { inputs: [{ ...NEW, name: 'other' }, NEW] })
    expect(batch.status).toBe(207)
    expect(batch.body.results[0]).not.toHaveProperty('createdAt')
    expect(batch.body.errors).toEqual([
      {
        status: 'error',
        category: 'OBJECT_ALREADY_EXISTS',
        subCategory: 'Properties.PROPERTY_WITH_NAME_EXISTS',
        message: "A property named 'tier' already exists.",
        context: { name: ['tier'] },
      },
    ])
    const group = { name: 'companyinformation', label: 'x' }
    expect(portal.post(`${COMPANIES}/groups`, group).body.category).toBe('OBJECT_ALREADY_EXISTS')
    expect(portal.get(`${COMPANIES}?dataSensitivity=sensitive`).body.results).toEqual([])
  })

  it('are made, changed and archived', () => {
    const portal = new TestPortal()
    expect(portal.post(COMPANIES, NEW)).toMatchObject({
      status: 201,
      body: { name: 'tier', modificationMetadata: { archivable: true, readOnlyValue: false } },
    })
    expect(portal.post(COMPANIES, NEW).status).toBe(409)
    const id = portal.create('companies', { name: 'x', tier: 'gold' })
    expect(portal.patch(`${COMPANIES}/tier`, { label: 'Level' }).body.label).toBe('Level')
    expect(portal.call('DELETE', `${COMPANIES}/tier`).status).toBe(204)
    expect(portal.get(`${COMPANIES}/tier`).body).toMatchObject({
      category: 'OBJECT_NOT_FOUND',
      subCategory: 'PROPERTY_DOESNT_EXIST',
    })
    expect(portal.get(`${COMPANIES}?archived=true`).body.results).toHaveLength(1)
    expect(portal.read('companies', id, 'tier')).not.toHaveProperty('tier')
    expect(codes(portal.patch(`/crm/v3/objects/companies/${id}`, { properties: { tier: 'x' } }))).toEqual([
      'PROPERTY_DOESNT_EXIST',
    ])
  })

  it.each([
    ['a missing field', { ...NEW, label: undefined }],
    ['an unknown group', { ...NEW, groupName: 'nonsense' }],
    ['a capital letter', { ...NEW, name: 'Tier' }],
    ['an unknown type', { ...NEW, type: 'money' }],
    ['a widget of another type', { ...NEW, fieldType: 'select' }],
    ['an enumeration without options', { ...NEW, type: 'enumeration', fieldType: 'select' }],
    ['a unique number', { ...NEW, type: 'number', fieldType: 'number', hasUniqueValue: true }],
  ])('refuse %s', (_name, body) => {
    expect(new TestPortal().post(COMPANIES, body).status).toBe(400)
  })

  it('allow ten unique ones per object', () => {
    const portal = new TestPortal()
    const make = (n: number) =>
      portal.post(COMPANIES, { ...NEW, name: `key_${n}`, hasUniqueValue: true }).status
    expect(Array.from({ length: 11 }, (_, n) => make(n))).toEqual([
      ...Array.from({ length: 10 }, () => 201),
      400,
    ])
  })

  it('lose options that a change does not repeat', () => {
    const portal = new TestPortal()
    const options = ['a', 'b'].map((value) => ({ label: value, value }))
    portal.post(COMPANIES, { ...NEW, type: 'enumeration', fieldType: 'select', options })
    const reply = portal.patch(`${COMPANIES}/tier`, { options: [{ label: 'c', value: 'c' }] })
    expect(reply.body.options).toEqual([{ label: 'c', value: 'c', displayOrder: 0, hidden: false }])
    expect(codes(portal.post('/crm/v3/objects/companies', { properties: { name: 'x', tier: 'a' } }))).toEqual(
      ['INVALID_OPTION'],
    )
  })

  it('come in batches', () => {
    const portal = new TestPortal()
    const made = portal.post(`${COMPANIES}/batch/create`, { inputs: [NEW, { ...NEW, name: 'other' }] })
    expect([made.status, made.body.results.length]).toEqual([201, 2])
    const read = portal.post(`${COMPANIES}/batch/read`, { inputs: [{ name: 'tier' }, { name: 'no' }] })
    expect([read.status, read.body.results[0].name]).toEqual([207, 'tier'])
    expect(portal.post(`${COMPANIES}/batch/archive`, { inputs: [{ name: 'tier' }] }).status).toBe(204)
  })

  it('live in groups', () => {
    const portal = new TestPortal()
    const group = { name: 'attune', label: 'Attune' }
    expect(portal.post(`${COMPANIES}/groups`, group).status).toBe(201)
    expect(portal.post(`${COMPANIES}/groups`, group).status).toBe(409)
    expect(portal.post(COMPANIES, { ...NEW, groupName: 'attune' }).status).toBe(201)
    expect(portal.call('DELETE', `${COMPANIES}/groups/attune`).status).toBe(400)
    expect(portal.get(`${COMPANIES}/groups`).body.results.map((g: Body) => g.name)).toContain(
      'companyinformation',
    )
  })

  it('have no validation rules', () => {
    expect(new TestPortal().get('/crm/v3/property-validations/0-2').body).toEqual({ results: [] })
  })
})

describe('pipelines', () => {
  it('of contacts are their lifecycle, whose last stage is closed', () => {
    const [pipeline] = new TestPortal().get('/crm/v3/pipelines/contacts').body.results
    expect(pipeline).toMatchObject({ id: 'contacts-lifecycle-pipeline', createdAt: '1970-01-01T00:00:00Z' })
    expect(pipeline.stages.map((stage: Body) => [stage.id, stage.metadata.state])).toEqual([
      ['subscriber', 'OPEN'],
      ['lead', 'OPEN'],
      ['marketingqualifiedlead', 'OPEN'],
      ['salesqualifiedlead', 'OPEN'],
      ['opportunity', 'OPEN'],
      ['customer', 'OPEN'],
      ['evangelist', 'OPEN'],
      ['other', 'CLOSED'],
    ])
  })

  it('have closed stages and probabilities as text', () => {
    const { results } = new TestPortal().get('/crm/v3/pipelines/deals').body
    expect(results.map((pipeline: Body) => pipeline.id)[0]).toBe('default')
    expect(results).toHaveLength(3)
    expect(results[0].createdAt).toBe('1970-01-01T00:00:00Z')
    expect(results[0].stages[5]).toMatchObject({
      id: 'closedwon',
      metadata: { isClosed: 'true', probability: '1.0' },
    })
  })

  it('keep stages that are in use', () => {
    const portal = new TestPortal()
    portal.create('deals', { dealname: 'x', dealstage: 'appointmentscheduled' })
    const path = '/crm/v3/pipelines/deals/default'
    expect(portal.call('DELETE', `${path}/stages/appointmentscheduled`).body).toMatchObject({
      category: 'VALIDATION_ERROR',
      subCategory: 'PipelineError.STAGE_ID_IN_USE',
    })
    expect(portal.call('DELETE', `${path}?validateReferencesBeforeDelete=true`).body.subCategory).toBe(
      'PipelineError.PIPELINE_ID_IN_USE',
    )
    const made = portal.post(`${path}/stages`, {
      label: 'Trial',
      displayOrder: 2,
      metadata: { probability: '0.5' },
    })
    expect([made.status, made.body.metadata.isClosed]).toEqual([201, 'false'])
    const stage = `${path}/stages/${made.body.id}`
    expect(portal.patch(stage, { label: 'Long trial' }).body.label).toBe('Long trial')
    expect(portal.create('deals', { dealname: 'y', dealstage: made.body.id })).toBeTruthy()
  })
})

describe('owners', () => {
  it('are listed with a slash, by e-mail, and apart when they left', () => {
    const portal = new TestPortal()
    const { results } = portal.get('/crm/v3/owners/').body
    expect(results).toHaveLength(5)
    for (const owner of results) expect(owner.id).not.toBe(String(owner.userId))
    expect(portal.get('/crm/v3/owners?email=bruno.keller@EXAMPLE.com').body.results).toHaveLength(1)
    const [left] = portal.get('/crm/v3/owners?archived=true').body.results
    expect(left).toMatchObject({ userId: null, userIdIncludingInactive: 61000106, archived: true })
    expect(portal.get('/crm/v3/owners/61000101?idProperty=userId').body.id).toBe('181530201')
    expect(portal.get('/crm/v3/owners?limit=2').body.paging.next.after).toBe('181530203')
  })

  it('keep their records when they leave', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { lastname: 'x', hubspot_owner_id: '181530203' })
    portal.model.edit({ action: 'delete', object: 'owners', id: '181530203' })
    expect(portal.read('contacts', id, 'hubspot_owner_id')['hubspot_owner_id']).toBe('181530203')
    expect(portal.get('/crm/v3/owners/181530203').status).toBe(404)
    expect(portal.get('/crm/v3/owners/181530203?archived=true').status).toBe(200)
  })
})

describe('custom objects', () => {
  const SCHEMA = {
    name: 'machine',
    labels: { singular: 'Machine', plural: 'Machines' },
    primaryDisplayProperty: 'serial',
    requiredProperties: ['serial'],
    searchableProperties: ['serial'],
    properties: [
      { name: 'serial', label: 'Serial', type: 'string', fieldType: 'text', hasUniqueValue: true },
      { name: 'built', label: 'Built', type: 'date', fieldType: 'date' },
    ],
    associatedObjects: ['COMPANY'],
  }

  it('are made, and their records behave like others', () => {
    const portal = new TestPortal()
    const made = portal.post('/crm-object-schemas/v3/schemas', SCHEMA)
    expect(made.status).toBe(201)
    const { objectTypeId, fullyQualifiedName, associations } = made.body
    expect(fullyQualifiedName).toBe(`p${portal.model.identity.portalId}_machine`)
    expect(associations.map((entry: Body) => entry.toObjectTypeId)).toContain('0-2')
    const id = portal.create(objectTypeId, { serial: 'S-1' })
    for (const name of ['machine', fullyQualifiedName, objectTypeId]) {
      expect(Object.keys(portal.get(`/crm/v3/objects/${name}/${id}`).body.properties)).toEqual([
        'hs_createdate',
        'hs_lastmodifieddate',
        'hs_object_id',
        'serial',
      ])
    }
    expect(portal.get('/crm/v3/objects/machine/s-1?idProperty=serial').body.id).toBe(id)
    expect(portal.post('/crm/v3/objects/machine', { properties: { built: '2026-01-01' } }).status).toBe(400)
    const company = portal.create('companies', { name: 'x' })
    const put = portal.call('PUT', `/crm/v4/objects/machine/${id}/associations/default/companies/${company}`)
    expect(put.status).toBe(200)
    expect(put.body.results[0].associationSpec.associationCategory).toBe('USER_DEFINED')
    const schema = `/crm-object-schemas/v3/schemas/${objectTypeId}`
    expect(portal.get('/crm-object-schemas/v3/schemas').body.results).toHaveLength(1)
    expect(portal.call('DELETE', schema).status).toBe(400)
    portal.call('DELETE', `/crm/v3/objects/machine/${id}`)
    expect(portal.call('DELETE', schema).status).toBe(204)
    expect(portal.get('/crm/v3/objects/machine').status).toBe(400)
    const schemas = '/crm-object-schemas/v3/schemas'
    expect(portal.get(schemas).body.results).toEqual([])
    expect(portal.get(`${schemas}?archived=true`).body.results).toMatchObject([
      { name: 'machine', archived: true },
    ])
    expect(portal.post(schemas, SCHEMA).status).toBe(409)
    expect(portal.call('DELETE', `${schema}?archived=true`).status).toBe(204)
    expect(portal.post(schemas, SCHEMA).status).toBe(201)
  })

  it.each([
    ['contacts', 'CONTACT', { id: '279', name: 'CONTACT_TO_COMPANY_UNLABELED' }],
    ['deals', 'DEAL', { id: '3', name: 'DEAL_TO_CONTACT' }],
  ])('describe %s too', (object, fullyQualifiedName, association) => {
    const { status, body } = new TestPortal().get(`/crm-object-schemas/2026-03/schemas/${object}`)
    expect([status, body.fullyQualifiedName, body.metaType]).toEqual([200, fullyQualifiedName, 'HUBSPOT'])
    expect(body.associations).toContainEqual(expect.objectContaining(association))
    expect(body.properties.length).toBeGreaterThan(50)
  })

  it('need Enterprise', () => {
    const portal = new TestPortal({ settings: { customObjects: false } })
    expect(portal.get('/crm-object-schemas/v3/schemas').status).toBe(403)
  })
})

it('the account tells its currency, time zone and daily usage', () => {
  const portal = new TestPortal({ limits: 'vendor' })
  expect(portal.get('/account-info/v3/details').body).toMatchObject({
    portalId: portal.model.identity.portalId,
    companyCurrency: 'USD',
    utcOffset: '-05:00',
    utcOffsetMilliseconds: -18_000_000,
  })
  const usage = portal.get('/account-info/v3/api-usage/daily/private-apps').body.results[0]
  expect(usage).toMatchObject({ usageLimit: 625_000, currentUsage: 2, resetsAt: '2026-11-24T05:00:00Z' })
})
