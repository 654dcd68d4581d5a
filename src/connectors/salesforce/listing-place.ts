/** Where a listing goes on: after this record, in the order of creation. Unlike the vendor's cursors it does not expire. */
import type { RecordId } from '../../core/record.ts'
import type { SalesforceClient } from './client.ts'
import { quoted, type Row } from './soql.ts'
import { textIn } from './wire.ts'

export interface Place {
  readonly createdAt: string
  readonly id: RecordId
}

export function printPlace(row: Row): string {
  return JSON.stringify({ createdAt: textIn(row, 'CreatedDate'), id: textIn(row, 'Id') })
}

export function after({ createdAt, id }: Place): string {
  const at = `${new Date(createdAt).toISOString().slice(0, 19)}Z`
  return `(CreatedDate > ${at} OR (CreatedDate = ${at} AND Id > ${quoted(id)}))`
}

export function parsePlace(client: SalesforceClient, cursor: string): Place {
  try {
    const { createdAt, id } = JSON.parse(cursor) as Partial<Place>
    if (typeof createdAt === 'string' && typeof id === 'string') return { createdAt, id }
  } catch {
    // Falls through: unreadable for whatever reason.
  }
  throw client.error('rejected', 'the position in the listing is unreadable', 'Start the listing again.')
}
