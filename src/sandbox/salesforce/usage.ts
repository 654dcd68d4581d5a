/** The daily allowance of requests: a rolling 24 hours, counted for the whole org (Salesforce fact sheet 7). */
import type { SalesforceSettings } from './settings.ts'

const DAY_MS = 86_400_000
/** Requests are forgotten in slices of this length. */
const SLICE_MS = 5 * 60_000

export class Usage {
  private readonly settings: Pick<SalesforceSettings, 'dailyApiRequests'>
  private readonly enforced: boolean
  /** Start of a slice → requests in it, earliest first. */
  private slices: [number, number][] = []
  private total = 0

  constructor(settings: Pick<SalesforceSettings, 'dailyApiRequests'>, enforced: boolean) {
    this.settings = settings
    this.enforced = enforced
  }

  /** Whether one more request is allowed; a refused one does not count. */
  admits(now: number): boolean {
    this.forget(now)
    return !this.enforced || this.total < this.settings.dailyApiRequests
  }

  count(now: number, requests = 1): void {
    const slice = Math.floor(now / SLICE_MS) * SLICE_MS
    const last = this.slices.at(-1)
    if (last !== undefined && last[0] === slice) last[1] += requests
    else this.slices.push([slice, requests])
    this.total += requests
  }

  used(now: number): number {
    this.forget(now)
    return this.total
  }

  remaining(now: number): number {
    return Math.max(0, this.settings.dailyApiRequests - this.used(now))
  }

  /** `Sforce-Limit-Info`. */
  header(now: number): string {
    return `api-usage=${this.used(now)}/${this.settings.dailyApiRequests}`
  }

  save(): unknown {
    return this.slices
  }

  load(saved: unknown): void {
    this.slices = (saved as [number, number][]).map(([start, count]) => [start, count])
    this.total = this.slices.reduce((total, [, count]) => total + count, 0)
  }

  private forget(now: number): void {
    while (this.slices[0] !== undefined && this.slices[0][0] <= now - DAY_MS) {
      this.total -= this.slices.shift()?.[1] ?? 0
    }
  }
}
