/** The older association paths, as recorded clients still use them. */
import { expect, it } from 'vitest'
import { TestPortal, type Body } from './portal.ts'

const PAIR = '/crm/v3/associations/contacts/companies'

function world() {
  const portal = new TestPortal({ settings: { firstCompanyBecomesPrimary: false } })
  const contact = portal.create('contacts', { lastname: 'x' })
  const company = portal.create('companies', { name: 'x' })
  return { portal, contact, company, path: `/crm/v3/objects/contacts/${contact}/associations/companies` }
}

it('answers both directions of a creation by name, the way back first', () => {
  const { portal, contact, company, path } = world()
  const inputs = [{ from: { id: contact }, to: { id: company }, type: 'contact_to_company' }]
  const made = portal.post(`${PAIR}/batch/create`, { inputs })
  expect([made.status, made.body.results]).toEqual([
    201,
    [
      { from: { id: company }, to: { id: contact }, type: 'company_to_contact' },
      { from: { id: contact }, to: { id: company }, type: 'contact_to_company' },
    ],
  ])
  const rows = [
    { id: company, type: 'contact_to_company' },
    { id: company, type: 'contact_to_company_unlabeled' },
  ]
  expect(portal.get(path).body).toEqual({ results: rows })
  expect(portal.get(`${path}?limit=1`).body.paging).toEqual({ next: { after: '1' } })
  expect(portal.get(`${path}?limit=1&after=1`).body).toEqual({ results: rows.slice(1) })
  const read = portal.post(`${PAIR}/batch/read`, { inputs: [{ id: contact }, { id: '5' }] })
  expect([read.status, read.body.results]).toEqual([207, [{ from: { id: contact }, to: rows }]])
  expect(read.body.errors[0].subCategory).toBe('crm.associations.NO_ASSOCIATIONS_FOUND')
  expect(portal.post(`${PAIR}/batch/archive`, { inputs }).status).toBe(204)
  expect(portal.get(path).body.results).toEqual(rows.slice(1))
})

it('takes the type in the path, by name or id, and answers the record', () => {
  const { portal, company, path } = world()
  for (const type of ['1', 'contact_to_company_unlabeled']) {
    const put = portal.call('PUT', `${path}/${company}/${type}`)
    expect(put.status).toBe(200)
    expect(put.body.associations.companies.results[0]).toEqual({ id: company, type: 'contact_to_company' })
  }
  expect(portal.call('DELETE', `${path}/${company}/279`).status).toBe(204)
  expect(portal.get(path).body).toEqual({ results: [] })
  expect(portal.call('PUT', `${path}/${company}/company_to_contact`).status).toBe(400)
  expect(portal.call('PUT', `${path}/5/1`).status).toBe(400)
})

it('lists the types with their names', () => {
  const { results } = world().portal.get(`${PAIR}/types`).body
  expect(results.map((row: Body) => [row.id, row.name])).toEqual([
    ['279', 'contact_to_company_unlabeled'],
    ['1', 'contact_to_company'],
  ])
})

it('does not find associations of a record that is not there', () => {
  const { portal } = world()
  expect(portal.get('/crm/v3/objects/contacts/5/associations/companies').status).toBe(404)
})
