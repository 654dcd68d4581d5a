/** A Salesforce org in the sandbox, and a connector to it without any socket. */
import {
  createSalesforceConnector,
  type SalesforceConnector,
} from '../../../src/connectors/salesforce/connector.ts'
import type { WriteSettings } from '../../../src/connectors/salesforce/context.ts'
import type { Credentials } from '../../../src/connectors/salesforce/session.ts'
import { salesforceTraffic } from '../../../src/connectors/salesforce/traffic.ts'
import type { Transport } from '../../../src/connectors/transport.ts'
import type { Runtime } from '../../../src/runtime.ts'
import { createSalesforceModel, type SalesforceModel } from '../../../src/sandbox/salesforce/model.ts'
import type { SalesforceSettings } from '../../../src/sandbox/salesforce/settings.ts'
import { interruptible, type Interruptible } from '../contract/interruptible.ts'

/** Longer than a second is open, and than anything that the model does later. */
const SETTLE_MS = 60_000
const TRIP_MS = 20

export const INSTANCE_URL = 'http://salesforce.invalid'

export interface Sandbox {
  readonly model: SalesforceModel
  readonly network: Interruptible
  /** `METHOD /template` of everything sent. */
  readonly requests: string[]
  readonly runtime: Runtime
  readonly connector: SalesforceConnector
  readonly strangersConnector: SalesforceConnector
  /** Another connector to the same org. */
  readonly connect: (credentials?: Partial<Credentials>, more?: ConnectOptions) => SalesforceConnector
  readonly settle: (ms?: number) => void
}

interface ConnectOptions {
  readonly writes?: Partial<WriteSettings>
  readonly onRefreshToken?: (token: string) => void
  readonly keptRefreshToken?: () => string
  /** What is between the connector and the network. */
  readonly through?: (transport: Transport) => Transport
}

export function sandbox(
  options: {
    readonly settings?: Partial<SalesforceSettings>
    readonly limits?: 'vendor' | 'off'
    readonly writes?: Partial<WriteSettings>
  } = {},
): Sandbox {
  let now = Date.UTC(2026, 4, 1, 7, 25, 37, 123)
  const model = createSalesforceModel({
    clock: () => now,
    seed: 7,
    limits: options.limits ?? 'off',
    settings: { shortQueryPages: 0, duplicateRules: [], leadQueue: null, ...options.settings },
  })
  const runtime: Runtime = {
    now: () => now,
    sleep: async (ms) => {
      now += ms
    },
    random: () => 0.5,
    id: () => 'id',
  }
  const requests: string[] = []
  const network = interruptible(
    async (request) => {
      now += TRIP_MS
      requests.push(model.routeOf(request))
      return model.handle(request)
    },
    (request) => salesforceTraffic.classify(request).mutating,
  )
  const connect = (credentials: Partial<Credentials> = {}, more: ConnectOptions = {}) =>
    createSalesforceConnector({
      connection: 'salesforce',
      credentials: {
        instanceUrl: INSTANCE_URL,
        loginUrl: INSTANCE_URL,
        accessToken: model.token,
        ...credentials,
      },
      transport: more.through?.(network.transport) ?? network.transport,
      runtime,
      writes: { ...options.writes, ...more.writes },
      ...(more.onRefreshToken && { onRefreshToken: more.onRefreshToken }),
      ...(more.keptRefreshToken && { keptRefreshToken: more.keptRefreshToken }),
    })
  return {
    model,
    network,
    requests,
    runtime,
    connector: connect(),
    strangersConnector: connect({ accessToken: '00D000000000000!stranger' }),
    connect,
    settle: (ms = SETTLE_MS) => {
      now += ms
    },
  }
}

/** As an admin in Setup: a field that everybody sees. */
export function addField(model: SalesforceModel, fullName: string, metadata: Record<string, unknown>): void {
  const [, label] = fullName.split('.')
  model.edit({
    action: 'create',
    object: 'CustomField',
    values: { FullName: fullName, Metadata: { label, ...metadata } },
  })
}

/** The unique external id that setup makes. */
export const STAMP = 'Attio_Record_Id__c'
export const UNIQUE_TEXT = { type: 'Text', length: 64, externalId: true, unique: true }
