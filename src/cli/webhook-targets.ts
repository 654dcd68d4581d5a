/** Which connections are to deliver where, and what about. */
import type { Connection } from '../compose.ts'
import { parsePublicUrl, PUBLIC_URL_HINT } from '../config/address.ts'
import type { Settings } from '../config/settings.ts'
import type { WebhookRequest } from '../connectors/bells.ts'
import { ConfigError } from '../errors.ts'
import type { OpenedPairing } from '../stages/pairing.ts'
import { webhookWishes } from '../stages/webhook-wishes.ts'
import { webhookPath } from '../web/webhooks.ts'
import type { Connected } from './session.ts'

export interface WebhookTarget {
  readonly connection: Connection
  readonly request: WebhookRequest
}

/** One per connection that a pairing uses and whose vendor pushes, in the order of the settings. */
export function webhookTargets(
  { connections }: Pick<Connected, 'connections'>,
  pairings: readonly OpenedPairing[],
  publicUrl: string,
): readonly WebhookTarget[] {
  const opened = pairings.map(({ pairing }) => pairing)
  return [...connections.byName.values()].flatMap((connection): WebhookTarget[] => {
    const { name } = connection.settings
    const wanted = webhookWishes(opened, name)
    if (wanted.length === 0 || !connection.connector.capabilities.pushes) return []
    return [{ connection, request: { target: `${publicUrl}${webhookPath(name)}`, wanted } }]
  })
}

/** The URL under which the vendors reach us: as the command says, or as the settings do. */
export function publicUrlFor({ web }: Settings, option: string | undefined): string {
  if (option === undefined) {
    if (web?.publicUrl) return web.publicUrl
    throw new ConfigError('no public URL is set', {
      hint: 'set web.public-url, or the variable that web.public-url-env names, to where the vendors reach `attune start`',
    })
  }
  const publicUrl = parsePublicUrl(option)
  if (publicUrl !== null) return publicUrl
  throw new ConfigError(`--public-url ${option} cannot be delivered to`, { hint: PUBLIC_URL_HINT })
}
