/**
 * Attio answers reads from replicas and says how far each had got (`x-accurate-at`, Attio fact sheet 1). An older
 * answer than what we know already would make a record that we have just created look deleted, and a value that we
 * have just written look changed back. So nothing is believed that is older than our own last word about it.
 */
import { instantMs } from '../../core/instant.ts'
import type { RecordId } from '../../core/record.ts'
import { ConnectorError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import type { HttpResponse } from '../transport.ts'

export interface Aged<T> {
  readonly value: T
  /** The instant, by our clock, whose state the answer shows for certain; later changes may be missing. */
  readonly accurateAtMs: number
}

/** Clocks of servers drift less than this (algorithms 2.5); it widens what was learnt about the offset long ago. */
const DRIFT = 1e-4

/** The instant by our clock that an answer is accurate at. `sentMs`, `receivedMs`: when we asked and were answered. */
export type ReplicaClock = (response: HttpResponse, sentMs: number, receivedMs: number) => number

/**
 * Tells the age of answers by our own clock. `Date` is the vendor's clock cut to the second, so each answer bounds the
 * offset between the clocks; their intersection soon is a round trip wide.
 */
export function replicaClock(): ReplicaClock {
  let leastAheadMs = Number.NEGATIVE_INFINITY
  let mostAheadMs = Number.POSITIVE_INFINITY
  let learntMs = 0
  return (response, sentMs, receivedMs) => {
    const dateMs = Date.parse(response.headers['date'] ?? '')
    if (Number.isFinite(dateMs)) {
      const driftMs = DRIFT * Math.max(0, receivedMs - learntMs)
      leastAheadMs = Math.max(leastAheadMs - driftMs, dateMs - receivedMs)
      mostAheadMs = Math.min(mostAheadMs + driftMs, dateMs + 1_000 - sentMs)
      // A clock was set: what was learnt before is worth nothing.
      if (mostAheadMs < leastAheadMs) {
        leastAheadMs = dateMs - receivedMs
        mostAheadMs = dateMs + 1_000 - sentMs
      }
      learntMs = receivedMs
    }
    const accurateAt = instantMs(response.headers['x-accurate-at'] ?? '')
    // Without the header there is nothing better than the moment we asked.
    if (accurateAt === null || !Number.isFinite(mostAheadMs)) return sentMs
    return Math.min(sentMs, accurateAt - mostAheadMs)
  }
}

/** No replica lags longer: what we know from before needs no remembering. */
const MEMORY_MS = 120_000
const RECORDS_MAX = 20_000
const TRIES_MAX = 6

export interface Knowledge {
  /** Our write of this record was acknowledged, or an answer showed its state at this instant. */
  knows(id: RecordId, atMs: number): void
  /** A write of any record of the object was acknowledged. */
  wrote(object: string, id: RecordId, atMs: number): void
  /** How recent an answer about these records must be. */
  aboutRecords(ids: readonly RecordId[]): number
  /** How recent an answer must be that looks records of the object up by what they hold. */
  aboutObject(object: string): number
  /** Asks until the answer is recent enough. Throws `transient` when the replicas do not catch up. */
  fresh<T>(atLeastMs: number, ask: () => Promise<Aged<T>>): Promise<Aged<T>>
}

/**
 * `sinceMs`: when this process began. What earlier processes wrote they wrote before, so answers from then on show it.
 */
export function knowledge(options: {
  readonly connection: string
  readonly runtime: Pick<Runtime, 'sleep' | 'now'>
  readonly sinceMs: number
}): Knowledge {
  const { connection, runtime, sinceMs } = options
  const records = new Map<RecordId, number>()
  const objects = new Map<string, number>()

  const forget = (nowMs: number) => {
    for (const [id, atMs] of records) {
      // In the order of remembering: the rest is younger.
      if (records.size <= RECORDS_MAX && atMs > nowMs - MEMORY_MS) return
      records.delete(id)
    }
  }

  const knows = (id: RecordId, atMs: number) => {
    const before = records.get(id) ?? 0
    if (before >= atMs) return
    records.delete(id)
    records.set(id, atMs)
    forget(runtime.now())
  }

  return {
    knows,
    wrote(object, id, atMs) {
      knows(id, atMs)
      objects.set(object, Math.max(objects.get(object) ?? 0, atMs))
    },
    aboutRecords: (ids) => ids.reduce((latest, id) => Math.max(latest, records.get(id) ?? 0), sinceMs),
    aboutObject: (object) => Math.max(objects.get(object) ?? 0, sinceMs),
    async fresh(atLeastMs, ask) {
      for (let attempt = 1; ; attempt += 1) {
        const answer = await ask()
        if (answer.accurateAtMs >= atLeastMs) return answer
        if (attempt >= TRIES_MAX) {
          throw new ConnectorError(
            'transient',
            `Attio answers with a state from ${runtime.now() - answer.accurateAtMs} ms ago`,
            {
              connection,
              hint: 'Its replicas lag behind; the record is looked at again later.',
            },
          )
        }
        await runtime.sleep(Math.max(50, atLeastMs - answer.accurateAtMs))
      }
    },
  }
}
