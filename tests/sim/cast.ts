/** Who takes part in simulated worlds, and the settings the engine runs under there. */
import type { ConnectionSettings, Vendor } from '../../src/config/connection.ts'
import type { Settings } from '../../src/config/settings.ts'
import type { Both } from '../../src/core/record.ts'
import { LOOKS } from '../stages/looks.ts'
import type { VendorModel } from '../../src/sandbox/model.ts'
import { attioHands } from './hands/attio.ts'
import type { Hands } from './hands/hands.ts'
import { hubspotHands } from './hands/hubspot.ts'
import { salesforceHands } from './hands/salesforce.ts'
import { ENGINE_SETTINGS } from '../stages/engine-settings.ts'

export const START_MS = Date.parse('2026-11-01T09:00:00Z')

export const HANDS: ReadonlyMap<string, Hands> = new Map(
  [attioHands, hubspotHands, salesforceHands].map((hands) => [hands.vendor, hands]),
)

/** Two CRMs that are kept in agreement. Connections are named after their vendors. */
export interface CastPairing extends Both<Vendor> {
  readonly name: string
  /** Field in which each side holds the id of its counterpart. */
  readonly stamps: Both<string>
}

export const PAIRING: CastPairing = {
  name: 'attio-hubspot',
  left: 'attio',
  right: 'hubspot',
  stamps: { left: 'hubspot_id', right: 'attio_record_id' },
}

const SALESFORCE_PAIRING: CastPairing = {
  name: 'attio-salesforce',
  left: 'attio',
  right: 'salesforce',
  stamps: { left: 'salesforce_id', right: 'Attio_Record_Id__c' },
}

export const CAST_NAMES = ['attio-hubspot', 'attio-salesforce', 'hub', 'hub-reversed'] as const

export type CastName = (typeof CAST_NAMES)[number]

/** Pairings of one process, in the order in which they take turns. */
export const CASTS: Readonly<Record<CastName, readonly CastPairing[]>> = {
  'attio-hubspot': [PAIRING],
  'attio-salesforce': [SALESFORCE_PAIRING],
  hub: [PAIRING, SALESFORCE_PAIRING],
  // The worlds of `hub` again: nothing may depend on which of the two comes first.
  'hub-reversed': [SALESFORCE_PAIRING, PAIRING],
}

/** The pairings of a scenario. One that was kept before there were others names none. */
export function pairingsOf({ cast = 'attio-hubspot' }: { readonly cast?: CastName }): readonly CastPairing[] {
  return CASTS[cast]
}

export function vendorsOf(pairings: readonly CastPairing[]): readonly Vendor[] {
  return [...new Set(pairings.flatMap(({ left, right }) => [left, right]))]
}

/** As the shipped configuration has them, but for sizes that make small worlds interesting. */
export function settingsOf(
  models: ReadonlyMap<string, Pick<VendorModel, 'token' | 'app'>>,
  pairings: readonly CastPairing[],
  own: Partial<Settings> = {},
): Settings {
  return {
    connections: vendorsOf(pairings).map((vendor) => ({
      name: vendor,
      vendor,
      baseUrl: `http://${vendor}.invalid`,
      token: models.get(vendor)?.token ?? '',
      requestsInFlight: 25,
      ...webhooksOf(models.get(vendor)?.app),
    })),
    pairings: pairings.map(({ name, left, right }) => ({ name, left, right, mappings: [], looks: LOOKS })),
    ...ENGINE_SETTINGS,
    ...own,
  }
}

function webhooksOf(app: VendorModel['app']): Pick<ConnectionSettings, 'webhooks'> {
  if (!app) return {}
  const { id: appId, clientSecret: secret, developerKey } = app
  return { webhooks: { secret, secretVariable: '', appId, developerKey } }
}
