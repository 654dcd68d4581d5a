/**
 * The way through one allowance: asks its rule, lets requests wait in line where the rule says later, and wakes up
 * when it says now. While nobody waits, a request passes without a promise or a timer.
 */
import type { Lane } from '../../core/lane.ts'
import type { Runtime } from '../../runtime.ts'
import { Line } from './line.ts'
import type { Answer, Place, Rule } from './rule.ts'

export interface Asking {
  readonly lane: Lane
  /** The vendor refused it before: it is older than everything that waits. */
  readonly again: boolean
  readonly signal: AbortSignal | undefined
}

export interface Use {
  /** Of a window: unanswered or still counted. Of a day: used by anybody. */
  readonly busy: number
  /** Null where no limit is known. */
  readonly capacity: number | null
  readonly waiting: number
  /** Sent by this process so far. */
  readonly charged: number
}

export class Gate {
  readonly name: string
  readonly rule: Rule
  readonly #runtime: Runtime
  readonly #closing: AbortSignal | undefined
  readonly #line = new Line()
  #charged = 0
  #pausedUntilMs = -Infinity
  #alarm: { readonly atMs: number; readonly off: AbortController } | null = null

  constructor(name: string, rule: Rule, options: { runtime: Runtime; closing?: AbortSignal | undefined }) {
    this.name = name
    this.rule = rule
    this.#runtime = options.runtime
    this.#closing = options.closing
    this.#closing?.addEventListener('abort', () => this.#close(), { once: true })
  }

  /** Resolves once the request may leave. Rejects with the signal's reason, and then nothing is taken. */
  take(asking: Asking): Place | Promise<Place> {
    const nowMs = this.#runtime.now()
    const { lane } = asking
    this.#line.isRoomy = this.rule.isRoomy(nowMs)
    // Asked in this order, because a yes of the line counts as gone.
    const mayGo = nowMs >= this.#pausedUntilMs && this.rule.opensAt(nowMs, lane) <= nowMs
    if (mayGo && !asking.signal?.aborted && this.#line.overtakes(lane)) return this.rule.take(nowMs)
    return this.#wait(asking)
  }

  answered(place: Place, answer: Answer): void {
    this.#charged += 1
    place.answered(answer)
    this.#pump()
  }

  unused(place: Place): void {
    place.unused()
    this.#pump()
  }

  refused(own: boolean): void {
    this.rule.refused(this.#runtime.now(), own)
  }

  pauseFor(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#runtime.now() + ms)
  }

  isPaused(): boolean {
    return this.#pausedUntilMs > this.#runtime.now()
  }

  async pauseOver(signal: AbortSignal | undefined): Promise<void> {
    // Ends with the last pause: a new one only begins with a refusal of a request that was under way.
    while (this.isPaused()) await this.#runtime.sleep(this.#pausedUntilMs - this.#runtime.now(), signal)
  }

  use(): Use {
    return { ...this.rule.use(this.#runtime.now()), waiting: this.#line.length, charged: this.#charged }
  }

  async #wait(asking: Asking): Promise<Place> {
    let place: Place | undefined
    const turn = this.#line.join(asking, () => {
      place = this.rule.take(this.#runtime.now())
      return place
    })
    this.#pump()
    try {
      return await turn
    } catch (error) {
      if (place) this.unused(place)
      throw error
    }
  }

  /** Lets through whoever may go, and sets the alarm for the next. */
  #pump(): void {
    // Ends: each turn shortens the line by one.
    for (;;) {
      const nowMs = this.#runtime.now()
      this.#line.isRoomy = this.rule.isRoomy(nowMs)
      const lane = this.#line.first()
      if (lane === null) return
      const opensAtMs = Math.max(this.#pausedUntilMs, this.rule.opensAt(nowMs, lane))
      if (opensAtMs > nowMs) return this.#wakeAt(opensAtMs, nowMs)
      this.#line.letThrough()
    }
  }

  #wakeAt(atMs: number, nowMs: number): void {
    if (atMs === this.#alarm?.atMs) return
    this.#alarm?.off.abort()
    this.#alarm = null
    // Then an answer is what wakes us.
    if (atMs === Infinity) return
    const off = new AbortController()
    const alarm = { atMs, off }
    this.#alarm = alarm
    this.#runtime.sleep(Math.ceil(atMs - nowMs), off.signal).then(
      () => {
        if (this.#alarm === alarm) this.#alarm = null
        this.#pump()
      },
      () => undefined,
    )
  }

  /** Slots that wait out their window are let go, so that nothing keeps the process alive. */
  #close(): void {
    this.rule.release()
    this.#alarm?.off.abort()
    this.#alarm = null
    this.#pump()
  }
}
