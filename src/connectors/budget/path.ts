/**
 * The way of one class of requests: through every allowance that counts it, narrowest first, to the vendor, and with
 * the answer back to each. A place that is taken and not yet used is charged like one that is, so waiting at a
 * further gate is safe.
 */
import type { Runtime } from '../../runtime.ts'
import { isRefusal, type Traffic } from '../traffic.ts'
import { TransportError, type HttpRequest, type HttpResponse, type Transport } from '../transport.ts'
import type { ClockPhase } from './clock-phase.ts'
import type { DayRation } from './day.ts'
import type { Asking, Gate } from './gate.ts'
import { pauseMs } from './refusal.ts'
import type { Place } from './rule.ts'

export interface PathOptions {
  readonly gates: readonly Gate[]
  readonly days: readonly DayRation[]
  /** Bounds unanswered requests over all paths; the last gate, so that nobody holds a socket while waiting. */
  readonly sockets: Gate
  readonly phase: ClockPhase
  readonly traffic: Traffic
  readonly runtime: Runtime
  /** What the vendor's times are compared with: see `steady-clock.ts`. */
  readonly wallClock: Runtime
  readonly transport: Transport
}

export interface SendOptions extends Asking {
  /** 1 for the first sending of a request. */
  readonly attempt: number
  /** When it is too late for it to leave, epoch ms. */
  readonly leaveByMs: number
}

export interface Sent {
  readonly response: HttpResponse
  /** Of a refusal: how long the allowance rests now, or null where waiting is pointless. */
  readonly refusal: { readonly waitMs: number | null } | null
}

interface Sending {
  /** Null as long as the request has not left, and when it turns out that it never did. */
  sentAtMs: number | null
  /** Null as long as there is no answer. */
  response: HttpResponse | null
}

/** The request could not leave in time. */
export class TooLate extends Error {
  override readonly name = 'TooLate'
}

export class Path {
  readonly #options: PathOptions

  constructor(options: PathOptions) {
    this.#options = options
  }

  /** Rejects with `TooLate`, the request unsent and nothing charged. */
  async send(request: HttpRequest, options: SendOptions): Promise<Sent> {
    const { attempt, leaveByMs, ...asking } = options
    const { gates, days, traffic, wallClock } = this.#options
    const sending: Sending = { sentAtMs: null, response: null }
    const charged: DayRation[] = []
    const places: Place[] = []
    try {
      for (const day of days) {
        const waiting = day.admit(asking)
        if (waiting) await waiting
        charged.push(day)
      }
      for (const gate of gates) {
        const place = gate.take(asking)
        places.push(place instanceof Promise ? await place : place)
      }
      const response = await this.#exchange(request, asking, leaveByMs, sending)
      if (!isRefusal(traffic, response)) return { response, refusal: null }
      const waitMs = pauseMs(response, { request, attempt, traffic, runtime: wallClock })
      // Before the places are given back, or whoever waits for one would go into the same refusal.
      this.#rest(waitMs)
      return { response, refusal: { waitMs } }
    } finally {
      this.#settle(sending, charged, places)
    }
  }

  #rest(waitMs: number | null): void {
    const { gates, days } = this.#options
    if (waitMs === null) {
      for (const day of days) day.refused()
      return
    }
    for (const [index, gate] of gates.entries()) gate.refused(index === 0)
    gates[0]?.pauseFor(waitMs)
  }

  async #exchange(
    request: HttpRequest,
    asking: Asking,
    leaveByMs: number,
    sending: Sending,
  ): Promise<HttpResponse> {
    const { gates, sockets, runtime, transport } = this.#options
    // Ends: each further turn means that a pause began while the request waited for a socket.
    for (;;) {
      for (const gate of gates) if (gate.isPaused()) await gate.pauseOver(asking.signal)
      const taken = sockets.take(asking)
      const socket = taken instanceof Promise ? await taken : taken
      if (gates.some((gate) => gate.isPaused())) {
        sockets.unused(socket)
        continue
      }
      const sentAtMs = runtime.now()
      if (sentAtMs > leaveByMs) {
        sockets.unused(socket)
        throw new TooLate()
      }
      sending.sentAtMs = sentAtMs
      try {
        const response = await transport(request, asking.signal)
        sending.response = response
        return response
      } catch (error) {
        if (error instanceof TransportError && !error.sent) sending.sentAtMs = null
        throw error
      } finally {
        const { response } = sending
        sockets.answered(socket, { sentAtMs, nowMs: runtime.now(), response, remaining: null, score: null })
      }
    }
  }

  #settle(sending: Sending, charged: readonly DayRation[], places: readonly Place[]): void {
    const { gates, phase, traffic, runtime } = this.#options
    const { sentAtMs, response } = sending
    if (sentAtMs === null) {
      for (const day of charged) day.unused()
      for (const [index, place] of places.entries()) gates[index]?.unused(place)
      return
    }
    const nowMs = runtime.now()
    if (response) phase.saw(sentAtMs, nowMs, response.headers['date'])
    for (const day of charged) day.answered(response && (traffic.dayFrom?.(response, day.name) ?? null))
    for (const [index, place] of places.entries()) {
      const gate = gates[index]
      if (!gate) continue
      const { name } = gate
      const limit = response && finite(traffic.limitFrom?.(response, name))
      if (limit !== null && Number.isInteger(limit) && limit > 0) gate.rule.tune(limit)
      const remaining = response && finite(traffic.remainingFrom?.(response, name))
      const score = response && finite(traffic.scoreFrom?.(response, name))
      gate.answered(place, { sentAtMs, nowMs, response, remaining, score })
    }
  }
}

/** A vendor's number, or null where it has none that makes sense. */
function finite(number: number | null | undefined): number | null {
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}
