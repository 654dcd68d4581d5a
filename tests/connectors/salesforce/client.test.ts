import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createSalesforceConnector } from '../../../src/connectors/salesforce/connector.ts'
import {
  httpTransport,
  TransportError,
  type HttpRequest,
  type HttpResponse,
  type Transport,
} from '../../../src/connectors/transport.ts'
import { sandbox } from './sandbox.ts'

const READ = { object: 'Contact', ids: ['0030000000000001AA'], fields: ['Title'] }

/** Answers with these before the network is asked; null: ask it. */
function inFrontOf(answers: (request: HttpRequest) => HttpResponse | null) {
  const sent: HttpRequest[] = []
  const through =
    (transport: Transport): Transport =>
    async (request, signal) => {
      sent.push(request)
      return answers(request) ?? transport(request, signal)
    }
  return { sent, through }
}

const json = (status: number, body: unknown): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

const isWrite = ({ method }: HttpRequest) => method === 'PATCH'

describe('what reaches the network', () => {
  test('speaks a version of our choosing, with the session and our name', async () => {
    const { connect } = sandbox()
    const { sent, through } = inFrontOf(() => null)
    const connector = connect({}, { through })
    await connector.describe('Account')
    const [request] = sent
    expect(request?.url).toBe('http://salesforce.invalid/services/data/v64.0/sobjects/Account/describe')
    expect(request?.headers['authorization']).toMatch(/^Bearer 00D/)
    expect(request?.headers['sforce-call-options']).toBe('client=attune')
  })

  test('a write carries its body, and no length beside it', async () => {
    const { model, connect } = sandbox()
    const { sent, through } = inFrontOf(() => null)
    const { id } = model.edit({ action: 'create', object: 'Contact', values: { LastName: 'X' } })
    await connect({}, { through }).update('Contact', [{ writeId: 'w', id, values: { Title: 'CTO' } }])
    const write = sent.find(isWrite)
    expect(write?.body).toContain('CTO')
    expect(write?.headers).not.toHaveProperty('content-length')
  })

  test('connections do not meet', async () => {
    const one = sandbox()
    const other = sandbox()
    one.model.edit({ action: 'create', object: 'Account', values: { Name: 'one' } })
    other.model.edit({ action: 'create', object: 'Account', values: { Name: 'other' } })
    const listed = await Promise.all(
      [one, other].map(({ connector }) =>
        connector.list({ object: 'Account', fields: ['Name'], cursor: null }),
      ),
    )
    const names = listed.map(({ records }) => records.map(({ values }) => values['Name']))
    expect(names).toEqual([['one'], ['other']])
  })
})

describe('a failed read', () => {
  const readThrough = (answers: (request: HttpRequest) => HttpResponse | null) => {
    const { connect } = sandbox()
    const { sent, through } = inFrontOf(answers)
    const connector = connect({}, { through })
    return { sent, reading: () => connector.read(READ) }
  }
  const isRetrieve = ({ method, url }: HttpRequest) =>
    method === 'POST' && url.includes('/composite/sobjects/')

  test('is repeated, a few times', async () => {
    let turn = 0
    const { reading } = readThrough((request) =>
      isRetrieve(request) && (turn += 1) <= 2 ? { status: 503, headers: {}, body: '' } : null,
    )
    expect(await reading()).toMatchObject([{ kind: 'gone' }])
    expect(turn).toBe(3)
  })

  test.each([
    ['an HTML page', 502, '<html>Bad gateway ada@example.com</html>'],
    ['nothing', 503, ''],
    ['half an answer', 200, '[{"Id":'],
    ['a page with a good status', 200, '<html>Welcome</html>'],
  ])('with %s is transient in the end, and quotes nothing', async (_what, status, body) => {
    const { sent, reading } = readThrough((request) =>
      isRetrieve(request) ? { status, headers: {}, body } : null,
    )
    const failure = reading()
    await expect(failure).rejects.toMatchObject({ name: 'ConnectorError', kind: 'transient' })
    await expect(failure).rejects.not.toThrow(/ada@example|Welcome/)
    expect(sent.filter(isRetrieve)).toHaveLength(4)
  })
})

describe('a failed write', () => {
  const updateThrough = async (answer: () => HttpResponse) => {
    const { model, connect } = sandbox()
    const { sent, through } = inFrontOf((request) => (isWrite(request) ? answer() : null))
    const { id } = model.edit({ action: 'create', object: 'Contact', values: { LastName: 'X' } })
    const outcomes = await connect({}, { through }).update('Contact', [
      { writeId: 'w', id, values: { Title: 'CTO' } },
    ])
    return { outcomes, writes: sent.filter(isWrite) }
  }

  test.each<[string, () => HttpResponse]>([
    ['500', () => ({ status: 500, headers: {}, body: '' })],
    [
      'UNKNOWN_EXCEPTION',
      () => json(500, [{ errorCode: 'UNKNOWN_EXCEPTION', message: 'An unexpected error' }]),
    ],
    ['a cut answer', () => ({ status: 200, headers: {}, body: '[{"id":' })],
    ['a page', () => ({ status: 200, headers: {}, body: '<html>' })],
    ['fewer results than rows', () => json(200, [])],
    [
      'a lost answer',
      () => {
        throw new TransportError('lost', { sent: true })
      },
    ],
  ])('with %s is ambiguous and never repeated', async (_what, answer) => {
    const { outcomes, writes } = await updateThrough(answer)
    expect(outcomes).toMatchObject([{ kind: 'failed', writeId: 'w', error: { kind: 'ambiguous' } }])
    expect(writes).toHaveLength(1)
  })

  test('that was never sent is transient', async () => {
    const { outcomes } = await updateThrough(() => {
      throw new TransportError('refused', { sent: false })
    })
    expect(outcomes).toMatchObject([{ kind: 'failed', error: { kind: 'transient' } }])
  })
})

describe('over sockets', () => {
  /** jsforce's own transport hangs for ever in the first case (fact sheet 0, 23). */
  test.each([
    ['a body that breaks off', true],
    ['a body that never ends', false],
  ])('%s is an error in bounded time', async (_what, breaks) => {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
      response.write('{"fields":[')
      if (breaks) setImmediate(() => response.destroy())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const instanceUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const connector = createSalesforceConnector({
        connection: 'salesforce',
        credentials: { instanceUrl, loginUrl: instanceUrl, accessToken: '00D!t' },
        transport: httpTransport({ timeoutMs: 200 }),
        runtime: { now: () => 0, sleep: async () => {}, random: () => 0, id: () => 'id' },
      })
      await expect(connector.describe('Account')).rejects.toMatchObject({
        name: 'ConnectorError',
        kind: 'transient',
      })
    } finally {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    }
  })
})
