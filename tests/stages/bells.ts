/** Both vendors' webhooks wired to the engine in process: signed by the models, verified by the connectors. */
import type { Delivery as Told, Hearing } from '../../src/core/bell.ts'
import type { WebhookReader } from '../../src/connectors/bells.ts'
import type { Transport } from '../../src/connectors/transport.ts'
import type { HubSpotModel } from '../../src/sandbox/hubspot/model.ts'
import { deliverDue, runDeliverer } from '../../src/sandbox/deliver.ts'
import type { Engine } from '../../src/stages/engine.ts'
import { observe, type Observation } from '../../src/stages/observe.ts'
import { webhookWishes } from '../../src/stages/webhook-wishes.ts'
import type { Pushing as Vendor, TestWorld } from './world.ts'

export interface Bells {
  readonly readers: Readonly<Record<Vendor, WebhookReader>>
  /** What each vendor signs with. */
  readonly secrets: Readonly<Record<Vendor, string>>
  /** What became of every delivery so far. */
  readonly heard: Observation[]
  /** The deliveries that were kept, each to be rung as often as wanted, in whatever order. */
  release(): readonly (() => Promise<void>)[]
  /** Delivers what is due now; returns how many deliveries that were. */
  ring(vendor: Vendor): Promise<number>
  /** Delivers whatever becomes due, until the signal is aborted; what `deaf` tells is lost on the way. */
  ringing(signal: AbortSignal, deaf?: Vendor): Promise<void>
  /** What the vendors are about to tell is lost on the way. */
  forget(): void
}

/** Where the vendors believe to find us. */
export const PUBLIC_URL = 'https://attune.example'

/** Installs webhooks as `attune webhooks install` does, and gets ready to hear them. */
export async function openBells(
  world: TestWorld,
  engine: Engine,
  { kept = false }: { /** Answers deliveries and keeps them to itself. */ readonly kept?: boolean } = {},
): Promise<Bells> {
  const { connectors, accounts } = engine.pairing
  const secrets = { attio: '', hubspot: (world.hubspot as HubSpotModel).identity.clientSecret }
  const readerOf = async (side: 'left' | 'right', vendor: Vendor): Promise<WebhookReader> => {
    const { webhooks } = connectors[side]
    const wanted = webhookWishes([engine.pairing], vendor)
    const target = `${PUBLIC_URL}/webhooks/${vendor}`
    const change = await webhooks.install({ target, wanted, secretIsKnown: secrets[vendor] !== '' })
    if (change.kind === 'done' && change.secret !== null) secrets[vendor] = change.secret
    return webhooks.reader({
      account: accounts[side].id,
      objects: wanted.map(({ object }) => object),
      secret: secrets[vendor],
    })
  }
  const readers = {
    attio: await world.run(readerOf('left', 'attio')),
    hubspot: await world.run(readerOf('right', 'hubspot')),
  }
  const heard: Observation[] = []
  const keeping: (() => Promise<void>)[] = []

  let isForgetting = false
  const receiver =
    (vendor: Vendor, isDeaf = false): Transport =>
    async ({ method, url, headers, body }) => {
      if (isDeaf || isForgetting) return { status: 204, headers: {}, body: '' }
      const told: Told = { method, url, headers, body: new TextEncoder().encode(body ?? '') }
      const hearing: Hearing = readers[vendor].read(told, world.runtime.now())
      if (hearing.kind === 'refused') throw new Error(`refused as ${hearing.reason}: ${hearing.because}`)
      const hear = async () => {
        heard.push(await observe(engine, { connection: vendor, bells: hearing.bells }))
      }
      if (kept) keeping.push(hear)
      else await hear()
      return { status: 204, headers: {}, body: '' }
    }

  return {
    readers,
    secrets,
    heard,
    release: () => keeping,
    ring: (vendor) => deliverDue(world[vendor], receiver(vendor)),
    forget: () => {
      isForgetting = true
    },
    ringing: (signal, deaf) =>
      runDeliverer({
        vendors: (['attio', 'hubspot'] as const).map((vendor) => ({
          model: world[vendor],
          transport: receiver(vendor, vendor === deaf),
        })),
        clock: world.runtime,
        runtime: world.runtime,
        signal,
      }),
  }
}
