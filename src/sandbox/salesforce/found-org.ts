/**
 * Founds an org: its users, profiles, the queue for new leads, and the rows that describe stages and statuses.
 *
 * The people are colleagues whom the other CRMs know by the same addresses, with the exceptions that syncs of
 * owners stumble over: some have left, one is here only, and some users are no people (Salesforce fact sheet 18).
 */
import { FORECAST_NAMES, STAGES } from './catalogue/opportunity.ts'
import { token } from './chance.ts'
import type { Identity, Org } from './org.ts'
import type { Scalar } from './rows/row-store.ts'
import { systemValues } from './rows/system-values.ts'
import { listViewRows } from './views/list-views.ts'

const PEOPLE = [
  ['Ada', 'Okafor', true],
  ['Bruno', 'Keller', true],
  ['Chidi', 'Marsh', true],
  ['Dana', 'Novak', true],
  ['Ivo', 'Petrov', true],
  ['Farid', 'Lund', false],
  ['Joy', 'Osei', false],
] as const

export function foundOrg(org: Org): Identity {
  const { seed, ids } = org
  const orgId = ids.next('00D')
  const [standard, integration, admin] = ['Standard User', 'Integration', 'System Administrator'].map(
    (name) => insert(org, 'Profile', '00e', { Name: name, UserType: 'Standard' }),
  )
  const domain = `northwind-${Math.abs(seed) % 1_000}.example`
  const user = (values: Record<string, Scalar>): string => {
    const names = [values['FirstName'], values['LastName']].filter((name) => name !== undefined)
    return insert(org, 'User', '005', {
      Name: names.join(' '),
      Alias: String(values['Username']).slice(0, 5),
      CommunityNickname: String(values['Username']).split('@')[0] ?? '',
      TimeZoneSidKey: org.settings.timeZone,
      LocaleSidKey: 'en_US',
      EmailEncodingKey: 'UTF-8',
      LanguageLocaleKey: 'en_US',
      UserType: 'Standard',
      ...values,
    })
  }
  PEOPLE.forEach(([FirstName, LastName, IsActive], index) => {
    const local = `${FirstName}.${LastName}`.toLowerCase()
    const ProfileId = (index === 0 ? admin : standard) ?? ''
    const Email = `${local}@example.com`
    user({ FirstName, LastName, Email, Username: `${local}@${domain}`, IsActive, ProfileId })
  })
  // Odd addresses that nobody reads (18).
  user({
    LastName: 'Automated Process',
    Email: `autoproc@${orgId.toLowerCase()}`,
    Username: `autoproc@${orgId.toLowerCase()}`,
    IsActive: true,
    UserType: 'AutomatedProcess',
    ProfileId: standard ?? '',
  })
  const username = `integration@${domain}`
  const userId = user({
    FirstName: 'Integration',
    LastName: 'User',
    Email: `integration@${domain}`,
    Username: username,
    IsActive: true,
    ProfileId: integration ?? '',
  })
  foundSetup(org, orgId)
  // What a profile grants is a permission set of its own; API clients grant what they need beside it.
  const ownSet = insert(org, 'PermissionSet', '0PS', {
    Name: 'X00eIntegration',
    Label: '00e Integration',
    IsOwnedByProfile: true,
    IsCustom: false,
    ProfileId: integration ?? '',
  })
  insert(org, 'PermissionSetAssignment', '0Pa', { PermissionSetId: ownSet, AssigneeId: userId })
  return {
    // The vendor's command line checks the form: org id, exclamation mark, letters, digits, dots, underscores.
    token: `${orgId.slice(0, 15)}!AQ${token(94, seed, 'session')}`,
    refreshToken: `5Aep861${token(80, seed, 'refresh')}`,
    clientId: `3MVG9${token(80, seed, 'client id')}`,
    clientSecret: token(64, seed, 'client secret'),
    username,
    password: token(16, seed, 'password'),
    orgId,
    userId,
  }
}

function foundSetup(org: Org, orgId: string): void {
  insert(org, 'Organization', '00D', {
    Id: orgId,
    Name: 'Northwind Sandbox',
    Country: 'US',
    PrimaryContact: 'Ada Okafor',
    DefaultLocaleSidKey: 'en_US',
    TimeZoneSidKey: org.settings.timeZone,
    LanguageLocaleKey: 'en_US',
    FiscalYearStartMonth: 1,
    OrganizationType: 'Developer Edition',
    InstanceName: 'LOCAL',
    IsSandbox: false,
  })
  const { leadQueue } = org.settings
  if (leadQueue !== null) {
    insert(org, 'Group', '00G', {
      Name: leadQueue,
      DeveloperName: leadQueue.replaceAll(/\W+/g, '_'),
      Type: 'Queue',
      OwnerId: orgId,
      DoesSendEmailToMembers: false,
      DoesIncludeBosses: false,
    })
  }
  // Shown only where several currencies are switched on.
  org.settings.currencies.forEach((IsoCode, index) => {
    insert(org, 'CurrencyType', '01L', {
      IsoCode,
      ConversionRate: index === 0 ? 1 : 0.9,
      DecimalPlaces: 2,
      IsActive: true,
      IsCorporate: index === 0,
    })
  })
  for (const view of listViewRows()) insert(org, 'ListView', '00B', view)
  STAGES.forEach((stage, index) => {
    insert(org, 'OpportunityStage', '01J', {
      MasterLabel: stage.name,
      ApiName: stage.name,
      IsActive: true,
      SortOrder: index + 1,
      IsClosed: stage.isClosed,
      IsWon: stage.isWon,
      ForecastCategory: stage.forecast,
      ForecastCategoryName: FORECAST_NAMES[stage.forecast],
      DefaultProbability: stage.probability,
    })
  })
  const statuses = [
    'Open - Not Contacted',
    'Working - Contacted',
    'Closed - Converted',
    'Closed - Not Converted',
  ]
  statuses.forEach((status, index) => {
    insert(org, 'LeadStatus', '01J', {
      MasterLabel: status,
      ApiName: status,
      SortOrder: index + 1,
      IsDefault: index === 0,
      IsConverted: status === 'Closed - Converted',
    })
  })
}

/** The first user made everything; nobody else is there yet. */
function insert(org: Org, object: string, keyPrefix: string, values: Record<string, Scalar>): string {
  const id = typeof values['Id'] === 'string' ? values['Id'] : org.ids.next(keyPrefix)
  org.rows.insert({
    id,
    object,
    values: { ...systemValues(org, id, FOUNDER), ...values },
    deletedAt: null,
    deletedWith: null,
    pending: null,
  })
  return id
}

/** The user whom every org has and whom no query shows. */
const FOUNDER = '005000000000000AAA'
