import { expect, test } from 'vitest'
import { attioTraffic } from '../../../src/connectors/attio/traffic.ts'
import type { HttpRequest, HttpResponse } from '../../../src/connectors/transport.ts'

const request = (method: string, path: string): HttpRequest => ({
  method,
  url: `https://api.attio.com${path}`,
  headers: {},
  body: null,
})

const answer = (status: number, headers: Record<string, string> = {}): HttpResponse => ({
  status,
  headers,
  body: '',
})

const traffic = attioTraffic()

test.each([
  ['GET', '/v2/self', false, 'read'],
  ['GET', '/v2/objects/people/records/1', false, 'read'],
  ['POST', '/v2/objects/records/search', false, 'read'],
  ['POST', '/v2/objects/people/records/query', false, 'query-score'],
  ['POST', '/v2/lists/sales/entries/query?limit=5', false, 'query-score'],
  ['POST', '/v2/objects/people/records', true, 'write'],
  ['PUT', '/v2/objects/people/records?matching_attribute=email_addresses', true, 'write'],
  ['PATCH', '/v2/objects/people/records/query', true, 'write'],
  ['DELETE', '/v2/objects/people/records/1', true, 'write'],
])('%s %s', (method, path, mutating, bucket) => {
  const wider = bucket === 'query-score' ? { alsoIn: ['read'] } : {}
  expect(traffic.classify(request(method, path))).toEqual({ mutating, bucket, ...wider })
})

test('a query says what it weighed; nothing else does', () => {
  expect(traffic.scoreFrom?.(answer(200, { 'x-attio-record-query-score': '12.5' }), 'query-score')).toBe(12.5)
  expect(traffic.scoreFrom?.(answer(200), 'query-score')).toBeNull()
  expect(traffic.scoreFrom?.(answer(200, { 'x-attio-record-query-score': '12.5' }), 'read')).toBeNull()
})

test('a query that is refused without a time is too heavy for ever; everything else passes', () => {
  const query = request('POST', '/v2/objects/people/records/query')
  const told = answer(429, { 'retry-after': 'Tue, 23 May 2023 14:42:01 GMT' })
  expect(traffic.pauseAfter?.(answer(429), query)).toEqual({ kind: 'give-up' })
  expect(traffic.pauseAfter?.(told, query)).toEqual({ kind: 'back-off' })
  expect(traffic.pauseAfter?.(answer(429), request('GET', '/v2/self'))).toEqual({ kind: 'back-off' })
})
