/**
 * The strict HubSpot of the sandbox: the public API as the vendor documents it and as recorded traffic shows
 * it, read in the strictest way. What is unknown is answered in the meaner way and says so in a comment;
 * what is not modelled answers 501. Sections refer to the HubSpot fact sheet.
 */
import type { ModelOptions, VendorModel } from '../model.ts'
import { accessTokenInfoRoute } from './access-token-info.ts'
import { accountRoutes } from './account-api.ts'
import { associationLimitRoutes } from './association-limits.ts'
import { labelRoutes } from './association-labels.ts'
import { associationRoutes } from './associations-api.ts'
import { associationBatchRoutes } from './associations-batch-api.ts'
import { oldAssociationRoutes } from './associations-v3-api.ts'
import { batchRoutes } from './batches.ts'
import { oldCompanyRoutes } from './companies-v2-api.ts'
import { hex, uuid } from '../chance.ts'
import { oldContactBatchRoutes } from './contact-batches-v1-api.ts'
import { oldestAssociationRoutes } from './crm-associations-v1-api.ts'
import { oldDealRoutes } from './deals-v1-api.ts'
import { Door } from './door.ts'
import { oldContactFeedRoutes } from './contact-feeds-v1-api.ts'
import { oldContactRoutes } from './contacts-v1-api.ts'
import { dump } from './dump.ts'
import { makeEdit } from './edit.ts'
import { oldEngagementRoutes } from './engagements-v1-api.ts'
import { RateLimits } from './limits.ts'
import { oauthRoutes } from './oauth-api.ts'
import { objectRoutes } from './objects.ts'
import { oldAccountRoutes } from './old-account-api.ts'
import { oldPropertyRoutes } from './old-properties-api.ts'
import { pipelineRoutes } from './pipelines-api.ts'
import { Portal, type Identity } from './portal.ts'
import { propertyGroupRoutes } from './property-groups-api.ts'
import { propertyRoutes } from './properties-api.ts'
import { Router } from '../router.ts'
import { schemaRoutes } from './schemas-api.ts'
import { searchRoutes } from './search.ts'
import { defaultSettings, type HubSpotSettings } from './settings.ts'
import { settingsSchema } from './settings-schema.ts'
import { Tokens } from './tokens.ts'
import { webhookRoutes } from './webhooks-api.ts'

const ROUTER = new Router([
  ...objectRoutes,
  ...batchRoutes,
  ...searchRoutes,
  ...associationRoutes,
  ...associationBatchRoutes,
  ...oldAssociationRoutes,
  ...oldContactRoutes,
  ...oldContactFeedRoutes,
  ...oldCompanyRoutes,
  ...oldDealRoutes,
  ...oldContactBatchRoutes,
  ...oldestAssociationRoutes,
  ...oldEngagementRoutes,
  ...oldPropertyRoutes,
  ...oldAccountRoutes,
  ...labelRoutes,
  ...associationLimitRoutes,
  ...propertyGroupRoutes,
  ...propertyRoutes,
  ...pipelineRoutes,
  ...schemaRoutes,
  ...accountRoutes,
  ...oauthRoutes,
  accessTokenInfoRoute,
  ...webhookRoutes,
])

export interface HubSpotModel extends VendorModel {
  readonly settings: HubSpotSettings
  /** Ids and secrets an app needs to know: app id, client secret, developer key … */
  readonly identity: Identity
}

export interface HubSpotModelOptions extends ModelOptions {
  readonly settings?: Partial<HubSpotSettings>
  readonly identity?: Partial<Identity>
}

export function createHubSpotModel(options: HubSpotModelOptions): HubSpotModel {
  const { seed } = options
  // A clock that is moved by hand, or a world that is spread over months, can stand between two milliseconds.
  const clock = () => Math.floor(options.clock())
  const settings = { ...defaultSettings(), ...options.settings }
  const identity = { ...identityOf(seed), ...options.identity }
  const portal = new Portal({ seed, identity, settings, clock })
  const tokens = new Tokens(portal)
  const limits = new RateLimits({ clock, settings, enforced: options.limits === 'vendor' })
  const door = new Door({ portal, tokens, limits, router: ROUTER })
  return {
    vendor: 'hubspot',
    token: identity.token,
    app: {
      id: String(identity.appId),
      clientSecret: identity.clientSecret,
      developerKey: identity.developerApiKey,
    },
    credentials: {
      clientId: identity.clientId,
      clientSecret: identity.clientSecret,
      refreshToken: identity.refreshToken,
    },
    settings,
    settingsSchema,
    identity,
    handle: (request) => door.handle(request),
    refuse: (reason, request) => door.refuse(reason, request),
    isMutating: (request) => door.routeOf(request)?.mutates ?? false,
    routeOf: (request) => door.templateOf(request),
    edit: (edit) => makeEdit(portal, edit),
    takeDeliveries: () => portal.webhooks.take(portal.deliveryContext()),
    settleDelivery: (id, status) => portal.webhooks.settle(id, status, portal.deliveryContext()),
    nextDeliveryAt: () => portal.webhooks.nextAt(),
    dump: () => dump(portal),
    snapshot: () =>
      JSON.stringify({ settings, portal: portal.save(), tokens: tokens.save(), limits: limits.save() }),
    restore: (text) => {
      const saved = JSON.parse(text) as {
        settings: HubSpotSettings
        portal: unknown
        tokens: unknown
        limits: unknown
      }
      Object.assign(settings, saved.settings)
      portal.load(saved.portal)
      tokens.load(saved.tokens)
      limits.load(saved.limits)
    },
  }
}

/** Different seeds are different portals. */
function identityOf(seed: number): Identity {
  const number = Math.abs(seed) % 1_000
  return {
    portalId: 48_120_000 + number,
    appId: 3_310_000 + number,
    clientId: uuid(seed, 'client id'),
    clientSecret: uuid(seed, 'client secret'),
    developerApiKey: uuid(seed, 'developer key'),
    token: `pat-na1-${uuid(seed, 'token')}`,
    refreshToken: uuid(seed, 'refresh token'),
    hubDomain: `sandbox-${hex(6, seed, 'domain')}.hubspot.example`,
  }
}
