/** Salesforce behind the connector port. Each method's work lives in the file named after it. */
import type { Runtime } from '../../runtime.ts'
import type { LineNews } from '../bells.ts'
import type { Connector } from '../connector.ts'
import { inLanes, type ConnectorView, type Metered } from '../lanes.ts'
import type { Transport } from '../transport.ts'
import { createActors, type Actors } from './actors.ts'
import { askedFields, type AskedFields } from './asked-fields.ts'
import { associateRecords } from './associate.ts'
import { createCatalogue, type Catalogue } from './catalogue.ts'
import { readChanges } from './changes.ts'
import { API_VERSION, createSalesforceClient, type SalesforceClient } from './client.ts'
import type { SalesforceContext, WriteSettings } from './context.ts'
import { createTextField } from './create-field.ts'
import { createRecords } from './create.ts'
import { bellsOf, listen, type ChangeEvent } from './events.ts'
import { createParents, type Parents } from './parents.ts'
import { FIND_VALUES, READ_IDS, salesforceReads } from './reads.ts'
import { removeRecords } from './remove.ts'
import { ROWS_MAX } from './rows.ts'
import { describeObject, missingPermissions } from './schema.ts'
import { serverClock, type ServerClock } from './server-clock.ts'
import { createSession, type Credentials, type Session } from './session.ts'
import { snapshotMaker, type SnapshotMaker } from './snapshots.ts'
import { updateRecords } from './update.ts'

export interface SalesforceConnectorOptions extends Metered {
  /** The connection's name in `config/attune.yaml`. */
  readonly connection: string
  readonly credentials: Credentials
  /** Decorated by the caller with what `salesforceTraffic` describes: budget, counters, read-only mode. */
  readonly transport: Transport
  /** For change events: may keep a request open for two minutes. Absent: nobody listens. */
  readonly lineTransport?: Transport
  readonly runtime: Runtime
  readonly apiVersion?: string
  readonly writes?: Partial<WriteSettings>
  /** See `createSession`. */
  readonly onRefreshToken?: (refreshToken: string) => void
  readonly keptRefreshToken?: () => string
}

/** A connector whose change events can also be had one by one. */
export interface SalesforceConnector extends Connector {
  /** Change events, see `events.ts`. `transport` has to keep a request open for two minutes. */
  listen(options: {
    readonly transport: Transport
    readonly objects: readonly string[]
    readonly replayFrom: number | null
    readonly signal: AbortSignal
  }): AsyncGenerator<ChangeEvent, void>
}

/** Rows of one bulk job: what the engine can have in hand at once. */
const BULK_ROWS_MAX = 5_000

/** What all lanes share. */
interface Learned {
  readonly session: Session
  readonly catalogue: Catalogue
  readonly actors: Actors
  readonly clock: ServerClock
  readonly snapshots: SnapshotMaker
  readonly asked: AskedFields
  readonly parents: Parents
}

export function createSalesforceConnector(options: SalesforceConnectorOptions): SalesforceConnector {
  const { connection, credentials, runtime } = options
  const session = createSession(options)
  const clock = serverClock(runtime)
  const actors = createActors()
  const client = clientOf(options, session, clock)
  const learned: Learned = {
    session,
    clock,
    actors,
    catalogue: createCatalogue(client),
    snapshots: snapshotMaker({ connection, clock, actors }),
    asked: askedFields(),
    parents: createParents(),
  }
  const apiVersion = options.apiVersion ?? API_VERSION
  const connector = inLanes(options, (transport) =>
    salesforceConnector({ ...options, credentials, transport }, learned),
  )
  const { lineTransport } = options
  return Object.assign(connector, {
    ...(lineTransport && {
      line: (asked: LineRequest) =>
        news(
          listen({
            ...asked,
            transport: lineTransport,
            replayFrom: placeOf(asked),
            client,
            actors,
            runtime,
            apiVersion,
          }),
        ),
    }),
    listen: (listening: Parameters<SalesforceConnector['listen']>[0]) =>
      listen({ ...listening, client, actors, runtime, apiVersion }),
  })
}

type LineRequest = Parameters<NonNullable<Connector['line']>>[0]

function placeOf({ place }: LineRequest): number | null {
  return place === null ? null : Number(place)
}

/** Whatever a gap hides, the change feed tells. */
async function* news(events: AsyncIterable<ChangeEvent>): AsyncGenerator<LineNews, void> {
  for await (const event of events) {
    yield { bells: bellsOf(event), place: event.replayId === null ? null : String(event.replayId) }
  }
}

function clientOf(
  options: SalesforceConnectorOptions,
  session: Session,
  clock: ServerClock,
): SalesforceClient {
  return createSalesforceClient({
    ...options,
    session,
    transport: clock.watching(options.transport),
    apiVersion: options.apiVersion ?? API_VERSION,
  })
}

function salesforceConnector(options: SalesforceConnectorOptions, learned: Learned): ConnectorView {
  const { connection, runtime, writes } = options
  const { catalogue, actors } = learned
  const client = clientOf(options, learned.session, learned.clock)
  const settings: WriteSettings = { allowDuplicates: false, strict: false, bulkFrom: null, ...writes }
  const context: SalesforceContext = { ...learned, connection, client, runtime, settings }
  const noWebhooks = async (): Promise<never> => {
    throw client.error(
      'unavailable',
      'an org delivers to no URL: its change events wait for whoever listens',
      'Leave the webhooks of this connection out of the settings; its changes are found by polling.',
    )
  }
  const rows = settings.bulkFrom === null || settings.strict ? ROWS_MAX : BULK_ROWS_MAX

  return {
    connection,
    self: { id: () => actors.self(), remember: (id) => actors.remember(id) },
    capabilities: {
      batch: { read: READ_IDS, find: FIND_VALUES, write: rows },
      writesPerRequest: ROWS_MAX,
      bulkFrom: settings.bulkFrom,
      changes: true,
      changesTellRemovals: true,
      pushes: false,
      // A stamp is cut to the second: equal ones say that nothing changed only once the second is over (snapshots.ts).
      versions: 'equality',
      stampResolutionMs: 1_000,
      archives: true,
      mergesWithinMs: 0,
      // There is field history of up to 20 fields that an admin chose (21.3); it is not read.
      keepsHistory: false,
      usersScope: 'Read on User',
      // Queries read the database, not an index (9).
      // External ids can be unique on every object (13.5).
      uniqueStamp: () => true,
    },

    account: () => actors.account(client),
    missingScopes: async ({ object, write }) => missingPermissions(await catalogue.of(object), write),
    users: () => actors.users(client),
    describe: (object) => describeObject(client, catalogue, object),
    ...salesforceReads(context),
    create: (object, items) => createRecords(context, object, items),
    update: (object, items) => updateRecords(context, object, items),
    associate: (object, items) => associateRecords(context, object, items),
    remove: (object, items) => removeRecords(context, object, items),
    changes: (request) => readChanges(context, request),
    history: async () => new Map(),
    createField: (object, field) => createTextField(context, object, field),
    webhooks: { reader: noWebhooks, list: noWebhooks, install: noWebhooks, remove: noWebhooks },
  }
}
