/** Answers and definitions beside recorded ones (HubSpot fact sheet 7.5, 12.1). */
import { describe, expect, it } from 'vitest'
import { TestPortal } from './portal.ts'

describe('a new record', () => {
  /** Of the recorded answers, what nobody's use of this portal could change. */
  const RECORDED = {
    contacts: [
      { lastname: 'x' },
      [
        'hs_prospecting_agent_actively_enrolled_count',
        'hs_prospecting_agent_total_enrolled_count',
        'hs_sequences_actively_enrolled_count',
      ],
    ],
    companies: [
      { name: 'x' },
      [
        'hs_annual_revenue_currency_code',
        'hs_num_blockers',
        'hs_num_contacts_with_buying_roles',
        'hs_num_decision_makers',
      ],
    ],
    deals: [
      { dealname: 'x' },
      [
        'hs_has_last_conversation_follow_ups',
        'hs_has_last_meeting_followups',
        'hs_is_deal_split',
        'hs_num_associated_deal_splits',
        'hs_num_of_associated_line_items',
        'hs_num_target_accounts',
        'hs_number_of_call_engagements',
      ],
    ],
    tickets: [
      { subject: 'x', hs_pipeline_stage: '1' },
      ['hs_is_visible_in_help_desk', 'hs_last_message_from_visitor', 'hs_num_associated_conversations'],
    ],
    notes: [{ hs_timestamp: '1' }, ['hs_obj_coords']],
    tasks: [
      { hs_timestamp: '1' },
      ['hs_obj_coords', 'hs_task_family', 'hs_task_for_object_type', 'hs_task_is_sub_task'],
    ],
  } as const

  it.each(Object.entries(RECORDED))('of %s comes with what was recorded', (type, [properties, names]) => {
    const portal = new TestPortal()
    const made = portal.post(`/crm/v3/objects/${type}`, { properties })
    expect(made.status).toBe(201)
    for (const name of names) {
      expect(made.body.properties, name).toHaveProperty(name)
      expect(portal.get(`/crm/v3/properties/${type}/${name}`).status, name).toBe(200)
      const write = portal.patch(`/crm/v3/objects/${type}/${made.body.id}`, { properties: { [name]: '1' } })
      expect(write.body.errors?.[0]?.code, name).toBe('READ_ONLY_VALUE')
    }
  })
})

describe('a standard property', () => {
  it('calls itself archivable, as recorded, and is not', () => {
    const portal = new TestPortal()
    const path = '/crm/v3/properties/contacts/address'
    expect(portal.get(path).body.modificationMetadata).toEqual({
      archivable: true,
      readOnlyDefinition: true,
      readOnlyValue: false,
    })
    expect(portal.call('DELETE', path).status).toBe(400)
  })
})

describe('options of a new property', () => {
  it('without a place come behind the others', () => {
    const portal = new TestPortal()
    const made = portal.post('/crm/v3/properties/contacts', {
      name: 'interests',
      label: 'Interests',
      groupName: 'contactinformation',
      type: 'enumeration',
      fieldType: 'select',
      options: [
        { label: 'art', value: 'art', description: 'art' },
        { label: 'travel', value: 'travel', displayOrder: 1 },
        { label: 'swimming', value: 'swimming', displayOrder: 2 },
      ],
    })
    expect(JSON.stringify(made.body.options)).toBe(
      JSON.stringify([
        { label: 'art', value: 'art', description: 'art', displayOrder: 3, hidden: false },
        { label: 'travel', value: 'travel', displayOrder: 1, hidden: false },
        { label: 'swimming', value: 'swimming', displayOrder: 2, hidden: false },
      ]),
    )
  })
})
