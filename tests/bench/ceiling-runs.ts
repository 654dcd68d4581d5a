/** One saturated stretch of virtual time per limiter and vendor. */
import { seededRandom } from '../../src/sandbox/random.ts'
import { virtualTime } from '../connectors/virtual-time.ts'
import { BUCKETS, ceilingVendor, type BucketName } from './ceiling-vendors.ts'
import { limited, LIMITERS, type LimiterName } from './limiters.ts'
import { onVirtualGlobals } from './virtual-clock.ts'

export interface Run {
  readonly limiter: LimiterName
  readonly bucket: BucketName
  /** Answered requests of what the vendor permits in that time. */
  readonly share: number
  readonly throttled: number
}

const TEN_MINUTES_MS = 600_000
/** Callers that always have a next request. */
const CALLERS = 64

export async function* measureCeiling(options: {
  readonly seed: number
  readonly durationMs?: number
  readonly buckets?: readonly BucketName[]
  readonly limiters?: readonly LimiterName[]
}): AsyncGenerator<Run> {
  for (const bucket of options.buckets ?? BUCKETS) {
    for (const limiter of options.limiters ?? LIMITERS) {
      yield await measure(bucket, limiter, { durationMs: TEN_MINUTES_MS, ...options })
    }
  }
}

/** Our budget on sliding seconds that it takes for the clock's: what believing the vendor's documents may cost. */
export async function measureMistake({ seed }: { readonly seed: number }): Promise<Run> {
  return measure('attio-sliding-second', 'ours', { seed, durationMs: TEN_MINUTES_MS, mistaken: true })
}

async function measure(
  bucket: BucketName,
  limiter: LimiterName,
  options: { readonly seed: number; readonly durationMs: number; readonly mistaken?: boolean },
): Promise<Run> {
  const { seed, durationMs, mistaken = false } = options
  const startMs = Date.UTC(2026, 10, 22, 9)
  const time = virtualTime({ startMs, random: seededRandom(seed, 'jitter').next })
  const { runtime } = time
  const vendor = ceilingVendor(bucket, { runtime, seed, mistaken })
  const { limit, windowMs } = vendor.allowance
  let asked = 0
  const work = async (): Promise<void> => {
    const send = limited(limiter, vendor.transport, { allowance: vendor.allowance, runtime })
    // All but those that are cut off by the end.
    const caller = async (): Promise<void> => {
      for (;;) await send({ ...vendor.request((asked += 1)), lane: 3 })
    }
    for (let count = 0; count < CALLERS; count += 1) void caller()
    await runtime.sleep(durationMs)
  }
  await (limiter === 'p-queue-interval' ? onVirtualGlobals(time, work) : time.run(work()))
  const { answered, throttled } = vendor.counts
  return { limiter, bucket, share: answered / ((limit * durationMs) / windowMs), throttled }
}
