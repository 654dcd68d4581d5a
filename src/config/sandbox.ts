/** How the shipped config reaches the CRMs of a sandbox instead of accounts. */
import type { Environment } from './connection.ts'

/** The variables of the shipped config by which an account is reached. */
const CREDENTIALS = [
  'ATTIO_TOKEN',
  'HUBSPOT_TOKEN',
  'SALESFORCE_ACCESS_TOKEN',
  'SALESFORCE_CLIENT_ID',
  'SALESFORCE_REFRESH_TOKEN',
] as const

/** Whether any connection of the shipped config has a credential: without one, the sandbox is used. */
export function hasCredentials(environment: Environment): boolean {
  return CREDENTIALS.some((name) => environment[name])
}

/** What the shipped config pairs, and so what a sandbox for it has to have. */
export const SHIPPED_CRMS: readonly string[] = ['attio', 'hubspot', 'salesforce']

interface SandboxEndpoint {
  readonly url: string
  readonly token: string
  readonly app?: { readonly id: string; readonly clientSecret: string; readonly developerKey: string }
}

/** What reaching the CRMs of a running sandbox takes, under the names that the shipped config uses. */
export function sandboxEnvironment(
  endpoints: Readonly<Partial<Record<'attio' | 'hubspot' | 'salesforce', SandboxEndpoint>>>,
): Environment {
  const { attio, hubspot, salesforce } = endpoints
  return {
    ...(attio && { ATTIO_TOKEN: attio.token, ATTIO_BASE_URL: attio.url }),
    ...(hubspot && { HUBSPOT_TOKEN: hubspot.token, HUBSPOT_BASE_URL: hubspot.url }),
    ...(hubspot?.app && {
      HUBSPOT_CLIENT_SECRET: hubspot.app.clientSecret,
      HUBSPOT_APP_ID: hubspot.app.id,
      HUBSPOT_DEVELOPER_KEY: hubspot.app.developerKey,
    }),
    ...(salesforce && {
      SALESFORCE_INSTANCE_URL: salesforce.url,
      SALESFORCE_LOGIN_URL: salesforce.url,
      SALESFORCE_ACCESS_TOKEN: salesforce.token,
    }),
  }
}
