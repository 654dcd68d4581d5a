/** Our doors to the outside: webhooks, operations, alerts. */
import { ConfigError } from '../errors.ts'
import { parseAddress, parsePublicUrl, PUBLIC_URL_HINT } from './address.ts'
import type { Environment } from './connection.ts'
import type { ConfigDocument } from './file.ts'
import type { AlertSettings, WebSettings } from './settings.ts'

export function webOf(document: ConfigDocument, environment: Environment): WebSettings {
  const { web } = document.body
  const variable = web['public-url-env']
  const fromEnvironment = variable && environment[variable]
  const text = fromEnvironment || web['public-url'] || null
  const publicUrl = text === null ? null : parsePublicUrl(text)
  if (text !== null && publicUrl === null) {
    throw new ConfigError(`the public URL ${text} cannot be delivered to`, {
      at: document.at(['web', fromEnvironment ? 'public-url-env' : 'public-url']),
      hint: PUBLIC_URL_HINT,
    })
  }
  return {
    bind: parseAddress(web.bind),
    operations: parseAddress(web.operations),
    publicUrl,
  }
}

/** Unsigned alerts could be anybody's, so a URL needs a secret. */
export function alertsOf(
  document: ConfigDocument,
  environment: Environment,
): { readonly alerts?: AlertSettings } {
  const { 'url-env': urlVariable, 'secret-env': secretVariable } = document.body.alerts
  const url = (urlVariable && environment[urlVariable]) || ''
  if (url === '') return {}
  if (parsePublicUrl(url.split('?')[0] ?? '') === null) {
    throw new ConfigError(`${urlVariable ?? ''} is not a URL that alerts can be sent to`, {
      at: document.at(['alerts', 'url-env']),
      hint: 'give an https URL; http only on this machine',
    })
  }
  const secret = (secretVariable && environment[secretVariable]) || ''
  if (secret === '') {
    throw new ConfigError('alerts have a URL and nothing to be signed with', {
      at: document.at(['alerts', secretVariable === undefined ? 'url-env' : 'secret-env']),
      hint: 'name a variable under `alerts.secret-env`, and set it to a long random text that the receiver knows too',
    })
  }
  return { alerts: { url, secret } }
}
