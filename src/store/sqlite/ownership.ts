/** Who owns the database, which passes it made, and what else is worth keeping. */
import { eq, sql } from 'drizzle-orm'
import { InvariantError } from '../../errors.ts'
import type { Store } from '../store.ts'
import type { Database } from './database.ts'
import { lease, run } from './schema-history.ts'
import { arg, orm, statement } from './statements.ts'
import type { Tables } from './tables.ts'

type Ownership = Pick<
  Store,
  'acquireLease' | 'renewLease' | 'releaseLease' | 'startRun' | 'endRun' | 'meta' | 'setMeta'
>

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

const insertRun = statement(() =>
  orm
    .insert(run)
    .values({ id: arg('id'), kind: arg('kind'), pairing: arg('pairing'), startedMs: arg('atMs') })
    .prepare(),
)
const finishRun = statement(() =>
  orm
    .update(run)
    .set({ endedMs: sql`${arg('atMs')}`, summary: sql`${arg('summary')}` })
    .where(eq(run.id, arg('id')))
    .prepare(),
)

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

    async startRun({ id, kind, pairing, atMs }) {
      write(() => db.run(insertRun, { id, kind, pairing, atMs }))
    },

    async endRun({ id, atMs, summary }) {
      const ended = write(() => db.run(finishRun, { id, atMs, summary: JSON.stringify(summary) }))
      if (ended === 0) throw new InvariantError('run', `run ${id} ends but never started`)
    },

    async meta(key) {
      return look(() => facts.find(key))
    },

    async setMeta(key, value) {
      write(() => facts.put(key, value))
    },
  }
}
