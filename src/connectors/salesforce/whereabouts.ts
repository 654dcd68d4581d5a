/**
 * What became of records that a read by id did not show (Salesforce fact sheet 11, 20): in the bin, merged into another
 * one, gone for good, or no record of this object at all. The bin keeps merged ones with the id of their master, and a
 * master can be merged again. A row that no query shows, deleted ones included, while its object answers, is gone.
 */
import { ConnectorError } from '../../errors.ts'
import type { RecordId } from '../../core/record.ts'
import type { Description } from './catalogue.ts'
import type { SalesforceContext } from './context.ts'
import { toId18 } from './ids.ts'
import { queryAllPages, quoted, type Row } from './soql.ts'
import { textIn } from './wire.ts'

export type Whereabouts =
  /** Lives under this id. */
  | { readonly kind: 'at'; readonly id: RecordId }
  | { readonly kind: 'gone'; readonly how: 'deleted' | 'archived' }
  /** Lives on as another object, and somebody deleted what was left of it here: the bin still says what it became. */
  | { readonly kind: 'moved'; readonly to: { readonly object: string; readonly id: RecordId } }
  /** An id of another object, which says nothing about this one. */
  | { readonly kind: 'foreign' }

const MASTERS_MAX = 8
const IDS_PER_QUERY = 400

export async function whereabouts(
  context: SalesforceContext,
  description: Description,
  ids: readonly RecordId[],
): Promise<ReadonlyMap<RecordId, Whereabouts>> {
  const found = new Map<RecordId, Whereabouts>()
  const own: { readonly asked: RecordId; readonly id: RecordId }[] = []
  const others: { readonly asked: RecordId; readonly id: RecordId }[] = []
  for (const asked of ids) {
    const id = toId18(asked)
    if (id === null) found.set(asked, { kind: 'gone', how: 'deleted' })
    else if (description.keyPrefix === null || id.startsWith(description.keyPrefix)) own.push({ asked, id })
    else others.push({ asked, id })
  }
  const converted = await convertedLeads(context, description, others)
  for (const { asked, id } of others) {
    const contact = converted.get(id)
    // What it became may have been merged or deleted since.
    if (contact === undefined) found.set(asked, { kind: 'foreign' })
    else own.push({ asked, id: contact })
  }
  const binned = await followMasters(
    context,
    description,
    own.map(({ id }) => id),
  )
  for (const { asked, id } of own) found.set(asked, binned.get(id) ?? { kind: 'gone', how: 'deleted' })
  return found
}

async function followMasters(
  { client }: SalesforceContext,
  description: Description,
  ids: readonly RecordId[],
): Promise<ReadonlyMap<RecordId, Whereabouts>> {
  const hasMasters = description.fields.has('MasterRecordId')
  const columns = [
    'Id',
    'IsDeleted',
    ...(hasMasters ? ['MasterRecordId'] : []),
    ...CONVERSION.filter((field) => description.fields.has(field)),
  ].join(', ')
  const rows = new Map<RecordId, Row>()
  let asking = [...new Set(ids)]
  // A chain of merges is as long as people were patient; each step asks for all of them at once.
  for (let step = 0; step < MASTERS_MAX && asking.length > 0; step += 1) {
    const more: RecordId[] = []
    for (let start = 0; start < asking.length; start += IDS_PER_QUERY) {
      const list = asking
        .slice(start, start + IDS_PER_QUERY)
        .map(quoted)
        .join(', ')
      const soql = `SELECT ${columns} FROM ${description.object} WHERE Id IN (${list})`
      for (const row of await queryAllPages(client, soql, { deleted: true })) {
        rows.set(textIn(row, 'Id') ?? '', row)
        const master = textIn(row, 'MasterRecordId')
        if (row['IsDeleted'] === true && master !== null && !rows.has(master)) more.push(master)
      }
    }
    asking = [...new Set(more)]
  }
  return new Map(ids.map((id) => [id, endOf(description, rows, id)]))
}

function endOf(description: Description, rows: ReadonlyMap<RecordId, Row>, id: RecordId): Whereabouts {
  let at = id
  for (let step = 0; step < MASTERS_MAX; step += 1) {
    const row = rows.get(at)
    if (!row) break
    if (row['IsDeleted'] !== true) return { kind: 'at', id: at }
    const to = conversionOf(description, row)
    if (to !== null) return { kind: 'moved', to }
    const master = textIn(row, 'MasterRecordId')
    if (master === null) return { kind: 'gone', how: 'archived' }
    at = master
  }
  return { kind: 'gone', how: at === id ? 'deleted' : 'archived' }
}

export const LEAD = 'Lead'

/** Only leads have these, and a converted lead is the only record that lives on as another object (20). */
export const CONVERSION = ['IsConverted', 'ConvertedContactId']

export function conversionOf(description: Description, row: Row): { object: string; id: RecordId } | null {
  const id = row['IsConverted'] === true ? textIn(row, 'ConvertedContactId') : null
  return id === null || description.object === 'Contact' ? null : { object: 'Contact', id }
}

/** Rows of the leads that these contacts were, those in the bin first; none where leads cannot be seen. */
export async function leadsThatBecame(
  { client, catalogue }: SalesforceContext,
  contacts: readonly RecordId[],
): Promise<readonly Row[]> {
  const lead = await leadsOf(catalogue)
  if (!lead?.fields.has('ConvertedContactId') || contacts.length === 0) return []
  const list = contacts.map(quoted).join(', ')
  const condition = `IsConverted = true AND ConvertedContactId IN (${list})`
  const soql = `SELECT Id, ConvertedContactId FROM Lead WHERE ${condition} ORDER BY IsDeleted DESC`
  return queryAllPages(client, soql, { deleted: true })
}

/** Null where the user of the connection does not see leads. */
async function leadsOf(catalogue: SalesforceContext['catalogue']): Promise<Description | null> {
  return catalogue.of(LEAD).catch((error: unknown) => {
    if (error instanceof ConnectorError && error.kind === 'not-found') return null
    throw error
  })
}

/** A contact asked for by the id of the lead that it was: stamps of before the conversion name it so. */
async function convertedLeads(
  { client, catalogue }: SalesforceContext,
  description: Description,
  others: readonly { readonly id: RecordId }[],
): Promise<ReadonlyMap<RecordId, RecordId>> {
  if (description.object !== 'Contact' || others.length === 0) return new Map()
  const lead = await leadsOf(catalogue)
  const leads = others.filter(({ id }) => lead?.keyPrefix && id.startsWith(lead.keyPrefix))
  if (!lead?.fields.has('ConvertedContactId') || leads.length === 0) return new Map()
  const list = leads.map(({ id }) => quoted(id)).join(', ')
  const rows = await queryAllPages(
    client,
    `SELECT Id, ConvertedContactId FROM Lead WHERE IsConverted = true AND Id IN (${list})`,
    { deleted: true },
  )
  return new Map(
    rows.flatMap((row) => {
      const contact = textIn(row, 'ConvertedContactId')
      return contact === null ? [] : [[textIn(row, 'Id') ?? '', contact] as const]
    }),
  )
}
