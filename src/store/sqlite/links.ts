/** Links with their bases, and the epochs that fence writes planned on an older state of a link. */
import { and, eq, getTableColumns, notInArray, sql, type SQL } from 'drizzle-orm'
import type { LinkBase } from '../../core/base.ts'
import type { RecordId, Side } from '../../core/record.ts'
import { InvariantError } from '../../errors.ts'
import type { Change, Link, LinkId, RecordRef } from '../store.ts'
import { decodeBase, encodeBase } from './base-codec.ts'
import { isUniqueViolation } from './database.ts'
import { arg, orm, statement, type Statements } from './statements.ts'
import { base, link } from './schema.ts'

type SetLink = Extract<Change, { kind: 'set-link' }>
type SetBase = Extract<Change, { kind: 'set-base' }>

export interface LinkWithBase {
  readonly link: Link
  readonly base: LinkBase
}

/** States in which both ids no longer stand for one pair. */
export const SEPARATED = ['unlinked', 'tomb'] as const

export type Links = ReturnType<typeof openLinks>

const isId = eq(link.id, arg('id'))
const stands = notInArray(link.state, [...SEPARATED])

const byId = statement(() => orm.select().from(link).where(isId).prepare())
// A join would take three times as long as this, measured, and this is what every change of a base asks.
const fields = sql<string | null>`(select "base"."fields" from "base" where "base"."link" = "link"."row")`
const withBase = (condition: SQL | undefined) =>
  statement(() =>
    orm
      .select({ ...getTableColumns(link), fields })
      .from(link)
      .where(condition)
      .prepare(),
  )
const withBaseById = withBase(isId)
const where = (condition: SQL | undefined) =>
  statement(() => orm.select().from(link).where(condition).prepare())
const isOf = (side: Side) => and(eq(link[side], arg('record')), eq(link.mapping, arg('mapping')))
const withBaseByRecord = { left: withBase(isOf('left')), right: withBase(isOf('right')) }
const byRecord = { left: where(isOf('left')), right: where(isOf('right')) }
const isHolding = (side: Side) => eq(link[side], arg('record'))
const holding = { left: where(isHolding('left')), right: where(isHolding('right')) }

const insert = statement(() =>
  orm
    .insert(link)
    .values({
      id: arg('id'),
      mapping: arg('mapping'),
      left: arg('left'),
      right: arg('right'),
      state: arg('state'),
      epoch: 1,
      rules: arg('rules'),
      leftVersion: arg('leftVersion'),
      rightVersion: arg('rightVersion'),
    })
    .prepare(),
)
const update = statement(() =>
  orm
    .update(link)
    .set({
      left: sql`${arg('left')}`,
      right: sql`${arg('right')}`,
      state: sql`${arg('state')}`,
      rules: sql`${arg('rules')}`,
      leftVersion: sql`${arg('leftVersion')}`,
      rightVersion: sql`${arg('rightVersion')}`,
    })
    .where(isId)
    .prepare(),
)
const raise = statement(() =>
  orm
    .update(link)
    .set({ epoch: sql`${link.epoch} + 1` })
    .where(isId)
    .returning({ epoch: link.epoch })
    .prepare(),
)
const putBase = statement(() =>
  orm
    .insert(base)
    .values({ link: arg('row'), fields: arg('fields') })
    .onConflictDoUpdate({ target: base.link, set: { fields: sql`excluded.fields` } })
    .prepare(),
)
const countWhere = (condition: SQL | undefined) =>
  statement(() =>
    orm
      .select({ count: sql<number>`count(*)` })
      .from(link)
      .where(condition)
      .prepare(),
  )
const countStanding = countWhere(and(eq(link.mapping, arg('mapping')), stands))
const countAllStanding = countWhere(stands)

export function openLinks(db: Statements) {
  function existing<T>(id: LinkId, row: T | undefined): T {
    if (!row) throw new InvariantError('I15', `link ${id} is to be changed but does not exist`)
    return row
  }

  return {
    find(id: LinkId): Link | null {
      const row = db.get(byId, { id })
      return row ? toLink(row) : null
    },

    findWithBase(id: LinkId): LinkWithBase | null {
      const row = db.get(withBaseById, { id })
      return row ? { link: toLink(row), base: toBase(row.fields) } : null
    },

    /** The link that holds this very id on this side, in any state. */
    ofRecord(mapping: string, record: RecordRef): Link | null {
      const row = db.get(byRecord[record.side], { mapping, record: record.id })
      return row ? toLink(row) : null
    },

    /** The same with its base. */
    ofRecordWithBase(mapping: string, record: RecordRef): LinkWithBase | null {
      const row = db.get(withBaseByRecord[record.side], { mapping, record: record.id })
      return row ? { link: toLink(row), base: toBase(row.fields) } : null
    },

    /** Links of any mapping that hold this id on this side. */
    holding(side: Side, record: RecordId): readonly Link[] {
      return db.all(holding[side], { record }).map(toLink)
    },

    put(put: Omit<Link, 'epoch'>): void {
      const { versions, ...row } = put
      onceOnly(put.id, () => {
        db.run(insert, { ...row, leftVersion: versions.left, rightVersion: versions.right })
      })
    },

    set(change: SetLink): void {
      const old = existing(change.link, db.get(byId, { id: change.link }))
      onceOnly(change.link, () => {
        db.run(update, {
          id: change.link,
          left: change.left === undefined ? old.left : change.left,
          right: change.right === undefined ? old.right : change.right,
          state: change.state ?? old.state,
          rules: change.rules ?? old.rules,
          leftVersion: change.versions?.left === undefined ? old.leftVersion : change.versions.left,
          rightVersion: change.versions?.right === undefined ? old.rightVersion : change.versions.right,
        })
      })
    },

    setBase(change: SetBase): void {
      const row = existing(change.link, db.get(withBaseById, { id: change.link }))
      const fields = new Map(Object.entries(toBase(row.fields)))
      for (const [key, field] of Object.entries(change.fields)) {
        if (field === null) fields.delete(key)
        else fields.set(key, field)
      }
      db.run(putBase, { row: row.row, fields: encodeBase(Object.fromEntries(fields)) })
    },

    raiseEpoch(id: LinkId): number {
      return existing(id, db.get(raise, { id })).epoch
    },

    /** Links of one mapping that still stand for a pair. */
    count(mapping: string): number {
      return db.get(countStanding, { mapping })?.count ?? 0
    },

    /** The same over all mappings. */
    countAll(): number {
      return db.get(countAllStanding)?.count ?? 0
    },
  }
}

/** Whether both ids are known and still stand for one pair, so that references may be translated through it. */
export function isPair(candidate: Link): boolean {
  const isSeparated = SEPARATED.some((state) => state === candidate.state)
  return candidate.left !== null && candidate.right !== null && !isSeparated
}

/** The unique indexes decide races about who is linked with whom (algorithms 3.4); the transaction is undone. */
function onceOnly(id: LinkId, write: () => void): void {
  try {
    write()
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new InvariantError('I7', `link ${id} exists, or one of its records belongs to another link`)
  }
}

function toBase(fields: string | null): LinkBase {
  return fields === null ? {} : decodeBase(fields)
}

function toLink(row: typeof link.$inferSelect): Link {
  const { id, mapping, left, right, state, epoch, rules, leftVersion, rightVersion } = row
  return {
    id,
    mapping,
    left,
    right,
    state,
    epoch,
    rules,
    versions: { left: leftVersion, right: rightVersion },
  }
}
