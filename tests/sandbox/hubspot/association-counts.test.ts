/** Properties that follow the associations of a record (HubSpot fact sheet 7.5, 23; recorded creations). */
import { expect, it } from 'vitest'
import { TestPortal } from './portal.ts'

const COUNTS = [
  'num_associated_contacts',
  'num_associated_deals',
  'hs_num_open_deals',
  'hs_num_child_companies',
]

function portalWithRecords() {
  const portal = new TestPortal()
  const company = portal.create('companies', { name: 'Acme' })
  const contact = portal.create('contacts', { email: 'a@x.com' })
  const deal = portal.create('deals', {
    dealname: 'D',
    dealstage: 'appointmentscheduled',
    pipeline: 'default',
  })
  const link = (from: string, to: string, method = 'PUT') =>
    portal.call(method, `/crm/v4/objects/${from}/associations/${method === 'PUT' ? 'default/' : ''}${to}`)
  const company4 = () => {
    const { hs_lastmodifieddate: modified, ...values } = portal.read('companies', company, ...COUNTS)
    return { modified, counts: COUNTS.map((name) => values[name]) }
  }
  return { portal, company, contact, deal, link, company4 }
}

it('new companies and deals begin with the recorded zeroes', () => {
  const portal = new TestPortal()
  const made = (type: string, properties: object) =>
    portal.post(`/crm/v3/objects/${type}`, { properties }).body.properties
  expect(made('companies', { name: 'x' })).toMatchObject({
    num_associated_contacts: '0',
    hs_num_open_deals: '0',
    hs_num_child_companies: '0',
  })
  expect(made('deals', { dealname: 'x' })).toMatchObject({
    num_associated_contacts: '0',
    hs_number_of_overdue_tasks: '0',
    hs_days_to_close_raw: '0',
  })
  expect(made('contacts', { email: 'a@x.com' })).not.toHaveProperty('num_associated_deals')
})

it('they follow what comes and goes, without the modified date', () => {
  const { portal, company, contact, deal, link, company4 } = portalWithRecords()
  const before = company4()
  expect(before.counts).toEqual(['0', null, '0', '0'])
  portal.now += 60_000
  link(`contacts/${contact}`, `companies/${company}`)
  link(`deals/${deal}`, `companies/${company}`)
  link(`deals/${deal}`, `contacts/${contact}`)
  expect(company4()).toEqual({ modified: before.modified, counts: ['1', '1', '1', '0'] })
  expect(portal.read('deals', deal, 'num_associated_contacts')).toMatchObject({
    num_associated_contacts: '1',
  })
  expect(portal.read('contacts', contact, 'num_associated_deals')).toMatchObject({
    num_associated_deals: '1',
  })

  portal.patch(`/crm/v3/objects/deals/${deal}`, { properties: { dealstage: 'closedwon' } })
  expect(company4().counts).toEqual(['1', '1', '0', '0'])
  portal.call('DELETE', `/crm/v3/objects/contacts/${contact}`)
  expect(company4().counts).toEqual(['0', '1', '0', '0'])
  portal.model.edit({ action: 'restore', object: 'contacts', id: contact })
  expect(company4().counts).toEqual(['1', '1', '0', '0'])
  link(`deals/${deal}`, `companies/${company}`, 'DELETE')
  expect(company4().counts).toEqual(['1', '0', '0', '0'])
  portal.post('/crm/v3/objects/contacts/gdpr-delete', { objectId: contact })
  expect(company4().counts).toEqual(['0', '0', '0', '0'])
})

it('the primary company of a contact is named, and found by', () => {
  const { portal, company, contact } = portalWithRecords()
  const label = (id: string, associationTypeId: number) =>
    portal.call('PUT', `/crm/v4/objects/contacts/${contact}/associations/companies/${id}`, [
      { associationCategory: 'HUBSPOT_DEFINED', associationTypeId },
    ])
  const primary = () => portal.read('contacts', contact, 'associatedcompanyid')['associatedcompanyid']
  expect(primary()).toBeNull()
  label(company, 1)
  expect(primary()).toBe(company)
  const other = portal.create('companies', { name: 'Other' })
  label(other, 1)
  expect(primary()).toBe(other)
  portal.now += 60_000
  const filters = [{ propertyName: 'associatedcompanyid', operator: 'EQ', value: other }]
  expect(portal.post('/crm/v3/objects/contacts/search', { filterGroups: [{ filters }] }).body.total).toBe(1)
  portal.call('DELETE', `/crm/v3/objects/companies/${other}`)
  expect(primary()).toBeNull()
  const write = portal.patch(`/crm/v3/objects/companies/${company}`, {
    properties: { hs_num_open_deals: '5' },
  })
  expect(write.status).toBe(400)
})

it('a company knows its children and its parent', () => {
  const { portal, company, company4 } = portalWithRecords()
  const child = portal.create('companies', { name: 'Child' })
  portal.call('PUT', `/crm/v4/objects/companies/${company}/associations/companies/${child}`, [
    { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 13 },
  ])
  expect(company4().counts).toEqual(['0', null, '0', '1'])
  expect(portal.read('companies', child, 'hs_parent_company_id')).toMatchObject({
    hs_parent_company_id: company,
  })
})

it('a merge counts what the survivor has', () => {
  const { portal, company, contact, link } = portalWithRecords()
  const second = portal.create('companies', { name: 'Second' })
  const friend = portal.create('contacts', { email: 'b@x.com' })
  link(`contacts/${contact}`, `companies/${company}`)
  link(`contacts/${friend}`, `companies/${second}`)
  const merged = portal.post('/crm/v3/objects/companies/merge', {
    primaryObjectId: company,
    objectIdToMerge: second,
  })
  expect(portal.read('companies', merged.body.id, 'num_associated_contacts')).toMatchObject({
    num_associated_contacts: '2',
  })
})

it('tasks of a deal become overdue by themselves', () => {
  const { portal, deal } = portalWithRecords()
  const overdue = () => portal.read('deals', deal, 'hs_number_of_overdue_tasks')['hs_number_of_overdue_tasks']
  const due = String(portal.now + 60_000)
  const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 216 }]
  const task = portal.create('tasks', { hs_timestamp: due, hs_task_subject: 'Call' }, [
    { to: { id: deal }, types },
  ])
  expect(overdue()).toBe('0')
  portal.now += 120_000
  expect(overdue()).toBe('1')
  portal.patch(`/crm/v3/objects/tasks/${task}`, { properties: { hs_task_status: 'COMPLETED' } })
  expect(overdue()).toBe('0')
})
