/** Removing records: archived ones can be restored for ninety days, purged contacts never. */
import type { RemoveItem, WriteOutcome } from '../writing.ts'
import type { HubSpotClient } from './client.ts'
import { canonicalObject } from './objects.ts'
import { BATCH_MAX, chunks } from './batches.ts'
import { archiveRecords, purgeContact } from './record-calls.ts'
import { settle } from './settle.ts'
import { doneUnseen, failed } from './write.ts'

/** Only contacts can be deleted for good; `delete` archives everything else (HubSpot fact sheet 18.2). */
export async function removeRecords(
  client: HubSpotClient,
  object: string,
  items: readonly RemoveItem[],
): Promise<readonly WriteOutcome[]> {
  const isPurge = (item: RemoveItem) => item.mode === 'delete' && canonicalObject(object) === 'contacts'
  const { purges = [], archives = [] } = Object.groupBy(items, (item) =>
    isPurge(item) ? 'purges' : 'archives',
  )
  const batches = [...chunks(archives, BATCH_MAX), ...purges.map((item) => [item])]
  const outcomes = await settle<RemoveItem, WriteOutcome>(batches, {
    send: async (batch) => {
      const [first] = batch
      if (first && isPurge(first)) await purgeContact(client, first.id)
      else await archiveRecords(client, object, [...new Set(batch.map(({ id }) => id))])
      return new Map(batch.map((item) => [item, doneUnseen(item)]))
    },
    fail: failed,
    mayThrow: true,
  })
  return [...outcomes.values()]
}
