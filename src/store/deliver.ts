/** The store port for delivering: a write is announced before it is sent and acknowledged after (algorithms 5.1). */
import type { Change } from './change.ts'
import type { LinkId } from './links.ts'
import type { Intent } from './writes.ts'

export interface Deliver {
  /**
   * Makes intents durable before their calls (fsync). Returns the ids accepted: an intent is refused when its
   * link already has one open, or moved to another epoch (I14).
   */
  beginWrites(intents: readonly Intent[]): Promise<ReadonlySet<string>>
  /** Closes intents and commits what their outcomes mean, all or nothing per call. */
  ackWrites(changes: readonly Change[]): Promise<ReadonlyMap<LinkId, number>>
  openIntents(request: { mapping: string | null; limit: number }): Promise<readonly Intent[]>
}
