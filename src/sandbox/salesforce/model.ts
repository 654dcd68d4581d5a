/**
 * The strict Salesforce of the sandbox: the public API as the vendor documents it and as recorded traffic shows it,
 * read in the strictest way. What is unknown is answered in the meaner way and says so in a comment; what is not
 * modelled answers 501. Sections refer to the Salesforce fact sheet.
 */
import type { HttpRequest, HttpResponse } from '../../connectors/transport.ts'
import type { ModelOptions, VendorModel } from '../model.ts'
import { Router } from '../router.ts'
import { collectionRoutes } from './api/collections-api.ts'
import { compositeRoutes } from './api/composite-api.ts'
import { describeRoutes } from './api/describe-api.ts'
import { externalIdRoutes } from './api/external-id-api.ts'
import { graphRoutes } from './api/graph-api.ts'
import { identityRoutes } from './api/identity-api.ts'
import { layoutRoutes } from './api/layouts-api.ts'
import { limitsRoutes } from './api/limits-api.ts'
import { listViewRoutes } from './api/list-views-api.ts'
import { oauthRoutes } from './api/oauth-api.ts'
import { pushRoutes } from './api/push-api.ts'
import { queryRoutes } from './api/query-api.ts'
import { recentRoutes } from './api/recent-api.ts'
import { recordRoutes } from './api/records-api.ts'
import { replicationRoutes } from './api/replication-api.ts'
import { searchRoutes } from './api/search-api.ts'
import { soapRoutes } from './api/soap-api.ts'
import { toolingRoutes } from './api/tooling-api.ts'
import { treeRoutes } from './api/tree-api.ts'
import { uiRoutes } from './api/ui-api.ts'
import { classicRoutes } from './bulk/classic-jobs-api.ts'
import { ingestRoutes } from './bulk/ingest-api.ts'
import { queryJobRoutes } from './bulk/query-jobs-api.ts'
import { Door } from './door.ts'
import { dump } from './dump.ts'
import { makeEdit } from './edit.ts'
import { Bayeux } from './events/bayeux.ts'
import { Org, type Identity } from './org.ts'
import { Sessions } from './sessions.ts'
import { defaultSettings, type SalesforceSettings } from './settings.ts'
import { settingsSchema } from './settings-schema.ts'
import { Usage } from './usage.ts'

export interface SalesforceModel extends VendorModel {
  readonly settings: SalesforceSettings
  /** Ids and secrets a client needs to know: consumer key and secret, refresh token, user. */
  readonly identity: Identity
  waits(request: HttpRequest, arrivedAt: number): number
  throttles(response: HttpResponse): boolean
}

export interface SalesforceModelOptions extends ModelOptions {
  readonly settings?: Partial<SalesforceSettings>
}

export function createSalesforceModel(options: SalesforceModelOptions): SalesforceModel {
  const { seed, clock } = options
  const enforced = options.limits === 'vendor'
  const settings: SalesforceSettings = { ...defaultSettings(), ...options.settings }
  const org = new Org({ seed, settings, clock })
  const sessions = new Sessions(org)
  const usage = new Usage(settings, enforced)
  const bayeux = new Bayeux(org, { sessions, enforced })
  const router = new Router([
    ...identityRoutes,
    ...oauthRoutes(sessions),
    ...describeRoutes,
    ...pushRoutes,
    ...recordRoutes,
    ...recentRoutes,
    ...listViewRoutes,
    ...layoutRoutes,
    ...externalIdRoutes,
    ...replicationRoutes,
    ...queryRoutes,
    ...searchRoutes,
    ...collectionRoutes,
    ...compositeRoutes,
    ...graphRoutes,
    ...treeRoutes,
    ...ingestRoutes,
    ...queryJobRoutes,
    ...classicRoutes,
    ...limitsRoutes(usage),
    ...uiRoutes,
    ...toolingRoutes,
    ...soapRoutes(sessions),
    ...bayeux.routes,
  ])
  const door = new Door({ org, sessions, usage, router })
  const { token, refreshToken, clientId, clientSecret, username } = org.identity
  return {
    vendor: 'salesforce',
    token,
    credentials: { clientId, clientSecret, refreshToken, username },
    settings,
    settingsSchema,
    identity: org.identity,
    handle: (request) => door.handle(request),
    waits: (request, arrivedAt) => {
      if (!new URL(request.url).pathname.startsWith('/cometd/')) return 0
      org.settle()
      return bayeux.waits(request, arrivedAt)
    },
    refuse: (reason) => door.refuse(reason),
    throttles: (response) => response.status === 403 && response.body.includes('"REQUEST_LIMIT_EXCEEDED"'),
    isMutating: (request) => {
      const mutates = door.routeOf(request)?.mutates ?? false
      return typeof mutates === 'function' ? mutates(request) : mutates
    },
    routeOf: (request) => door.templateOf(request),
    edit: (edit) => makeEdit(org, sessions, edit),
    // Salesforce rings no bells: its events wait for whoever asks (21).
    takeDeliveries: () => [],
    settleDelivery: () => {},
    nextDeliveryAt: () => null,
    dump: () => dump(org),
    snapshot: () => {
      org.settle()
      return JSON.stringify({
        settings,
        org: org.save(),
        sessions: sessions.save(),
        usage: usage.save(),
        bayeux: bayeux.save(),
      })
    },
    restore: (text) => {
      const saved = JSON.parse(text) as {
        settings: SalesforceSettings
        org: unknown
        sessions: unknown
        usage: unknown
        bayeux: unknown
      }
      Object.assign(settings, saved.settings)
      org.load(saved.org)
      sessions.load(saved.sessions)
      usage.load(saved.usage)
      bayeux.load(saved.bayeux)
    },
  }
}
