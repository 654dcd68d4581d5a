/**
 * What the org has stored. The answer to a write is an id and nothing else, so the record is read again; and because
 * somebody may have been there in between, a written field counts as stored only when the row says that the last edit
 * was ours (Salesforce fact sheet 22).
 */
import { ConnectorError } from '../../errors.ts'
import type { RecordId } from '../../core/record.ts'
import type { FieldValues } from '../../core/value.ts'
import type { WriteOutcome } from '../writing.ts'
import type { Description } from './catalogue.ts'
import type { SalesforceContext } from './context.ts'
import { READ_IDS } from './reads.ts'
import { columnsFor, decodeRow } from './snapshots.ts'
import type { Row } from './soql.ts'
import { isObject, textIn } from './wire.ts'

interface Written {
  readonly writeId: string
  readonly id: RecordId
  readonly values: FieldValues
}

/** `creates`: what the image leaves out is taken for blank, so it shows all that the engine ever asks for. */
export async function readBack(
  context: SalesforceContext,
  description: Description,
  written: readonly Written[],
  { creates }: { readonly creates: boolean },
): Promise<readonly WriteOutcome[]> {
  if (written.length === 0) return []
  const { snapshots, actors, asked, parents, runtime } = context
  const wanted = new Set(written.flatMap(({ values }) => Object.keys(values)))
  if (creates) for (const field of asked.of(description.object)) wanted.add(field)
  const fields = [...wanted].filter((field) => !field.startsWith('association:'))
  const readAtMs = runtime.now()
  const rows = await rowsById(
    context,
    description,
    written.map(({ id }) => id),
    fields,
  )
  return written.map((item): WriteOutcome => {
    const row = rows.get(item.id)
    if (!row) return done(item, creates ? item.values : {}, null)
    parents.note(item.id, row)
    const isOurs = actors.of(textIn(row, 'LastModifiedById')).kind === 'us'
    const stored = decodeRow(description, row, creates ? fields : Object.keys(item.values))
    // Somebody was faster: a creation goes by what was sent, and their edit shows at the next look.
    const image = isOurs ? stored : creates ? { ...stored, ...item.values } : {}
    return done(item, image, snapshots.version(row, readAtMs))
  })
}

function done(item: Written, image: FieldValues, version: string | null): WriteOutcome {
  return { kind: 'done', writeId: item.writeId, id: item.id, image, version }
}

/** The write is done, whether or not it can be looked at now. */
async function rowsById(
  { client }: SalesforceContext,
  description: Description,
  ids: readonly RecordId[],
  fields: readonly string[],
): Promise<ReadonlyMap<RecordId, Row>> {
  const rows = new Map<RecordId, Row>()
  for (let start = 0; start < ids.length; start += READ_IDS) {
    try {
      const answer = await client.json({
        method: 'POST',
        path: `/composite/sobjects/${encodeURIComponent(description.object)}`,
        body: {
          ids: ids.slice(start, start + READ_IDS),
          fields: columnsFor(description, [...fields, 'AccountId', 'OpportunityId']),
        },
        mutating: false,
      })
      if (!Array.isArray(answer)) continue
      for (const row of answer.filter(isObject)) rows.set(textIn(row, 'Id') ?? '', row)
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error
    }
  }
  return rows
}
