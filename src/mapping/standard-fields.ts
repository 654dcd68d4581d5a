/**
 * Fields that every Attio workspace, HubSpot portal and Salesforce org has, for work without a live schema. Plain text
 * fields need no entry. Attio fact sheet 17 and 8; HubSpot fact sheet 7.5, 8, 11, 13 and 17; Salesforce fact sheet 17
 * and 18.
 */
import type { FieldType } from '../core/schema.ts'
import type { Side } from '../core/record.ts'

export interface StandardField {
  readonly type: FieldType
  readonly multiple: boolean
  readonly required?: boolean
  readonly targets?: readonly string[]
}

type StandardObject = Readonly<Record<string, StandardField>>

function one(type: FieldType): StandardField {
  return { type, multiple: false }
}

function many(type: FieldType): StandardField {
  return { type, multiple: true }
}

/** Attio, always the left side. */
const LEFT: Readonly<Record<string, StandardObject>> = {
  people: {
    name: one('person-name'),
    email_addresses: many('email'),
    phone_numbers: many('phone'),
    primary_location: one('location'),
    company: { type: 'reference', multiple: false, targets: ['companies'] },
    associated_deals: { type: 'reference', multiple: true, targets: ['deals'] },
    associated_users: { type: 'reference', multiple: true, targets: ['users'] },
  },
  companies: {
    domains: many('domain'),
    categories: many('option'),
    primary_location: one('location'),
    estimated_arr_usd: one('option'),
    funding_raised_usd: one('money'),
    foundation_date: one('date'),
    employee_range: one('option'),
    team: { type: 'reference', multiple: true, targets: ['people'] },
    associated_deals: { type: 'reference', multiple: true, targets: ['deals'] },
  },
  deals: {
    name: { type: 'text', multiple: false, required: true },
    stage: { type: 'option', multiple: false, required: true },
    owner: { type: 'user', multiple: false, required: true },
    value: one('money'),
    associated_people: { type: 'reference', multiple: true, targets: ['people'] },
    associated_company: { type: 'reference', multiple: false, targets: ['companies'] },
  },
}

/** The other CRM: objects of HubSpot in small letters, of Salesforce in capitals, so that no name stands for two. */
const RIGHT: Readonly<Record<string, StandardObject>> = {
  contacts: {
    email: one('email'),
    phone: one('phone'),
    mobilephone: one('phone'),
    hubspot_owner_id: one('user'),
    lifecyclestage: one('option'),
    hs_lead_status: one('option'),
  },
  companies: {
    domain: one('domain'),
    phone: one('phone'),
    hubspot_owner_id: one('user'),
    lifecyclestage: one('option'),
    numberofemployees: one('number'),
    annualrevenue: one('number'),
  },
  deals: {
    amount: one('number'),
    deal_currency_code: one('option'),
    closedate: one('instant'),
    pipeline: one('option'),
    dealstage: one('option'),
    hubspot_owner_id: one('user'),
  },
  Account: {
    Website: one('url'),
    Phone: one('phone'),
    NumberOfEmployees: one('number'),
    AnnualRevenue: one('number'),
    OwnerId: one('user'),
    RecordTypeId: one('option'),
  },
  Contact: {
    Email: one('email'),
    Phone: one('phone'),
    MobilePhone: one('phone'),
    AccountId: { type: 'reference', multiple: false, targets: ['Account'] },
    OwnerId: one('user'),
    RecordTypeId: one('option'),
  },
  Lead: {
    Email: one('email'),
    Phone: one('phone'),
    MobilePhone: one('phone'),
    Website: one('url'),
    Status: one('option'),
    OwnerId: one('user'),
    RecordTypeId: one('option'),
  },
  Opportunity: {
    Amount: one('number'),
    CurrencyIsoCode: one('option'),
    CloseDate: one('date'),
    RecordTypeId: one('option'),
    StageName: one('option'),
    AccountId: { type: 'reference', multiple: false, targets: ['Account'] },
    OwnerId: one('user'),
  },
}

export function standardField(side: Side, object: string, name: string): StandardField | null {
  return (side === 'left' ? LEFT : RIGHT)[object]?.[name] ?? null
}
