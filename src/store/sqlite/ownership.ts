/** Who owns the database, and what else is worth keeping. */
import { eq, sql } from 'drizzle-orm'
import type { Ownership } from '../ownership.ts'
import type { Database } from './database.ts'
import { lease } from './schema-history.ts'
import { arg, orm, statement } from './statements.ts'
import type { Tables } from './tables.ts'

/** The one row of the lease table. */
const THE_LEASE = 1

const currentLease = statement(() => orm.select().from(lease).where(eq(lease.id, THE_LEASE)).prepare())
const takeLease = statement(() =>
  orm
    .insert(lease)
    .values({ id: THE_LEASE, holder: arg('holder'), untilMs: arg('untilMs') })
    .onConflictDoUpdate({
      target: lease.id,
      set: { holder: sql`excluded.holder`, untilMs: sql`excluded.until` },
    })
    .prepare(),
)
const isHolder = eq(lease.holder, arg('holder'))
const extendLease = statement(() =>
  orm
    .update(lease)
    .set({ untilMs: sql`${arg('untilMs')}` })
    .where(isHolder)
    .prepare(),
)
const dropLease = statement(() => orm.delete(lease).where(isHolder).prepare())

export function openOwnership(db: Database, { facts }: Tables): Ownership {
  const { look, write } = db
  return {
    async acquireLease({ holder, nowMs, ttlMs, isAlive }) {
      return write(() => {
        const current = db.get(currentLease)
        const isTaken = current && current.holder !== holder && current.untilMs > nowMs
        if (isTaken && isAlive(current.holder)) return current.holder
        db.run(takeLease, { holder, untilMs: nowMs + ttlMs })
        return null
      })
    },

    async renewLease({ holder, nowMs, ttlMs }) {
      return write(() => db.run(extendLease, { holder, untilMs: nowMs + ttlMs }) > 0)
    },

    async releaseLease(holder) {
      write(() => db.run(dropLease, { holder }))
    },

    async meta(key) {
      return look(() => facts.find(key))
    },

    async setMeta(key, value) {
      write(() => facts.put(key, value))
    },
  }
}
