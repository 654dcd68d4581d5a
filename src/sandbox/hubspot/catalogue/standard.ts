/** Which properties and groups a new portal has, per object type id. */
import { COMPANY_PROPERTIES } from './companies.ts'
import { CONTACT_PROPERTIES } from './contacts.ts'
import { DEAL_PROPERTIES } from './deals.ts'
import type { PropertyDefinition } from './define.ts'
import { NOTE_PROPERTIES, TASK_PROPERTIES, TICKET_PROPERTIES } from './others.ts'

export interface PropertyGroup {
  readonly name: string
  readonly label: string
  readonly displayOrder: number
  readonly archived: boolean
}

export const STANDARD_PROPERTIES: Readonly<Record<string, readonly PropertyDefinition[]>> = {
  '0-1': CONTACT_PROPERTIES,
  '0-2': COMPANY_PROPERTIES,
  '0-3': DEAL_PROPERTIES,
  '0-5': TICKET_PROPERTIES,
  '0-27': TASK_PROPERTIES,
  '0-46': NOTE_PROPERTIES,
}

const GROUP_LABELS: Readonly<Record<string, string>> = {
  contactinformation: 'Contact information',
  socialmediainformation: 'Social media information',
  emailinformation: 'Email information',
  analyticsinformation: 'Web analytics history',
  conversioninformation: 'Conversion information',
  companyinformation: 'Company information',
  dealinformation: 'Deal information',
  ticketinformation: 'Ticket information',
  engagement: 'Engagement information',
}

export function standardGroups(definitions: readonly PropertyDefinition[]): PropertyGroup[] {
  const names = [...new Set(definitions.map((definition) => definition.groupName))]
  return names.map((name, displayOrder) => ({
    name,
    label: GROUP_LABELS[name] ?? name,
    displayOrder,
    archived: false,
  }))
}
