/** Tickets, notes, tasks, and what every custom object starts with. */
import {
  area,
  bool,
  choice,
  datetime,
  grouped,
  html,
  number,
  readOnly,
  text,
  type PropertyDefinition,
} from './define.ts'
import { activitySummary, ownership, provenance } from './shared.ts'
import { untouchedProperties } from './untouched.ts'

export const TICKET_PROPERTIES: readonly PropertyDefinition[] = grouped('ticketinformation', [
  text('subject', 'Ticket name'),
  area('content', 'Ticket description'),
  choice('hs_pipeline', 'Pipeline', 'select', [], { externalOptions: true }),
  choice('hs_pipeline_stage', 'Ticket status', 'select', [], { externalOptions: true }),
  choice('hs_ticket_priority', 'Priority', 'select', ['LOW', 'MEDIUM', 'HIGH', 'URGENT']),
  choice('hs_ticket_category', 'Category', 'checkbox', [
    'PRODUCT_ISSUE',
    'BILLING_ISSUE',
    'FEATURE_REQUEST',
    'GENERAL_INQUIRY',
  ]),
  choice('source_type', 'Source', 'select', ['CHAT', 'EMAIL', 'FORM', 'PHONE']),
  choice('hs_resolution', 'Resolution', 'select', ['ISSUE_FIXED', 'CUSTOMER_REQUEST_COMPLETED', 'NO_ACTION']),
  readOnly(number('hs_ticket_id', 'Ticket ID')),
  readOnly(datetime('closed_date', 'Close date')),
  readOnly(bool('hs_is_closed', 'Is closed')),
  readOnly(datetime('hs_helpdesk_sort_timestamp', 'Help desk sort time')),
  readOnly(choice('hs_last_email_activity', 'Last email activity', 'select', ['ORIGINAL_FROM_CONTACT'])),
  ...untouchedProperties('0-5'),
  readOnly(datetime('createdate', 'Create date')),
  readOnly(datetime('hs_lastmodifieddate', 'Last modified date')),
  ...ownership(),
  ...activitySummary(),
  ...provenance(),
])

function bodyPreview(): PropertyDefinition[] {
  return [
    readOnly(text('hs_obj_coords', 'Object coordinates', { hidden: true })),
    readOnly(text('hs_body_preview', 'Body preview')),
    readOnly(html('hs_body_preview_html', 'Body preview as HTML')),
    readOnly(bool('hs_body_preview_is_truncated', 'Body preview is truncated')),
  ]
}

export const NOTE_PROPERTIES: readonly PropertyDefinition[] = grouped('engagement', [
  datetime('hs_timestamp', 'Activity date'),
  html('hs_note_body', 'Note body'),
  text('hs_attachment_ids', 'Attached file IDs'),
  ...bodyPreview(),
  readOnly(datetime('hs_createdate', 'Create date')),
  readOnly(datetime('hs_lastmodifieddate', 'Last modified date')),
  ...ownership(),
  ...provenance(),
])

export const TASK_PROPERTIES: readonly PropertyDefinition[] = grouped('engagement', [
  datetime('hs_timestamp', 'Due date'),
  text('hs_task_subject', 'Task title'),
  html('hs_task_body', 'Task notes'),
  choice('hs_task_status', 'Task status', 'select', [
    'NOT_STARTED',
    'IN_PROGRESS',
    'WAITING',
    'DEFERRED',
    'COMPLETED',
  ]),
  choice('hs_task_priority', 'Priority', 'select', ['NONE', 'LOW', 'MEDIUM', 'HIGH']),
  choice('hs_task_type', 'Task type', 'select', ['TODO', 'CALL', 'EMAIL', 'LINKED_IN', 'MEETING']),
  text('hs_task_reminders', 'Reminder times'),
  readOnly(datetime('hs_task_completion_date', 'Completed at')),
  readOnly(number('hs_task_is_completed', 'Is completed')),
  readOnly(number('hs_task_completion_count', 'Completed (numeric)')),
  readOnly(datetime('hs_start_date_with_fallback', 'Start date, or create date')),
  ...untouchedProperties('0-27'),
  ...bodyPreview(),
  readOnly(datetime('hs_createdate', 'Create date')),
  readOnly(datetime('hs_lastmodifieddate', 'Last modified date')),
  ...ownership(),
  ...provenance(),
])

export function customObjectProperties(groupName: string): PropertyDefinition[] {
  return grouped(groupName, [
    readOnly(datetime('hs_createdate', 'Object create date/time')),
    readOnly(datetime('hs_lastmodifieddate', 'Object last modified date/time')),
    ...ownership(),
    ...provenance(),
  ])
}
