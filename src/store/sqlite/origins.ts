/** Where values come from that another pairing wrote: who made the change, when, and in which CRM. */
import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Evidence, RecordId } from '../../core/record.ts'
import type { Change } from '../change.ts'
import type { Reconcile } from '../reconcile.ts'
import { arg, eachOf, orm, statement, type Statements } from './statements.ts'
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
    .from(origin)
    .where(
      and(
        eq(origin.connection, arg('connection')),
        eq(origin.object, arg('object')),
        inArray(origin.record, eachOf('records')),
      ),
    )
    .prepare(),
)

export function openOrigins(db: Statements) {
  return {
    put({ connection, object, record, fields }: NoteOrigins): void {
      for (const [field, evidence] of Object.entries(fields)) {
        db.run(put, { connection, object, record, field, evidence })
      }
    },

    of(asked: Asked): ReadonlyMap<RecordId, Readonly<Record<string, Evidence>>> {
      const found = new Map<RecordId, Record<string, Evidence>>()
      for (const { record, field, evidence } of db.all(ofRecords, { ...asked })) {
        found.set(record, { ...found.get(record), [field]: evidence })
      }
      return found
    },
  }
}
