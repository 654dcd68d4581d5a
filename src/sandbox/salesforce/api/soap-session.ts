/** The SOAP calls about sessions: login, which newer orgs block and newer versions lack, and who one is (2.2). */
import type { Call } from '../call.ts'
import type { Scalar } from '../rows/row-store.ts'
import type { Sessions } from '../sessions.ts'
import { tabs } from '../views/tabs.ts'
import { refusal } from '../wire.ts'
import { printElements } from '../xml.ts'
import { originOf } from './identity-api.ts'

/** SOAP login is gone from this version on. */
const LOGIN_GONE = 65

/** What is inside of `loginResponse`. */
export function login(
  call: Call,
  { username, password }: { readonly username: string; readonly password: string },
  sessions: Sessions,
): string {
  const { identity, settings } = call.org
  const version = call.params['version'] ?? ''
  if (Number(version) >= LOGIN_GONE)
    throw refusal('UNSUPPORTED_API_VERSION', 'login() is not available in this version')
  const isKnown = username === identity.username && password === identity.password
  if (!settings.passwordLogins || !isKnown) {
    throw refusal('INVALID_LOGIN', 'Invalid username, password, security token; or user locked out.')
  }
  const { userId, orgId } = identity
  const { token } = sessions.start(userId)
  const url = `${originOf(call)}/services/Soap/u/${version}/${orgId.slice(0, 15)}`
  const who = userInfo({ ...call, actor: { ...call.actor, userId } })
  return `<result><passwordExpired>false</passwordExpired><sandbox>false</sandbox><serverUrl>${url}</serverUrl><sessionId>${token}</sessionId><userId>${userId}</userId><userInfo>${who}</userInfo></result>`
}

/** Members of `GetUserInfoResult`; those without a value are `xsi:nil`. */
export function userInfo({ org, actor }: Call): string {
  const user = org.rows.find('User', actor.userId)?.values ?? {}
  const { orgId } = org.identity
  const { multiCurrency, currencies, sessionTimeoutMs } = org.settings
  const [currency = ''] = currencies
  const members: Readonly<Record<string, Scalar | null | undefined>> = {
    accessibilityMode: false,
    chatterExternal: false,
    currencySymbol: multiCurrency ? null : '$',
    orgAttachmentFileSizeLimit: 5_242_880,
    orgDefaultCurrencyIsoCode: multiCurrency ? null : currency,
    orgDisallowHtmlAttachments: false,
    orgHasPersonAccounts: false,
    organizationId: orgId,
    organizationMultiCurrency: multiCurrency,
    organizationName: org.rows.find('Organization', orgId)?.values['Name'] ?? '',
    profileId: user['ProfileId'],
    roleId: user['UserRoleId'] ?? null,
    sessionSecondsValid: sessionTimeoutMs / 1_000,
    userDefaultCurrencyIsoCode: multiCurrency ? currency : null,
    userEmail: user['Email'],
    userFullName: user['Name'],
    userId: actor.userId,
    userLanguage: user['LanguageLocaleKey'],
    userLocale: user['LocaleSidKey'],
    userName: user['Username'],
    userTimeZone: user['TimeZoneSidKey'],
    userType: 'Standard',
    userUiSkin: 'Theme3',
  }
  return printElements(members)
}

/** The one app of a new org, with its tabs. */
export function tabSet(call: Call): string {
  return printElements({
    description: 'Manage your sales process',
    label: 'Sales',
    logoUrl: `${originOf(call)}/img/seasonLogos/sales.png`,
    namespace: null,
    selected: true,
    tabSetId: null,
    tabs: tabs(originOf(call), `${call.params['version'] ?? call.version}`),
  })
}
