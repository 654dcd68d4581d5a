/** Who takes part in simulated worlds, and the settings the engine runs under there. */
import type { ConnectionSettings, Settings } from '../../src/config.ts'
import { LOOKS, RETENTION } from '../stages/looks.ts'
import { GUARD_LIMITS } from '../../src/core/guard.ts'
import type { VendorModel } from '../../src/sandbox/model.ts'
import { attioHands } from './hands/attio.ts'
import type { Hands } from './hands/hands.ts'
import { hubspotHands } from './hands/hubspot.ts'

export const START_MS = Date.parse('2026-11-01T09:00:00Z')

export const HANDS: ReadonlyMap<string, Hands> = new Map(
  [attioHands, hubspotHands].map((hands) => [hands.vendor, hands]),
)

export const PAIRING = { name: 'attio-hubspot', left: 'attio', right: 'hubspot' } as const

export const STAMPS = { left: attioHands.stamp, right: hubspotHands.stamp } as const

/** As the shipped configuration has them, but for sizes that make small worlds interesting. */
export function settingsOf(
  models: ReadonlyMap<string, Pick<VendorModel, 'token' | 'app'>>,
  own: Partial<Settings> = {},
): Settings {
  return {
    connections: (['attio', 'hubspot'] as const).map((vendor) => ({
      name: vendor,
      vendor,
      baseUrl: `http://${vendor}.invalid`,
      token: models.get(vendor)?.token ?? '',
      requestsInFlight: 25,
      ...webhooksOf(models.get(vendor)?.app),
    })),
    pairings: [{ ...PAIRING, mappings: [], looks: LOOKS }],
    database: ':memory:',
    batchSize: 200,
    batchesInFlight: 2,
    freshMs: 2_000,
    requestTimeoutMs: 30_000,
    zombieHorizonMs: 20_000,
    clockErrorMs: 2_000,
    lookBack: 'following',
    guards: GUARD_LIMITS,
    retention: RETENTION,
    ...own,
  }
}

function webhooksOf(app: VendorModel['app']): Pick<ConnectionSettings, 'webhooks'> {
  if (!app) return {}
  const { id: appId, clientSecret: secret, developerKey } = app
  return { webhooks: { secret, secretVariable: '', appId, developerKey } }
}
