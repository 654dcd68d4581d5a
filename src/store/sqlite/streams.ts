/**
 * How far each feed was read. A sweep is under way while it has started and is not done; the times of a finished
 * one stay until the next begins.
 */
import { and, eq, sql } from 'drizzle-orm'
import type { Side } from '../../core/record.ts'
import type { StreamState } from '../observe.ts'
import { arg, orm, statement, type Statements } from './statements.ts'
import { stream } from './schema.ts'

export interface StreamKey {
  readonly mapping: string
  readonly side: Side
}

const UNREAD: StreamState = {
  cursor: null,
  sweepCursor: null,
  sweep: 0,
  sweepStartedMs: null,
  sweepDoneMs: null,
  sweepSeen: 0,
  sweepKnown: 0,
}

const find = statement(() =>
  orm
    .select({
      cursor: stream.cursor,
      sweepCursor: stream.sweepCursor,
      sweep: stream.sweep,
      sweepStartedMs: stream.sweepStartedMs,
      sweepDoneMs: stream.sweepDoneMs,
      sweepSeen: stream.sweepSeen,
      sweepKnown: stream.sweepKnown,
    })
    .from(stream)
    .where(and(eq(stream.mapping, arg('mapping')), eq(stream.side, arg('side'))))
    .prepare(),
)

const put = statement(() =>
  orm
    .insert(stream)
    .values({
      mapping: arg('mapping'),
      side: arg('side'),
      cursor: arg('cursor'),
      sweepCursor: arg('sweepCursor'),
      sweep: arg('sweep'),
      sweepStartedMs: arg('sweepStartedMs'),
      sweepDoneMs: arg('sweepDoneMs'),
      sweepSeen: arg('sweepSeen'),
      sweepKnown: arg('sweepKnown'),
    })
    .onConflictDoUpdate({
      target: [stream.mapping, stream.side],
      set: {
        cursor: sql`excluded.cursor`,
        sweepCursor: sql`excluded.sweep_cursor`,
        sweep: sql`excluded.sweep`,
        sweepStartedMs: sql`excluded.sweep_started`,
        sweepDoneMs: sql`excluded.sweep_done`,
        sweepSeen: sql`excluded.sweep_seen`,
        sweepKnown: sql`excluded.sweep_known`,
      },
    })
    .prepare(),
)

export function openStreams(db: Statements) {
  function get({ mapping, side }: StreamKey): StreamState {
    return db.get(find, { mapping, side }) ?? UNREAD
  }

  return {
    get,

    /** Number of the running sweep, or of the last one; each asked for once, so for the length of one transaction. */
    sweeps(): (key: StreamKey) => number {
      const known = new Map<string, number>()
      return (key) => {
        const name = `${key.side}/${key.mapping}`
        const sweep = known.get(name) ?? get(key).sweep
        known.set(name, sweep)
        return sweep
      }
    },

    /** Changes some of a stream's state, which the caller may have read already, and returns all of it. */
    set(
      { mapping, side }: StreamKey,
      change: Partial<StreamState>,
      current = get({ mapping, side }),
    ): StreamState {
      const next = { ...current, ...change }
      db.run(put, { mapping, side, ...next })
      return next
    },
  }
}

export function isSweeping(stream: StreamState): boolean {
  return stream.sweepStartedMs !== null && stream.sweepDoneMs === null
}
