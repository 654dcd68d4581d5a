/** Both vendors' own deliveries through the listener into the real store, as over a proxy under another name. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { httpTransport, type HttpRequest, type Transport } from '../../src/connectors/transport.ts'
import { createLogger } from '../../src/logging.ts'
import { deliverDue } from '../../src/sandbox/deliver.ts'
import type { Engine } from '../../src/stages/engine.ts'
import { observe } from '../../src/stages/observe.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { openWebServer, type WebServer } from '../../src/web/server.ts'
import { openWebhooks, type Webhooks } from '../../src/web/webhooks.ts'
import { openBells, PUBLIC_URL } from '../stages/bells.ts'
import { attioPerson, calm, counterpart, edit, PEOPLE_ONLY } from '../stages/story.ts'
import { openTestWorld, type TestWorld, type Vendor } from '../stages/world.ts'

const VENDORS = ['attio', 'hubspot'] as const

let world: TestWorld
let engine: Engine
let server: WebServer
let webhooks: Webhooks
let isBroken: boolean
let ada: string
let contact: string
/** Every request that the vendors sent. */
let sent: { readonly vendor: Vendor; readonly request: HttpRequest; readonly status: number }[]

beforeEach(async () => {
  world = await openTestWorld({ empty: true, mappings: PEOPLE_ONLY })
  calm(world)
  ada = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'Analyst' })
  await world.sync()
  contact = (await counterpart(world, 'attio', ada)) ?? ''
  engine = await world.engine()
  const { readers } = await openBells(world, engine)
  isBroken = false
  sent = []
  webhooks = openWebhooks({
    runtime: world.runtime,
    log: createLogger({ level: 'silent' }),
    publicUrl: () => PUBLIC_URL,
  })
  for (const vendor of VENDORS) {
    webhooks.open({
      connection: vendor,
      read: (delivery, nowMs) => readers[vendor].read(delivery, nowMs),
      observe: (bells) =>
        isBroken ? Promise.reject(new Error('disk full')) : observe(engine, { connection: vendor, bells }),
    })
  }
  server = await openWebServer({
    host: '127.0.0.1',
    port: 0,
    routes: webhooks.routes,
    runtime: systemRuntime,
  })
})

afterEach(async () => {
  await server.close()
  await world.close()
})

const network = httpTransport({ timeoutMs: 5_000 })

/** As a proxy does it: what is called under the public name goes to the port. */
function proxied(vendor: Vendor): Transport {
  return async (request) => {
    const answer = await network({ ...request, url: request.url.replace(PUBLIC_URL, server.url) })
    sent.push({ vendor, request, status: answer.status })
    return answer
  }
}

async function ring(vendor: Vendor): Promise<readonly number[]> {
  const before = sent.length
  await deliverDue(world[vendor], proxied(vendor))
  return sent.slice(before).map(({ status }) => status)
}

const marked = (vendor: Vendor) => webhooks.counts().get(vendor)?.marked ?? 0
const waiting = async () => (await world.store.status(world.runtime.now())).dirty

function touch(vendor: Vendor): void {
  if (vendor === 'attio') edit(world, 'attio', 'people', ada, { job_title: 'Countess' })
  else edit(world, 'hubspot', 'contacts', contact, { jobtitle: 'Countess' })
}

describe.each(VENDORS)('a delivery of %s', (vendor) => {
  test('is taken, and once more changes nothing', async () => {
    touch(vendor)
    await world.advance(5_000)
    expect(await ring(vendor)).toEqual([204])
    expect(await waiting()).toBe(1)
    const again = await proxied(vendor)(sent[0]!.request)
    expect(again.status).toBe(204)
    expect(webhooks.counts().get(vendor)).toMatchObject({
      deliveries: 2,
      marked: 1,
      repeated: 1,
      refused: {},
    })
    expect(await waiting()).toBe(1)
  })

  test('that could not be stored comes again by itself and is taken then', async () => {
    touch(vendor)
    await world.advance(5_000)
    isBroken = true
    expect(await ring(vendor)).toEqual([503])
    expect(await waiting()).toBe(0)
    isBroken = false
    expect(await ring(vendor)).toEqual([])
    const retryAtMs = world[vendor].nextDeliveryAt() ?? 0
    expect(retryAtMs).toBeGreaterThan(world.runtime.now())
    await world.advance(retryAtMs - world.runtime.now())
    expect(await ring(vendor)).toEqual([204])
    expect([await waiting(), marked(vendor)]).toEqual([1, 1])
  })

  test('is refused when a single byte of it was changed, wherever', async () => {
    touch(vendor)
    await world.advance(5_000)
    await ring(vendor)
    const genuine = sent[0]!.request
    const body = genuine.body ?? ''
    const changed = [5, 40, body.length - 2].map((at) => ({
      ...genuine,
      body: `${body.slice(0, at)}${body[at] === '1' ? '2' : '1'}${body.slice(at + 1)}`,
    }))
    for (const request of changed) expect((await proxied(vendor)(request)).status).toBe(401)
    expect(webhooks.counts().get(vendor)).toMatchObject({ deliveries: 1, refused: { forged: 3 } })
  })
})

test('a recorded delivery is stale after five minutes where its time is signed', async () => {
  touch('hubspot')
  await world.advance(5_000)
  await ring('hubspot')
  await world.advance(300_001)
  expect((await proxied('hubspot')(sent[0]!.request)).status).toBe(401)
  expect(webhooks.counts().get('hubspot')?.refused).toEqual({ stale: 1 })
})

test('a genuine body under a made-up key makes one record be looked at, and nothing else', async () => {
  touch('attio')
  await world.advance(5_000)
  await ring('attio')
  await world.sync()
  const before = world.writes()
  const { request } = sent[0]!
  const replayed = { ...request, headers: { ...request.headers, 'idempotency-key': 'made-up' } }
  expect((await proxied('attio')(replayed)).status).toBe(204)
  expect(await waiting()).toBe(1)
  await world.sync()
  expect(world.writes()).toEqual(before)
})

test('a delivery of one vendor is none of the other', async () => {
  touch('attio')
  await world.advance(5_000)
  await ring('attio')
  const { request } = sent[0]!
  const misled = { ...request, url: request.url.replace('/webhooks/attio', '/webhooks/hubspot') }
  expect((await network({ ...misled, url: misled.url.replace(PUBLIC_URL, server.url) })).status).toBe(401)
})
