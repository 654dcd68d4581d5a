/** The listener: what is let through to be heard, what is turned away and how, and that all of it is counted. */
import { connect } from 'node:net'
import { Writable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { refused, type Bell, type Delivery, type Hearing } from '../../src/core/bell.ts'
import { createLogger } from '../../src/logging.ts'
import type { Observation } from '../../src/stages/observe.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { openWebServer, type WebServer } from '../../src/web/server.ts'
import { BODY_MAX, openWebhooks, webhookPath, type Webhooks } from '../../src/web/webhooks.ts'

const NOW = 1_795_312_800_000

const BELL: Bell = {
  object: 'people',
  record: 'ada',
  kind: 'changed',
  into: null,
  at: null,
  version: null,
  actor: { kind: 'human', id: null },
  fields: [],
  key: 'k1',
}

let webhooks: Webhooks
let server: WebServer
let read: Delivery[]
let readAtMs: number[]
let observed: (readonly Bell[])[]
let log: string

/** What the door will say of the next delivery, and what comes of observing it. */
let hearing: Hearing
let observing: () => Promise<Observation>

beforeEach(async () => {
  read = []
  readAtMs = []
  observed = []
  log = ''
  hearing = { kind: 'heard', bells: [BELL], ignored: 1 }
  observing = () => Promise.resolve({ unkept: 1, changes: 6, repeated: 1, echoes: 2, marked: 3 })
  webhooks = openWebhooks({
    runtime: { now: () => NOW },
    log: createLogger({
      level: 'debug',
      destination: new Writable({
        write: (chunk, _encoding, done) => {
          log += String(chunk)
          done()
        },
      }),
    }),
    publicUrl: () => 'https://attune.example/below',
  })
  webhooks.open({
    connection: 'crm',
    read: (delivery, nowMs) => {
      read.push(delivery)
      readAtMs.push(nowMs)
      return hearing
    },
    observe: (bells) => {
      observed.push(bells)
      return observing()
    },
  })
  server = await openWebServer({
    host: '127.0.0.1',
    port: 0,
    routes: webhooks.routes,
    runtime: systemRuntime,
  })
})

afterEach(() => server.close())

type Body = NonNullable<RequestInit['body']>

const JSON_TYPE = { 'content-type': 'application/json' }

async function post(
  body: Body | null = '[]',
  headers: Record<string, string> = JSON_TYPE,
  path = '/webhooks/crm',
) {
  const answer = await fetch(server.url + path, { method: 'POST', headers, body })
  return { status: answer.status, text: await answer.text(), headers: answer.headers }
}

const counts = (connection = 'crm') => webhooks.counts().get(connection)

/** Sends bytes as they are, and resolves with the answer; or with what there is of it after hanging up. */
function raw(lines: readonly string[], options: { hangUp?: boolean } = {}): Promise<string> {
  const { hostname, port } = new URL(server.url)
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(Number(port), hostname, () => {
      socket.write(lines.join('\r\n'), () => {
        if (options.hangUp) socket.destroy()
      })
    })
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk))
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

async function eventually(isSo: () => boolean): Promise<void> {
  // Ends: the test's own time limit.
  while (!isSo()) {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}

describe('a delivery', () => {
  test('is heard as it was sent, byte by byte, under the public URL', async () => {
    const body = new TextEncoder().encode('  {"ü" :\n1}\t')
    const answer = await post(body, { ...JSON_TYPE, 'X-Signature': 'AbC' }, '/webhooks/crm?a=%2F%20&b')
    expect(answer).toMatchObject({ status: 204, text: '' })
    expect(readAtMs).toEqual([NOW])
    const [delivery] = read
    expect(delivery).toMatchObject({
      method: 'POST',
      url: 'https://attune.example/below/webhooks/crm?a=%2F%20&b',
      headers: { 'x-signature': 'AbC', 'content-type': 'application/json' },
    })
    expect(Buffer.from(delivery?.body ?? [])).toEqual(Buffer.from(body))
    expect(observed).toEqual([[BELL]])
    const counted = { deliveries: 1, marked: 3, repeated: 1, echoes: 2, ignored: 2, refused: {} }
    expect(counts()).toEqual(counted)
  })

  test.each(['application/json;charset=utf-8', 'Application/JSON; charset="UTF-8"', 'application/json; x=y'])(
    'of the type %s is taken',
    async (type) => {
      expect((await post('[]', { 'content-type': type })).status).toBe(204)
    },
  )

  test('without a body is heard as one', async () => {
    expect((await post(null)).status).toBe(204)
    expect(read[0]?.body).toHaveLength(0)
  })

  test('of the largest size is taken', async () => {
    expect((await post('x'.repeat(BODY_MAX))).status).toBe(204)
  })

  test('for a connection with an odd name finds its way', async () => {
    webhooks.open({ connection: 'crm/eu ü', read: () => hearing, observe: () => observing() })
    expect((await post('[]', JSON_TYPE, webhookPath('crm/eu ü'))).status).toBe(204)
    expect(counts('crm/eu ü')?.deliveries).toBe(1)
  })
})

describe('turned away, unheard and unobserved, is a delivery', () => {
  afterEach(() => expect(observed).toEqual([]))

  test.each([
    ['forged', 401],
    ['stale', 401],
    ['malformed', 400],
  ] as const)('that is %s with %i', async (reason, status) => {
    hearing = refused(reason, 'because')
    expect(await post()).toMatchObject({ status, text: JSON.stringify({ error: reason }) })
    expect(counts()).toMatchObject({ deliveries: 0, refused: { [reason]: 1 } })
  })

  test('for a connection that has no webhooks', async () => {
    expect((await post('[]', JSON_TYPE, '/webhooks/other')).status).toBe(404)
    expect((await post('[]', JSON_TYPE, '/webhooks/')).status).toBe(404)
    expect((await post('[]', JSON_TYPE, '/')).status).toBe(404)
    // Whatever strangers make up is one name in the counts and none in the log.
    expect([...webhooks.counts()]).toMatchObject([['', { refused: { unknown: 2 } }]])
    expect(log).not.toContain('other')
  })

  test.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('by %s', async (method) => {
    const answer = await fetch(`${server.url}/webhooks/crm`, { method })
    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('POST')
    expect(counts()?.refused).toEqual({ method: 1 })
  })

  test.each([
    ['compressed', gzipSync('[]'), { ...JSON_TYPE, 'content-encoding': 'gzip' }],
    ['compressed twice', '[]', { ...JSON_TYPE, 'content-encoding': 'identity, br' }],
    ['in another charset', '[]', { 'content-type': 'application/json; charset=iso-8859-1' }],
    ['in UTF-16', '[]', { 'content-type': 'application/json;charset=utf-16' }],
    ['a form', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['plain text', '[]', { 'content-type': 'text/plain' }],
    ['nearly JSON', '[]', { 'content-type': 'application/jsonp' }],
    ['of no type', new Uint8Array([91, 93]), {}],
  ] as [string, Body, Record<string, string>][])('that is %s', async (_, body, headers) => {
    expect((await post(body, headers)).status).toBe(415)
    expect(read).toEqual([])
    expect(counts()?.refused).toEqual({ encoding: 1 })
  })

  test('that says it is too large, before its body is read', async () => {
    const answer = await raw([
      'POST /webhooks/crm HTTP/1.1',
      'host: x',
      'content-type: application/json',
      `content-length: ${BODY_MAX + 1}`,
      '',
      '',
    ])
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(answer).toContain('connection: close')
    expect(counts()?.refused).toEqual({ oversized: 1 })
  })

  test('that turns out too large', async () => {
    const chunk = 'x'.repeat(BODY_MAX / 2)
    const length = chunk.length.toString(16)
    const answer = await raw([
      'POST /webhooks/crm HTTP/1.1',
      'host: x',
      'content-type: application/json',
      'transfer-encoding: chunked',
      '',
      ...[1, 2, 3].flatMap(() => [length, chunk]),
      '0',
      '',
      '',
    ])
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(counts()?.refused).toEqual({ oversized: 1 })
    expect(read).toEqual([])
  })

  test('that breaks off', async () => {
    const lines = [
      'POST /webhooks/crm HTTP/1.1',
      'host: x',
      'content-type: application/json',
      'content-length: 90',
    ]
    await raw([...lines, '', '[{"eventId":1'], { hangUp: true })
    await eventually(() => counts()?.refused.truncated === 1)
    expect(read).toEqual([])
  })
})

describe('a store that cannot be written', () => {
  test('is told as 503, and the same delivery is taken when it can be again', async () => {
    observing = () => Promise.reject(new Error('disk full'))
    expect((await post()).status).toBe(503)
    expect(counts()).toMatchObject({ deliveries: 0, refused: { unavailable: 1 } })
    expect(log).toContain('disk full')
    observing = () => Promise.resolve({ unkept: 0, changes: 1, repeated: 0, echoes: 0, marked: 1 })
    expect((await post()).status).toBe(204)
    expect(counts()).toMatchObject({ deliveries: 1, marked: 1 })
  })
})

describe('the log', () => {
  test('tells of the first, the tenth and the hundredth delivery that could not be stored', async () => {
    observing = () => Promise.reject(new Error('disk full'))
    for (let i = 0; i < 101; i += 1) await post()
    const lines = log.split('\n').filter(Boolean)
    expect(lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 50)).toHaveLength(3)
  })

  test('tells of the first, the tenth and the hundredth refusal, and never what was sent', async () => {
    hearing = refused('forged', 'the signature does not match')
    for (let i = 0; i < 101; i += 1) await post('"secret body"', { ...JSON_TYPE, 'x-signature': 'secret' })
    const lines = log.split('\n').filter(Boolean)
    const warned = lines.map((line) => JSON.parse(line)).filter(({ level }) => level === 40)
    expect(warned.map(({ count, reason, connection }) => ({ count, reason, connection }))).toEqual(
      [1, 10, 100].map((count) => ({ count, reason: 'forged', connection: 'crm' })),
    )
    expect(log).not.toContain('secret')
  })
})

describe('the server', () => {
  test('answers what is under way before it is closed, and nothing after', async () => {
    let finish: (observation: Observation) => void = () => undefined
    observing = () =>
      new Promise((resolve) => {
        finish = resolve
      })
    const answer = post()
    await eventually(() => observed.length === 1)
    const closing = server.close()
    finish({ unkept: 0, changes: 1, repeated: 0, echoes: 0, marked: 1 })
    expect((await answer).status).toBe(204)
    await closing
    await expect(post()).rejects.toThrow('fetch failed')
    await server.close()
  })

  test('does not wait for whoever does not go on sending, behind a tunnel that died say', async () => {
    await server.close()
    const isOver = () => Promise.resolve()
    const { routes } = webhooks
    server = await openWebServer({ host: '127.0.0.1', port: 0, routes, runtime: { sleep: isOver } })
    const { hostname, port } = new URL(server.url)
    const stuck = connect(Number(port), hostname)
    const gone = new Promise((resolve) => stuck.once('close', resolve))
    stuck.on('error', () => undefined)
    stuck.write(
      `POST ${webhookPath('crm')} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{`,
    )
    // Once a later one is answered, this one has come in.
    expect((await post()).status).toBe(204)
    await server.close()
    await gone
  })

  test('says which address is taken', async () => {
    const port = Number(new URL(server.url).port)
    const second = openWebServer({ host: '127.0.0.1', port, routes: webhooks.routes, runtime: systemRuntime })
    await expect(second).rejects.toThrow(`cannot listen on 127.0.0.1:${port} (EADDRINUSE)`)
  })
})
