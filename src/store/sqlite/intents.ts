/** Open intents: writes whose outcome is not recorded yet. A row is an open intent; closing removes it. */
import { and, asc, eq, sql } from 'drizzle-orm'
import { InvariantError } from '../../errors.ts'
import type { Intent, LinkId } from '../store.ts'
import { isUniqueViolation } from './database.ts'
import { arg, orm, statement, type Statements } from './statements.ts'
import { intent } from './schema-history.ts'
import { link } from './schema.ts'

const epochOf = statement(() =>
  orm
    .select({ epoch: link.epoch })
    .from(link)
    .where(eq(link.id, arg('link')))
    .prepare(),
)
const insert = statement(() =>
  orm
    .insert(intent)
    .values({
      id: arg('id'),
      link: arg('link'),
      mapping: arg('mapping'),
      epoch: arg('epoch'),
      run: arg('run'),
      side: arg('side'),
      kind: arg('kind'),
      record: arg('record'),
      stamp: arg('stamp'),
      payload: arg('payload'),
      fields: arg('fields'),
      versionBefore: arg('versionBefore'),
      sentAtMs: arg('sentAtMs'),
    })
    .onConflictDoNothing({ target: intent.link })
    .prepare(),
)
const remove = statement(() =>
  orm
    .delete(intent)
    .where(eq(intent.id, arg('id')))
    .returning({ link: intent.link })
    .prepare(),
)
const ofLink = statement(() =>
  orm
    .select()
    .from(intent)
    .where(eq(intent.link, arg('link')))
    .prepare(),
)
const oldest = statement(() =>
  orm.select().from(intent).orderBy(asc(intent.sentAtMs), asc(intent.id)).limit(arg('limit')).prepare(),
)
const oldestOfMapping = statement(() =>
  orm
    .select()
    .from(intent)
    .where(and(eq(intent.mapping, arg('mapping'))))
    .orderBy(asc(intent.sentAtMs), asc(intent.id))
    .limit(arg('limit'))
    .prepare(),
)
const count = statement(() =>
  orm
    .select({ count: sql<number>`count(*)` })
    .from(intent)
    .prepare(),
)

export function openIntents(db: Statements) {
  return {
    /** False when the link moved on since the intent was planned, or already has an open one (I14). */
    open(opened: Intent): boolean {
      if (db.get(epochOf, { link: opened.link })?.epoch !== opened.epoch) return false
      try {
        return db.run(insert, { ...opened }) > 0
      } catch (error) {
        if (!isUniqueViolation(error)) throw error
        throw new InvariantError('I14', `intent ${opened.id} is begun twice`)
      }
    },

    /** Closes an intent and returns its link. An outcome is recorded once: a second answer must not move the base. */
    close(id: string): LinkId {
      const closed = db.get(remove, { id })
      if (!closed) throw new InvariantError('I14', `intent ${id} is to be closed but is not open`)
      return closed.link
    },

    ofLink(id: LinkId): Intent | null {
      return db.get(ofLink, { link: id }) ?? null
    },

    list({ mapping, limit }: { mapping: string | null; limit: number }): readonly Intent[] {
      return mapping === null ? db.all(oldest, { limit }) : db.all(oldestOfMapping, { mapping, limit })
    },

    count(): number {
      return db.get(count)?.count ?? 0
    },
  }
}
