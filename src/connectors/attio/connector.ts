/** Attio behind the connector port. */
import { ConnectorError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import type { Connector } from '../connector.ts'
import type { Account, User } from '../reading.ts'
import { inLanes, type ConnectorView, type Metered } from '../lanes.ts'
import type { Transport } from '../transport.ts'
import { attioClient } from './client.ts'
import { ownActor, type OwnActor } from './evidence.ts'
import { attioReads, FIND_VALUES, READ_IDS } from './reads.ts'
import { knowledge, replicaClock, type Knowledge, type ReplicaClock } from './replica.ts'
import { SCOPES } from './scopes.ts'
import {
  allowsUniqueAttributes,
  attributeCatalog,
  attributeNames,
  describeObject,
  ensureTextAttribute,
  objectNames,
  type AttributeCatalog,
} from './schema.ts'
import { installWebhook, listWebhooks, removeWebhooks } from './webhook-setup.ts'
import { readAttioWebhook } from './webhooks.ts'
import type { WireSelf } from './wire.ts'
import { attioWrites } from './writes.ts'

export interface AttioConnectorOptions extends Metered {
  readonly connection: string
  /** `https://api.attio.com`, or a sandbox. */
  readonly baseUrl: string
  readonly token: string
  /** Already wrapped in budget, counters and the like. */
  readonly transport: Transport
  readonly runtime: Runtime
  /** The actor id that our writes appeared under before (`Account.self`), so that old ones are recognised. */
  readonly ownActorId?: string | null
}

export function createAttioConnector(options: AttioConnectorOptions): Connector {
  const { connection, runtime } = options
  const accurateAt = replicaClock()
  const learned: Learned = {
    accurateAt,
    catalog: attributeCatalog(attioClient({ ...options, accurateAt })),
    own: ownActor(options.ownActorId ?? null),
    known: knowledge({ connection, runtime, sinceMs: runtime.now() }),
    unkept: new Set(),
  }
  return inLanes(options, (transport) => attioConnector({ ...options, transport }, learned))
}

/** Merges are told to take moments, and not how many (Attio fact sheet 4.2, 10.6). */
const MERGES_WITHIN_MS = 10_000

/** What the views of all lanes share. */
interface Learned {
  readonly accurateAt: ReplicaClock
  readonly catalog: AttributeCatalog
  readonly own: OwnActor
  readonly known: Knowledge
  readonly unkept: Set<string>
}

function attioConnector(
  options: AttioConnectorOptions,
  { accurateAt, catalog, own, known, unkept }: Learned,
): ConnectorView {
  const { connection, runtime } = options
  const client = attioClient({ ...options, accurateAt })
  const context = { connection, client, catalog, own, known, unkept, runtime }

  const introspect = async (): Promise<WireSelf> => {
    let self: WireSelf
    try {
      self = await client.self()
    } catch (error) {
      // A token that Attio cannot even recognise is told by a 400 here (Attio fact sheet 2.1).
      if (error instanceof ConnectorError && error.status === 400) throw deadToken(connection, error)
      throw error
    }
    if (!self.active) throw deadToken(connection, null)
    if (self.client_id) own.suspect(self.client_id)
    return self
  }

  return {
    connection,
    self: { id: () => own.id(), remember: (id) => own.learn(id) },
    capabilities: {
      batch: { read: READ_IDS, find: FIND_VALUES, write: 25 },
      writesPerRequest: 1,
      // No modification time, filter or feed on records (Attio fact sheet 12): webhooks and sweeps only.
      changes: false,
      pushes: true,
      changesTellRemovals: false,
      versions: 'equality',
      stampResolutionMs: 0,
      archives: false,
      mergesWithinMs: MERGES_WITHIN_MS,
      keepsHistory: true,
      usersScope: 'user_management:read',
      // Record queries say how far their replica had got, and are repeated until that is far enough; only the fuzzy
      // search, which we do not use, lags without saying so (10.7).
      uniqueStamp: allowsUniqueAttributes,
    },

    account: async (): Promise<Account> => {
      const self = await introspect()
      return {
        id: self.workspace_id ?? '',
        name: self.workspace_name ?? '',
        tokenOwner: self.authorized_by_workspace_member_id ?? null,
      }
    },

    missingScopes: async ({ write }) => {
      const granted = new Set(scopesOf(await introspect()))
      const needed = write ? SCOPES.recordWrite : SCOPES.recordRead
      return needed.filter(
        (scope) => !granted.has(scope) && !granted.has(scope.replace(/:read$/, ':read-write')),
      )
    },

    users: async () => {
      const members = await client.members()
      return members.map((member): User => ({
        id: member.id.workspace_member_id,
        email: member.email_address.toLowerCase(),
        active: member.access_level !== 'suspended',
      }))
    },

    describe: (object) => describeObject(client, catalog, object),

    ...attioReads(context),
    ...attioWrites(context),

    changes: () =>
      Promise.reject(
        new ConnectorError('unavailable', 'Attio has no feed of changes', {
          connection,
          hint: 'Changes arrive by webhook; the sweep finds the rest.',
        }),
      ),

    createField: async (object, field) => {
      await ensureTextAttribute(client, connection, object, field)
      await catalog.refresh(object)
    },

    webhooks: {
      reader: async ({ account, objects: mapped, secret }) => {
        const objects = await objectNames(client, mapped)
        const attributes = await attributeNames(catalog, mapped)
        const context = { secret, account, own, objects, attributes }
        return { read: (delivery) => readAttioWebhook(delivery, context) }
      },
      list: (request) => listWebhooks(client, catalog, request),
      install: (request) => installWebhook(client, catalog, request),
      remove: (request) => removeWebhooks(client, catalog, request),
    },
  }
}

function scopesOf(self: WireSelf): readonly string[] {
  return (self.scope ?? '').split(/\s+/).filter(Boolean)
}

function deadToken(connection: string, cause: ConnectorError | null): ConnectorError {
  return new ConnectorError('unauthorized', 'Attio does not accept the access token', {
    connection,
    hint: 'Create a new access token in Attio (Workspace settings, Developers) and set it in the environment.',
    status: cause?.status ?? null,
    code: cause?.code ?? null,
    cause,
  })
}
