/** A plan's cost: calls, hours at the limits that are known, share of the day where there is one. */
import { expect, test } from 'vitest'
import { costOf } from '../../src/cli/plan-cost.ts'
import type { Vendor } from '../../src/config/connection.ts'
import { virtualTime } from '../connectors/virtual-time.ts'
import { openConnectionsTo } from './connections.ts'

/** The cost of so many writes after these reads. */
async function cost(
  vendor: Vendor,
  options: { reads: readonly string[]; writes: number; headers?: Record<string, string> },
) {
  const { runtime, run } = virtualTime()
  const answer = () => ({ status: 200, headers: options.headers ?? {}, body: '{}' })
  const { crm, send } = openConnectionsTo(vendor, { runtime, answer })
  await run(Promise.all(options.reads.map((path) => send('GET', path))))
  return costOf(crm, options.writes)
}

test('Attio writes one record per call, 25 a second, and has no limit for a day', async () => {
  const reads = ['/v2/self', '/v2/objects/people/attributes']
  expect(await cost('attio', { reads, writes: 90_000 })).toEqual({
    cost: { calls: 90_002, hours: 1, dayShare: null },
    writingMs: 3_600_000,
  })
})

test('HubSpot’s limit and day are those that its answers state', async () => {
  const headers = {
    'x-hubspot-ratelimit-max': '190',
    'x-hubspot-ratelimit-remaining': '189',
    'x-hubspot-ratelimit-interval-milliseconds': '10000',
    'x-hubspot-ratelimit-daily': '1000000',
    'x-hubspot-ratelimit-daily-remaining': '900000',
  }
  const planned = await cost('hubspot', { reads: ['/crm/v3/owners'], writes: 189, headers })
  expect(planned).toEqual({
    cost: { calls: 190, hours: 10 / 3_600, dayShare: 190 / 1_000_000 },
    writingMs: (189 / 190) * 10_000,
  })
})

test('nothing to do costs what the looking costs', async () => {
  expect(await cost('attio', { reads: ['/v2/self'], writes: 0 })).toMatchObject({
    cost: { calls: 1, hours: 10 / 3_600_000 },
    writingMs: 0,
  })
})
