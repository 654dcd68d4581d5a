/** Records into Attio. One request a record: there is no batch write (Attio fact sheet 1); the budget paces. */
import { ConnectorError } from '../../errors.ts'
import { isBlank } from '../../core/value.ts'
import type { FieldValues } from '../../core/value.ts'
import type { Connector } from '../connector.ts'
import type { CreateItem, RemoveItem, UpdateItem, WriteOutcome } from '../writing.ts'
import { additionsOf, holdSame } from './additions.ts'
import type { WireValues } from './client.ts'
import { versionOf } from './evidence.ts'
import { requireObject, valuesOf } from './records.ts'
import type { AttioContext } from './records.ts'
import type { Attributes } from './schema.ts'
import { UnwritableValue, writeValue } from './values.ts'
import type { WireRecord } from './wire.ts'

/** How far our clock may lag behind Attio's while a value still counts as set by the write just made. */
const CLOCK_SKEW_MS = 5000

type WriteDone = Extract<WriteOutcome, { kind: 'done' }>

type Writes = Pick<Connector, 'create' | 'update' | 'associate' | 'remove'>

export function attioWrites(context: AttioContext): Writes {
  const { connection, client, catalog, runtime } = context

  const createOne = async (
    object: string,
    attributes: Attributes,
    item: CreateItem,
  ): Promise<WriteOutcome> => {
    const given = Object.fromEntries(Object.entries(item.values).filter(([, value]) => !isBlank(value)))
    const values = encode(connection, object, attributes, given)
    const stamp = item.stamp?.field
    const sentAtMs = runtime.now()
    // Assert only on a stamp, which names this very write. On a natural key it would silently overwrite a
    // record that was never compared (10.4); there a plain create fails cleanly when the key is taken.
    const record =
      stamp !== undefined && attributes.get(stamp)?.is_unique
        ? await client.assert(object, stamp, values)
        : await client.create(object, values)
    return done(context, object, attributes, item, record, sentAtMs)
  }

  const updateOne = async (
    object: string,
    attributes: Attributes,
    item: UpdateItem,
  ): Promise<WriteOutcome> => {
    const added = additionsOf(attributes, item)
    const values = encode(connection, object, attributes, added ?? item.values)
    const sentAtMs = runtime.now()
    // PATCH can only add to a multi-valued attribute (10.3); what is not sent stays either way.
    const write = added ? client.add(object, item.id, values) : client.overwrite(object, item.id, values)
    const record = await aboutRecord(context, object, item.id, write)
    const outcome = done(context, object, attributes, item, record, sentAtMs)
    return added ? withoutStrangers(attributes, item, outcome) : outcome
  }

  const removeOne = async (object: string, item: RemoveItem): Promise<WriteOutcome> => {
    if (item.mode === 'archive') {
      throw new ConnectorError('rejected', 'Attio cannot archive records, only delete them for good', {
        connection,
        hint: 'Choose "unlink" or "delete" for deletions towards Attio in the mapping.',
      })
    }
    try {
      await aboutRecord(context, object, item.id, client.delete(object, item.id))
    } catch (error) {
      // Gone already, perhaps by a first try of ours: what was wanted.
      if (!(error instanceof ConnectorError) || error.kind !== 'not-found') throw error
    }
    context.known.wrote(object, item.id, runtime.now())
    return { kind: 'done', writeId: item.writeId, id: item.id, image: {}, version: null }
  }

  return {
    create: async (object, items) => {
      const attributes = await catalog.attributes(object, namesOf(items))
      return each(items, (item) => createOne(object, attributes, item))
    },
    update: async (object, items) => {
      const attributes = await catalog.attributes(object, namesOf(items))
      return each(items, (item) => updateOne(object, attributes, item))
    },
    associate: (object, items) =>
      each(items, (item) =>
        Promise.reject(
          new ConnectorError('rejected', `${object}.${item.field} is not an association`, {
            connection,
            fields: [item.field],
            hint: 'References between Attio records are values; write them with the record.',
          }),
        ),
      ),
    remove: (object, items) => each(items, (item) => removeOne(object, item)),
  }
}

/** Runs all items at once and puts each item's failure in its place. Broken promises of ours still throw. */
function each<T extends { readonly writeId: string }>(
  items: readonly T[],
  write: (item: T) => Promise<WriteOutcome>,
): Promise<readonly WriteOutcome[]> {
  return Promise.all(
    items.map(async (item) => {
      try {
        return await write(item)
      } catch (error) {
        if (error instanceof ConnectorError) return { kind: 'failed', writeId: item.writeId, error }
        throw error
      }
    }),
  )
}

function namesOf(items: readonly { readonly values: FieldValues }[]): readonly string[] {
  return [...new Set(items.flatMap((item) => Object.keys(item.values)))]
}

function encode(connection: string, object: string, attributes: Attributes, values: FieldValues): WireValues {
  const unknown = Object.keys(values).filter((field) => !attributes.has(field))
  if (unknown.length > 0) {
    throw new ConnectorError('rejected', `${object} has no attribute ${unknown.join(', ')}`, {
      connection,
      fields: unknown,
      hint: 'The attribute was renamed or archived in Attio since the mapping was checked; check it again.',
    })
  }
  try {
    const entries = [...attributes].flatMap(([field, attribute]) => {
      const value = values[field]
      return value === undefined ? [] : [[field, writeValue(attribute, value)] as const]
    })
    return Object.fromEntries(entries)
  } catch (error) {
    if (!(error instanceof UnwritableValue)) throw error
    throw new ConnectorError('rejected', `${object}.${error.message}`, {
      connection,
      fields: [error.field],
      hint: 'Correct the value on the other side, or the transform in the mapping.',
      cause: error,
    })
  }
}

/** Passes `not-found` on only when the object itself answers: else the 404 is about the whole object. */
async function aboutRecord<T>(
  { client }: AttioContext,
  object: string,
  id: string,
  write: Promise<T>,
): Promise<T> {
  try {
    return await write
  } catch (error) {
    if (error instanceof ConnectorError && error.kind === 'not-found') await requireObject(client, object, id)
    throw error
  }
}

/** The answer to a write is the record as stored: the atomic post-image of the fields we sent. */
function done(
  context: AttioContext,
  object: string,
  attributes: Attributes,
  item: CreateItem | UpdateItem,
  record: WireRecord,
  sentAtMs: number,
): WriteDone {
  const fields = Object.keys(item.values)
  learnOwnActor(context, fields, record, sentAtMs)
  context.known.wrote(object, record.id.record_id, context.runtime.now())
  return {
    kind: 'done',
    writeId: item.writeId,
    id: record.id.record_id,
    image: postImage(context.connection, attributes, fields, record),
    version: versionOf(record),
  }
}

/**
 * A list that holds something else than what was sent shows a change of somebody else's. It is no part of our write, and
 * neither is the record as it stands now: both are left to be seen as that change.
 */
function withoutStrangers(attributes: Attributes, item: UpdateItem, outcome: WriteDone): WriteDone {
  const shown = Object.entries(outcome.image).filter(
    ([field, value]) => !attributes.get(field)?.is_multiselect || holdSame(value, item.values[field] ?? null),
  )
  if (shown.length === Object.keys(outcome.image).length) return outcome
  return { ...outcome, image: Object.fromEntries(shown), version: null }
}

/** The write is done, whatever its answer looks like; fields we cannot read are left to be read back. */
function postImage(
  connection: string,
  attributes: Attributes,
  fields: readonly string[],
  record: WireRecord,
): FieldValues {
  const image = fields.map((field) => {
    try {
      return valuesOf(connection, attributes, [field], record)
    } catch (error) {
      if (error instanceof ConnectorError && error.kind === 'unavailable') return {}
      throw error
    }
  })
  return Object.assign({}, ...image)
}

/**
 * A value that we sent and that came into force since is signed by us. One that was equal before may keep an
 * older signature (whether it does is an open question, 21.3), so older values teach nothing.
 */
function learnOwnActor(
  context: AttioContext,
  fields: readonly string[],
  record: WireRecord,
  sentAtMs: number,
): void {
  for (const field of fields) {
    for (const value of record.values[field] ?? []) {
      const { type, id } = value.created_by_actor ?? {}
      const isFresh = Date.parse(value.active_from) >= sentAtMs - CLOCK_SKEW_MS
      if (type === 'api-token' && id && isFresh) context.own.learn(id)
    }
  }
}
