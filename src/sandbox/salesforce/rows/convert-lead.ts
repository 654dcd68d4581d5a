/** Lead conversion: SOAP, Apex and the user interface only (Salesforce fact sheet 20). */
import type { Org } from '../org.ts'
import { dayIn } from '../times.ts'
import { refusal } from '../wire.ts'
import { writeRecord } from './commit.ts'
import { liveRows } from './consequences.ts'
import type { Row, Scalar } from './row-store.ts'
import { changeRow, editStamps } from './store-row.ts'
import type { Transaction } from './transaction.ts'

export interface Conversion {
  readonly lead: Row
  /** Existing records to become part of; new ones are made where absent. */
  readonly accountId?: string
  readonly contactId?: string
  /** Null: no opportunity. Absent: one named after the company. */
  readonly opportunityName?: string | null
  /** A status that means converted; the org's first when absent. */
  readonly convertedStatus?: string
  readonly ownerId?: string
}

export interface Converted {
  readonly accountId: string
  readonly contactId: string
  readonly opportunityId: string | null
}

/** Lead field → field of the record it becomes. Only blank fields of an existing record are filled. */
const TO_ACCOUNT: Readonly<Record<string, string>> = {
  Company: 'Name',
  Phone: 'Phone',
  Website: 'Website',
  Industry: 'Industry',
  AnnualRevenue: 'AnnualRevenue',
  NumberOfEmployees: 'NumberOfEmployees',
  LeadSource: 'AccountSource',
  Street: 'BillingStreet',
  City: 'BillingCity',
  State: 'BillingState',
  PostalCode: 'BillingPostalCode',
  Country: 'BillingCountry',
  StateCode: 'BillingStateCode',
  CountryCode: 'BillingCountryCode',
}

const TO_CONTACT: Readonly<Record<string, string>> = {
  Salutation: 'Salutation',
  FirstName: 'FirstName',
  LastName: 'LastName',
  Title: 'Title',
  Email: 'Email',
  Phone: 'Phone',
  MobilePhone: 'MobilePhone',
  Fax: 'Fax',
  LeadSource: 'LeadSource',
  Description: 'Description',
  Street: 'MailingStreet',
  City: 'MailingCity',
  State: 'MailingState',
  PostalCode: 'MailingPostalCode',
  Country: 'MailingCountry',
  StateCode: 'MailingStateCode',
  CountryCode: 'MailingCountryCode',
}

export function convertLead(transaction: Transaction, conversion: Conversion): Converted {
  const { org, actor } = transaction
  const { lead } = conversion
  if (lead.values['IsConverted'] === true) {
    throw refusal('CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead', [])
  }
  const status = convertedStatus(org, conversion.convertedStatus)
  const owner = conversion.ownerId ?? ownerOf(org, lead, actor.userId)
  const account = become(transaction, {
    object: 'Account',
    id: conversion.accountId,
    values: { ...mapped(lead, TO_ACCOUNT), OwnerId: owner },
  })
  const contact = become(transaction, {
    object: 'Contact',
    id: conversion.contactId,
    values: { ...mapped(lead, TO_CONTACT), AccountId: account.id, OwnerId: owner },
  })
  const opportunity = openOpportunity(transaction, conversion, { account, contact, owner })
  moveActivities(transaction, lead, contact.id)
  // The lead is frozen from here on.
  const values: Record<string, Scalar> = {
    ...lead.values,
    Status: status,
    IsConverted: true,
    ConvertedDate: dayIn(org.settings.timeZone, org.now()),
    ConvertedAccountId: account.id,
    ConvertedContactId: contact.id,
    ...editStamps(org, actor.userId),
  }
  if (opportunity !== null) values['ConvertedOpportunityId'] = opportunity.id
  changeRow(transaction, lead, { values })
  return { accountId: account.id, contactId: contact.id, opportunityId: opportunity?.id ?? null }
}

function convertedStatus(org: Org, wanted: string | undefined): string {
  for (const { values } of org.rows.all('LeadStatus')) {
    const name = String(values['ApiName'])
    if (values['IsConverted'] === true && (wanted === undefined || wanted === name)) return name
  }
  throw refusal('INVALID_STATUS', 'invalid convertedStatus', ['Status'])
}

/** A queue cannot own what a lead becomes. */
function ownerOf(org: Org, lead: Row, fallback: string): string {
  const owner = String(lead.values['OwnerId'])
  return org.rows.find('User', owner)?.values['IsActive'] === true ? owner : fallback
}

function mapped(lead: Row, names: Readonly<Record<string, string>>): Record<string, Scalar> {
  const values: Record<string, Scalar> = {}
  for (const [from, to] of Object.entries(names)) {
    const value = lead.values[from]
    if (value !== undefined) values[to] = value
  }
  return values
}

/** A new record with these values, or an existing one whose blanks are filled. */
function become(
  transaction: Transaction,
  { object, id, values }: { object: string; id: string | undefined; values: Record<string, Scalar> },
): Row {
  const { org, actor } = transaction
  const type = org.schema.type(object)
  // Neither duplicate rules nor field permissions stop a conversion.
  const as = { ...actor, kind: 'person' as const }
  if (id === undefined) return writeRecord(transaction, { type, row: null, body: values, as }).row
  const row = org.rows.find(object, id)
  if (row === undefined || row.deletedAt !== null) {
    throw refusal('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', [])
  }
  const body = Object.fromEntries(
    Object.entries(values).filter(([name]) => name !== 'OwnerId' && row.values[name] === undefined),
  )
  return writeRecord(transaction, { type, row, body, as }).row
}

function openOpportunity(
  transaction: Transaction,
  { lead, opportunityName }: Conversion,
  { account, contact, owner }: { account: Row; contact: Row; owner: string },
): Row | null {
  if (opportunityName === null) return null
  const { org } = transaction
  const day = dayIn(org.settings.timeZone, org.now())
  // Closes at the end of the month, like every opportunity that nobody has thought about yet.
  const [year = 0, month = 1] = day.split('-').map(Number)
  const closes = new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10)
  const name = opportunityName ?? `${String(lead.values['Company'])}-`
  const body = {
    Name: name.slice(0, 120),
    StageName: 'Prospecting',
    CloseDate: closes,
    AccountId: account.id,
    ContactId: contact.id,
    OwnerId: owner,
  }
  return writeRecord(transaction, { type: org.schema.type('Opportunity'), row: null, body }).row
}

function moveActivities(transaction: Transaction, lead: Row, contact: string): void {
  const { org, actor } = transaction
  for (const object of ['Task', 'Event']) {
    for (const row of liveRows(org, object, 'WhoId', lead.id)) {
      changeRow(transaction, row, {
        values: { ...row.values, WhoId: contact, ...editStamps(org, actor.userId) },
      })
    }
  }
}
