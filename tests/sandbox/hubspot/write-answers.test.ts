/** What a write answers beside what was sent, held against recorded answers of the vendor. */
import { describe, expect, it } from 'vitest'
import { TestPortal } from './portal.ts'

const OWNER = {
  hubspot_owner_id: '181530202',
  hs_all_owner_ids: '181530202',
  hs_user_ids_of_all_owners: '61000102',
}

describe('the answer to a creation', () => {
  it.each([
    [
      'contacts',
      { email: 'a@x.com', phone: '+1 555-1234' },
      {
        hs_currently_enrolled_in_prospecting_agent: 'false',
        hs_is_contact: 'true',
        hs_membership_has_accessed_private_content: '0',
        hs_registered_member: '0',
        hs_searchable_calculated_phone_number: '15551234',
        hs_sequences_actively_enrolled_count: '0',
        num_notes: '0',
      },
    ],
    [
      'companies',
      { name: 'X', domain: 'x.com' },
      { hs_task_label: 'X', lifecyclestage: 'lead', num_notes: '0', website: 'x.com' },
    ],
    [
      'tickets',
      { subject: 'X', hs_pipeline_stage: '1' },
      {
        hs_helpdesk_sort_timestamp: '2026-11-23T12:00:00.123Z',
        hs_is_closed: 'false',
        hs_last_email_activity: 'ORIGINAL_FROM_CONTACT',
        hs_pipeline: '0',
        num_notes: '0',
      },
    ],
    [
      'tasks',
      { hs_timestamp: '2024-12-31T23:59:59Z' },
      { hs_task_is_completed: '0', hs_task_status: 'NOT_STARTED', hs_task_type: 'TODO' },
    ],
    ['notes', { hs_timestamp: '2024-12-31T23:59:59Z', hubspot_owner_id: '181530202' }, OWNER],
  ])('of %s holds what the server set', (type, properties, expected) => {
    const reply = new TestPortal().post(`/crm/v3/objects/${type}`, { properties })
    expect(reply.status).toBe(201)
    expect(reply.body.properties).toMatchObject({ hs_object_source: 'INTEGRATION', ...expected })
  })

  it('has epoch milliseconds in the date of the lifecycle stage only', () => {
    const portal = new TestPortal()
    const { properties } = portal.post('/crm/v3/objects/contacts', {
      properties: { email: 'a@x.com', hubspot_owner_id: '181530202' },
    }).body
    expect(properties.hs_lifecyclestage_lead_date).toBe(String(portal.now))
    for (const name of ['hs_v2_date_entered_current_stage', 'hubspot_owner_assigneddate']) {
      expect(properties[name]).toBe('2026-11-23T12:00:00.123Z')
    }
  })
})

describe('an answer to a write', () => {
  it('leaves out when single stages were entered, which reads know', () => {
    const portal = new TestPortal()
    const names = (reply: { body: { properties: object } }) => Object.keys(reply.body.properties)
    const ticket = portal.post('/crm/v3/objects/tickets', {
      properties: { subject: 'x', hs_pipeline_stage: '1' },
    })
    expect(names(ticket)).toContain('hs_v2_date_entered_current_stage')
    expect(names(ticket)).not.toContain('hs_v2_date_entered_1')
    const moved = portal.patch(`/crm/v3/objects/tickets/${ticket.body.id}`, {
      properties: { hs_pipeline_stage: '2' },
    })
    expect(names(moved)).not.toContain('hs_v2_date_exited_1')
    expect(portal.read('tickets', ticket.body.id, 'hs_v2_date_entered_2')).toMatchObject({
      hs_v2_date_entered_2: '2026-11-23T12:00:00.123Z',
    })
    // A contact's date is there, a company's is not.
    const company = portal.post('/crm/v3/objects/companies', { properties: { name: 'x' } })
    expect(names(company)).toContain('lifecyclestage')
    expect(names(company)).not.toContain('hs_lifecyclestage_lead_date')
    expect(portal.read('companies', company.body.id, 'hs_lifecyclestage_lead_date')).toMatchObject({
      hs_lifecyclestage_lead_date: '2026-11-23T12:00:00.123Z',
    })
  })

  it('knows stage dates of the stages there are only, lifecycle stages among them', () => {
    const portal = new TestPortal()
    const contact = portal.create('contacts', { lastname: 'x' })
    portal.now += 1_000
    portal.patch(`/crm/v3/objects/contacts/${contact}`, { properties: { lifecyclestage: 'customer' } })
    const asked = ['lead', 'customer', 'opportunity', 'closedwon', 'nonsense']
    const dates = portal.read('contacts', contact, ...asked.map((stage) => `hs_v2_date_entered_${stage}`))
    expect(dates).toMatchObject({
      hs_v2_date_entered_lead: '2026-11-23T12:00:00.123Z',
      hs_v2_date_entered_customer: '2026-11-23T12:00:01.123Z',
      hs_v2_date_entered_opportunity: null,
    })
    expect(dates).not.toHaveProperty('hs_v2_date_entered_closedwon')
    expect(dates).not.toHaveProperty('hs_v2_date_entered_nonsense')
  })

  it('counts the states of a deal and of a task', () => {
    const portal = new TestPortal()
    const deal = portal.post('/crm/v3/objects/deals', { properties: { dealname: 'x' } }).body
    expect(deal.properties).toMatchObject({ hs_closed_won_count: '0' })
    expect(deal.properties).not.toHaveProperty('hs_is_open_count')
    const stage = (dealstage: string) =>
      portal.patch(`/crm/v3/objects/deals/${deal.id}`, { properties: { dealstage } }).body.properties
    const open = { hs_closed_won_count: '0', hs_is_closed_count: '0', hs_is_open_count: '1' }
    expect(stage('qualifiedtobuy')).toMatchObject(open)
    const won = { hs_closed_won_count: '1', hs_is_closed_count: '1', hs_is_open_count: '0' }
    expect(stage('closedwon')).toMatchObject(won)
    const task = portal.post('/crm/v3/objects/tasks', { properties: { hs_timestamp: '1' } }).body
    expect(task.properties).toMatchObject({
      hs_task_completion_count: '0',
      hs_start_date_with_fallback: task.properties.hs_createdate,
    })
    const done = portal.patch(`/crm/v3/objects/tasks/${task.id}`, {
      properties: { hs_task_status: 'COMPLETED' },
    })
    expect(done.body.properties).toMatchObject({ hs_task_completion_count: '1' })
  })
})

describe('the answer to an update', () => {
  it.each([
    ['contacts', { email: 'a@x.com' }, { city: 'Rome' }, ['hs_is_unworked', 'hs_pipeline', 'lifecyclestage']],
    ['companies', { domain: 'x.com' }, { city: 'Rome' }, ['domain', 'hs_pipeline', 'lifecyclestage']],
    [
      'deals',
      { dealname: 'x', dealstage: 'contractsent', amount: '0' },
      { dealname: 'y' },
      ['amount_in_home_currency', 'dealstage', 'hs_is_closed', 'hs_projected_amount', 'pipeline'],
    ],
    [
      'tickets',
      { subject: 'x', hs_pipeline_stage: '1' },
      { subject: 'y' },
      ['hs_is_closed', 'hs_pipeline', 'hs_pipeline_stage', 'hs_ticket_id'],
    ],
    [
      'tasks',
      { hs_timestamp: '1', hs_task_body: 'x' },
      { hs_task_subject: 'y' },
      ['hs_body_preview', 'hs_body_preview_html', 'hs_task_type', 'hs_timestamp'],
    ],
  ])('of %s repeats its core, not the whole record', (type, made, changes, core) => {
    const portal = new TestPortal()
    const id = portal.create(type, made)
    const { properties } = portal.patch(`/crm/v3/objects/${type}/${id}`, { properties: changes }).body
    for (const name of [...core, 'hs_object_source', 'hs_object_source_id', 'hs_object_source_label']) {
      expect(properties).toHaveProperty(name)
    }
    expect(Object.values(properties)).not.toContain(null)
    expect(properties).not.toHaveProperty('email')
  })

  it('is the same after a write that changes nothing', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { email: 'a@x.com', city: 'Rome' })
    const path = `/crm/v3/objects/contacts/${id}`
    const first = portal.patch(path, { properties: { city: 'Bonn' } })
    portal.now += 60_000
    expect(portal.patch(path, { properties: { city: 'Bonn' } }).body).toMatchObject({
      updatedAt: first.body.updatedAt,
      properties: { city: 'Bonn', lifecyclestage: 'lead' },
    })
  })
})

it('names the page of a record as the user interface has it', () => {
  const portal = new TestPortal()
  const { portalId } = portal.model.identity
  const url = (type: string, properties: Record<string, string>) => {
    const id = portal.create(type, properties)
    return portal.get(`/crm/v3/objects/${type}/${id}`).body.url.replace(id, 'ID')
  }
  const root = 'https://app.hubspot.com'
  expect(url('deals', { dealname: 'x' })).toBe(`${root}/contacts/${portalId}/record/0-3/ID`)
  expect(url('tasks', { hs_timestamp: '1' })).toBe(`${root}/tasks/${portalId}/view/all/task/ID`)
  expect(url('notes', { hs_timestamp: '1' })).toBe(
    `${root}/contacts/${portalId}/objects/0-46/views/all/list?filters=%5B%7B%22property%22%3A%22hs_object_id%22%2C%22operator%22%3A%22EQ%22%2C%22value%22%3A%22ID%22%7D%5D`,
  )
})

it('links to itself, so that clients which follow links stay with it', () => {
  const portal = new TestPortal()
  const made = portal.post('/crm/v3/objects/contacts', { properties: { lastname: 'x' } })
  expect(made.headers['location']).toBe(`http://hubspot.invalid/crm/v3/objects/contacts/${made.body.id}`)
  portal.create('contacts', { lastname: 'y' })
  const { link } = portal.get('/crm/v3/objects/contacts?limit=1&properties=city').body.paging.next
  const next = portal.get(link.replace('http://hubspot.invalid', ''))
  expect(next.body.results).toHaveLength(1)
  expect(next.body.results[0].properties).toHaveProperty('city')
})

it('leaves the plain text of notes alone', () => {
  const portal = new TestPortal()
  const hs_note_body = 'Ask about a < b & c, then call'
  const id = portal.create('notes', { hs_timestamp: '1', hs_note_body })
  expect(portal.read('notes', id, 'hs_note_body', 'hs_body_preview_html')).toMatchObject({
    hs_note_body,
    hs_body_preview_html: `<html>\n<head></head>\n<body>\n${hs_note_body}\n</body>\n</html>`,
  })
  const filters = [{ propertyName: 'hs_body_preview_html', operator: 'HAS_PROPERTY' }]
  expect(portal.post('/crm/v3/objects/notes/search', { filters }).status).toBe(400)
})

describe('deals of a portal where lifecycle stages follow them', () => {
  it('make opportunities and customers, never less', () => {
    const portal = new TestPortal({ settings: { lifecycleFollowsDeals: true } })
    const contact = portal.create('contacts', { email: 'a@x.com' })
    const company = portal.create('companies', { name: 'X', lifecyclestage: 'evangelist' })
    const stage = (type: string, id: string) => portal.read(type, id, 'lifecyclestage')['lifecyclestage']
    const link = (id: string, associationTypeId: number) => ({
      to: { id },
      types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId }],
    })
    const deal = portal.create('deals', { dealname: 'x', dealstage: 'contractsent' }, [
      link(contact, 3),
      link(company, 341),
    ])
    expect([stage('contacts', contact), stage('companies', company)]).toEqual(['opportunity', 'evangelist'])
    portal.patch(`/crm/v3/objects/deals/${deal}`, { properties: { dealstage: 'closedwon' } })
    expect([stage('contacts', contact), stage('companies', company)]).toEqual(['customer', 'evangelist'])
    const history = portal.get(`/crm/v3/objects/contacts/${contact}?propertiesWithHistory=lifecyclestage`)
    expect(history.body.propertiesWithHistory.lifecyclestage[0].sourceType).toBe('AUTOMATION_PLATFORM')
  })
})
