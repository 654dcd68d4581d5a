/** Properties that several objects have. */
import {
  bool,
  calculated,
  choice,
  datetime,
  number,
  owner,
  readOnly,
  text,
  type PropertyDefinition,
} from './define.ts'

export const LIFECYCLE_STAGES = [
  'subscriber|Subscriber',
  'lead|Lead',
  'marketingqualifiedlead|Marketing Qualified Lead',
  'salesqualifiedlead|Sales Qualified Lead',
  'opportunity|Opportunity',
  'customer|Customer',
  'evangelist|Evangelist',
  'other|Other',
]

const LEAD_STATUSES = [
  'NEW|New',
  'OPEN|Open',
  'IN_PROGRESS|In Progress',
  'OPEN_DEAL|Open Deal',
  'UNQUALIFIED|Unqualified',
  'ATTEMPTED_TO_CONTACT|Attempted to Contact',
  'CONNECTED|Connected',
  'BAD_TIMING|Bad Timing',
]

export const ANALYTICS_SOURCES = [
  'ORGANIC_SEARCH',
  'PAID_SEARCH',
  'EMAIL_MARKETING',
  'SOCIAL_MEDIA',
  'REFERRALS',
  'OTHER_CAMPAIGNS',
  'DIRECT_TRAFFIC',
  'OFFLINE',
  'PAID_SOCIAL',
]

/** Where a record came from and who touched it: on every object. */
export function provenance(): PropertyDefinition[] {
  return [
    readOnly(number('hs_object_id', 'Record ID', { hasUniqueValue: false })),
    readOnly(text('hs_object_source', 'Record source')),
    readOnly(text('hs_object_source_id', 'Record source ID')),
    readOnly(text('hs_object_source_label', 'Record source label')),
    readOnly(number('hs_object_source_user_id', 'Record source user ID')),
    readOnly(number('hs_created_by_user_id', 'Created by user ID')),
    readOnly(number('hs_updated_by_user_id', 'Updated by user ID')),
    // Unique, but HubSpot's own: upserts cannot use it, since nobody can write it (fact sheet 8).
    readOnly(text('hs_unique_creation_key', 'Unique creation key', { hasUniqueValue: true, hidden: true })),
    readOnly(choice('hs_merged_object_ids', 'Merged record IDs', 'checkbox', [])),
    readOnly(bool('hs_read_only', 'Read only object')),
    readOnly(bool('hs_was_imported', 'Performed in an import')),
    readOnly(choice('hs_all_owner_ids', 'All owner IDs', 'checkbox', [], { externalOptions: true })),
    readOnly(choice('hs_all_team_ids', 'All team IDs', 'checkbox', [], { externalOptions: true })),
    readOnly(
      choice('hs_user_ids_of_all_owners', 'User IDs of all owners', 'checkbox', [], {
        externalOptions: true,
      }),
    ),
  ]
}

export function ownership(): PropertyDefinition[] {
  return [
    owner('hubspot_owner_id', 'Owner'),
    readOnly(datetime('hubspot_owner_assigneddate', 'Owner assigned date')),
    readOnly(choice('hubspot_team_id', 'HubSpot team', 'select', [], { externalOptions: true })),
  ]
}

/** Counters and dates that activities leave on a record. */
export function activitySummary(): PropertyDefinition[] {
  return [
    readOnly(datetime('notes_last_contacted', 'Last contacted')),
    readOnly(datetime('notes_last_updated', 'Last activity date')),
    readOnly(datetime('notes_next_activity_date', 'Next activity date')),
    readOnly(number('num_contacted_notes', 'Number of times contacted')),
    readOnly(number('num_notes', 'Number of sales activities')),
    readOnly(datetime('hs_last_sales_activity_timestamp', 'Last engagement date')),
  ]
}

export function lifecycle(): PropertyDefinition[] {
  return [
    choice('lifecyclestage', 'Lifecycle stage', 'radio', LIFECYCLE_STAGES, { externalOptions: true }),
    ...LIFECYCLE_STAGES.map((entry) => {
      const [stage = '', label = ''] = entry.split('|')
      return readOnly(datetime(`hs_lifecyclestage_${stage}_date`, `Became a ${label} date`))
    }),
    readOnly(text('hs_pipeline', 'Pipeline')),
    choice('hs_lead_status', 'Lead status', 'radio', LEAD_STATUSES),
  ]
}

export function revenue(): PropertyDefinition[] {
  return [
    calculated(number('num_associated_deals', 'Number of associated deals')),
    calculated(number('recent_deal_amount', 'Recent deal amount', { showCurrencySymbol: true })),
    calculated(datetime('recent_deal_close_date', 'Recent deal close date')),
    calculated(datetime('first_deal_created_date', 'First deal created date')),
    calculated(number('total_revenue', 'Total revenue', { showCurrencySymbol: true })),
    calculated(number('days_to_close', 'Days to close')),
  ]
}
