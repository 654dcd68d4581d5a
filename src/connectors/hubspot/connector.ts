/** HubSpot behind the connector port. Each method's work lives in the file named after it. */
import type { Runtime } from '../../runtime.ts'
import type { WebhookRequest } from '../bells.ts'
import type { Connector } from '../connector.ts'
import { inLanes, type ConnectorView, type Metered } from '../lanes.ts'
import type { Transport } from '../transport.ts'
import { findMissingScopes, readAccount, readUsers } from './account.ts'
import { createCatalogue, type Catalogue } from './catalogue.ts'
import { readCustomTypes } from './catalogue-calls.ts'
import { readChanges } from './changes.ts'
import { createHubSpotClient, type HubSpotClient, type TimeZone } from './client.ts'
import { createCreator } from './create.ts'
import { readEvidence, readHistory } from './history.ts'
import { canUpsert, isNamedByPeople } from './objects.ts'
import type { ApiVersion } from './paths.ts'
import { BATCH_MAX } from './batches.ts'
import { createReader } from './read.ts'
import { removeRecords } from './remove.ts'
import { createTextField, describeObject } from './schema.ts'
import { subscriptionsFor } from './subscriptions.ts'
import { createUpdater } from './update.ts'
import { webhookSetup, type WebhookApp } from './webhook-setup.ts'
import { objectSpellings, readHubSpotWebhook } from './webhooks.ts'
import { writeEdges } from './write-edges.ts'

export interface HubSpotConnectorOptions extends Metered {
  /** The connection's name in `config/attune.yaml`. */
  readonly connection: string
  readonly baseUrl: string
  readonly token: string
  /** Decorated by the caller with what `hubspotTraffic` describes: budget, counters, read-only mode. */
  readonly transport: Transport
  readonly runtime: Runtime
  readonly apiVersion?: ApiVersion
  /** Id of the app behind the token, where known; otherwise learned from the first record it creates. */
  readonly appId?: string
  /** The app that sends the webhooks, where its webhooks are set up by API; otherwise a person does it. */
  readonly webhookApp?: WebhookApp
}

/** What all lanes know of the account. */
interface Learned {
  readonly catalogue: Catalogue
  readonly zone: TimeZone
  appId: string | null
}

export function createHubSpotConnector(options: HubSpotConnectorOptions): Connector {
  const zone: TimeZone = { utcOffsetMs: 0 }
  const catalogue = createCatalogue(clientOf(options, zone))
  const learned: Learned = { catalogue, zone, appId: options.appId ?? null }
  return inLanes(options, (transport) => hubspotConnector({ ...options, transport }, learned))
}

function clientOf(options: HubSpotConnectorOptions, zone: TimeZone): HubSpotClient {
  return createHubSpotClient({
    ...options,
    apiVersion: options.apiVersion ?? 'legacy',
    zone,
    ...(options.webhookApp && { developerKey: options.webhookApp.developerKey }),
  })
}

function hubspotConnector(options: HubSpotConnectorOptions, learned: Learned): ConnectorView {
  const { catalogue } = learned
  const client = clientOf(options, learned.zone)
  const reader = createReader(client, catalogue)
  const create = createCreator(client, catalogue, (appId) => {
    learned.appId ??= appId
  })
  const update = createUpdater(client, catalogue, reader)
  const setup = webhookSetup(client, options.webhookApp ?? null)

  const customTypesOf = async (objects: readonly string[]): Promise<ReadonlyMap<string, string>> =>
    objects.some(isNamedByPeople) ? readCustomTypes(client) : new Map()

  const subscriptionsOf = async ({ wanted }: WebhookRequest) =>
    subscriptionsFor(wanted, await customTypesOf(wanted.map(({ object }) => object)))

  return {
    connection: options.connection,
    self: {
      id: () => learned.appId,
      remember: (id) => {
        learned.appId = id
      },
    },
    capabilities: {
      batch: { read: BATCH_MAX, find: BATCH_MAX, write: BATCH_MAX },
      writesPerRequest: BATCH_MAX,
      changes: true,
      // Its search index does not hold archived records (HubSpot fact sheet 9).
      pushes: true,
      changesTellRemovals: false,
      versions: 'ordered',
      stampResolutionMs: 0,
      archives: true,
      mergesWithinMs: 0,
      keepsHistory: true,
      usersScope: 'crm.objects.owners.read',
      uniqueStamp: canUpsert,
    },

    async account() {
      const { appId, ...account } = await readAccount(client, options.token, learned.appId)
      learned.appId = appId
      return account
    },

    missingScopes: (request) => findMissingScopes(client, request),
    users: () => readUsers(client),
    describe: (object) => describeObject(client, catalogue, object),
    list: (request) => reader.list(request),
    read: (request) => reader.read(request),
    find: (request) => reader.find(request),
    evidence: (request) => readEvidence(client, request, learned.appId),
    history: (request) => readHistory(client, catalogue, request, learned.appId),
    create,
    update,
    associate: (object, items) => writeEdges(client, catalogue, object, items),
    remove: (object, items) => removeRecords(client, object, items),
    changes: (request) => readChanges(client, request),
    createField: (object, field) => createTextField(client, catalogue, object, field),

    webhooks: {
      async reader({ account, objects, secret }) {
        const spellings = objectSpellings(objects, await customTypesOf(objects))
        return {
          read: (delivery, nowMs) =>
            readHubSpotWebhook(delivery, { secret, account, appId: learned.appId, spellings }, nowMs),
        }
      },
      list: async (request) => setup.list(request.target, await subscriptionsOf(request)),
      install: async (request) =>
        setup.install(request.target, await subscriptionsOf(request), request.takeOver ?? false),
      remove: ({ target }) => setup.remove(target),
    },
  }
}
