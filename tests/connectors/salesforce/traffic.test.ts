import { describe, expect, test } from 'vitest'
import { createBudget } from '../../../src/connectors/budget/budget.ts'
import { salesforceTraffic } from '../../../src/connectors/salesforce/traffic.ts'
import type { HttpResponse } from '../../../src/connectors/transport.ts'
import { virtualTime } from '../virtual-time.ts'
import { sandbox } from './sandbox.ts'

const request = (method: string, path: string, body: unknown = null) => ({
  method,
  url: `https://org.my.salesforce.com${path}`,
  headers: {},
  body: body === null ? null : JSON.stringify(body),
})

const DATA = '/services/data/v64.0'

describe('requests', () => {
  test.each<[string, string, unknown, boolean, string]>([
    ['GET', `${DATA}/query?q=SELECT`, null, false, 'requests'],
    ['POST', `${DATA}/composite/sobjects/Contact`, { ids: [] }, false, 'requests'],
    ['POST', `${DATA}/composite/sobjects`, { records: [] }, true, 'requests'],
    ['PATCH', `${DATA}/composite/sobjects/Account/Attio_Record_Id__c`, {}, true, 'requests'],
    ['DELETE', `${DATA}/composite/sobjects?ids=1`, null, true, 'requests'],
    ['POST', `${DATA}/composite`, { compositeRequest: [{ method: 'GET' }] }, false, 'requests'],
    [
      'POST',
      `${DATA}/composite`,
      { compositeRequest: [{ method: 'GET' }, { method: 'PATCH' }] },
      true,
      'requests',
    ],
    ['POST', `${DATA}/composite`, 'unreadable', true, 'requests'],
    ['POST', `${DATA}/jobs/ingest`, {}, true, 'requests'],
    ['PUT', `${DATA}/jobs/ingest/750/batches`, 'Id', true, 'requests'],
    ['POST', `${DATA}/tooling/sobjects/CustomField`, {}, true, 'requests'],
    ['POST', '/services/oauth2/token', null, false, 'logins'],
    ['GET', '/services/oauth2/userinfo', null, false, 'logins'],
    ['POST', '/cometd/64.0', [], false, 'events'],
  ])('%s %s %j', (method, path, body, mutating, bucket) => {
    expect(salesforceTraffic.classify(request(method, path, body))).toEqual({ mutating, bucket })
  })

  test('agree with the org on what changes data', async () => {
    const { model, network, connector } = sandbox({ writes: { strict: true } })
    const { id } = model.edit({ action: 'create', object: 'Contact', values: { LastName: 'X' } })
    await connector.update('Contact', [{ writeId: 'w', id, values: { Title: 'CTO' }, version: null }])
    await connector.changes({ object: 'Contact', cursor: null })
    await connector.remove('Contact', [{ writeId: 'r', id, mode: 'archive' }])
    await connector.read({ object: 'Contact', ids: [id], fields: ['Title'] })
    expect(new Set(network.requests.map((each) => model.isMutating(each)))).toEqual(new Set([true, false]))
    for (const each of network.requests) {
      expect([each.url, salesforceTraffic.classify(each).mutating]).toEqual([
        each.url,
        model.isMutating(each),
      ])
    }
  })
})

describe('what answers tell', () => {
  const answer = (status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse => ({
    status,
    headers,
    body: JSON.stringify(body),
  })
  const limit = (message: string) => answer(403, [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message }])
  const DAY = 'TotalRequests Limit exceeded.'
  const LONG = 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.'

  test('the day, with the figures of single apps behind it', () => {
    const used = (value: string) =>
      salesforceTraffic.dayFrom?.(answer(200, {}, { 'sforce-limit-info': value }), 'day')
    expect(used('api-usage=18/15000')).toEqual({ limit: 15_000, remaining: 14_982 })
    expect(used('api-usage=25/5000; per-app-api-usage=17/250(appName=a)')).toEqual({
      limit: 5_000,
      remaining: 4_975,
    })
    expect(used('')).toBeNull()
  })

  test('a 403 is a refusal of a limit by its code only', () => {
    expect(salesforceTraffic.isRefusal?.(limit(DAY))).toBe(true)
    expect(salesforceTraffic.isRefusal?.(answer(403, [{ errorCode: 'API_DISABLED_FOR_ORG' }]))).toBe(false)
  })

  test('waiting out a day that is used up is pointless; requests that run long end', () => {
    expect(salesforceTraffic.pauseAfter?.(limit(DAY))).toEqual({ kind: 'give-up' })
    expect(salesforceTraffic.pauseAfter?.(limit(LONG))).toEqual({ kind: 'wait', ms: 5_000 })
  })

  test('a day that is running out is left to others', async () => {
    const time = virtualTime()
    let used = 14_000
    const send = createBudget(
      async () => answer(200, {}, { 'sforce-limit-info': `api-usage=${(used += 1)}/15000` }),
      { traffic: salesforceTraffic, runtime: time.runtime, inFlightMax: 4, attemptsMax: 3 },
    ).transport
    const ask = () => send({ ...request('GET', `${DATA}/limits`), lane: 3 })
    await time.run(ask())
    // What is left is not ours to take.
    await expect(time.run(Promise.all(Array.from({ length: 100 }, ask)))).rejects.toMatchObject({
      kind: 'rate-limited',
      retryAfterMs: 900_000,
    })
    expect(used).toBeLessThan(14_020)
  })
})
