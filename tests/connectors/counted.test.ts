import { expect, test } from 'vitest'
import { attioTraffic } from '../../src/connectors/attio/traffic.ts'
import { counted } from '../../src/connectors/counted.ts'
import { TransportError } from '../../src/connectors/transport.ts'
import type { Transport } from '../../src/connectors/transport.ts'

const request = (method: string, path: string) => ({
  method,
  url: `https://attio.invalid${path}`,
  headers: {},
  body: null,
})

test('every request that leaves is counted, refused and lost ones included', async () => {
  let next = 200
  const vendor: Transport = async () => {
    if (next === 0) throw new TransportError('lost', { sent: true })
    return { status: next, headers: {}, body: '' }
  }
  const { transport, counts } = counted(vendor, attioTraffic())

  await transport(request('GET', '/v2/self'))
  await transport(request('POST', '/v2/objects/people/records/query'))
  await transport(request('POST', '/v2/objects/people/records'))
  next = 429
  await transport(request('PUT', '/v2/objects/people/records/1'))
  next = 0
  await expect(transport(request('DELETE', '/v2/objects/people/records/1'))).rejects.toThrow('lost')

  expect(counts()).toEqual({ read: 2, write: 3, throttled: 1 })
})
