import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { systemRuntime } from '../../src/runtime.ts'
import { SNAPSHOTS_MAX } from '../../src/sandbox/control-routes.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { TINY } from './tiny-model.ts'

let sandbox: Sandbox

beforeEach(async () => {
  await sandbox?.close()
  sandbox = await startSandbox({
    runtime: systemRuntime,
    vendors: [TINY],
    empty: true,
    limits: 'vendor',
    virtualClock: true,
  })
})

afterAll(() => sandbox.close())

interface Reply {
  readonly status: number
  readonly json: unknown
  readonly headers: Headers
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  token = sandbox.control.token,
): Promise<Reply> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await fetch(sandbox.control.url + path, {
    method,
    headers: { authorization: `Bearer ${token}` },
    body: text ?? null,
  })
  return { status: answer.status, json: await answer.json(), headers: answer.headers }
}

async function vendor(method: string, path: string, body?: unknown): Promise<number> {
  const answer = await fetch(`${sandbox.vendors.get('tiny')?.url}${path}`, {
    method,
    headers: { authorization: 'Bearer tiny-token' },
    body: body === undefined ? null : JSON.stringify(body),
  })
  await answer.text()
  return answer.status
}

const edit = (values: unknown) =>
  call('POST', '/edit', { vendor: 'tiny', object: 'things', ...(values as object) })

describe('the door', () => {
  it('refuses without the token', async () => {
    const reply = await call('GET', '/stats', undefined, 'wrong')
    expect(reply).toMatchObject({ status: 401, json: { error: expect.stringContaining('control token') } })
  })

  it.each([
    { method: 'GET', path: '/nothing', body: undefined, status: 404, says: 'There is no /nothing' },
    { method: 'GET', path: '/toString', body: undefined, status: 404, says: 'There is no' },
    { method: 'DELETE', path: '/stats', body: undefined, status: 405, says: '/stats answers GET' },
    { method: 'POST', path: '/edit', body: '{"vendor"', status: 400, says: 'not JSON' },
    {
      method: 'POST',
      path: '/edit',
      body: { vendor: 'tiny', action: 'fly', object: 'x' },
      status: 400,
      says: 'action',
    },
    { method: 'POST', path: '/faults', body: { vendor: 'tiny' }, status: 400, says: 'rules' },
    {
      method: 'POST',
      path: '/faults',
      body: { vendor: 'acme', rules: [] },
      status: 404,
      says: 'there are tiny',
    },
    { method: 'POST', path: '/restore', body: { id: 'gone' }, status: 404, says: 'no snapshot' },
    { method: 'GET', path: '/dump?vendor=acme', body: undefined, status: 404, says: 'no vendor' },
  ])('$method $path answers $status with a sentence', async ({ method, path, body, status, says }) => {
    const reply = await call(method, path, body)
    expect(reply).toMatchObject({ status, json: { error: expect.stringContaining(says) } })
  })

  it('names the methods it would take', async () => {
    expect((await call('PUT', '/faults')).headers.get('allow')).toBe('GET, POST')
  })

  it('tells how it is', async () => {
    const { json } = await call('GET', '/health')
    expect(json).toMatchObject({ ok: true, clock: 'virtual', failures: [] })
    expect(json).toHaveProperty('vendors.tiny.url', sandbox.vendors.get('tiny')?.url)
  })
})

describe('counting', () => {
  it('reads, writes and routes; a 429 is neither', async () => {
    await vendor('POST', '/things', { name: 'a' })
    await vendor('GET', '/things/1')
    await vendor('GET', '/things/2')
    expect((await call('GET', '/stats')).json).toEqual({
      tiny: {
        reads: 2,
        writes: 1,
        throttled: 0,
        routes: { 'POST /things': 1, 'GET /things/{id}': 2 },
      },
    })
    await call('POST', '/stats/reset')
    await call('POST', '/faults', { vendor: 'tiny', settings: { limitPerSecond: 0 } })
    expect(await vendor('GET', '/things/1')).toBe(429)
    expect((await call('GET', '/stats')).json).toEqual({
      tiny: { reads: 0, writes: 0, throttled: 1, routes: {} },
    })
  })

  it('leaves out what a fault kept from the vendor and counts what it only hid', async () => {
    await call('POST', '/faults', {
      vendor: 'tiny',
      rules: [
        { kind: 'status', status: 500, times: 1 },
        { kind: 'status-after', status: 500, times: 1 },
        { kind: 'refuse', refusal: 'rate-limit', times: 1 },
      ],
    })
    for (let turn = 0; turn < 3; turn += 1) await vendor('POST', '/things', { name: 'a' })
    expect((await call('GET', '/stats')).json).toMatchObject({ tiny: { writes: 1, throttled: 1 } })
  })
})

describe('acting', () => {
  it('edits as a person does, and says why it cannot', async () => {
    const created = await edit({ action: 'create', values: { name: 'a' } })
    expect(created).toMatchObject({ status: 200, json: { id: '1' } })
    expect(await edit({ action: 'update', id: '1', values: { name: 'b' } })).toMatchObject({ status: 200 })
    expect(await edit({ action: 'update', id: '9', values: {} })).toMatchObject({
      status: 422,
      json: { error: 'There is no thing 9.' },
    })
  })

  it('goes back to a snapshot', async () => {
    await edit({ action: 'create', values: { name: 'before' } })
    const { id } = (await call('POST', '/snapshot')).json as { id: string }
    await edit({ action: 'update', id: '1', values: { name: 'after' } })
    expect((await call('POST', '/restore', { id })).status).toBe(200)
    expect((await call('GET', '/dump')).json).toHaveProperty('tiny.things.1.values.name', 'before')
  })

  it('keeps only the newest snapshots', async () => {
    const ids: string[] = []
    for (let count = 0; count <= SNAPSHOTS_MAX; count += 1) {
      ids.push(((await call('POST', '/snapshot')).json as { id: string }).id)
    }
    expect((await call('POST', '/restore', { id: ids[0] })).status).toBe(404)
    expect((await call('POST', '/restore', { id: ids[1] })).status).toBe(200)
  })

  it('moves a virtual clock, and no other', async () => {
    const { nowMs } = (await call('GET', '/health')).json as { nowMs: number }
    const moved = (await call('POST', '/clock', { advanceMs: 60_000 })).json as { nowMs: number }
    expect(moved.nowMs - nowMs).toBeGreaterThanOrEqual(60_000)
    expect((await call('POST', '/clock', { advanceMs: -1 })).status).toBe(400)
    const other = await startSandbox({ runtime: systemRuntime, vendors: [TINY], empty: true })
    const reply = await fetch(`${other.control.url}/clock`, {
      method: 'POST',
      headers: { authorization: `Bearer ${other.control.token}` },
      body: '{"advanceMs":1}',
    })
    await other.close()
    expect(reply.status).toBe(422)
  })
})

describe('faults and settings', () => {
  it('are replaced, counted and shown', async () => {
    await call('POST', '/faults', { vendor: 'tiny', rules: [{ id: 'down', kind: 'status', method: 'GET' }] })
    expect(await vendor('GET', '/things/1')).toBe(503)
    const shown = (await call('GET', '/faults')).json
    expect(shown).toHaveProperty('tiny.rules', [
      { rule: { id: 'down', kind: 'status', method: 'GET' }, hits: 1 },
    ])
    expect(shown).toHaveProperty('tiny.settings.greeting', 'hello')
    await call('POST', '/faults', { vendor: 'tiny', rules: [] })
    expect(await vendor('GET', '/things/1')).toBe(404)
  })

  it('settings change all together or not at all', async () => {
    const set = (settings: unknown) => call('POST', '/faults', { vendor: 'tiny', settings })
    const unknown = await set({ greeting: 'bye', gretting: 'x' })
    expect(unknown).toMatchObject({
      status: 400,
      json: { error: expect.stringContaining('no setting "gretting"') },
    })
    expect(await set({ greeting: 7 })).toMatchObject({ status: 400 })
    expect((await call('GET', '/faults')).json).toHaveProperty('tiny.settings.greeting', 'hello')
    await set({ greeting: 'bye' })
    expect((await call('GET', '/faults')).json).toHaveProperty('tiny.settings.greeting', 'bye')
  })
})

describe('the dump', () => {
  it('is the ground truth, of one vendor and one object if asked', async () => {
    await edit({ action: 'create', values: { name: 'a "quoted" 名前' } })
    const record = { values: { name: 'a "quoted" 名前' }, state: 'live', into: null, associations: [] }
    expect((await call('GET', '/dump')).json).toEqual({ tiny: { things: { 1: record } } })
    expect((await call('GET', '/dump?vendor=tiny&object=things')).json).toEqual({
      tiny: { things: { 1: record } },
    })
    expect((await call('GET', '/dump?object=others')).json).toEqual({ tiny: {} })
  })

  it('streams many records', async () => {
    const model = sandbox.vendors.get('tiny')?.model
    for (let count = 0; count < 20_000; count += 1) {
      model?.edit({ action: 'create', object: 'things', values: { name: `thing ${count}` } })
    }
    const dump = (await call('GET', '/dump')).json as { tiny: { things: object } }
    expect(Object.keys(dump.tiny.things)).toHaveLength(20_000)
  })
})
