/**
 * How urgent a piece of work is (algorithms 6.3): who is looked at first, and whose request goes first where a
 * vendor's allowance is short.
 *
 * - 0 interactive: somebody changed this record just now and may be watching
 * - 1 recovery: the outcome of an earlier write is unknown
 * - 2 catch-up: a feed or a person's list says that records changed a while ago
 * - 3 backfill: complete listings and what they find
 */
export type Lane = 0 | 1 | 2 | 3

export const LANES: readonly Lane[] = [0, 1, 2, 3]
