/**
 * The rate budget: a transport that never sends more than the vendor allows, and hardly less.
 *
 * Each of the vendor's allowances is a gate with a rule (`window.ts`, `in-flight.ts`, `score.ts`) or a day's ration
 * (`day.ts`); a request passes all those that count it (`path.ts`). Every sending takes places of its own, a
 * repetition included. Where several wait, `HttpRequest.lane` says who goes first (`lane-queue.ts`).
 */
import { ConnectorError, InvariantError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import type { DayBucket, Traffic } from '../traffic.ts'
import type { Transport } from '../transport.ts'
import { ClockPhase } from './clock-phase.ts'
import { DayRation } from './day.ts'
import { Gate, type Use } from './gate.ts'
import { InFlightRule } from './in-flight.ts'
import { readMemory, writeMemory } from './memory.ts'
import { Path, TooLate } from './path.ts'
import type { Rule } from './rule.ts'
import { ScoreRule } from './score.ts'
import { steady } from './steady-clock.ts'
import { WindowRule, type WindowRuleOptions } from './window.ts'

export interface BudgetOptions {
  /** The connection's name, for errors. */
  readonly connection?: string
  readonly traffic: Traffic
  readonly runtime: Runtime
  /** Most unanswered requests at once, over all buckets: bounds sockets, not the rate. */
  readonly inFlightMax: number
  /** How often one request is sent at most while the vendor answers 429; then the caller gets that answer. */
  readonly attemptsMax: number
  /** How long after its sending a request without an answer may still reach the vendor. 0 when absent. */
  readonly lostMs?: number
  /** Aborted when the connection is no longer used: slots still waiting out their window are let go. */
  readonly closing?: AbortSignal
  /** Told of every 429. */
  readonly onRefusal?: (refusal: Refusal) => void
}

export interface Refusal {
  /** The allowance that the request is classified by. */
  readonly bucket: string
  /** How long its requests rest now; null where the vendor's refusal outlasts any patience. */
  readonly waitMs: number | null
}

export interface Budget {
  /**
   * Lets requests wait for their allowances; a 429, which the vendor did not process, is waited out and sent again.
   * Everything else passes through, errors included. Rejects with `ConnectorError`: `rate-limited` where our part of
   * the day is used up, `stale` where a change would have to wait longer than its patience.
   */
  readonly transport: Transport
  /** How full every allowance is, in the vendor's order. */
  readonly use: () => readonly BucketUse[]
  /** How full the fullest allowance is of those that are not free again in a moment, from 0 to 1. */
  readonly pressure: () => number
  /** How long each request would have to take for every day's ration to last; 0 while there is plenty. */
  readonly paceMs: () => number
  /**
   * What the next process has to know, as text. `running` says that this one goes on sending: whoever finds it later
   * knows that the process did not end well, and cannot know what it used.
   */
  readonly memory: (state: 'running' | 'ended') => string
  /** Goes by such a text of an earlier process. Call it before the first request, or not at all. */
  readonly recall: (text: string) => void
}

export interface BucketUse extends Use {
  readonly name: string
  readonly kind: 'window' | 'in-flight' | 'score' | 'day'
  /** Of a window or a score. */
  readonly windowMs: number | null
  /** Of a day: what is left of our part, 0 to 1, where that is known. */
  readonly leftShare: number | null
}

/** A window that is not longer has room again before it would pay to ask for less. */
const BRIEF_MS = 1_000

export function createBudget(transport: Transport, options: BudgetOptions): Budget {
  const { traffic, attemptsMax, inFlightMax, lostMs = 0 } = options
  const runtime = steady(options.runtime)
  const steadily = { ...options, runtime }
  const phase = new ClockPhase()
  const days = traffic.buckets.filter(isDay).map((bucket) => new DayRation(bucket, steadily))
  const rationed = traffic.buckets.filter((bucket) => !isDay(bucket))
  const gates = rationed.map((bucket) => new Gate(bucket.name, ruleOf(bucket, { phase, lostMs }), steadily))
  const inFlight = new InFlightRule({ kind: 'in-flight', name: 'sockets', limit: inFlightMax })
  const sockets = new Gate('sockets', inFlight, steadily)

  const lasting = rationed.filter((bucket) => 'windowMs' in bucket && bucket.windowMs > BRIEF_MS)

  const paths = new Map<string, Path>()
  const pathOf = (bucket: string, alsoIn: readonly string[] = []): Path => {
    const key = alsoIn.length === 0 ? bucket : `${bucket} ${alsoIn.join(' ')}`
    const known = paths.get(key)
    if (known) return known
    const names = [bucket, ...alsoIn]
    const path = new Path({
      gates: names.map((name) => gateNamed(gates, name)),
      days: days.filter((day) => day.counts(names)),
      sockets,
      phase,
      traffic,
      runtime,
      wallClock: options.runtime,
      transport,
    })
    paths.set(key, path)
    return path
  }

  return {
    transport: async (request, signal) => {
      const { bucket, alsoIn, mutating } = traffic.classify(request)
      const path = pathOf(bucket, alsoIn)
      const { lane = 0, patienceMs } = request
      const leaveByMs = mutating && patienceMs !== undefined ? runtime.now() + patienceMs : Infinity
      try {
        for (let attempt = 1; ; attempt += 1) {
          const again = attempt > 1
          const { response, refusal } = await path.send(request, { lane, again, signal, attempt, leaveByMs })
          if (!refusal) return response
          options.onRefusal?.({ bucket, ...refusal })
          if (refusal.waitMs === null || attempt >= attemptsMax) return response
          if (runtime.now() + refusal.waitMs > leaveByMs) throw new TooLate()
        }
      } catch (error) {
        throw error instanceof TooLate ? tooLate(options.connection ?? '', bucket, error) : error
      }
    },
    use: () =>
      traffic.buckets.map((bucket): BucketUse => {
        const { name, kind = 'window' } = bucket
        const windowMs = 'windowMs' in bucket ? bucket.windowMs : null
        const day = days.find((each) => each.name === name)
        const used = day ?? gateNamed(gates, name)
        const leftShare = day?.plan.leftShare(runtime.now()) ?? null
        return { name, kind, windowMs, leftShare, ...used.use() }
      }),
    pressure: () =>
      Math.max(
        0,
        ...lasting.map(({ name }) => {
          const { busy, capacity } = gateNamed(gates, name).use()
          return capacity === null ? 0 : Math.min(1, busy / capacity)
        }),
      ),
    paceMs: () => Math.max(0, ...days.map(({ plan }) => plan.paceMs(runtime.now()))),
    memory: (state) => writeMemory(state, { gates, days, nowMs: runtime.now() }),
    recall: (text) => {
      const telling = rationed.filter((bucket) => 'answersTell' in bucket)
      const answersTell = new Set(telling.map(({ name }) => name))
      readMemory(text, { gates, days, nowMs: runtime.now(), answersTell })
    },
  }
}

function tooLate(connection: string, bucket: string, cause: TooLate): ConnectorError {
  const message = `a change waited too long for the allowance "${bucket}", and was not sent`
  const hint = 'Nothing to do: it is decided again on what both sides hold by then.'
  return new ConnectorError('stale', message, { connection, hint, cause })
}

function isDay(bucket: Traffic['buckets'][number]): bucket is DayBucket {
  return bucket.kind === 'day'
}

function ruleOf(bucket: Exclude<Traffic['buckets'][number], DayBucket>, options: WindowRuleOptions): Rule {
  if (bucket.kind === 'in-flight') return new InFlightRule(bucket)
  if (bucket.kind === 'score') return new ScoreRule(bucket)
  return new WindowRule(bucket, options)
}

function gateNamed(gates: readonly Gate[], name: string): Gate {
  const gate = gates.find((each) => each.name === name)
  if (gate) return gate
  throw new InvariantError('budget', `a request was classified into the unknown bucket "${name}"`)
}
