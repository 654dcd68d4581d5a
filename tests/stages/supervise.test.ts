/** A pairing under supervision, on virtual time: what pauses it, and what lets it go on. */
import { expect, test } from 'vitest'
import { ConnectorError, GuardTripped, InvariantError } from '../../src/errors.ts'
import { createLogger } from '../../src/logging.ts'
import {
  supervise,
  type LifeOptions,
  type Pause,
  type PairingState,
  type Resumption,
} from '../../src/stages/supervise.ts'
import { virtualTime } from '../connectors/virtual-time.ts'

const DEAD = new ConnectorError('unauthorized', 'the token is not valid', {
  connection: 'crm',
  hint: 'put in another',
  status: 401,
})
const GUARD = new GuardTripped('mass-deletion', '40 of 100 would be deleted', 'look')
const MINUTE_MS = 60_000

interface Told {
  readonly atMs: number
  readonly what: string
}

/**
 * Supervises lives that work for a second each and end with `ends` in turn, the last one over and over; null lives on
 * until the stop.
 */
async function supervised(options: {
  readonly ends: readonly (Error | null)[]
  readonly forMs: number
  readonly workMs?: number
  readonly guardsAccepted?: boolean
  /** When the account answers again. */
  readonly healedAtMs?: number
  readonly word?: { readonly atMs: number } & Resumption
  /** Until when the database cannot be asked for a word. */
  readonly deafUntilMs?: number
  /** What the account is refused with until it answers. */
  readonly refusal?: Error
  readonly standing?: Pause
}) {
  const { ends, forMs, workMs = 1_000, guardsAccepted = false, healedAtMs = Infinity, word } = options
  const { deafUntilMs = 0, refusal = DEAD } = options
  const time = virtualTime({ startMs: 0 })
  const stopping = new AbortController()
  const states: Told[] = []
  const lives: LifeOptions[] = []
  const probes: number[] = []
  const { runtime } = time
  const over = supervise({
    runtime,
    log: createLogger({ level: 'silent' }),
    signal: stopping.signal,
    guardsAccepted,
    standing: options.standing ?? null,
    live: async (life) => {
      const end = ends[Math.min(lives.length, ends.length - 1)]
      lives.push(life)
      life.onWorking()
      await runtime.sleep(end === null ? Number.MAX_SAFE_INTEGER : workMs, stopping.signal)
      throw end
    },
    probe: async () => {
      probes.push(runtime.now())
      if (runtime.now() < healedAtMs) throw refusal
    },
    resumption: async (sinceMs) => {
      if (runtime.now() < deafUntilMs) throw new Error('database is locked')
      return word && word.atMs > sinceMs && word.atMs <= runtime.now() ? word : null
    },
    onState: (state: PairingState) =>
      states.push({ atMs: runtime.now(), what: state.kind === 'paused' ? state.why : state.kind }),
  }).catch((error: unknown) => error)
  await time.run(runtime.sleep(forMs))
  const stop = new Error('stopped')
  stopping.abort(stop)
  expect(await time.run(over)).toBe(stop)
  return { states, lives, probes, accepted: lives.map((life) => life.guardsAccepted) }
}

test('a dead credential is asked for ever less often, and the work goes on by itself when it answers', async () => {
  const { states, probes } = await supervised({
    ends: [DEAD, null],
    forMs: 60 * MINUTE_MS,
    healedAtMs: 20 * MINUTE_MS,
  })
  expect(states.map(({ what }) => what)).toEqual(['starting', 'working', 'credential', 'starting', 'working'])
  const gaps = probes.slice(1).map((at, i) => at - (probes[i] ?? 0))
  expect(gaps).toEqual(gaps.toSorted((a, b) => a - b))
  expect(gaps.at(-1)).toBe(5 * MINUTE_MS)
  expect(states.at(-1)?.atMs).toBeLessThan(26 * MINUTE_MS)
})

test('an account that answers and refuses the work all the same is not hammered', async () => {
  const { lives } = await supervised({ ends: [DEAD], forMs: 60 * MINUTE_MS, healedAtMs: 0 })
  expect(lives.length).toBeLessThan(20)
  expect(lives.length).toBeGreaterThan(10)
})

test.each([
  ['a guard', GUARD, 'guard'],
  ['a defect', new InvariantError('I14', 'two writes at once'), 'defect'],
])('%s waits for a person', async (_what, end, why) => {
  const { states } = await supervised({ ends: [end, null], forMs: 600 * MINUTE_MS })
  expect(states.map(({ what }) => what)).toEqual(['starting', 'working', why])
})

test('a person accepts what a guard stopped, for that once', async () => {
  const word = { atMs: 30 * MINUTE_MS, acceptGuards: true }
  const { states, accepted } = await supervised({ ends: [GUARD, GUARD], forMs: 90 * MINUTE_MS, word })
  expect(accepted).toEqual([false, true])
  expect(states[3]).toEqual({ atMs: 30 * MINUTE_MS, what: 'starting' })
  // The same word is no answer to the next pause.
  expect(states.at(-1)?.what).toBe('guard')
})

test('what a person accepted at the start is not accepted after a pause', async () => {
  const { accepted } = await supervised({
    ends: [new Error('disk full')],
    forMs: 60_000,
    guardsAccepted: true,
  })
  expect(accepted.slice(0, 3)).toEqual([true, false, false])
})

test('other trouble is tried again ever less often, and at once after it went well for a while', async () => {
  const trouble = new Error('disk full')
  const { states } = await supervised({ ends: [trouble], forMs: 60 * MINUTE_MS })
  const starts = states.filter(({ what }) => what === 'starting').map(({ atMs }) => atMs)
  const gaps = starts.slice(1).map((at, i) => at - (starts[i] ?? 0))
  expect(gaps.slice(0, 3)).toEqual([6_000, 11_000, 21_000])
  expect(gaps.at(-1)).toBe(5 * MINUTE_MS + 1_000)

  const rare = await supervised({ ends: [trouble], forMs: 60 * MINUTE_MS, workMs: 11 * MINUTE_MS })
  const pauses = rare.states.filter(({ what }) => what === 'trouble')
  const next = rare.states.filter(({ what }) => what === 'starting').slice(1)
  expect(next.map(({ atMs }, i) => atMs - (pauses[i]?.atMs ?? 0))).toEqual(next.map(() => 5_000))
})

test('a database that cannot be read for a while, or a credential that cannot be kept, ends nothing', async () => {
  const locked = await supervised({
    ends: [new Error('database is locked'), null],
    forMs: 10 * MINUTE_MS,
    deafUntilMs: 2 * MINUTE_MS,
  })
  expect(locked.states.at(-1)?.what).toBe('working')
  const unkept = await supervised({
    ends: [DEAD, null],
    forMs: 30 * MINUTE_MS,
    healedAtMs: 10 * MINUTE_MS,
    refusal: new Error('ENOSPC: no space left on device'),
  })
  expect(unkept.states.at(-1)?.what).toBe('working')
})

test('a pause that stands when all begin anew ends as it would have, and is not told again', async () => {
  const pause = { kind: 'paused', sinceMs: 0, message: '', hint: '' } as const
  const guard: Pause = { ...pause, why: 'guard', connection: null }
  const forMs = 60 * MINUTE_MS
  expect((await supervised({ ends: [null], forMs, standing: guard })).states).toEqual([])

  const word = { atMs: 30 * MINUTE_MS, acceptGuards: true }
  const resumed = await supervised({ ends: [null], forMs, standing: guard, word })
  expect(resumed.states[0]).toEqual({ atMs: 30 * MINUTE_MS, what: 'starting' })
  expect(resumed.accepted).toEqual([true])

  const dead: Pause = { ...pause, why: 'credential', connection: 'crm' }
  const healed = await supervised({ ends: [null], forMs, standing: dead, healedAtMs: 10 * MINUTE_MS })
  expect(healed.states.map(({ what }) => what)).toEqual(['starting', 'working'])
  expect(healed.probes.length).toBeGreaterThan(3)
})
