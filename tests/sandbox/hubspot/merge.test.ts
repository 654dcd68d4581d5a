import { describe, expect, it } from 'vitest'
import { TestPortal } from './portal.ts'

function twoContacts(portal: TestPortal): { a: string; b: string; company: string } {
  const company = portal.create('companies', { name: 'X' })
  const a = portal.create('contacts', { email: 'a@x.com', city: 'Rome' })
  const b = portal.create('contacts', { email: 'b@x.com', city: 'Bonn', zip: '53111' }, [
    { to: { id: company }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 1 }] },
  ])
  return { a, b, company }
}

function merge(portal: TestPortal, type: string, primaryObjectId: string, objectIdToMerge: string) {
  return portal.post(`/crm/v3/objects/${type}/merge`, { primaryObjectId, objectIdToMerge })
}

describe('merging contacts', () => {
  it('makes a third record; the primary wins, the rest is taken over', () => {
    const portal = new TestPortal()
    const { a, b, company } = twoContacts(portal)
    const reply = merge(portal, 'contacts', a, b)
    const id: string = reply.body.id
    expect(reply.status).toBe(200)
    expect([a, b]).not.toContain(id)
    expect(
      portal.read('contacts', id, 'email', 'city', 'zip', 'hs_additional_emails', 'hs_merged_object_ids'),
    ).toMatchObject({
      email: 'a@x.com',
      city: 'Rome',
      zip: '53111',
      hs_additional_emails: 'b@x.com',
      hs_merged_object_ids: `${a};${b}`,
    })
    const associations = portal.get(`/crm/v4/objects/contacts/${id}/associations/companies`).body.results
    expect(associations[0].toObjectId).toBe(Number(company))
    expect(associations[0].associationTypes).toContainEqual({
      category: 'HUBSPOT_DEFINED',
      typeId: 1,
      label: 'Primary',
    })
  })

  it('keeps old ids as aliases of reads and updates, through several merges', () => {
    const portal = new TestPortal()
    const { a, b } = twoContacts(portal)
    const first = merge(portal, 'contacts', a, b).body.id
    const c = portal.create('contacts', { email: 'c@x.com' })
    const last = merge(portal, 'contacts', c, first).body.id
    for (const id of [a, b, c, first]) expect(portal.get(`/crm/v3/objects/contacts/${id}`).body.id).toBe(last)
    expect(portal.get('/crm/v3/objects/contacts/b@x.com?idProperty=email').body.id).toBe(last)
    expect(portal.patch(`/crm/v3/objects/contacts/${a}`, { properties: { city: 'Oslo' } }).body.id).toBe(last)
    const read = portal.post('/crm/v3/objects/contacts/batch/read', { inputs: [{ id: a }, { id: c }] })
    expect([read.status, read.body.results.length, read.body.results[0].id]).toEqual([200, 1, last])
    expect(portal.model.dump()['contacts']?.[a]).toMatchObject({ state: 'merged', into: first })
  })

  it('shows losers in the recycle bin, when the portal does so', () => {
    const portal = new TestPortal()
    const { a, b } = twoContacts(portal)
    merge(portal, 'contacts', a, b)
    const bin = () =>
      portal.get('/crm/v3/objects/contacts?archived=true').body.results.map((row: { id: string }) => row.id)
    expect(bin()).toEqual([a, b])
    portal.model.settings.mergedLosersInArchive = false
    expect(bin()).toEqual([])
  })

  it('keeps the primary id where the portal preserves it', () => {
    const portal = new TestPortal({ settings: { primaryIdPreservation: true } })
    const { a, b } = twoContacts(portal)
    expect(merge(portal, 'contacts', a, b).body.id).toBe(a)
    expect(portal.get(`/crm/v3/objects/contacts/${b}`).body.id).toBe(a)
    const merged = portal.read('contacts', a, 'hs_merged_object_ids', 'hs_calculated_merged_vids')
    expect(merged['hs_merged_object_ids']).toBe(b)
    expect(merged['hs_calculated_merged_vids']).toBe(`${b}:${portal.now}`)
  })
})

it('merging companies joins their domains', () => {
  const portal = new TestPortal()
  const [a, b] = ['a.com', 'b.com'].map((domain) => portal.create('companies', { domain })) as [
    string,
    string,
  ]
  const id = merge(portal, 'companies', a, b).body.id
  expect(portal.read('companies', id, 'domain', 'hs_additional_domains')).toMatchObject({
    domain: 'a.com',
    hs_additional_domains: 'b.com',
  })
})

it.each([
  ['deals', { dealname: 'x' }],
  ['tickets', { subject: 'x', hs_pipeline_stage: '1' }],
])('merging %s keeps the primary id', (type, properties) => {
  const portal = new TestPortal()
  const [a, b] = [portal.create(type, properties), portal.create(type, properties)]
  expect(merge(portal, type, a, b).body.id).toBe(a)
  expect(portal.get(`/crm/v3/objects/${type}/${b}`).body.id).toBe(a)
})

it('refuses to merge a record into itself or with a missing one', () => {
  const portal = new TestPortal()
  const { a } = twoContacts(portal)
  expect(merge(portal, 'contacts', a, a).status).toBe(400)
  expect(merge(portal, 'contacts', a, '5').status).toBe(404)
})
