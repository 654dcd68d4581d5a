/** Objects that describe the org itself: people, record types, stages, permissions (Salesforce fact sheet 18). */
import {
  date,
  datetime,
  decimal,
  email,
  field,
  flag,
  lookup,
  picklist,
  readOnly,
  required,
  restricted,
  text,
  whole,
} from './define.ts'
import type { Field } from './field.ts'
import { SETUP, type ObjectDefinition, type Traits } from './objects.ts'
import { address, audit, currency, id, personName } from './shared.ts'

export const USER: ObjectDefinition = {
  name: 'User',
  label: 'User',
  labelPlural: 'Users',
  keyPrefix: '005',
  custom: false,
  // The vendor lets an API create and change users; people and admins do it here.
  traits: { ...SETUP, searchable: true, layoutable: true, triggerable: true, feedEnabled: true },
  fields: [
    id('User ID'),
    required(text('Username', 'Username', 80, { idLookup: true })),
    ...personName([]).filter(({ name }) => name !== 'Salutation'),
    text('CompanyName', 'Company Name', 80),
    text('Department', 'Department', 80),
    text('Title', 'Title', 80),
    ...address(''),
    required(email('Email', 'Email', { length: 128 })),
    field('Phone', 'Phone', 'phone', { length: 40 }),
    field('MobilePhone', 'Mobile', 'phone', { length: 40 }),
    required(text('Alias', 'Alias', 8)),
    required(text('CommunityNickname', 'Nickname', 40)),
    flag('IsActive', 'Active'),
    required(restricted('TimeZoneSidKey', 'Time Zone', [])),
    required(restricted('LocaleSidKey', 'Locale', [])),
    required(restricted('EmailEncodingKey', 'Email Encoding', ['UTF-8', 'ISO-8859-1'])),
    required(lookup('ProfileId', 'Profile ID', ['Profile'], 'Profile')),
    readOnly(restricted('UserType', 'User Type', ['Standard', 'CloudIntegrationUser', 'AutomatedProcess'])),
    required(restricted('LanguageLocaleKey', 'Language', [])),
    text('EmployeeNumber', 'Employee Number', 20),
    lookup('ManagerId', 'Manager ID', ['User'], 'Manager'),
    readOnly(datetime('LastLoginDate', 'Last Login')),
    ...audit(),
    text('FederationIdentifier', 'SAML Federation ID', 512, { caseSensitive: true, unique: true }),
  ],
  children: {},
  scopes: [
    ['everything', 'All users'],
    ['mine', 'My users'],
  ],
  optional: { multiCurrency: currency() },
}

/** Queues are groups; leads can belong to one (18). */
export const GROUP = setup('Group', 'Group', '00G', [
  required(text('Name', 'Name', 40, { nameField: true })),
  text('DeveloperName', 'Developer Name', 80),
  lookup('RelatedId', 'Related ID', ['User'], 'Related'),
  required(restricted('Type', 'Type', ['Regular', 'Queue', 'Organization', 'AllCustomerPortal'])),
  email('Email', 'Email', { length: 255 }),
  lookup('OwnerId', 'Owner ID', ['Organization', 'User'], 'Owner', { nillable: false }),
  flag('DoesSendEmailToMembers', 'Send Email to Members'),
  flag('DoesIncludeBosses', 'Include Bosses'),
])

export const RECORD_TYPE = setup('RecordType', 'Record Type', '012', [
  required(text('Name', 'Name', 80, { nameField: true })),
  required(text('DeveloperName', 'Record Type Name', 80)),
  text('NamespacePrefix', 'Namespace Prefix', 15),
  text('Description', 'Description', 255),
  lookup('BusinessProcessId', 'Business Process ID', ['BusinessProcess'], 'BusinessProcess'),
  required(restricted('SobjectType', 'SObject Type Name', [])),
  flag('IsActive', 'Active', { defaultValue: true }),
])

export const PROFILE = setup('Profile', 'Profile', '00e', [
  required(text('Name', 'Name', 255, { nameField: true })),
  restricted('UserType', 'User Type', ['Standard', 'CloudIntegrationUser']),
  text('Description', 'Description', 255),
])

export const ORGANIZATION = setup('Organization', 'Organization', '00D', [
  required(text('Name', 'Name', 80, { nameField: true })),
  ...address(''),
  field('Phone', 'Phone', 'phone', { length: 40 }),
  text('PrimaryContact', 'Primary Contact', 80),
  required(restricted('DefaultLocaleSidKey', 'Locale', [])),
  required(restricted('TimeZoneSidKey', 'Time Zone', [])),
  required(restricted('LanguageLocaleKey', 'Language', [])),
  whole('FiscalYearStartMonth', 'Fiscal Year Starts In'),
  datetime('TrialExpirationDate', 'Trial Expiration Date'),
  restricted('OrganizationType', 'Edition', ['Developer Edition', 'Enterprise Edition', 'Unlimited Edition']),
  text('NamespacePrefix', 'Namespace Prefix', 15),
  text('InstanceName', 'Instance Name', 5),
  flag('IsSandbox', 'Is Sandbox'),
])

export const LIST_VIEW = setup('ListView', 'List View', '00B', [
  text('Name', 'View Name', 80, { nameField: true }),
  required(text('DeveloperName', 'API Name', 80)),
  text('NamespacePrefix', 'Namespace Prefix', 15),
  text('SobjectType', 'Sobject Type', 40),
  flag('IsSoqlCompatible', 'Is Soql Compatible'),
])

export const OPPORTUNITY_STAGE = setup('OpportunityStage', 'Opportunity Stage', '01J', [
  text('MasterLabel', 'Master Label', 255, { nameField: true }),
  required(text('ApiName', 'API Name', 255)),
  flag('IsActive', 'Is Active'),
  whole('SortOrder', 'Order'),
  flag('IsClosed', 'Closed'),
  flag('IsWon', 'Won'),
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
  required(
    restricted('ForecastCategoryName', 'Forecast Category Name', [
      'Omitted',
      'Pipeline',
      'Best Case',
      'Commit',
      'Closed',
    ]),
  ),
  decimal('DefaultProbability', 'Probability (%)', 'percent', [3, 0]),
  text('Description', 'Description', 255),
])

export const LEAD_STATUS = setup('LeadStatus', 'Lead Status Value', '01J', [
  text('MasterLabel', 'Master Label', 255, { nameField: true }),
  required(text('ApiName', 'API Name', 255)),
  whole('SortOrder', 'Order'),
  flag('IsDefault', 'Default'),
  flag('IsConverted', 'Converted'),
])

/** The currencies of an org with several (17). */
export const CURRENCY_TYPE = setup('CurrencyType', 'Currency Type', '01L', [
  required(text('IsoCode', 'Currency ISO Code', 3, { nameField: true })),
  required(decimal('ConversionRate', 'Conversion Rate', 'double', [18, 6])),
  required(whole('DecimalPlaces', 'Decimal Places')),
  flag('IsActive', 'Active'),
  flag('IsCorporate', 'Corporate'),
])

const GRANTS: Partial<Traits> = { createable: true, updateable: true, deletable: true }

export const PERMISSION_SET = setup(
  'PermissionSet',
  'Permission Set',
  '0PS',
  [
    required(text('Name', 'Permission Set Name', 80)),
    required(text('Label', 'Permission Set Label', 80, { nameField: true })),
    text('Description', 'Description', 255),
    readOnly(flag('IsOwnedByProfile', 'Is Owned By Profile')),
    lookup('ProfileId', 'Profile ID', ['Profile'], 'Profile', { createable: false, updateable: false }),
    readOnly(flag('IsCustom', 'Custom Permission Set')),
  ],
  GRANTS,
)

export const PERMISSION_SET_ASSIGNMENT = setup(
  'PermissionSetAssignment',
  'Permission Set Assignment',
  '0Pa',
  [
    required(
      lookup('PermissionSetId', 'PermissionSet ID', ['PermissionSet'], 'PermissionSet', {
        updateable: false,
      }),
    ),
    required(lookup('AssigneeId', 'Assignee ID', ['User'], 'Assignee', { updateable: false })),
    readOnly(date('ExpirationDate', 'Expires On')),
  ],
  { ...GRANTS, updateable: false },
)

/** Who may see and change a field. A field made through an API is visible to nobody before such a row exists. */
export const FIELD_PERMISSIONS = setup(
  'FieldPermissions',
  'Field Permissions',
  '01k',
  [
    required(lookup('ParentId', 'Parent ID', ['PermissionSet'], 'Parent', { updateable: false })),
    required(picklist('SobjectType', 'SObject Type Name', [], { updateable: false })),
    required(picklist('Field', 'Field Name', [], { updateable: false })),
    flag('PermissionsEdit', 'Edit Field'),
    flag('PermissionsRead', 'Read Field'),
  ],
  GRANTS,
)

function setup(
  name: string,
  label: string,
  keyPrefix: string,
  fields: readonly Field[],
  traits: Partial<Traits> = {},
): ObjectDefinition {
  return {
    name,
    label,
    labelPlural: label.endsWith('s') ? label : `${label}s`,
    keyPrefix,
    custom: false,
    traits: { ...SETUP, ...traits },
    fields: [id(`${label} ID`), ...fields, ...audit()],
    children: {},
    scopes: [],
    optional: {},
  }
}
