/** How many records one may be associated with: set by the customer, enforced per item (HubSpot fact sheet 17.3, 18.1). */
import { describe, expect, it } from 'vitest'
import { TestPortal, type Reply } from './portal.ts'

const root = '/crm/v4/associations/definitions/configurations'
const toCompany = { category: 'HUBSPOT_DEFINED', typeId: 279 }
const spec = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 279 }]

function limit(portal: TestPortal, maxToObjectIds: unknown, how = 'create'): Reply {
  const inputs = [{ ...toCompany, maxToObjectIds }]
  return portal.post(`${root}/contacts/companies/batch/${how}`, { inputs })
}

/** A contact and three companies, the first of them its own. */
function full(max = 1) {
  const portal = new TestPortal()
  expect(limit(portal, max).status).toBe(201)
  const contact = portal.create('contacts', { lastname: 'x' })
  const companies = [1, 2, 3].map((n) => portal.create('companies', { name: String(n) }))
  const associate = (company: string | undefined) =>
    portal.call('PUT', `/crm/v4/objects/contacts/${contact}/associations/companies/${company}`, spec)
  expect(associate(companies[0]).status).toBe(201)
  return { portal, contact, companies, associate }
}

describe('a limit', () => {
  it('is made, listed, changed and taken away', () => {
    const portal = new TestPortal()
    const print = (max: number) => ({ ...toCompany, userEnforcedMaxToObjectIds: max, label: null })
    expect(limit(portal, 2)).toMatchObject({ status: 201, body: { results: [print(2)] } })
    expect(portal.get(`${root}/contacts/companies`).body).toEqual({ results: [print(2)] })
    expect(portal.get(`${root}/companies/contacts`).body).toEqual({ results: [] })
    expect(limit(portal, 5, 'update').status).toBe(200)
    expect(portal.get(`${root}/all`).body).toEqual({ results: [print(5)] })
    const dated = '/crm/associations/2026-09/definitions/configurations'
    expect(portal.get(`${dated}/contact/0-2`).body).toEqual({ results: [print(5)] })
    expect(portal.post(`${root}/contacts/companies/batch/purge`, { inputs: [toCompany] }).status).toBe(204)
    expect(portal.get(`${root}/all`).body).toEqual({ results: [] })
  })

  it('is a positive whole number of an association type between the two objects', () => {
    const portal = new TestPortal()
    for (const max of [0, -1, 1.5, 'two', undefined]) expect(limit(portal, max).status, String(max)).toBe(400)
    const inputs = [{ category: 'HUBSPOT_DEFINED', typeId: 3, maxToObjectIds: 1 }]
    expect(portal.post(`${root}/contacts/companies/batch/create`, { inputs })).toMatchObject({
      status: 207,
      body: { numErrors: 1, results: [] },
    })
  })

  it('is made once, and changed only when it is there', () => {
    const portal = new TestPortal()
    expect(limit(portal, 2, 'update')).toMatchObject({ status: 207, body: { numErrors: 1 } })
    limit(portal, 2)
    expect(limit(portal, 3)).toMatchObject({ status: 207, body: { numErrors: 1 } })
    expect(portal.get(`${root}/all`).body.results[0].userEnforcedMaxToObjectIds).toBe(2)
  })

  it('is in a snapshot', () => {
    const fresh = new TestPortal()
    fresh.model.restore(full().portal.model.snapshot())
    expect(fresh.get(`${root}/all`).body.results).toHaveLength(1)
  })
})

describe('what exceeds a limit', () => {
  it('is refused, and what is there may be written again', () => {
    const { companies, associate, portal, contact } = full()
    expect(associate(companies[1])).toMatchObject({ status: 400, body: { category: 'VALIDATION_ERROR' } })
    expect(associate(companies[0]).status).toBe(201)
    const path = `/crm/v4/objects/contacts/${contact}/associations`
    expect(portal.call('PUT', `${path}/default/companies/${companies[1]}`).status).toBe(400)
    expect(portal.get(`${path}/companies`).body.results).toHaveLength(1)
  })

  it('is refused from the other side, too', () => {
    const { companies, portal, contact } = full()
    const back = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 280 }]
    const path = `/crm/v4/objects/companies/${companies[1]}/associations/contacts/${contact}`
    expect(portal.call('PUT', path, back).status).toBe(400)
  })

  it('is an item of a batch', () => {
    const { companies, portal, contact } = full(2)
    const inputs = companies.map((id) => ({ from: { id: contact }, to: { id }, types: spec }))
    expect(portal.post('/crm/v4/associations/contacts/companies/batch/create', { inputs })).toMatchObject({
      status: 207,
      body: { numErrors: 1, results: [{}, {}], errors: [{ category: 'VALIDATION_ERROR' }] },
    })
  })

  it('makes no record', () => {
    const portal = new TestPortal()
    const back = { category: 'HUBSPOT_DEFINED', typeId: 280, maxToObjectIds: 1 }
    portal.post(`${root}/companies/contacts/batch/create`, { inputs: [back] })
    const company = portal.create('companies', { name: 'x' })
    const contact = (lastname: string) =>
      portal.post('/crm/v3/objects/contacts', {
        properties: { lastname },
        associations: [{ to: { id: company }, types: spec }],
      }).status
    expect([contact('a'), contact('b')]).toEqual([201, 400])
    expect(portal.get('/crm/v3/objects/contacts').body.results).toHaveLength(1)
  })

  it('is dropped by a merge', () => {
    const { companies, portal, contact } = full()
    const other = portal.create('contacts', { lastname: 'y' })
    const path = `/crm/v4/objects/contacts/${other}/associations/companies/${companies[1]}`
    expect(portal.call('PUT', path, spec).status).toBe(201)
    const merged = portal.post('/crm/v3/objects/contacts/merge', {
      primaryObjectId: contact,
      objectIdToMerge: other,
    })
    const rows = portal.get(`/crm/v4/objects/contacts/${merged.body.id}/associations/companies`).body.results
    expect(rows.map((row: { toObjectId: number }) => String(row.toObjectId))).toEqual([companies[0]])
  })
})
