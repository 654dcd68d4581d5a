/** Open intents: writes whose outcome is not recorded yet. A row is an open intent; closing removes it. */
import { asc, eq, getTableColumns } from 'drizzle-orm'
import { InvariantError } from '../../errors.ts'
import type { LinkId } from '../links.ts'
import type { Intent } from '../writes.ts'
import { isUniqueViolation } from './database.ts'
import { arg, element, elements, orm, statement, type Statements } from './statements.ts'
import { intent } from './schema-history.ts'
import { link } from './schema.ts'

const epochsOf = statement(() =>
  orm
    .select({ id: link.id, epoch: link.epoch })
    .from(elements('links'))
    .crossJoin(link)
    .where(eq(link.id, element))
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
const ofLinks = statement(() =>
  orm
    .select(getTableColumns(intent))
    .from(elements('links'))
    .crossJoin(intent)
    .where(eq(intent.link, element))
    .prepare(),
)
const oldest = statement(() =>
  orm.select().from(intent).orderBy(asc(intent.sentAtMs), asc(intent.id)).limit(arg('limit')).prepare(),
)
const oldestOfMapping = statement(() =>
  orm
    .select()
    .from(intent)
    .where(eq(intent.mapping, arg('mapping')))
    .orderBy(asc(intent.sentAtMs), asc(intent.id))
    .limit(arg('limit'))
    .prepare(),
)

export function openIntents(db: Statements) {
  function insertOne(opened: Intent): boolean {
    try {
      return db.run(insert, { ...opened }) > 0
    } catch (error) {
      if (!isUniqueViolation(error)) throw error
      throw new InvariantError('I14', `intent ${opened.id} is begun twice`)
    }
  }

  return {
    /**
     * Opens those whose link is still where it was when they were planned and has no open one (I14). Returns their
     * ids.
     */
    open(announced: readonly Intent[]): ReadonlySet<string> {
      const links = announced.map((each) => each.link)
      const epochs = new Map(db.all(epochsOf, { links }).map(({ id, epoch }) => [id, epoch]))
      const opened = announced.filter((each) => epochs.get(each.link) === each.epoch && insertOne(each))
      return new Set(opened.map((each) => each.id))
    },

    /** Closes an intent and returns its link. An outcome is recorded once: a second answer must not move the base. */
    close(id: string): LinkId {
      const closed = db.get(remove, { id })
      if (!closed) throw new InvariantError('I14', `intent ${id} is to be closed but is not open`)
      return closed.link
    },

    /** The open intents among these links', by link. */
    ofLinks(links: readonly LinkId[]): ReadonlyMap<LinkId, Intent> {
      return new Map(db.all(ofLinks, { links }).map((found) => [found.link, found]))
    },

    list({ mapping, limit }: { mapping: string | null; limit: number }): readonly Intent[] {
      return mapping === null ? db.all(oldest, { limit }) : db.all(oldestOfMapping, { mapping, limit })
    },
  }
}
