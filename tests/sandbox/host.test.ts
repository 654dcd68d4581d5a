import { createServer, request as httpRequest } from 'node:http'
import { request as tlsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { httpTransport } from '../../src/connectors/transport.ts'
import type { HttpRequest } from '../../src/connectors/transport.ts'
import { systemRuntime, type Runtime } from '../../src/runtime.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import type { Endpoint, Sandbox, SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { LOOPBACK } from './loopback-certificate.ts'
import { TINY } from './tiny-model.ts'
import type { TinyModel } from './tiny-model.ts'

const open: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of open.splice(0)) await close()
})

async function start(options: Partial<SandboxOptions> = {}): Promise<{ sandbox: Sandbox; model: TinyModel }> {
  const sandbox = await startSandbox({
    runtime: systemRuntime,
    vendors: [TINY],
    empty: true,
    limits: 'off',
    ...options,
  })
  open.push(() => sandbox.close())
  return { sandbox, model: sandbox.vendors.get('tiny')?.model as TinyModel }
}

const send = httpTransport({ timeoutMs: 2_000 })

function to(sandbox: Sandbox, method: string, path: string, body?: unknown): HttpRequest {
  return {
    method,
    url: `${sandbox.vendors.get('tiny')?.url}${path}`,
    headers: { authorization: 'Bearer tiny-token' },
    body: body === undefined ? null : JSON.stringify(body),
  }
}

describe('a vendor port', () => {
  it('carries requests and answers unchanged, on loopback only', async () => {
    const { sandbox, model } = await start()
    const created = await send(to(sandbox, 'POST', '/things', { name: 'Łukasz 🚀' }))
    expect(created).toMatchObject({ status: 201, headers: { 'x-vendor': 'tiny' } })
    expect(model.written).toEqual(['Łukasz 🚀'])
    const { id } = JSON.parse(created.body) as { id: string }
    expect(JSON.parse((await send(to(sandbox, 'GET', `/things/${id}`))).body)).toEqual({ name: 'Łukasz 🚀' })
    expect(await send(to(sandbox, 'DELETE', `/things/${id}`))).toMatchObject({ status: 204, body: '' })
    expect(new URL(sandbox.control.url).hostname).toBe('127.0.0.1')
  })

  it('shows the vendor clock in the date header', async () => {
    const { sandbox } = await start({ virtualClock: true })
    sandbox.world.clock.advance(3_600_000_000)
    const answer = await send(to(sandbox, 'GET', '/things/1'))
    expect(Date.parse(answer.headers['date'] ?? '') - Date.now()).toBeGreaterThan(3_599_000_000)
  })

  it('takes half of the latency before the model acts and half after', async () => {
    const waits: number[] = []
    const runtime = {
      ...systemRuntime,
      sleep: (ms: number, signal?: AbortSignal) => {
        waits.push(ms)
        return systemRuntime.sleep(ms, signal)
      },
    }
    const { sandbox } = await start({ runtime, latencyMs: 6 })
    await send(to(sandbox, 'GET', '/things/1'))
    expect(waits.filter((ms) => ms === 3)).toHaveLength(2)
  })

  it('keeps connections alive', async () => {
    const { sandbox } = await start()
    const ask = (): Promise<{ reused: boolean }> =>
      new Promise((resolve, reject) => {
        const url = to(sandbox, 'GET', '/things/1').url
        const sent = httpRequest(url, (answer) => {
          answer.resume().on('end', () => resolve({ reused: sent.reusedSocket }))
        })
        sent.on('error', reject).end()
      })
    await ask()
    // The socket returns to the agent's pool one turn of the event loop after the answer's end.
    await new Promise((resolve) => setImmediate(resolve))
    expect((await ask()).reused).toBe(true)
  })

  it('answers about as fast as a server that does nothing else', async () => {
    const { sandbox } = await start()
    const bare = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1')
    await new Promise((resolve) => bare.once('listening', resolve))
    open.push(() => new Promise((resolve) => bare.close(() => resolve())))
    const { port } = bare.address() as AddressInfo
    const fastest = async (request: HttpRequest): Promise<number> => {
      let best = Number.POSITIVE_INFINITY
      for (let round = 0; round < 10; round += 1) {
        const startedAt = performance.now()
        await Promise.all(Array.from({ length: 50 }, () => send(request)))
        best = Math.min(best, performance.now() - startedAt)
      }
      return best
    }
    const ours = await fastest(to(sandbox, 'GET', '/things/1'))
    const theirs = await fastest({
      ...to(sandbox, 'GET', '/things/1'),
      url: `http://127.0.0.1:${port}/things/1`,
    })
    // Against accidents such as a timer per request.
    expect(ours / theirs).toBeLessThan(10)
  })

  it.each([
    { rule: { kind: 'reset-before' }, happens: false },
    { rule: { kind: 'reset-after' }, happens: true },
    { rule: { kind: 'cut-body' }, happens: true },
    { rule: { kind: 'timeout-after', delayMs: 20 }, happens: true },
    { rule: { kind: 'timeout-before', delayMs: 20 }, happens: false },
  ])('lets a client see $rule.kind as a request without an answer', async ({ rule, happens }) => {
    const { sandbox, model } = await start()
    await control(sandbox, { vendor: 'tiny', rules: [{ ...rule, times: 1 }] })
    const lost = send(to(sandbox, 'POST', '/things', { name: 'a' }))
    await expect(lost).rejects.toMatchObject({ name: 'TransportError', sent: true })
    expect(model.written).toEqual(happens ? ['a'] : [])
    expect((await send(to(sandbox, 'POST', '/things', { name: 'b' }))).status).toBe(201)
  })

  it('a reset is a reset to the client', async () => {
    const { sandbox } = await start()
    await control(sandbox, { vendor: 'tiny', rules: [{ kind: 'reset-before' }] })
    const code = await new Promise((resolve) => {
      httpRequest(to(sandbox, 'GET', '/things/1').url)
        .on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
        .end()
    })
    expect(code).toBe('ECONNRESET')
  })

  it('stays silent until the client gives up', async () => {
    const { sandbox } = await start()
    await control(sandbox, { vendor: 'tiny', rules: [{ kind: 'timeout-before', times: 1 }] })
    const impatient = httpTransport({ timeoutMs: 60 })
    await expect(impatient(to(sandbox, 'GET', '/things/1'))).rejects.toMatchObject({ sent: true })
    expect((await send(to(sandbox, 'GET', '/things/1'))).status).toBe(404)
  })

  it('keeps a request open until there is something to tell or its time is over', async () => {
    const { sandbox, model } = await start()
    let [patience, asked] = [60_000, 0]
    // A vendor with long polling, until the first thing exists.
    model.waits = ({ method }, arrivedAt) => {
      if (method !== 'GET') return 0
      asked += 1
      return model.written.length > 0 ? 0 : Math.max(0, arrivedAt + patience - Date.now())
    }
    const told = send(to(sandbox, 'GET', '/things/1'))
    await expect.poll(() => asked).toBeGreaterThan(2)
    await send(to(sandbox, 'POST', '/things', { name: 'a' }))
    expect(JSON.parse((await told).body)).toEqual({ name: 'a' })

    const { sandbox: other, model: idle } = await start()
    patience = 80
    idle.waits = (_request, arrivedAt) => Math.max(0, arrivedAt + patience - Date.now())
    const startedAt = Date.now()
    expect((await send(to(other, 'GET', '/things/1'))).status).toBe(404)
    expect(Date.now() - startedAt).toBeGreaterThanOrEqual(79)
  })

  it('waits for nobody who has left', async () => {
    let hasLetGo = false
    const sleep: Runtime['sleep'] = (ms, signal) =>
      systemRuntime.sleep(ms, signal).catch((error: unknown) => {
        hasLetGo = true
        throw error
      })
    const { sandbox, model } = await start({ runtime: { ...systemRuntime, sleep } })
    model.waits = () => 60_000
    const impatient = httpTransport({ timeoutMs: 60 })
    await expect(impatient(to(sandbox, 'POST', '/things', { name: 'a' }))).rejects.toMatchObject({
      sent: true,
    })
    await expect.poll(() => hasLetGo).toBe(true)
    expect(model.written).toEqual([])
  })

  it('counts a refusal for a limit as throttled, whatever its status', async () => {
    const { sandbox, model } = await start()
    model.throttles = (response) => response.status === 404
    await send(to(sandbox, 'GET', '/things/1'))
    const stats = await send({
      method: 'GET',
      url: `${sandbox.control.url}/stats`,
      headers: { authorization: `Bearer ${sandbox.control.token}` },
      body: null,
    })
    expect(JSON.parse(stats.body)).toEqual({ tiny: { reads: 0, writes: 0, throttled: 1, routes: {} } })
  })

  it('speaks HTTPS with a certificate, and breaks off there as well', async () => {
    const { sandbox, model } = await start({ tls: LOOPBACK })
    const url = sandbox.vendors.get('tiny')?.url ?? ''
    expect(url).toMatch(/^https:/)
    const ask = (method: string): Promise<number | string> =>
      new Promise((resolve) => {
        const options = { method, ca: LOOPBACK.cert, headers: { authorization: 'Bearer tiny-token' } }
        tlsRequest(`${url}/things`, options, (answer) => resolve(answer.resume().statusCode ?? 0))
          .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
          .end(method === 'POST' ? '{"name":"a"}' : undefined)
      })
    expect(await ask('POST')).toBe(201)
    expect(sandbox.control.url).toMatch(/^http:/)
    await control(sandbox, { vendor: 'tiny', rules: [{ kind: 'reset-after', times: 1 }] })
    expect(await ask('POST')).toBe('ECONNRESET')
    expect(model.written).toEqual(['a', 'a'])
    const bad = start({ tls: { cert: LOOPBACK.cert, key: 'nonsense' } })
    await expect(bad).rejects.toMatchObject({ name: 'ConfigError' })
  })

  it('a bug in a model is a 500 that says so, and shows in the health', async () => {
    const { sandbox } = await start()
    const answer = await send(to(sandbox, 'GET', '/broken'))
    expect(answer.status).toBe(500)
    expect(answer.body).toContain('a bug in the model')
    const health = await send({
      method: 'GET',
      url: `${sandbox.control.url}/health`,
      headers: { authorization: `Bearer ${sandbox.control.token}` },
      body: null,
    })
    expect(JSON.parse(health.body)).toMatchObject({
      ok: false,
      failures: [{ vendor: 'tiny', request: 'GET /broken' }],
    })
  })
})

describe('ports', () => {
  it('fixed ones follow the control port, and a taken one is reported', async () => {
    const blocker = createServer()
    await new Promise<void>((resolve) => void blocker.listen(0, '127.0.0.1', resolve))
    open.push(async () => void blocker.close())
    const taken = (blocker.address() as AddressInfo).port
    await expect(start({ port: taken - 1 })).rejects.toMatchObject({ name: 'ConfigError' })

    const { sandbox } = await start({ port: taken + 10 })
    expect(sandbox.control.url).toBe(`http://127.0.0.1:${taken + 10}`)
    expect(sandbox.vendors.get('tiny')?.url).toBe(`http://127.0.0.1:${taken + 11}`)
  })

  it('are free again after close, which may be called twice', async () => {
    const { sandbox } = await start()
    await sandbox.close()
    await sandbox.close()
    await expect(send(to(sandbox, 'GET', '/things/1'))).rejects.toMatchObject({ sent: false })
  })
})

describe('webhook delivery', () => {
  interface Received {
    readonly body: string
    readonly headers: NodeJS.Dict<string | string[]>
  }

  async function receiver(status: () => number): Promise<{ url: string; next: () => Promise<Received> }> {
    const arrived: Received[] = []
    const waiting: ((received: Received) => void)[] = []
    const server = createServer((incoming, outgoing) => {
      let body = ''
      incoming.on('data', (chunk: Buffer) => (body += chunk.toString()))
      incoming.on('end', () => {
        outgoing.writeHead(status()).end()
        const received = { body, headers: incoming.headers }
        const waiter = waiting.shift()
        if (waiter) waiter(received)
        else arrived.push(received)
      })
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    open.push(async () => {
      server.closeAllConnections()
      server.close()
    })
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
      next: () => {
        const received = arrived.shift()
        return received ? Promise.resolve(received) : new Promise((resolve) => void waiting.push(resolve))
      },
    }
  }

  it('posts what is due with the headers of the vendor', async () => {
    const { sandbox, model } = await start()
    const { url, next } = await receiver(() => 200)
    model.settings['targets'] = [url]
    await send(to(sandbox, 'POST', '/things', { name: 'a' }))
    const received = await next()
    expect(JSON.parse(received.body)).toEqual({ id: '1' })
    expect(received.headers['x-tiny']).toBe('yes')
  })

  it('repeats a refused delivery when the clock of the vendor says so', async () => {
    const { sandbox, model } = await start({ virtualClock: true })
    let calls = 0
    const { url, next } = await receiver(() => ((calls += 1) === 1 ? 500 : 200))
    model.settings['targets'] = [url]
    await send(to(sandbox, 'POST', '/things', { name: 'a' }))
    const first = await next()
    // The repeat is planned once the answer has been settled.
    await expect.poll(() => model.nextDeliveryAt()).not.toBeNull()
    sandbox.world.clock.advance(60_000)
    expect((await next()).body).toBe(first.body)
    await expect.poll(() => model.nextDeliveryAt()).toBeNull()
  })
})

async function control(sandbox: Sandbox, faults: unknown): Promise<void> {
  const answer = await send({
    method: 'POST',
    url: `${sandbox.control.url}/faults`,
    headers: { authorization: `Bearer ${sandbox.control.token}` },
    body: JSON.stringify(faults),
  })
  expect(answer.status).toBe(200)
}

describe('the sandbox with its real vendors', () => {
  it('answers all with their tokens', async () => {
    const sandbox = await startSandbox({ runtime: systemRuntime, people: 20, seed: 3 })
    open.push(() => sandbox.close())
    const ask = (endpoint: Endpoint, method: string, path: string) =>
      send({
        method,
        url: endpoint.url + path,
        headers: { authorization: `Bearer ${endpoint.token}`, 'content-type': 'application/json' },
        body: method === 'POST' ? '{}' : null,
      })
    const self = await ask(sandbox.attio, 'GET', '/v2/self')
    expect(JSON.parse(self.body)).toMatchObject({ active: true })
    const people = await ask(sandbox.attio, 'POST', '/v2/objects/people/records/query')
    expect((JSON.parse(people.body) as { data: unknown[] }).data.length).toBeGreaterThan(5)
    const contacts = await ask(sandbox.hubspot, 'GET', '/crm/v3/objects/contacts?limit=100')
    expect((JSON.parse(contacts.body) as { results: unknown[] }).results.length).toBeGreaterThan(5)
    // Time has passed since the world was made: the search index knows it all.
    const found = await ask(sandbox.hubspot, 'POST', '/crm/v3/objects/deals/search')
    expect((JSON.parse(found.body) as { total: number }).total).toBeGreaterThan(0)

    const soql = encodeURIComponent('SELECT COUNT() FROM Contact')
    const counted = await ask(sandbox.salesforce, 'GET', `/services/data/v64.0/query?q=${soql}`)
    expect((JSON.parse(counted.body) as { totalSize: number }).totalSize).toBeGreaterThan(5)

    const stats = await ask(sandbox.control, 'GET', '/stats')
    expect(JSON.parse(stats.body)).toMatchObject({
      attio: { reads: 2, writes: 0, throttled: 0 },
      hubspot: { reads: 2, writes: 0, throttled: 0 },
      salesforce: { reads: 1, writes: 0, throttled: 0 },
    })
  })

  it('lets people and operators act on Salesforce through the control port', async () => {
    const sandbox = await startSandbox({ runtime: systemRuntime, crms: ['salesforce'], empty: true })
    open.push(() => sandbox.close())
    const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
      const answer = await send({
        method,
        url: sandbox.control.url + path,
        headers: { authorization: `Bearer ${sandbox.control.token}` },
        body: body === undefined ? null : JSON.stringify(body),
      })
      expect([path, answer.status]).toEqual([path, 200])
      return JSON.parse(answer.body)
    }
    const vendor = 'salesforce'
    const values = { LastName: 'Lead', Company: 'Acme' }
    const lead = (await call('POST', '/edit', { vendor, action: 'create', object: 'Lead', values })) as {
      id: string
    }
    const { id: snapshot } = (await call('POST', '/snapshot')) as { id: string }
    const contact = (await call('POST', '/edit', {
      vendor,
      action: 'convert',
      object: 'Lead',
      id: lead.id,
    })) as {
      id: string
    }
    expect(await call('GET', '/dump?vendor=salesforce&object=Contact')).toMatchObject({
      salesforce: { Contact: { [contact.id]: { values: { LastName: 'Lead' }, state: 'live' } } },
    })
    await call('POST', '/faults', {
      vendor,
      settings: { chunkFailure: 'Apex' },
      rules: [{ kind: 'refuse', times: 1 }],
    })
    const { url, token } = sandbox.salesforce
    const read = {
      method: 'GET',
      url: `${url}/services/data`,
      headers: { authorization: `Bearer ${token}` },
      body: null,
    }
    expect((await send(read)).status).toBe(500)
    await call('POST', '/restore', { id: snapshot })
    expect(await call('GET', '/dump?vendor=salesforce&object=Contact')).toEqual({
      salesforce: { Contact: {} },
    })
    expect(sandbox.vendors.get('salesforce')?.model.settings['chunkFailure']).toBeNull()
  })
})
