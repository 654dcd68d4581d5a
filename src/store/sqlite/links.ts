/** Links with their bases as they are stored. How a transaction changes them is in `link-drafts.ts`. */
import { and, eq, getTableColumns, notInArray, sql } from 'drizzle-orm'
import type { LinkBase } from '../../core/base.ts'
import type { RecordId, Side } from '../../core/record.ts'
import { SEPARATED, type Link, type LinkId } from '../links.ts'
import { decodeBase } from './base-codec.ts'
import { base, link } from './schema.ts'
import { arg, element, elements, orm, statement, type Statements } from './statements.ts'

export interface LinkWithBase {
  readonly link: Link
  readonly base: LinkBase
}

// A join would take three times as long as this, measured, and this is what every batch asks.
const fields = sql<string | null>`(select ${base.fields} from ${base} where ${base.link} = ${link.row})`

const among = statement(() =>
  orm
    .select(getTableColumns(link))
    .from(elements('ids'))
    .crossJoin(link)
    .where(eq(link.id, element))
    .prepare(),
)
export const amongWithBase = statement(() =>
  orm
    .select({ ...getTableColumns(link), fields })
    .from(elements('ids'))
    .crossJoin(link)
    .where(eq(link.id, element))
    .prepare(),
)
const ofRecordsOn = (side: Side) =>
  statement(() =>
    orm
      .select(getTableColumns(link))
      .from(elements('records'))
      .crossJoin(link)
      .where(and(eq(link[side], element), eq(link.mapping, arg('mapping'))))
      .prepare(),
  )
const ofRecords = { left: ofRecordsOn('left'), right: ofRecordsOn('right') }

const holdingOn = (side: Side) =>
  statement(() =>
    orm
      .select()
      .from(link)
      .where(eq(link[side], arg('record')))
      .prepare(),
  )
const holding = { left: holdingOn('left'), right: holdingOn('right') }

const countStanding = statement(() =>
  orm
    .select({ count: sql<number>`count(*)` })
    .from(link)
    .where(and(eq(link.mapping, arg('mapping')), notInArray(link.state, [...SEPARATED])))
    .prepare(),
)

export function openLinks(db: Statements) {
  return {
    find(id: LinkId): Link | null {
      const [row] = db.all(among, { ids: [id] })
      return row ? toLink(row) : null
    },

    /** By id; an unknown one is left out. */
    findAll(ids: readonly LinkId[]): ReadonlyMap<LinkId, Link> {
      return new Map(db.all(among, { ids }).map((row) => [row.id, toLink(row)]))
    },

    /** By id with their bases; an unknown one is left out. */
    findAllWithBase(ids: readonly LinkId[]): ReadonlyMap<LinkId, LinkWithBase> {
      return new Map(db.all(amongWithBase, { ids }).map((row) => [row.id, toLinkWithBase(row)]))
    },

    /** The links that hold these very ids on this side, in any state, by record. */
    ofRecords(mapping: string, side: Side, records: readonly RecordId[]): ReadonlyMap<RecordId, Link> {
      const found = db.all(ofRecords[side], { mapping, records })
      return new Map(found.flatMap((row) => (row[side] === null ? [] : [[row[side], toLink(row)]])))
    },

    /** Links of any mapping that hold this id on this side. */
    holding(side: Side, record: RecordId): readonly Link[] {
      return db.all(holding[side], { record }).map(toLink)
    },

    /** Links of one mapping that still stand for a pair. */
    count(mapping: string): number {
      return db.get(countStanding, { mapping })?.count ?? 0
    },
  }
}

export function toLinkWithBase(row: LinkRow & { readonly fields: string | null }): LinkWithBase {
  return { link: toLink(row), base: row.fields === null ? {} : decodeBase(row.fields) }
}

export type LinkRow = typeof link.$inferSelect

function toLink(row: LinkRow): Link {
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
