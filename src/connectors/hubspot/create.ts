/** Creating records so that a second try finds the record of the first. */
import type { FieldValues } from '../../core/value.ts'
import type { CreateItem, WriteOutcome } from '../writing.ts'
import type { Catalogue } from './catalogue.ts'
import type { HubSpotClient } from './client.ts'
import { canUpsert } from './objects.ts'
import { BATCH_MAX, chunks } from './batches.ts'
import { createRecords, readRecords, upsertRecords, type BatchAnswer } from './record-calls.ts'
import {
  attribute,
  deliver,
  done,
  failed,
  imageOf,
  imageOfNew,
  unknownOutcome,
  type Encoded,
  type Kinds,
  type Outcomes,
} from './write.ts'
import type { WireRecord } from './wire.ts'

export type Creator = (object: string, items: readonly CreateItem[]) => Promise<readonly WriteOutcome[]>

/** `learnAppId` hears the id under which our own writes appear, as soon as an answer shows it. */
export function createCreator(
  client: HubSpotClient,
  catalogue: Catalogue,
  learnAppId: (appId: string) => void,
): Creator {
  /** By stamp: a second try updates the record of the first instead of creating another. */
  const sendStamped =
    (object: string, field: string) =>
    async (batch: readonly Encoded<CreateItem>[], kindOf: Kinds): Promise<Outcomes<CreateItem>> => {
      const stampOf = ({ item }: Encoded<CreateItem>) => item.stamp?.value ?? ''
      const inputs = batch.map((each) => ({
        id: stampOf(each),
        traceId: each.traceId,
        properties: each.properties,
      }))
      const answer = await upsertRecords(client, object, field, inputs)
      if (answer) {
        for (const record of answer.records) if (record.isNew) learnFrom(record)
        const byStamp = new Map(answer.records.map((record) => [record.properties[field], record]))
        const image = (each: Encoded<CreateItem>, record: WireRecord) =>
          record.isNew ? imageOfNew(record, kindOf) : imageOf(each.item, record, kindOf)
        return created(batch, answer, image, (each) => byStamp.get(stampOf(each)))
      }
      const found = await readRecords(client, object, {
        ids: batch.map(stampOf),
        idProperty: field,
        properties: [field],
      })
      const byStamp = new Map(found.records.map((record) => [record.properties[field], record]))
      return new Map(
        batch.map((each) => {
          const record = byStamp.get(stampOf(each))
          return [each, record ? done(each.item, record, {}) : failed(each.item, unknownOutcome(client))]
        }),
      )
    }

  const sendUnstamped =
    (object: string) =>
    async (batch: readonly Encoded<CreateItem>[], kindOf: Kinds): Promise<Outcomes<CreateItem>> => {
      const answer = await createRecords(client, object, batch)
      if (!answer) return new Map(batch.map((each) => [each, failed(each.item, unknownOutcome(client))]))
      for (const record of answer.records) learnFrom(record)
      const byEmail = new Map(answer.records.map((record) => [record.properties['email'], record]))
      const image = (_: Encoded<CreateItem>, record: WireRecord) => imageOfNew(record, kindOf)
      return created(batch, answer, image, ({ properties }) => {
        const email = properties['email']
        // HubSpot stores addresses in lower case (HubSpot fact sheet 8).
        return email ? byEmail.get(email.toLowerCase()) : undefined
      })
    }

  /** Rows come in any order: by trace id, or by a key when the answer does not repeat trace ids. */
  const created = (
    batch: readonly Encoded<CreateItem>[],
    answer: BatchAnswer,
    image: (each: Encoded<CreateItem>, record: WireRecord) => FieldValues,
    byKey: (each: Encoded<CreateItem>) => WireRecord | undefined,
  ): Outcomes<CreateItem> => {
    const byTrace = new Map(answer.records.map((record) => [record.traceId, record]))
    const blame = attribute(batch, answer.problems)
    return new Map(
      batch.map((each) => {
        const problem = blame(each)
        const record = byTrace.get(each.traceId) ?? byKey(each)
        if (record) return [each, done(each.item, record, image(each, record))]
        return [each, failed(each.item, problem ? client.itemError(problem) : unknownOutcome(client))]
      }),
    )
  }

  const learnFrom = ({ properties }: WireRecord) => {
    const id = properties['hs_object_source_id']
    if (properties['hs_object_source'] === 'INTEGRATION' && id) learnAppId(id)
  }

  return async (object, items) => {
    const outcomes: WriteOutcome[] = []
    const stampField = (item: CreateItem) => (canUpsert(object) ? (item.stamp?.field ?? null) : null)
    for (const [field, group] of Map.groupBy(items, stampField)) {
      const batches = await deliver({ client, catalogue }, object, group, {
        cut: (encoded) => chunks(encoded, BATCH_MAX),
        send: field === null ? sendUnstamped(object) : sendStamped(object, field),
        mayThrow: outcomes.length === 0,
      })
      outcomes.push(...batches)
    }
    return outcomes
  }
}
