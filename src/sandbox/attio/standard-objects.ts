/**
 * The standard objects and their attributes, in the order the live service returns them. Attio fact sheet 17.
 * Flags: R required, U unique, M multi-select, O read-only, E enriched by the vendor.
 */
import type { AttributeType } from './value.ts'

export interface StandardAttribute {
  readonly slug: string
  readonly title: string
  readonly type: AttributeType
  readonly flags: string
  /** `object.attribute` at the other end, or just `object` for a one-way reference. */
  readonly to?: string
  readonly options?: readonly string[]
  readonly currency?: string
}

export interface StandardObject {
  readonly slug: string
  readonly singular: string
  readonly plural: string
  readonly attributes: readonly StandardAttribute[]
}

type Row = readonly [slug: string, title: string, type: AttributeType, flags?: string, to?: string]

const attributes = (rows: readonly Row[]): StandardAttribute[] =>
  rows.map(([slug, title, type, flags = '', to]) => ({ slug, title, type, flags, ...(to ? { to } : {}) }))

const recordId = attributes([['record_id', 'Record ID', 'text', 'UO']])

const creation = attributes([
  ['created_at', 'Created at', 'timestamp', 'O'],
  ['created_by', 'Created by', 'actor-reference', 'O'],
])

const social = attributes([
  ['angellist', 'AngelList', 'text', 'E'],
  ['facebook', 'Facebook', 'text', 'E'],
  ['instagram', 'Instagram', 'text', 'E'],
  ['linkedin', 'LinkedIn', 'text', 'E'],
  ['twitter', 'Twitter', 'text', 'E'],
  ['twitter_follower_count', 'Twitter follower count', 'number', 'OE'],
])

const intelligence: readonly StandardAttribute[] = [
  ...attributes([
    ['first_calendar_interaction', 'First calendar interaction', 'interaction', 'O'],
    ['last_calendar_interaction', 'Last calendar interaction', 'interaction', 'O'],
    ['next_calendar_interaction', 'Next calendar interaction', 'interaction', 'O'],
    ['first_email_interaction', 'First email interaction', 'interaction', 'O'],
    ['last_email_interaction', 'Last email interaction', 'interaction', 'O'],
    ['first_interaction', 'First interaction', 'interaction', 'O'],
    ['last_interaction', 'Last interaction', 'interaction', 'O'],
    ['next_interaction', 'Next interaction', 'interaction', 'O'],
    ['strongest_connection_strength_legacy', 'Connection strength (legacy)', 'number', 'O'],
  ]),
  {
    slug: 'strongest_connection_strength',
    title: 'Connection strength',
    type: 'select',
    flags: 'O',
    options: ['Very weak', 'Weak', 'Good', 'Strong', 'Very strong'],
  },
  ...attributes([['strongest_connection_user', 'Strongest connection', 'actor-reference', 'O']]),
]

/** Communication intelligence: no history, whatever the type. Attio fact sheet 10.8. */
export const isIntelligence = (slug: string): boolean => intelligence.some((each) => each.slug === slug)

// Which writable attributes the vendor enriches is only partly documented; a doubtful one is marked, since
// an engine that can do without its history can also do with it.
export const STANDARD_OBJECTS: readonly StandardObject[] = [
  {
    slug: 'people',
    singular: 'Person',
    plural: 'People',
    attributes: [
      ...recordId,
      ...attributes([
        ['name', 'Name', 'personal-name'],
        ['email_addresses', 'Email addresses', 'email-address', 'UM'],
        ['description', 'Description', 'text', 'E'],
        ['company', 'Company', 'record-reference', '', 'companies.team'],
        ['job_title', 'Job title', 'text', 'E'],
        ['avatar_url', 'Avatar URL', 'text', 'OE'],
        ['phone_numbers', 'Phone numbers', 'phone-number', 'M'],
        ['primary_location', 'Primary location', 'location', 'E'],
      ]),
      ...social,
      ...intelligence,
      ...attributes([
        ['associated_deals', 'Associated deals', 'record-reference', 'M', 'deals.associated_people'],
        ['associated_users', 'Associated users', 'record-reference', 'M', 'users.person'],
      ]),
      ...creation,
    ],
  },
  {
    slug: 'companies',
    singular: 'Company',
    plural: 'Companies',
    attributes: [
      ...recordId,
      ...attributes([
        ['domains', 'Domains', 'domain', 'UM'],
        ['name', 'Name', 'text'],
        ['description', 'Description', 'text', 'E'],
        ['team', 'Team', 'record-reference', 'M', 'people.company'],
      ]),
      {
        slug: 'categories',
        title: 'Categories',
        type: 'select',
        flags: 'ME',
        options: ['B2B', 'B2C', 'SAAS', 'E-commerce', 'Technology', 'Information Technology & Services'],
      },
      ...attributes([
        ['primary_location', 'Primary location', 'location', 'E'],
        ['logo_url', 'Logo URL', 'text', 'OE'],
      ]),
      ...social,
      {
        slug: 'estimated_arr_usd',
        title: 'Estimated ARR',
        type: 'select',
        flags: 'E',
        options: ['<$1M', '$1M-$10M', '$10M-$50M', '$50M-$100M', '$100M-$250M', '$250M-$500M', '$500M-$1B'],
      },
      {
        slug: 'funding_raised_usd',
        title: 'Funding raised',
        type: 'currency',
        flags: 'E',
        currency: 'USD',
      },
      ...attributes([['foundation_date', 'Foundation date', 'date', 'E']]),
      {
        slug: 'employee_range',
        title: 'Employee range',
        type: 'select',
        flags: 'E',
        options: ['1-10', '11-50', '51-250', '251-1K', '1K-5K', '5K-10K', '10K-50K', '50K-100K', '100K+'],
      },
      ...intelligence,
      ...attributes([
        ['associated_deals', 'Associated deals', 'record-reference', 'M', 'deals.associated_company'],
        ['associated_workspaces', 'Associated workspaces', 'record-reference', 'M', 'workspaces.company'],
      ]),
      ...creation,
    ],
  },
  {
    slug: 'deals',
    singular: 'Deal',
    plural: 'Deals',
    attributes: [
      ...recordId,
      ...attributes([['name', 'Deal name', 'text', 'R']]),
      {
        slug: 'stage',
        title: 'Deal stage',
        type: 'status',
        flags: 'R',
        options: ['Lead', 'In Progress', 'Won 🎉', 'Lost'],
      },
      ...attributes([['owner', 'Deal owner', 'actor-reference', 'R']]),
      { slug: 'value', title: 'Deal value', type: 'currency', flags: '', currency: 'USD' },
      ...attributes([
        ['associated_people', 'Associated people', 'record-reference', 'M', 'people.associated_deals'],
        ['associated_company', 'Associated company', 'record-reference', '', 'companies.associated_deals'],
      ]),
      ...creation,
    ],
  },
  {
    slug: 'users',
    singular: 'User',
    plural: 'Users',
    attributes: [
      ...recordId,
      ...attributes([
        ['person', 'Person', 'record-reference', '', 'people.associated_users'],
        ['primary_email_address', 'Primary email address', 'email-address', 'RU'],
        ['user_id', 'ID', 'text', 'RU'],
        ['workspace', 'Workspace', 'record-reference', 'M', 'workspaces.users'],
      ]),
      ...creation,
    ],
  },
  {
    slug: 'workspaces',
    singular: 'Workspace',
    plural: 'Workspaces',
    attributes: [
      ...recordId,
      ...attributes([
        ['workspace_id', 'ID', 'text', 'RU'],
        ['name', 'Name', 'text'],
        ['users', 'Users', 'record-reference', 'M', 'users.workspace'],
        ['company', 'Company', 'record-reference', '', 'companies.associated_workspaces'],
        ['avatar_url', 'Avatar URL', 'text'],
      ]),
      ...creation,
    ],
  },
]

/** Attributes that every object has, custom ones included. */
export const CUSTOM_OBJECT_ATTRIBUTES: readonly StandardAttribute[] = [...recordId, ...creation]

/** Attributes that every list has: entries name themselves among their values as records do (recorded). */
export const LIST_ATTRIBUTES: readonly StandardAttribute[] = [
  ...attributes([['entry_id', 'Entry ID', 'text', 'UO']]),
  ...creation,
]
