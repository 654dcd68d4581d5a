/** The vendors of the sandbox: one row each, everything else in this folder is written for any of them. */
import { ConfigError } from '../errors.ts'
import { createAttioModel } from './attio/model.ts'
import { attioScribe } from './generate/attio.ts'
import { hubspotScribe } from './generate/hubspot.ts'
import { salesforceScribe } from './generate/salesforce.ts'
import type { Scribe } from './generate/scribe.ts'
import { createHubSpotModel } from './hubspot/model.ts'
import type { ModelOptions, VendorModel } from './model.ts'
import { createSalesforceModel } from './salesforce/model.ts'

export interface Vendor {
  readonly name: string
  /** Distance of its port from the control port, when ports are fixed. */
  readonly portOffset: number
  readonly create: (options: ModelOptions) => VendorModel
  /** Writes generated records in the vendor's own words. */
  readonly scribe: (model: VendorModel) => Scribe
  /** How long the vendor waits for the answer to a webhook. */
  readonly deliveryTimeoutMs: number
}

export const VENDORS: readonly Vendor[] = [
  {
    name: 'attio',
    portOffset: 1,
    create: createAttioModel,
    scribe: attioScribe,
    // Attio fact sheet 16.6.
    deliveryTimeoutMs: 5_000,
  },
  {
    name: 'hubspot',
    portOffset: 2,
    create: createHubSpotModel,
    scribe: hubspotScribe,
    // HubSpot fact sheet 20.
    deliveryTimeoutMs: 5_000,
  },
  {
    name: 'salesforce',
    portOffset: 3,
    create: createSalesforceModel,
    scribe: salesforceScribe,
    // It delivers nothing by itself (Salesforce fact sheet 21).
    deliveryTimeoutMs: 5_000,
  },
]

/** Some of the vendors, in the order of the table. Throws `ConfigError` for a name that is none. */
export function vendorsNamed(names: readonly string[]): readonly Vendor[] {
  const unknown = names.find((name) => !VENDORS.some((vendor) => vendor.name === name))
  if (unknown !== undefined) {
    const known = VENDORS.map(({ name }) => name).join(', ')
    throw new ConfigError(`The sandbox has no "${unknown}"`, { hint: `It has ${known}.` })
  }
  return VENDORS.filter(({ name }) => names.includes(name))
}
