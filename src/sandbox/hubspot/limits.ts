/**
 * Rate limits: ten seconds per app, one second for searches, a day per account (HubSpot fact sheet 5.5, 6).
 */
import type { Route } from './call.ts'
import type { HubSpotSettings, Tier } from './settings.ts'

export type Refused = 'TEN_SECONDLY_ROLLING' | 'SECONDLY' | 'DAILY'

interface Allowance {
  readonly burst: number
  /** Null: the private quota does not bind this caller. */
  readonly daily: number | null
  readonly associationBurst: number
  readonly associationDaily: number
}

const ALLOWANCES: Readonly<Record<Tier, Allowance>> = {
  'private-starter': { burst: 100, daily: 250_000, associationBurst: 100, associationDaily: 500_000 },
  // The sheet has 625,000 (a changelog says 650,000): the smaller one.
  'private-professional': { burst: 190, daily: 625_000, associationBurst: 150, associationDaily: 500_000 },
  'private-enterprise': { burst: 190, daily: 1_000_000, associationBurst: 150, associationDaily: 500_000 },
  'private-add-on': { burst: 250, daily: 2_000_000, associationBurst: 200, associationDaily: 1_000_000 },
  oauth: { burst: 110, daily: null, associationBurst: 150, associationDaily: 500_000 },
}

const BURST_MS = 10_000
const SECOND_MS = 1_000
const SEARCHES_PER_SECOND = 5
const DAY_MS = 86_400_000

/** Times of the last calls, oldest first; a call leaves the window when it is `spanMs` old. */
class Window {
  private times: number[] = []
  private start = 0
  private readonly spanMs: number

  constructor(spanMs: number) {
    this.spanMs = spanMs
  }

  /** Calls in the window, or in its last `spanMs`. */
  count(now: number, spanMs = this.spanMs): number {
    while (this.start < this.times.length && (this.times[this.start] as number) <= now - this.spanMs)
      this.start++
    if (this.start > 1_024) {
      this.times = this.times.slice(this.start)
      this.start = 0
    }
    if (spanMs === this.spanMs) return this.times.length - this.start
    const first = this.times.findLastIndex((time) => time <= now - spanMs) + 1
    return this.times.length - Math.max(first, this.start)
  }

  add(now: number): void {
    this.times.push(now)
  }

  save(): readonly number[] {
    return this.times.slice(this.start)
  }

  load(times: readonly number[]): void {
    this.times = [...times]
    this.start = 0
  }
}

export class RateLimits {
  private readonly windows = new Map<string, Window>()
  private day = Number.NEGATIVE_INFINITY
  private used = 0
  private associationsUsed = 0
  private readonly clock: () => number
  private readonly settings: HubSpotSettings
  private readonly enforced: boolean

  constructor(options: { clock: () => number; settings: HubSpotSettings; enforced: boolean }) {
    this.clock = options.clock
    this.settings = options.settings
    this.enforced = options.enforced
  }

  /**
   * Counts one call of `tier`, or says which limit refuses it. Whether a refused call counts is undocumented:
   * it uses up the day, but no window, so that any ten seconds see exactly as many calls as they allow.
   */
  admit(tier: Tier, kind: Route['kind']): Refused | null {
    if (!this.enforced || kind === 'open') return null
    const now = this.clock()
    const { burst, daily, associationBurst, associationDaily } = ALLOWANCES[tier]
    this.startDay(now)
    if (daily !== null && ++this.used > daily) return 'DAILY'
    if (kind === 'associations' && ++this.associationsUsed > associationDaily) return 'DAILY'

    // Every call uses the app's ten seconds. That searches and associations have allowances of their own does
    // not say that they are free here, and nothing else does: the stricter reading.
    const general = this.window(tier, BURST_MS)
    const associations = kind === 'associations' ? this.window(`${tier} associations`, BURST_MS) : null
    // The allowance for searches is the account's, whoever asks.
    const searches = kind === 'search' ? this.window('search', SECOND_MS) : null
    if (general.count(now) >= burst) return 'TEN_SECONDLY_ROLLING'
    if (associations && associations.count(now) >= associationBurst) return 'TEN_SECONDLY_ROLLING'
    if (searches && searches.count(now) >= SEARCHES_PER_SECOND) return 'SECONDLY'
    for (const window of [general, associations, searches]) window?.add(now)
    return null
  }

  /** Headers of a normal answer; searches have none, and the daily ones are for private apps only. */
  headers(tier: Tier, kind: Route['kind']): Record<string, string> {
    if (kind === 'search' || kind === 'open') return {}
    const { burst, daily } = ALLOWANCES[tier]
    const now = this.clock()
    const used = (spanMs: number) => (this.enforced ? this.window(tier, BURST_MS).count(now, spanMs) : 0)
    const secondly = Math.floor(burst / 10)
    return {
      ...(daily !== null && {
        'x-hubspot-ratelimit-daily': String(daily),
        'x-hubspot-ratelimit-daily-remaining': String(Math.max(0, daily - this.used)),
      }),
      'x-hubspot-ratelimit-interval-milliseconds': String(BURST_MS),
      'x-hubspot-ratelimit-max': String(burst),
      'x-hubspot-ratelimit-remaining': String(Math.max(0, burst - used(BURST_MS))),
      // Deprecated and not enforced any more, and still there.
      'x-hubspot-ratelimit-secondly': String(secondly),
      'x-hubspot-ratelimit-secondly-remaining': String(Math.max(0, secondly - used(SECOND_MS))),
    }
  }

  daily(): { usage: number; max: number; resetsAt: number } {
    const now = this.clock()
    this.startDay(now)
    const max = ALLOWANCES[this.settings.tier].daily ?? ALLOWANCES['private-professional'].daily ?? 0
    return { usage: this.used, max, resetsAt: this.day + DAY_MS }
  }

  save(): unknown {
    const windows = [...this.windows].map(([name, window]) => [name, window.save()])
    return { windows, day: this.day, used: this.used, associationsUsed: this.associationsUsed }
  }

  load(saved: unknown): void {
    const state = saved as {
      windows: [string, number[]][]
      day: number | null
      used: number
      associationsUsed: number
    }
    this.windows.clear()
    for (const [name, times] of state.windows) {
      this.window(name, name === 'search' ? SECOND_MS : BURST_MS).load(times)
    }
    // JSON has no infinity.
    this.day = state.day ?? Number.NEGATIVE_INFINITY
    this.used = state.used
    this.associationsUsed = state.associationsUsed
  }

  /** The counter starts again at midnight of the account's time zone. */
  private startDay(now: number): void {
    const offset = this.settings.utcOffsetMinutes * 60_000
    const midnight = Math.floor((now + offset) / DAY_MS) * DAY_MS - offset
    if (midnight === this.day) return
    this.day = midnight
    this.used = 0
    this.associationsUsed = 0
  }

  private window(name: string, spanMs: number): Window {
    let window = this.windows.get(name)
    if (window === undefined) {
      window = new Window(spanMs)
      this.windows.set(name, window)
    }
    return window
  }
}

const MESSAGES: Readonly<Record<Refused, string>> = {
  TEN_SECONDLY_ROLLING: 'You have reached your ten_secondly_rolling limit.',
  SECONDLY: 'You have reached your secondly limit.',
  DAILY: 'You have reached your daily limit.',
}

/** The 429 bodies (5.5). The one of the second has no policy name and closes the connection (observed). */
export function limitBody(refused: Refused, correlationId: string): Record<string, unknown> {
  return {
    status: 'error',
    message: MESSAGES[refused],
    errorType: 'RATE_LIMIT',
    correlationId,
    ...(refused !== 'SECONDLY' && { policyName: refused }),
    requestId: correlationId,
  }
}
