/** Opportunity and the people who take part in one (Salesforce fact sheet 18). */
import {
  area,
  date,
  datetime,
  decimal,
  flag,
  lookup,
  narrowing,
  part,
  picklist,
  readOnly,
  required,
  restricted,
  text,
  whole,
} from './define.ts'
import { BUSINESS, children, type ObjectDefinition } from './objects.ts'
import {
  audit,
  currency,
  id,
  isDeleted,
  lastActivity,
  leadSource,
  owner,
  recordType,
  views,
} from './shared.ts'

export interface Stage {
  readonly name: string
  readonly probability: number
  readonly forecast: 'Omitted' | 'Pipeline' | 'BestCase' | 'Forecast' | 'Closed'
  readonly isClosed: boolean
  readonly isWon: boolean
}

/** Stages of a new org; what a stage means is in `OpportunityStage` (18). */
export const STAGES: readonly Stage[] = [
  open('Prospecting', 10),
  open('Qualification', 10),
  open('Needs Analysis', 20),
  open('Value Proposition', 50),
  open('Id. Decision Makers', 60),
  open('Perception Analysis', 70),
  open('Proposal/Price Quote', 75),
  open('Negotiation/Review', 90),
  { name: 'Closed Won', probability: 100, forecast: 'Closed', isClosed: true, isWon: true },
  { name: 'Closed Lost', probability: 0, forecast: 'Omitted', isClosed: true, isWon: false },
]

function open(name: string, probability: number): Stage {
  return { name, probability, forecast: 'Pipeline', isClosed: false, isWon: false }
}

export const FORECAST_NAMES: Readonly<Record<Stage['forecast'], string>> = {
  Omitted: 'Omitted',
  Pipeline: 'Pipeline',
  BestCase: 'Best Case',
  Forecast: 'Commit',
  Closed: 'Closed',
}

export const OPPORTUNITY: ObjectDefinition = {
  name: 'Opportunity',
  label: 'Opportunity',
  labelPlural: 'Opportunities',
  keyPrefix: '006',
  custom: false,
  traits: { ...BUSINESS, deepCloneable: true },
  fields: [
    id('Opportunity ID'),
    isDeleted(),
    narrowing(lookup('AccountId', 'Account ID', ['Account'], 'Account')),
    flag('IsPrivate', 'Private', { permissionable: true }),
    required(text('Name', 'Name', 120, { nameField: true, idLookup: true })),
    area('Description', 'Description', 32_000),
    required(
      picklist(
        'StageName',
        'Stage',
        STAGES.map(({ name }) => name),
      ),
    ),
    decimal('Amount', 'Amount', 'currency', [18, 2]),
    decimal('Probability', 'Probability (%)', 'percent', [3, 0], { defaultedOnCreate: true }),
    readOnly(decimal('ExpectedRevenue', 'Expected Amount', 'currency', [18, 2]), { permissionable: true }),
    decimal('TotalOpportunityQuantity', 'Quantity', 'double', [18, 2]),
    required(date('CloseDate', 'Close Date')),
    picklist('Type', 'Opportunity Type', [
      'Existing Customer - Upgrade',
      'Existing Customer - Replacement',
      'Existing Customer - Downgrade',
      'New Customer',
    ]),
    text('NextStep', 'Next Step', 255),
    leadSource(),
    readOnly(flag('IsClosed', 'Closed')),
    readOnly(flag('IsWon', 'Won')),
    readOnly(
      required(
        restricted('ForecastCategory', 'Forecast Category', [
          'Omitted',
          'Pipeline',
          'BestCase',
          'MostLikely',
          'Forecast',
          'Closed',
        ]),
      ),
    ),
    restricted('ForecastCategoryName', 'Forecast Category', Object.values(FORECAST_NAMES), {
      length: 255,
      defaultedOnCreate: true,
      permissionable: false,
    }),
    readOnly(flag('HasOpportunityLineItem', 'Has Line Item')),
    owner(),
    ...audit(),
    lastActivity(),
    readOnly(datetime('LastStageChangeDate', 'Last Stage Change Date')),
    part('Fiscal', readOnly(whole('FiscalQuarter', 'Fiscal Quarter'))),
    part('Fiscal', readOnly(whole('FiscalYear', 'Fiscal Year'))),
    readOnly(text('Fiscal', 'Fiscal Period', 6, { byteLength: 6 })),
    // Create-only: makes the primary contact role (18).
    lookup('ContactId', 'Contact ID', ['Contact'], null, { updateable: false, permissionable: false }),
    ...views(),
    ...['HasOpenActivity|Has Open Activity', 'HasOverdueTask|Has Overdue Task'].map((entry) => {
      const [name = '', label = ''] = entry.split('|')
      return readOnly(flag(name, label), { filterable: false, sortable: false })
    }),
  ],
  children: { AccountId: children('Opportunities', true), ContactId: children('Opportunities') },
  scopes: [
    ['everything', 'All opportunities'],
    ['mine', 'My opportunities'],
    ['scopingRule', 'Filter by scope'],
    ['team', "My team's opportunities"],
  ],
  optional: { multiCurrency: currency(), recordTypes: recordType() },
}

const CONTACT_ROLES: readonly string[] = [
  'Business User',
  'Decision Maker',
  'Economic Buyer',
  'Economic Decision Maker',
  'Evaluator',
  'Executive Sponsor',
  'Influencer',
  'Technical Buyer',
  'Other',
]

export const OPPORTUNITY_CONTACT_ROLE: ObjectDefinition = {
  name: 'OpportunityContactRole',
  label: 'Opportunity Contact Role',
  labelPlural: 'Opportunity Contact Role',
  keyPrefix: '00K',
  custom: false,
  // Cannot be undeleted (18).
  traits: {
    ...BUSINESS,
    undeletable: false,
    searchable: false,
    searchLayoutable: false,
    feedEnabled: false,
    mruEnabled: false,
  },
  fields: [
    id('Contact Role ID'),
    required(
      lookup('OpportunityId', 'Opportunity ID', ['Opportunity'], 'Opportunity', { updateable: false }),
    ),
    required(lookup('ContactId', 'Contact ID', ['Contact'], 'Contact')),
    picklist('Role', 'Role', CONTACT_ROLES, { length: 40, permissionable: false }),
    flag('IsPrimary', 'Primary'),
    ...audit(),
    isDeleted(),
  ],
  children: {
    OpportunityId: children('OpportunityContactRoles', true),
    ContactId: children('OpportunityContactRoles', true),
  },
  scopes: [],
  optional: { multiCurrency: currency() },
}
