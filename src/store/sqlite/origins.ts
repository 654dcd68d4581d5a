/** Whose changes the fields are that a record itself cannot tell: who made them, when, and in which CRM. */
import { and, eq, sql } from 'drizzle-orm'
import { instantMs } from '../../core/instant.ts'
import type { Evidence, RecordId } from '../../core/record.ts'
import type { Change } from '../change.ts'
import type { Reconcile } from '../reconcile.ts'
import { arg, element, elements, orm, statement, type Statements } from './statements.ts'
import { origin } from './schema-history.ts'

type NoteOrigins = Extract<Change, { kind: 'note-origins' }>
type Asked = Parameters<Reconcile['origins']>[0]

const put = statement(() =>
  orm
    .insert(origin)
    .values({
      connection: arg('connection'),
      object: arg('object'),
      record: arg('record'),
      field: arg('field'),
      evidence: arg('evidence'),
    })
    .onConflictDoUpdate({
      target: [origin.connection, origin.object, origin.record, origin.field],
      set: { evidence: sql`excluded.evidence` },
    })
    .prepare(),
)
const ofRecords = statement(() =>
  orm
    .select({ record: origin.record, field: origin.field, evidence: origin.evidence })
    .from(elements('records'))
    .crossJoin(origin)
    .where(
      and(
        eq(origin.connection, arg('connection')),
        eq(origin.object, arg('object')),
        eq(origin.record, element),
      ),
    )
    .prepare(),
)

export function openOrigins(db: Statements) {
  const of = (asked: Asked): ReadonlyMap<RecordId, Readonly<Record<string, Evidence>>> => {
    const found = new Map<RecordId, Record<string, Evidence>>()
    for (const { record, field, evidence } of db.all(ofRecords, { ...asked })) {
      found.set(record, { ...found.get(record), [field]: evidence })
    }
    return found
  }
  return {
    of,
    put({ connection, object, record, fields }: NoteOrigins): void {
      const known = of({ connection, object, records: [record] }).get(record) ?? {}
      for (const [field, evidence] of Object.entries(fields)) {
        if (isOver(evidence, known[field])) continue
        db.run(put, { connection, object, record, field, evidence })
      }
    },
  }
}

/** Told late: of the same CRM, a later change is known. What came through us is noted in the order in which we wrote it. */
function isOver(told: Evidence, known: Evidence | undefined): boolean {
  if (!known || told.via !== undefined || known.via !== undefined) return false
  const [toldMs, knownMs] = [instantMs(told.at ?? ''), instantMs(known.at ?? '')]
  return toldMs !== null && knownMs !== null && toldMs < knownMs
}
