/** Both vendors' webhooks wired to the engine in process: signed by the models, verified by the connectors. */
import type { Delivery as Told, Hearing } from '../../src/core/bell.ts'
import type { WebhookReader } from '../../src/connectors/connector.ts'
import type { Transport } from '../../src/connectors/transport.ts'
import type { HubSpotModel } from '../../src/sandbox/hubspot/model.ts'
import { deliverDue, runDeliverer } from '../../src/sandbox/deliver.ts'
import type { Engine } from '../../src/stages/engine.ts'
import { observe, type Observation } from '../../src/stages/observe.ts'
import type { TestWorld, Vendor } from './world.ts'

export interface Bells {
  readonly readers: Readonly<Record<Vendor, WebhookReader>>
  /** What became of every delivery so far. */
  readonly heard: Observation[]
  /** Delivers what is due now; returns how many deliveries that were. */
  ring(vendor: Vendor): Promise<number>
  /** Delivers whatever becomes due, until the signal is aborted. */
  ringing(signal: AbortSignal): Promise<void>
}

/** Where the vendors believe to find us. */
export const PUBLIC_URL = 'https://attune.example'

const TARGET = `${PUBLIC_URL}/webhooks`

const OBJECTS = { attio: ['companies', 'people', 'deals'], hubspot: ['companies', 'contacts', 'deals'] }

/** Nothing is asked of a vendor by hearing, so neither are the world's counts changed by it. */
export async function openBells(world: TestWorld, engine: Engine): Promise<Bells> {
  const secrets = { attio: subscribeToAttio(world), hubspot: subscribeToHubSpot(world) }
  const { connectors, accounts } = engine.pairing
  const readerOf = (side: 'left' | 'right', vendor: Vendor): Promise<WebhookReader> =>
    world.run(
      connectors[side].webhookReader({
        account: accounts[side].id,
        objects: OBJECTS[vendor],
        secret: secrets[vendor],
      }),
    )
  const readers = { attio: await readerOf('left', 'attio'), hubspot: await readerOf('right', 'hubspot') }
  const heard: Observation[] = []

  const receiver =
    (vendor: Vendor): Transport =>
    async ({ method, url, headers, body }) => {
      const told: Told = { method, url, headers, body: new TextEncoder().encode(body ?? '') }
      const hearing: Hearing = readers[vendor].read(told, world.runtime.now())
      if (hearing.kind === 'refused') throw new Error(`refused as ${hearing.reason}: ${hearing.because}`)
      heard.push(await observe(engine, { connection: vendor, bells: hearing.bells }))
      return { status: 204, headers: {}, body: '' }
    }

  return {
    readers,
    heard,
    ring: (vendor) => deliverDue(world[vendor], receiver(vendor)),
    ringing: (signal) =>
      runDeliverer({
        vendors: (['attio', 'hubspot'] as const).map((vendor) => ({
          model: world[vendor],
          transport: receiver(vendor),
        })),
        clock: world.runtime,
        runtime: world.runtime,
        signal,
      }),
  }
}

function subscribeToAttio(world: TestWorld): string {
  const subscriptions = ['created', 'updated', 'merged', 'deleted'].map((what) => ({
    event_type: `record.${what}`,
    filter: null,
  }))
  const { status, body } = world.attio.handle({
    method: 'POST',
    url: 'http://attio.invalid/v2/webhooks',
    headers: { authorization: `Bearer ${world.attio.token}` },
    body: JSON.stringify({ data: { target_url: `${TARGET}/attio`, subscriptions } }),
  })
  if (status !== 200) throw new Error(body)
  return (JSON.parse(body) as { data: { secret: string } }).data.secret
}

function subscribeToHubSpot(world: TestWorld): string {
  const { appId, developerApiKey, clientSecret } = (world.hubspot as HubSpotModel).identity
  const call = (method: string, path: string, body: unknown): void => {
    const answer = world.hubspot.handle({
      method,
      url: `http://hubspot.invalid/webhooks/v3/${appId}/${path}?hapikey=${developerApiKey}`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (answer.status > 299) throw new Error(answer.body)
  }
  call('PUT', 'settings', {
    targetUrl: `${TARGET}/hubspot`,
    throttling: { maxConcurrentRequests: 10 },
  })
  const properties = { contact: ['jobtitle', 'phone', 'email', 'firstname', 'lastname'], company: ['name'] }
  for (const [object, names] of Object.entries(properties)) {
    for (const kind of ['creation', 'deletion', 'merge', 'restore', 'associationChange']) {
      call('POST', 'subscriptions', { eventType: `${object}.${kind}`, active: true })
    }
    for (const propertyName of names) {
      call('POST', 'subscriptions', { eventType: `${object}.propertyChange`, propertyName, active: true })
    }
  }
  return clientSecret
}
