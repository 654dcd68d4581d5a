/** The objects of a new org, and the ones that exist at the vendor but not here. */
import { ACCOUNT } from './account.ts'
import { EVENT, TASK } from './activities.ts'
import { CONTACT } from './contact.ts'
import { LEAD } from './lead.ts'
import type { ObjectDefinition } from './objects.ts'
import { OPPORTUNITY, OPPORTUNITY_CONTACT_ROLE } from './opportunity.ts'
import {
  CURRENCY_TYPE,
  FIELD_PERMISSIONS,
  GROUP,
  LEAD_STATUS,
  LIST_VIEW,
  OPPORTUNITY_STAGE,
  ORGANIZATION,
  PERMISSION_SET,
  PERMISSION_SET_ASSIGNMENT,
  PROFILE,
  RECORD_TYPE,
  USER,
} from './setup.ts'
import { PUSH_TOPIC, STREAMING_CHANNEL } from './streaming.ts'

export const STANDARD_OBJECTS: readonly ObjectDefinition[] = [
  ACCOUNT,
  CONTACT,
  CURRENCY_TYPE,
  EVENT,
  FIELD_PERMISSIONS,
  GROUP,
  LEAD,
  LEAD_STATUS,
  LIST_VIEW,
  OPPORTUNITY,
  OPPORTUNITY_CONTACT_ROLE,
  OPPORTUNITY_STAGE,
  ORGANIZATION,
  PERMISSION_SET,
  PERMISSION_SET_ASSIGNMENT,
  PROFILE,
  PUSH_TOPIC,
  RECORD_TYPE,
  STREAMING_CHANNEL,
  TASK,
  USER,
]

/** Asking for one of these is answered 501, not as if it did not exist. */
export const ELSEWHERE = new Set(
  [
    'AccountContactRelation',
    'AccountContactRole',
    'AccountHistory',
    'Asset',
    'Attachment',
    'Campaign',
    'CampaignMember',
    'Case',
    'CaseComment',
    'ContactHistory',
    'ContentDocument',
    'ContentDocumentLink',
    'ContentNote',
    'ContentVersion',
    'Contract',
    'DandBCompany',
    'DuplicateRecordItem',
    'DuplicateRecordSet',
    'DuplicateRule',
    'EmailMessage',
    'EventRelation',
    'GroupMember',
    'Individual',
    'LeadHistory',
    'Note',
    'ObjectPermissions',
    'OpportunityFieldHistory',
    'OpportunityHistory',
    'OpportunityLineItem',
    'Order',
    'Pricebook2',
    'PricebookEntry',
    'Product2',
    'QueueSobject',
    'Quote',
    'TaskRelation',
    'UserRole',
    'EntityDefinition',
    'FieldDefinition',
  ].map((name) => name.toLowerCase()),
)
