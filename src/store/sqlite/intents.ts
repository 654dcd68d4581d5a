/** Open intents: writes whose outcome is not recorded yet. A row is an open intent; closing removes it. */
import { and, asc, eq, sql } from 'drizzle-orm'
import { InvariantError } from '../../errors.ts'
import type { Intent, LinkId } from '../store.ts'
import { isUniqueViolation, statement, type Orm } from './database.ts'
import { intent } from './schema-history.ts'
import { link } from './schema.ts'

export function openIntents(orm: Orm) {
  const arg = sql.placeholder
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

  return {
    /** False when the link moved on since the intent was planned, or already has an open one (I14). */
    open(opened: Intent): boolean {
      if (epochOf().get({ link: opened.link })?.epoch !== opened.epoch) return false
      try {
        return insert().run({ ...opened }).changes > 0
      } catch (error) {
        if (!isUniqueViolation(error)) throw error
        throw new InvariantError('I14', `intent ${opened.id} is begun twice`)
      }
    },

    /** Closes an intent and returns its link. An outcome is recorded once: a second answer must not move the base. */
    close(id: string): LinkId {
      const closed = remove().get({ id })
      if (!closed) throw new InvariantError('I14', `intent ${id} is to be closed but is not open`)
      return closed.link
    },

    ofLink(id: LinkId): Intent | null {
      return ofLink().get({ link: id }) ?? null
    },

    list({ mapping, limit }: { mapping: string | null; limit: number }): readonly Intent[] {
      return mapping === null ? oldest().all({ limit }) : oldestOfMapping().all({ mapping, limit })
    },

    count(): number {
      return count().get()?.count ?? 0
    },
  }
}
