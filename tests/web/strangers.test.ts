/** A thousand forged, replayed and malformed deliveries, over HTTP into the real store: none changes anything. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLogger } from '../../src/logging.ts'
import type { HubSpotModel } from '../../src/sandbox/hubspot/model.ts'
import { observe } from '../../src/stages/observe.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { openWebServer, type WebServer } from '../../src/web/server.ts'
import { openWebhooks, type Webhooks } from '../../src/web/webhooks.ts'
import { hostileDeliveries, HUNG_UP, originalsFor, type Sent } from '../bench/hostile-deliveries.ts'
import { openBells, PUBLIC_URL } from '../stages/bells.ts'
import { openTestWorld, type TestWorld } from '../stages/world.ts'

const COUNT = 1_000
const TOO_LARGE = 413

let world: TestWorld
let server: WebServer
let webhooks: Webhooks
let secrets: Readonly<Record<'attio' | 'hubspot', string>>

beforeAll(async () => {
  world = await openTestWorld({ empty: true })
  const engine = await world.engine()
  const bells = await openBells(world, engine)
  ;({ secrets } = bells)
  webhooks = openWebhooks({
    runtime: world.runtime,
    log: createLogger({ level: 'silent' }),
    publicUrl: () => PUBLIC_URL,
  })
  for (const connection of ['attio', 'hubspot'] as const) {
    webhooks.open({
      connection,
      read: (delivery, nowMs) => bells.readers[connection].read(delivery, nowMs),
      observe: (heard) => observe(engine, { connection, bells: heard }),
    })
  }
  server = await openWebServer({
    host: '127.0.0.1',
    port: 0,
    routes: webhooks.routes,
    runtime: systemRuntime,
  })
})

afterAll(async () => {
  await server.close()
  await world.close()
})

async function send({ path, method, headers, body }: Sent): Promise<number> {
  return fetch(server.url + path, { method, headers, body: method === 'GET' ? null : body }).then(
    async (answer) => {
      await answer.arrayBuffer()
      return answer.status
    },
    () => HUNG_UP,
  )
}

const dirty = async () => (await world.store.status(world.runtime.now())).dirty

test(
  `of ${COUNT} hostile deliveries none is accepted, and each gets the answer it deserves`,
  { timeout: 60_000 },
  async () => {
    const { pairing } = await world.pairing()
    const people = world.attio.handle({
      method: 'GET',
      url: 'http://attio.invalid/v2/objects/people',
      headers: { authorization: `Bearer ${world.attio.token}` },
      body: null,
    })
    const originals = originalsFor(
      { publicUrl: PUBLIC_URL, ...secrets },
      {
        workspace: pairing.accounts.left.id,
        people: (JSON.parse(people.body) as { data: { id: { object_id: string } } }).data.id.object_id,
        portal: (world.hubspot as HubSpotModel).identity.portalId,
      },
      world.runtime.now(),
    )
    for (const sent of originals.delivered) expect(await send(sent)).toBe(204)
    const before = await dirty()
    expect(before).toBe(originals.delivered.length)

    const wrong: string[] = []
    for (const { kind, sent, status } of hostileDeliveries(originals, COUNT)) {
      const answer = await send(sent)
      const isRight = answer === status || (status === TOO_LARGE && answer === HUNG_UP)
      if (!isRight) wrong.push(`${kind}: ${answer}`)
    }
    expect(wrong).toEqual([])
    expect(await dirty()).toBe(before)
    const counts = [...webhooks.counts().values()]
    const sum = (of: (count: (typeof counts)[number]) => number) =>
      counts.reduce((all, each) => all + of(each), 0)
    expect(sum(({ marked }) => marked)).toBe(originals.delivered.length)
    const refusals = sum(({ refused }) => Object.values(refused).reduce((all, each) => all + each, 0))
    expect(refusals + sum(({ repeated }) => repeated)).toBe(COUNT)

    // They were not refused for being about nothing: the very same ones are taken as they are.
    for (const sent of originals.fresh) expect(await send(sent)).toBe(204)
    expect(await dirty()).toBe(before + originals.fresh.length)
  },
)
