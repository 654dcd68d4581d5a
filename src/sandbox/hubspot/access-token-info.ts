/**
 * What a private app's token stands for. The vendor's own MCP server begins with this call; the sheet does not
 * have it, so the answer is the one that server and other public clients read.
 */
import { body, stringOf, type Call, type Route } from './call.ts'
import { notFound, ok, type Answer } from './wire.ts'

export const accessTokenInfoRoute: Route = {
  method: 'POST',
  template: '/oauth/v2/private-apps/get/access-token-info',
  mutates: false,
  scopes: () => [],
  // The token is in the body, and the header is not looked at.
  kind: 'open',
  handle: accessTokenInfo,
}

function accessTokenInfo(call: Call): Answer {
  const { identity, owners, settings } = call.portal
  // How an unknown token is answered is not known.
  if (stringOf(body(call)['tokenKey'], 'tokenKey') !== identity.token) throw notFound()
  return ok({
    userId: owners.actor(undefined)?.userId ?? 0,
    hubId: identity.portalId,
    appId: identity.appId,
    scopes: settings.scopes,
  })
}
