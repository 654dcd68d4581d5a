/** The vendors of the ceiling bench: the sandbox's models with their exact limiters, behind realistic latency. */
import { attioTraffic } from '../../src/connectors/attio/traffic.ts'
import { hubspotTraffic } from '../../src/connectors/hubspot/traffic.ts'
import type { HttpRequest, Transport } from '../../src/connectors/transport.ts'
import type { Runtime } from '../../src/runtime.ts'
import { createAttioModel } from '../../src/sandbox/attio/model.ts'
import { createHubSpotModel } from '../../src/sandbox/hubspot/model.ts'
import type { VendorModel } from '../../src/sandbox/model.ts'
import { trips } from './latency.ts'
import type { Allowance } from './limiters.ts'

export const BUCKETS = ['hubspot-10s', 'attio-clock-second', 'attio-sliding-second'] as const
export type BucketName = (typeof BUCKETS)[number]

export interface CeilingVendor {
  readonly allowance: Allowance
  readonly transport: Transport
  /** The n-th request of the run. */
  request(n: number): HttpRequest
  readonly counts: { answered: number; throttled: number }
}

/** The vendors' clocks are not ours: by so much they are ahead. */
const CLOCK_AHEAD_MS = 437

interface VendorOptions {
  readonly runtime: Runtime
  readonly seed: number
  /** The budget takes sliding seconds for those of the clock, as it does until the first refusal. */
  readonly mistaken?: boolean
}

export function ceilingVendor(bucket: BucketName, options: VendorOptions): CeilingVendor {
  switch (bucket) {
    case 'hubspot-10s':
      return hubspot(options)
    case 'attio-clock-second':
      return attio('clock', options)
    case 'attio-sliding-second':
      return attio('sliding', options)
  }
}

/** Any request of the app counts the same; this one is the cheapest to answer. */
function hubspot({ runtime, seed }: VendorOptions): CeilingVendor {
  const model = createHubSpotModel({ clock: () => runtime.now() + CLOCK_AHEAD_MS, seed, limits: 'vendor' })
  return {
    allowance: { limit: 190, windowMs: 10_000, traffic: hubspotTraffic },
    ...behindLatency(model, runtime, seed),
    request: () => ({
      method: 'GET',
      url: 'https://hubspot.invalid/crm/v3/owners',
      headers: { authorization: `Bearer ${model.token}` },
      body: null,
    }),
  }
}

/**
 * Writes. Where the vendor's seconds slide, our budget is told so, as an operator would in the config: no answer shows
 * it before a request is refused.
 */
function attio(seconds: 'clock' | 'sliding', options: VendorOptions): CeilingVendor {
  const { runtime, seed, mistaken = false } = options
  const model = createAttioModel({
    clock: () => runtime.now() + CLOCK_AHEAD_MS,
    seed,
    limits: 'vendor',
    settings: { seconds, enrichment: false, createCompanies: false },
  })
  return {
    allowance: {
      limit: 25,
      windowMs: 1_000,
      traffic: attioTraffic({ clockSeconds: mistaken || seconds === 'clock' }),
    },
    ...behindLatency(model, runtime, seed),
    request: (n) => ({
      method: 'POST',
      url: 'https://attio.invalid/v2/objects/companies/records',
      headers: { authorization: `Bearer ${model.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ data: { values: { name: `No. ${n}` } } }),
    }),
  }
}

function behindLatency(model: VendorModel, runtime: Runtime, seed: number) {
  const nextTrip = trips(seed)
  const counts = { answered: 0, throttled: 0 }
  const transport: Transport = async (request) => {
    const { thereMs, backMs } = nextTrip()
    await runtime.sleep(thereMs)
    const response = model.handle(request)
    if (response.status === 429) counts.throttled += 1
    else if (response.status < 300) counts.answered += 1
    else throw new Error(`${response.status} ${response.body}`)
    await runtime.sleep(backMs)
    return response
  }
  return { transport, counts }
}
