import { describe, expect, it } from 'vitest'
import { TransportError } from '../../src/connectors/transport.ts'
import type { Transport } from '../../src/connectors/transport.ts'
import { createFaults, faultRuleSchema } from '../../src/sandbox/faults.ts'
import type { FaultLayer, FaultRule } from '../../src/sandbox/faults.ts'
import { modelTransport } from '../../src/sandbox/model-transport.ts'
import { createTinyModel, tinyRequest } from './tiny-model.ts'
import type { TinyModel } from './tiny-model.ts'

/** Sleepers are woken by the test, so that time passes only when it says so. */
function manualSleep(): {
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>
  asked: number[]
  wake(): void
} {
  const sleepers: (() => void)[] = []
  const asked: number[] = []
  return {
    asked,
    sleep: (ms, signal) =>
      new Promise<void>((resolve, reject) => {
        asked.push(ms)
        sleepers.push(resolve)
        signal?.addEventListener('abort', () => reject(signal.reason as Error))
      }),
    wake: () => {
      for (const wake of sleepers.splice(0)) wake()
    },
  }
}

interface Scene {
  model: TinyModel
  faults: FaultLayer
  send: Transport
  time: ReturnType<typeof manualSleep>
  closing: AbortController
}

function scene(rules: readonly FaultRule[], seed = 1): Scene {
  const model = createTinyModel({ clock: () => 0, seed: 1, limits: 'off' })
  const time = manualSleep()
  const closing = new AbortController()
  const faults = createFaults(model, { runtime: time, seed, rules, signal: closing.signal })
  return { model, faults, send: modelTransport(model, { runtime: time, faults }), time, closing }
}

const create = (name: string) => tinyRequest('POST', '/things', { name })

describe('faults in process', () => {
  const lost = { name: 'TransportError', sent: true }

  it.each([
    { kind: 'reset-before', happens: false },
    { kind: 'timeout-before', happens: false },
    { kind: 'reset-after', happens: true },
    { kind: 'timeout-after', happens: true },
    { kind: 'cut-body', happens: true },
  ] as const)('$kind loses the answer; effect: $happens', async ({ kind, happens }) => {
    const { model, send } = scene([{ kind }])
    await expect(send(create('a'))).rejects.toMatchObject(lost)
    expect(model.written).toEqual(happens ? ['a'] : [])
  })

  it.each([
    { rule: { kind: 'status' }, status: 503, happens: false },
    { rule: { kind: 'status', status: 429 }, status: 429, happens: false },
    { rule: { kind: 'status-after' }, status: 502, happens: true },
    { rule: { kind: 'status-after', status: 504 }, status: 504, happens: true },
    { rule: { kind: 'refuse' }, status: 500, happens: false },
    { rule: { kind: 'refuse', refusal: 'rate-limit' }, status: 429, happens: false },
  ] as const)('$rule answers $status; effect: $happens', async ({ rule, status, happens }) => {
    const { model, send } = scene([rule])
    const answer = await send(create('a'))
    expect(answer.status).toBe(status)
    expect(answer.headers['x-vendor'] === 'tiny').toBe(rule.kind === 'refuse')
    expect(model.written).toEqual(happens ? ['a'] : [])
  })

  it('late loses the answer at once and lets the effect happen afterwards', async () => {
    const { model, send, faults, time } = scene([{ kind: 'late', delayMs: 700 }])
    await expect(send(create('zombie'))).rejects.toMatchObject(lost)
    expect(model.written).toEqual([])
    expect(time.asked).toEqual([700])
    time.wake()
    await faults.settled()
    expect(model.written).toEqual(['zombie'])
  })

  it('late effects never happen once the layer is closed', async () => {
    const { model, send, faults, closing } = scene([{ kind: 'late', delayMs: 700 }])
    await expect(send(create('zombie'))).rejects.toThrow(TransportError)
    closing.abort()
    await faults.settled()
    expect(model.written).toEqual([])
  })

  it('delay answers normally, later', async () => {
    const { model, send, time } = scene([{ kind: 'delay', delayMs: 40 }])
    const answer = send(create('slow'))
    expect(model.written).toEqual([])
    time.wake()
    expect((await answer).status).toBe(201)
    expect(time.asked).toEqual([40])
  })

  it('an aborted wait rejects with the reason of the signal', async () => {
    const { model, send } = scene([{ kind: 'delay', delayMs: 40 }])
    const controller = new AbortController()
    const answer = send(create('slow'), controller.signal)
    controller.abort(new Error('enough'))
    await expect(answer).rejects.toThrow('enough')
    expect(model.written).toEqual([])
  })

  it('silence with a delay ends after it', async () => {
    const { send, time } = scene([{ kind: 'timeout-after', delayMs: 5_000 }])
    const answer = send(create('a'))
    await Promise.resolve()
    time.wake()
    await expect(answer).rejects.toMatchObject(lost)
    expect(time.asked).toEqual([5_000])
  })
})

describe('which requests a rule hits', () => {
  it('is decided by method, path and kind of request, first rule first', async () => {
    const { send } = scene([
      { method: 'post', path: '^/things$', kind: 'status', status: 500 },
      { mutating: false, path: '/2', kind: 'status', status: 501 },
      { mutating: true, kind: 'status', status: 502 },
    ])
    const status = async (method: string, path: string) => (await send(tinyRequest(method, path, {}))).status
    expect(await status('POST', '/things')).toBe(500)
    expect(await status('GET', '/things/2')).toBe(501)
    expect(await status('DELETE', '/things/2')).toBe(502)
    expect(await status('GET', '/things/1')).toBe(404)
  })

  it('ends with the count of a rule, and the next rule takes over', async () => {
    const { send, faults } = scene([
      { id: 'twice', kind: 'status', status: 500, times: 2 },
      { kind: 'status', status: 503 },
    ])
    const seen = []
    for (let turn = 0; turn < 3; turn += 1) seen.push((await send(tinyRequest('GET', '/things/1'))).status)
    expect(seen).toEqual([500, 500, 503])
    expect(faults.rules().map(({ rule, hits }) => [rule.id, hits])).toEqual([
      ['twice', 2],
      [undefined, 1],
    ])
  })

  it('follows seeded dice: the same seed hits the same requests', async () => {
    const hits = async (seed: number): Promise<string> => {
      const { send } = scene([{ kind: 'status', probability: 0.3 }], seed)
      let pattern = ''
      for (let turn = 0; turn < 200; turn += 1) {
        pattern += (await send(tinyRequest('GET', '/things/1'))).status === 503 ? 'x' : '.'
      }
      return pattern
    }
    const first = await hits(7)
    expect(await hits(7)).toBe(first)
    expect(await hits(8)).not.toBe(first)
    const share = first.split('x').length - 1
    expect(share).toBeGreaterThan(35)
    expect(share).toBeLessThan(85)
  })

  it('a rule that is no rule is refused with the reason', () => {
    for (const rule of [{ kind: 'explode' }, { kind: 'delay', delay: 3 }, { kind: 'status', path: '(' }]) {
      expect(faultRuleSchema.safeParse(rule).success).toBe(false)
    }
  })
})
