/** A HubSpot account in the sandbox, and a connector to it without any socket. */
import { createHubSpotConnector } from '../../../src/connectors/hubspot/connector.ts'
import type { ApiVersion } from '../../../src/connectors/hubspot/paths.ts'
import { hubspotTraffic } from '../../../src/connectors/hubspot/traffic.ts'
import type { Runtime } from '../../../src/runtime.ts'
import { createHubSpotModel } from '../../../src/sandbox/hubspot/model.ts'
import type { HubSpotSettings } from '../../../src/sandbox/hubspot/settings.ts'
import { deliveriesOf } from '../contract/fixture.ts'
import { interruptible } from '../contract/interruptible.ts'

/** Longer than everything the model does later. */
const SETTLE_MS = 300_000

export function sandbox(
  options: {
    settings?: Partial<HubSpotSettings>
    apiVersion?: ApiVersion
    limits?: 'vendor' | 'off'
    webhooksByHand?: boolean
  } = {},
) {
  let now = Date.UTC(2026, 10, 22)
  const model = createHubSpotModel({
    clock: () => now,
    seed: 7,
    limits: options.limits ?? 'off',
    settings: { searchShortPages: 0, ...options.settings },
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
      now += 20
      requests.push(model.routeOf(request))
      return model.handle(request)
    },
    (request) => hubspotTraffic.classify(request).mutating,
  )
  const connect = (token: string) =>
    createHubSpotConnector({
      connection: 'hubspot',
      baseUrl: 'https://api.hubapi.example',
      token,
      transport: network.transport,
      runtime,
      apiVersion: options.apiVersion ?? 'legacy',
      ...(options.webhooksByHand
        ? {}
        : {
            webhookApp: {
              id: String(model.identity.appId),
              developerKey: model.identity.developerApiKey,
            },
          }),
    })
  return {
    model,
    vendor: {
      nowMs: () => now,
      deliveries: () => deliveriesOf(model),
      webhookSecret: model.identity.clientSecret,
    },
    network,
    /** `METHOD /template` of everything sent. */
    requests,
    connector: connect(model.token),
    strangersConnector: connect('pat-na1-00000000-0000-4000-8000-000000000000'),
    settle: () => {
      now += SETTLE_MS
    },
  }
}
