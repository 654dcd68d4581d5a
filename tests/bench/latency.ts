/**
 * How long requests take, as a client on another continent sees it: about 170 ms, a tenth of them over 250, three in
 * a thousand over a second. The two ways and the vendor's own time vary independently, each from its own stream.
 */
import { seededRandom } from '../../src/sandbox/random.ts'

export interface Trip {
  /** Until the vendor counts the request. */
  readonly thereMs: number
  readonly backMs: number
}

const WAY_MS = 62
const WAY_JITTER_MS = 12
const SERVICE_MS = 12
const SERVICE_JITTER_MS = 18
const STALL_SHARE = 0.003
const STALL_MS = [700, 3_000] as const

export function trips(seed: number): () => Trip {
  const there = seededRandom(seed, 'latency/there')
  const back = seededRandom(seed, 'latency/back')
  const stall = seededRandom(seed, 'latency/stall')
  const way = (next: () => number) => WAY_MS + exponential(next, WAY_JITTER_MS)
  return () => {
    const stalledMs = stall.chance(STALL_SHARE) ? STALL_MS[0] + stall.next() * (STALL_MS[1] - STALL_MS[0]) : 0
    // A packet that is lost delays either way; a vendor counts a request before it works on it.
    const [lateMs, slowMs] = stall.chance(0.5) ? [stalledMs, 0] : [0, stalledMs]
    const service = SERVICE_MS + exponential(back.next, SERVICE_JITTER_MS)
    return { thereMs: way(there.next) + lateMs, backMs: service + way(back.next) + slowMs }
  }
}

function exponential(next: () => number, meanMs: number): number {
  return -Math.log(1 - next()) * meanMs
}
