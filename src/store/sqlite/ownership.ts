/** Who owns the database, which passes it made, and small facts worth keeping. */
import { eq, sql } from 'drizzle-orm'
import { InvariantError } from '../../errors.ts'
import type { Store } from '../store.ts'
import type { Database } from './database.ts'
import { lease, meta, run } from './schema-history.ts'

type Ownership = Pick<
  Store,
  'acquireLease' | 'renewLease' | 'releaseLease' | 'startRun' | 'endRun' | 'meta' | 'setMeta'
>

/** The one row of the lease table. */
const THE_LEASE = 1

export function openOwnership({ orm, read, write }: Database): Ownership {
  return {
    async acquireLease({ holder, nowMs, ttlMs, isAlive }) {
      return write(() => {
        const current = orm.select().from(lease).where(eq(lease.id, THE_LEASE)).get()
        const isTaken = current && current.holder !== holder && current.untilMs > nowMs
        if (isTaken && isAlive(current.holder)) return current.holder
        orm
          .insert(lease)
          .values({ id: THE_LEASE, holder, untilMs: nowMs + ttlMs })
          .onConflictDoUpdate({ target: lease.id, set: { holder, untilMs: nowMs + ttlMs } })
          .run()
        return null
      })
    },

    async renewLease({ holder, nowMs, ttlMs }) {
      const untilMs = nowMs + ttlMs
      return write(() => orm.update(lease).set({ untilMs }).where(eq(lease.holder, holder)).run().changes > 0)
    },

    async releaseLease(holder) {
      write(() => orm.delete(lease).where(eq(lease.holder, holder)).run())
    },

    async startRun({ id, kind, pairing, atMs }) {
      write(() => orm.insert(run).values({ id, kind, pairing, startedMs: atMs, summary: null }).run())
    },

    async endRun({ id, atMs, summary }) {
      const ended = write(() => orm.update(run).set({ endedMs: atMs, summary }).where(eq(run.id, id)).run())
      if (ended.changes === 0) throw new InvariantError('run', `run ${id} ends but never started`)
    },

    async meta(key) {
      return read(() => orm.select().from(meta).where(eq(meta.key, key)).get()?.value ?? null)
    },

    async setMeta(key, value) {
      write(() => {
        const set = { value: sql`excluded.value` }
        orm.insert(meta).values({ key, value }).onConflictDoUpdate({ target: meta.key, set }).run()
      })
    },
  }
}
