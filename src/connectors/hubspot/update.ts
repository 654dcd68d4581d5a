/** Updating records by id. What the answer leaves out silently is looked up. */
import { ConnectorError } from '../../errors.ts'
import type { UpdateItem, WriteOutcome } from '../writing.ts'
import type { Catalogue } from './catalogue.ts'
import type { HubSpotClient } from './client.ts'
import { BATCH_MAX, chunks } from './batches.ts'
import type { Reader } from './read.ts'
import { updateRecords } from './record-calls.ts'
import {
  attribute,
  deliver,
  done,
  doneUnseen,
  failed,
  imageOf,
  unknownOutcome,
  type Encoded,
  type Kinds,
  type Outcomes,
} from './write.ts'

export type Updater = (object: string, items: readonly UpdateItem[]) => Promise<readonly WriteOutcome[]>

export function createUpdater(client: HubSpotClient, catalogue: Catalogue, reader: Reader): Updater {
  const sendUpdates =
    (object: string) =>
    async (batch: readonly Encoded<UpdateItem>[], kindOf: Kinds): Promise<Outcomes<UpdateItem>> => {
      const inputs = batch.map(({ item, traceId, properties }) => ({ id: item.id, traceId, properties }))
      const answer = await updateRecords(client, object, inputs)
      // Done, in words we cannot read: an empty image makes the caller read back.
      if (!answer) return new Map(batch.map((each) => [each, doneUnseen(each.item)]))
      const byId = new Map(answer.records.map((record) => [record.id, record]))
      const blame = attribute(batch, answer.problems)
      const outcomes = new Map<Encoded<UpdateItem>, WriteOutcome>()
      const missing: Encoded<UpdateItem>[] = []
      for (const each of batch) {
        const record = byId.get(each.item.id)
        const problem = blame(each)
        if (record) outcomes.set(each, done(each.item, record, imageOf(each.item, record, kindOf)))
        else if (problem && problem.category !== 'OBJECT_NOT_FOUND') {
          outcomes.set(each, failed(each.item, client.itemError(problem)))
        } else missing.push(each)
      }
      for (const [each, error] of await explainMissing(object, missing))
        outcomes.set(each, failed(each.item, error))
      return outcomes
    }

  /** Ids that were merged away are dropped without a word (HubSpot fact sheet 7.7), so a missing row is looked up. */
  const explainMissing = async (
    object: string,
    missing: readonly Encoded<UpdateItem>[],
  ): Promise<ReadonlyMap<Encoded<UpdateItem>, ConnectorError>> => {
    if (missing.length === 0) return new Map()
    try {
      const readings = await reader.read({ object, ids: missing.map(({ item }) => item.id), fields: [] })
      const byId = new Map(readings.map((reading) => [reading.requestedId, reading]))
      return new Map(
        missing.map((each) => {
          const { id } = each.item
          const reading = byId.get(id)
          if (reading?.kind === 'gone') {
            const hint = 'The record is not in HubSpot any more.'
            return [each, client.error('not-found', `${object} ${id} is ${reading.how}`, hint)]
          }
          if (reading?.kind === 'found' && reading.snapshot.key.id !== id) {
            const hint = 'Nothing to do: the change is decided again on the surviving record.'
            const survivor = reading.snapshot.key.id
            return [each, client.error('stale', `${object} ${id} was merged into ${survivor}`, hint)]
          }
          return [each, reading?.kind === 'hidden' ? reading.error : unknownOutcome(client)]
        }),
      )
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error
      return new Map(missing.map((each) => [each, unknownOutcome(client, error)]))
    }
  }

  return (object, items) =>
    deliver({ client, catalogue }, object, items, {
      cut: distinctBatches,
      send: sendUpdates(object),
      mayThrow: true,
    })
}

/** A batch must not name an id twice (HubSpot fact sheet 5.2): the second change of a record waits its turn. */
function distinctBatches(items: readonly Encoded<UpdateItem>[]): Encoded<UpdateItem>[][] {
  const turns: Encoded<UpdateItem>[][] = []
  const turnOf = new Map<string, number>()
  for (const each of items) {
    const turn = turnOf.get(each.item.id) ?? 0
    turnOf.set(each.item.id, turn + 1)
    const batch = turns[turn] ?? []
    turns[turn] = batch
    batch.push(each)
  }
  return turns.flatMap((turn) => chunks(turn, BATCH_MAX))
}
