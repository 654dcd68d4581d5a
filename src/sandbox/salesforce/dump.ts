/** What the org really holds, for tests. */
import type { Dump, DumpedRecord } from '../model.ts'
import type { Org } from './org.ts'
import type { Row } from './rows/row-store.ts'
import { indexKey } from './rows/value-index.ts'

/** Every record in every state, without `Id`; deals and people with the roles that join them. */
export function dump(org: Org): Dump {
  org.settle()
  const objects: Record<string, Record<string, DumpedRecord>> = {}
  for (const { name } of org.schema.all()) {
    const records: Record<string, DumpedRecord> = {}
    for (const row of org.rows.all(name)) records[row.id] = dumpRow(org, row)
    objects[name] = records
  }
  return objects
}

function dumpRow(org: Org, row: Row): DumpedRecord {
  const { Id: _id, ...values } = row.values
  const master = row.values['MasterRecordId']
  const into = row.deletedAt !== null && typeof master === 'string' ? master : null
  return {
    values,
    state: row.deletedAt === null ? 'live' : into === null ? 'archived' : 'merged',
    into,
    associations: row.deletedAt === null ? roles(org, row) : [],
  }
}

const ENDS: Readonly<Record<string, readonly [own: string, other: string, object: string]>> = {
  Opportunity: ['OpportunityId', 'ContactId', 'Contact'],
  Contact: ['ContactId', 'OpportunityId', 'Opportunity'],
}

function roles(org: Org, row: Row): DumpedRecord['associations'] {
  const ends = ENDS[row.object]
  if (ends === undefined) return []
  const [own, other, object] = ends
  return [...org.rows.withValue('OpportunityContactRole', own, indexKey(row.id))]
    .filter(({ deletedAt }) => deletedAt === null)
    .map(({ values }) => ({
      object,
      id: String(values[other]),
      label: typeof values['Role'] === 'string' ? values['Role'] : null,
    }))
}
