/** Pairs for whoever compares the two CRMs, with everything that explains a difference between them. */
import { and, asc, eq, getTableColumns, gt, inArray, isNotNull, sql } from 'drizzle-orm'
import { SIDES, type RecordId, type Side } from '../../core/record.ts'
import type { Comparison } from '../comparison.ts'
import type { Database } from './database.ts'
import { base, dirty, link, pendingEdge } from './schema.ts'
import { conflict, intent, quarantine } from './schema-history.ts'
import { toLinkWithBase } from './links.ts'
import { arg, eachOf, orm, statement } from './statements.ts'

const fields = sql<string | null>`(select ${base.fields} from ${base} where ${base.link} = ${link.row})`
const isStanding = and(
  eq(link.mapping, arg('mapping')),
  eq(link.state, 'live'),
  isNotNull(link.left),
  isNotNull(link.right),
)
const page = statement(() =>
  orm
    .select({ ...getTableColumns(link), fields })
    .from(link)
    .where(and(isStanding, gt(link.row, arg('after'))))
    .orderBy(asc(link.row))
    .limit(arg('limit'))
    .prepare(),
)
const among = statement(() =>
  orm
    .select({ ...getTableColumns(link), fields })
    .from(link)
    .where(and(inArray(link.id, eachOf('links')), isStanding))
    .prepare(),
)
const dirtyRecords = statement(() =>
  orm
    .select({ record: dirty.record })
    .from(dirty)
    .where(
      and(
        eq(dirty.mapping, arg('mapping')),
        eq(dirty.side, arg('side')),
        inArray(dirty.record, eachOf('records')),
      ),
    )
    .prepare(),
)
const quarantined = statement(() =>
  orm
    .select({ record: quarantine.record })
    .from(quarantine)
    .where(
      and(
        eq(quarantine.mapping, arg('mapping')),
        eq(quarantine.side, arg('side')),
        inArray(quarantine.record, eachOf('records')),
      ),
    )
    .prepare(),
)
const intents = statement(() =>
  orm
    .select({ link: intent.link })
    .from(intent)
    .where(inArray(intent.link, eachOf('links')))
    .prepare(),
)
const asked = statement(() =>
  orm
    .select({ link: conflict.link, field: conflict.field })
    .from(conflict)
    .where(and(inArray(conflict.link, eachOf('links')), inArray(conflict.state, ['open', 'decided'])))
    .prepare(),
)
const waiting = statement(() =>
  orm
    .select({ link: pendingEdge.link, field: pendingEdge.field })
    .from(pendingEdge)
    .where(inArray(pendingEdge.link, eachOf('links')))
    .prepare(),
)

export function openComparison({ read, ...db }: Database): Comparison {
  return {
    async comparablePairs({ mapping, links, after, limit }) {
      return read(() => {
        const rows =
          links === null
            ? db.all(page, { mapping, after: Number(after ?? 0), limit })
            : db.all(among, { mapping, links })
        const ids = rows.map(({ id }) => id)
        const busy = Object.fromEntries(
          SIDES.map((side) => {
            const records = rows.flatMap((row) => row[side] ?? [])
            const found = [dirtyRecords, quarantined].flatMap((each) =>
              db.all(each, { mapping, side, records }),
            )
            return [side, new Set(found.map(({ record }) => record))]
          }),
        ) as Record<Side, Set<RecordId>>
        const writing = new Set(db.all(intents, { links: ids }).map((row) => row.link))
        const open = Map.groupBy(
          [asked, waiting].flatMap((each) => db.all(each, { links: ids })),
          (row) => row.link,
        )
        const last = rows.at(-1)
        return {
          pairs: rows.map((row) => ({
            ...toLinkWithBase(row),
            busy: writing.has(row.id) || SIDES.some((side) => busy[side].has(row[side] ?? '')),
            openFields: (open.get(row.id) ?? []).map(({ field }) => field),
          })),
          next: links === null && last && rows.length === limit ? String(last.row) : null,
        }
      })
    },
  }
}
