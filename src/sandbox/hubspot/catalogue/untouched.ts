/**
 * What features that nobody uses in this portal leave on every new record: calls, help desk, deal splits, the
 * prospecting agent (recorded answers of creations). Only values that stay true here are listed.
 */
import { bool, choice, number, readOnly, type PropertyDefinition } from './define.ts'

/** A property and the value it has on every record. */
type Untouched = readonly [definition: PropertyDefinition, value: string]

const zero = (name: string, label: string): Untouched => [readOnly(number(name, label)), '0']
const no = (name: string, label: string): Untouched => [readOnly(bool(name, label)), 'false']
const always = (name: string, label: string, value: string): Untouched => [
  readOnly(choice(name, label, 'select', [value])),
  value,
]

const UNTOUCHED: Readonly<Record<string, readonly Untouched[]>> = {
  '0-1': [
    zero('hs_associated_target_accounts', 'Associated target accounts'),
    no('hs_currently_enrolled_in_prospecting_agent', 'Enrolled in prospecting agent'),
    zero('hs_membership_has_accessed_private_content', 'Has accessed private content'),
    zero('hs_prospecting_agent_actively_enrolled_count', 'Prospecting agents actively enrolled'),
    zero('hs_prospecting_agent_total_enrolled_count', 'Prospecting agents ever enrolled'),
    zero('hs_registered_member', 'Registered member'),
    zero('hs_sequences_actively_enrolled_count', 'Sequences actively enrolled'),
  ],
  '0-2': [
    zero('hs_num_blockers', 'Number of blockers'),
    zero('hs_num_contacts_with_buying_roles', 'Number of contacts with a buying role'),
    zero('hs_num_decision_makers', 'Number of decision makers'),
  ],
  '0-3': [
    no('hs_has_last_conversation_follow_ups', 'Has last conversation follow-ups'),
    no('hs_has_last_meeting_followups', 'Has last meeting follow-ups'),
    no('hs_is_deal_split', 'Is deal split'),
    zero('hs_num_associated_active_deal_registrations', 'Active deal registrations'),
    zero('hs_num_associated_deal_registrations', 'Deal registrations'),
    zero('hs_num_associated_deal_splits', 'Deal splits'),
    zero('hs_num_of_associated_line_items', 'Line items'),
    zero('hs_num_target_accounts', 'Target accounts'),
    zero('hs_number_of_call_engagements', 'Calls'),
    zero('hs_number_of_inbound_calls', 'Inbound calls'),
    zero('hs_number_of_outbound_calls', 'Outbound calls'),
  ],
  '0-5': [
    [readOnly(bool('hs_is_visible_in_help_desk', 'Is visible in help desk')), 'true'],
    no('hs_last_message_from_visitor', 'Last message from visitor'),
    zero('hs_num_associated_conversations', 'Number of associated conversations'),
    zero('hs_num_times_contacted', 'Number of times contacted'),
  ],
  '0-27': [
    always('hs_task_family', 'Task family', 'SALES'),
    always('hs_task_for_object_type', 'Task for object type', 'OWNER'),
    no('hs_task_is_all_day', 'Is all day'),
    zero('hs_task_is_completed_call', 'Completed call tasks'),
    zero('hs_task_is_completed_email', 'Completed email tasks'),
    zero('hs_task_is_completed_linked_in', 'Completed LinkedIn tasks'),
    zero('hs_task_is_completed_sequence', 'Completed sequence tasks'),
    no('hs_task_is_sub_task', 'Is sub-task'),
  ],
}

export function untouchedProperties(typeId: string): PropertyDefinition[] {
  return (UNTOUCHED[typeId] ?? []).map(([definition]) => definition)
}

export function untouchedValues(typeId: string): Readonly<Record<string, string>> {
  return VALUES[typeId] ?? {}
}

const VALUES: Readonly<Record<string, Readonly<Record<string, string>>>> = Object.fromEntries(
  Object.entries(UNTOUCHED).map(([typeId, entries]) => [
    typeId,
    Object.fromEntries(entries.map(([definition, value]) => [definition.name, value])),
  ]),
)
