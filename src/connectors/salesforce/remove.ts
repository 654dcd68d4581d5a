/**
 * Removing records: into the recycle bin, for fifteen days (Salesforce fact sheet 20). For good is a permission of its
 * own that an integration should not have, so `delete` does the same. Nothing goes along that nobody deleted: a record
 * whose own dependents would is kept until they have gone elsewhere.
 */
import { ConnectorError } from '../../errors.ts'
import type { RemoveItem, WriteOutcome } from '../writing.ts'
import type { SalesforceContext } from './context.ts'
import { dependentsOf } from './dependents.ts'
import { failed } from './encode.ts'
import { collectionResults, ROWS_MAX, sendRows } from './rows.ts'
import { whereabouts } from './whereabouts.ts'

export async function removeRecords(
  context: SalesforceContext,
  object: string,
  items: readonly RemoveItem[],
): Promise<readonly WriteOutcome[]> {
  const { client, catalogue, parents } = context
  const distinct = [...new Map(items.map((item) => [item.id, item])).values()]
  const dependents = await dependentsOf(
    client,
    object,
    distinct.map(({ id }) => id),
  )
  const alone = distinct.filter(({ id }) => !dependents.has(id))
  const results = await sendRows(context, alone, {
    rowsMax: ROWS_MAX,
    awaitsLocks: false,
    parentOf: ({ id }) => parents.of(id),
    send: async (rows) => {
      const ids = rows.map(({ id }) => encodeURIComponent(id)).join(',')
      const answer = await client.json({
        method: 'DELETE',
        path: `/composite/sobjects?ids=${ids}&allOrNone=false`,
        mutating: true,
        object,
      })
      return collectionResults(context, rows, answer, object)
    },
  })
  const byId = new Map([...results].map(([{ id }, result]) => [id, result]))
  for (const [id, labels] of dependents) {
    const message = `${labels.join(' and ')} of this record would be deleted with it`
    byId.set(id, client.error('rejected', message, TAKES_ALONG))
  }
  const refused = distinct.filter(({ id }) => byId.get(id) instanceof ConnectorError).map(({ id }) => id)
  // Gone already, perhaps by a first try of ours: what was wanted.
  const found =
    refused.length > 0 ? await whereabouts(context, await catalogue.of(object), refused) : new Map()
  return items.map((item): WriteOutcome => {
    const result = byId.get(item.id)
    const isGone = found.get(item.id)?.kind === 'gone'
    if (result instanceof ConnectorError && !(isGone && isDefinite(result))) return failed(item, result)
    return { kind: 'done', writeId: item.writeId, id: item.id, image: {}, version: null }
  })
}

const TAKES_ALONG =
  'Move them to another record in Salesforce, or delete the record there yourself; it is tried again from time to time.'

/** What was lost on the way may still arrive, and then it is the engine's to look. */
function isDefinite({ kind }: ConnectorError): boolean {
  return kind !== 'ambiguous' && kind !== 'transient'
}
