/** Everything known about the records of one side that are to be looked at. */
import { and, eq } from 'drizzle-orm'
import type { RecordId, Side } from '../../core/record.ts'
import type { RecordRef, Subject } from '../records.ts'
import type { openConflicts } from './conflicts.ts'
import type { openIdentity } from './identity.ts'
import { toLinkWithBase } from './links.ts'
import { base, link, record, suppressed } from './schema.ts'
import { intent, quarantine } from './schema-history.ts'
import { toQuarantine } from './set-aside.ts'
import { arg, element, elements, orm, statement, type Statements } from './statements.ts'

type Known = Omit<Subject, keyof RecordRef | 'askedId'>

// One statement for all tables, since every batch asks all of them, and most have nothing to tell.
const knownOn = (side: Side) =>
  statement(() =>
    orm
      .select({
        id: element,
        link,
        fields: base.fields,
        intent,
        suppressed: suppressed.reason,
        quarantine,
        agreed: record.fingerprint,
      })
      .from(elements('ids'))
      .leftJoin(link, and(eq(link[side], element), eq(link.mapping, arg('mapping'))))
      .leftJoin(base, eq(base.link, link.row))
      .leftJoin(intent, eq(intent.link, link.id))
      .leftJoin(
        suppressed,
        and(
          eq(suppressed.mapping, arg('mapping')),
          eq(suppressed.side, side),
          eq(suppressed.record, element),
        ),
      )
      .leftJoin(
        quarantine,
        and(
          eq(quarantine.mapping, arg('mapping')),
          eq(quarantine.side, side),
          eq(quarantine.record, element),
        ),
      )
      .leftJoin(
        record,
        and(eq(record.mapping, arg('mapping')), eq(record.side, side), eq(record.id, element)),
      )
      .prepare(),
  )
const known = { left: knownOn('left'), right: knownOn('right') }

export function openSubjects(
  db: Statements,
  identity: ReturnType<typeof openIdentity>,
  conflicts: ReturnType<typeof openConflicts>,
) {
  function knownOf(mapping: string, side: Side, ids: readonly RecordId[]): ReadonlyMap<RecordId, Known> {
    const rows = db.all(known[side], { mapping, ids })
    const decisions = conflicts.decisions(rows.flatMap((row) => row.link?.id ?? []))
    return new Map(
      rows.map((row): [RecordId, Known] => {
        const { link: linked, fields, intent: openIntent, suppressed: reason, agreed } = row
        const pair = linked && toLinkWithBase({ ...linked, fields })
        return [
          row.id,
          {
            link: pair?.link ?? null,
            base: pair?.base ?? {},
            openIntent,
            suppressed: reason,
            quarantine: row.quarantine && toQuarantine(row.quarantine),
            agreed,
            decisions: (linked && decisions.get(linked.id)) ?? {},
          },
        ]
      }),
    )
  }

  return {
    /** By the id that was asked for; what is known is that of what it became. */
    of(mapping: string, side: Side, asked: readonly RecordId[]): ReadonlyMap<RecordId, Subject> {
      const currentIds = identity.resolve(mapping, side, asked)
      const found = knownOf(mapping, side, [...new Set(currentIds.values())])
      return new Map(
        [...currentIds].flatMap(([askedId, id]): [RecordId, Subject][] => {
          const subject = found.get(id)
          return subject ? [[askedId, { side, id, askedId, ...subject }]] : []
        }),
      )
    },
  }
}
