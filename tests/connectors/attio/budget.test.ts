import { expect, test } from 'vitest'
import { createAttioConnector } from '../../../src/connectors/attio/connector.ts'
import { attioTraffic } from '../../../src/connectors/attio/traffic.ts'
import { createBudget } from '../../../src/connectors/budget/budget.ts'
import { counted } from '../../../src/connectors/counted.ts'
import type { Transport } from '../../../src/connectors/transport.ts'
import { createAttioModel } from '../../../src/sandbox/attio/model.ts'
import { virtualTime } from '../virtual-time.ts'

const WRITES = 200

test('a long burst of writes runs near the limit of a strict Attio without a single 429', async () => {
  const { runtime, run } = virtualTime()
  const model = createAttioModel({ clock: () => runtime.now(), seed: 3, limits: 'vendor' })
  const traffic = attioTraffic()
  let calls = 0
  const network: Transport = async (request) => {
    // Latencies between 20 and 180 ms, in no particular order.
    calls += 1
    await runtime.sleep(10 + ((calls * 37) % 90))
    const response = model.handle(request)
    await runtime.sleep(10 + ((calls * 53) % 90))
    return response
  }
  const meter = counted(network, traffic)
  const connector = createAttioConnector({
    connection: 'attio',
    baseUrl: 'https://attio.invalid',
    token: model.token,
    transport: createBudget(meter.transport, { traffic, runtime, inFlightMax: 64, attemptsMax: 5 }).transport,
    runtime,
  })
  const items = Array.from({ length: WRITES }, (_, n) => ({
    writeId: String(n),
    values: { email_addresses: [`person${n}@example.org`] },
    stamp: null,
  }))

  const startedAt = runtime.now()
  const outcomes = await run(connector.create('people', items))
  const seconds = (runtime.now() - startedAt) / 1000

  expect(outcomes.every(({ kind }) => kind === 'done')).toBe(true)
  expect(meter.counts()).toMatchObject({ write: WRITES, throttled: 0 })
  expect(WRITES / seconds).toBeGreaterThan(20)
})
