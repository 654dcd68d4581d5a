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

/** In one statement each, since every page of every listing ends in them. */
const moveTo = statement(() =>
  orm
    .insert(stream)
    .values({ mapping: arg('mapping'), side: arg('side'), cursor: arg('cursor') })
    .onConflictDoUpdate({ target: [stream.mapping, stream.side], set: { cursor: sql`excluded.cursor` } })
    .prepare(),
)
const seePage = statement(() =>
  orm
    .insert(stream)
    .values({
      mapping: arg('mapping'),
      side: arg('side'),
      sweepCursor: arg('next'),
      sweepSeen: arg('rows'),
    })
    .onConflictDoUpdate({
      target: [stream.mapping, stream.side],
      set: {
        sweepCursor: sql`excluded.sweep_cursor`,
        sweepSeen: sql`${stream.sweepSeen} + excluded.sweep_seen`,
      },
    })
    .returning({ sweep: stream.sweep, seen: stream.sweepSeen })
    .prepare(),
)
const finish = statement(() =>
  orm
    .insert(stream)
    .values({ mapping: arg('mapping'), side: arg('side'), sweepDoneMs: arg('nowMs') })
    .onConflictDoUpdate({
      target: [stream.mapping, stream.side],
      set: { sweepCursor: sql`null`, sweepDoneMs: sql`excluded.sweep_done` },
    })
    .returning({ sweep: stream.sweep })
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

    moveTo({ mapping, side }: StreamKey, cursor: string | null): void {
      db.run(moveTo, { mapping, side, cursor })
    },

    begin({ mapping, side }: StreamKey, begun: StreamState): StreamState {
      db.run(put, { mapping, side, ...begun })
      return begun
    },

    /** `next`: where the page after this one begins. Returns the running sweep, and how many rows it has seen by now. */
    seePage({ mapping, side }: StreamKey, page: { next: string | null; rows: number }) {
      return db.get(seePage, { mapping, side, ...page }) ?? { sweep: UNREAD.sweep, seen: page.rows }
    },

    /** Returns which sweep that was. */
    finish({ mapping, side }: StreamKey, nowMs: number): number {
      return db.get(finish, { mapping, side, nowMs })?.sweep ?? UNREAD.sweep
    },
  }
}

export function isSweeping(stream: StreamState): boolean {
  return stream.sweepStartedMs !== null && stream.sweepDoneMs === null
}
