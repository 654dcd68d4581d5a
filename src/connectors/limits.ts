/** The operator's word on a connection's allowances, over what is known of the vendor. */
import type { Bucket, Traffic } from './traffic.ts'

export interface Limits {
  /** Bucket → its limit here; answers may lower it, never raise it. */
  readonly buckets: Readonly<Record<string, number>>
  /** False: the vendor's seconds are not those of its clock, whatever its documents suggest. */
  readonly clockSeconds: boolean
  /** Null: as the vendor's traffic has it. */
  readonly day: { readonly share: number | null; readonly floor: number | null }
}

export function withLimits(traffic: Traffic, limits: Limits): Traffic {
  return { ...traffic, buckets: traffic.buckets.map((bucket) => limitedBucket(bucket, limits)) }
}

function limitedBucket(bucket: Bucket, { buckets, clockSeconds, day }: Limits): Bucket {
  if (bucket.kind === 'score') return bucket
  if (bucket.kind === 'day') {
    return { ...bucket, share: day.share ?? bucket.share, floor: day.floor ?? bucket.floor }
  }
  const limit = buckets[bucket.name]
  if (bucket.kind === 'in-flight') return limit === undefined ? bucket : { ...bucket, limit }
  const clockAligned = (bucket.clockAligned ?? false) && clockSeconds
  return { ...bucket, clockAligned, ...(limit !== undefined && { limit, ceiling: limit }) }
}
