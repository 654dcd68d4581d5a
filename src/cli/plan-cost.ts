/** What a planned pass costs one account: calls, time at its limits, share of its day. */
import type { Connection } from '../compose.ts'
import { trafficOf } from '../compose/vendors.ts'

export interface Cost {
  readonly calls: number
  /** At the limits as they are known now, if nothing else uses them. */
  readonly hours: number
  /** Of all calls that the account may make in a day; null where days are not limited, or nobody said by how much. */
  readonly dayShare: number | null
}

const HOUR_MS = 3_600_000

/**
 * A pass reads what the plan has read, and sends `writes` requests more. `writingMs` is the least time for those
 * alone, as the reading has been measured.
 */
export function costOf(connection: Connection, writes: number): { cost: Cost; writingMs: number } {
  const { settings, budget, counts } = connection
  const traffic = trafficOf(settings)
  const sample = { method: 'PATCH', url: `${settings.baseUrl}/`, headers: {}, body: '{}' }
  const { bucket, alsoIn = [] } = traffic.classify(sample)
  const charged = new Set([bucket, ...alsoIn])
  for (const each of traffic.buckets) {
    if (each.kind === 'day' && each.of.some((name) => charged.has(name))) charged.add(each.name)
  }
  let [wholeMs, writingMs] = [0, 0]
  let dayShare: number | null = null
  for (const { name, kind, windowMs, capacity, charged: read } of budget.use()) {
    if (capacity === null) continue
    const written = charged.has(name) ? writes : 0
    if (kind === 'window' && windowMs !== null) {
      wholeMs = Math.max(wholeMs, ((read + written) * windowMs) / capacity)
      writingMs = Math.max(writingMs, (written * windowMs) / capacity)
    }
    if (kind === 'day' && charged.has(name)) dayShare = Math.max(dayShare ?? 0, (read + written) / capacity)
  }
  return { cost: { calls: counts().read + writes, hours: wholeMs / HOUR_MS, dayShare }, writingMs }
}
