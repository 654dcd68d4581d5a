/** Reviews of records that are candidates of each other are one question. */
import type { RecordRef } from '../store/records.ts'
import type { Review } from '../store/waiting.ts'
import { refKey } from './work.ts'

export interface Cluster {
  readonly members: readonly RecordRef[]
  readonly because: string
}

export function reviewClusters(reviews: readonly Review[]): readonly Cluster[] {
  const neighbours = new Map<string, { readonly ref: RecordRef; readonly near: Set<string> }>()
  const node = (ref: RecordRef) => {
    const known = neighbours.get(refKey(ref)) ?? { ref, near: new Set<string>() }
    neighbours.set(refKey(ref), known)
    return known
  }
  const reasons = new Map<string, string>()
  for (const review of reviews) {
    reasons.set(refKey(review.record), review.because)
    for (const candidate of review.candidates) {
      node(review.record).near.add(refKey(candidate))
      node(candidate).near.add(refKey(review.record))
    }
    node(review.record)
  }
  const found: Cluster[] = []
  const done = new Set<string>()
  for (const start of neighbours.keys()) {
    if (done.has(start)) continue
    const members: RecordRef[] = []
    const open = [start]
    for (let key = open.pop(); key !== undefined; key = open.pop()) {
      const at = neighbours.get(key)
      if (!at || done.has(key)) continue
      done.add(key)
      members.push(at.ref)
      open.push(...at.near)
    }
    const because = members
      .map((member) => reasons.get(refKey(member)))
      .find((reason) => reason !== undefined)
    found.push({ members, because: because ?? '' })
  }
  return found
}
