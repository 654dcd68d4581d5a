/**
 * Entries of lists. An entry stands for one record, and a record may have several in one list; its own values
 * obey the rules of records. Attio fact sheet 10.9 and 14.
 */
import { z } from 'zod'
import {
  data,
  inData,
  isVisible,
  listOfCall,
  objectOfCall,
  parseBody,
  queryNumber,
  recordToRead,
  recordToWrite,
  stillMerging,
  viewOf,
} from './call.ts'
import type { Answer, Call } from './call.ts'
import { AttioFault, valueNotFound } from './fault.ts'
import { stamp } from './instants.ts'
import { isObject } from './invalid-value.ts'
import { emptyPayload } from './object-routes.ts'
import { immutableParent, planWrite } from './plan-write.ts'
import { byCreation, referrersOf } from './record-index.ts'
import { PRESENT, recordRenderer } from './render.ts'
import { lookUpObject, objectById } from './workspace.ts'
import type { Attribute, ObjectType, StoredRecord } from './workspace.ts'
import { createRecord } from './write-record.ts'
import { changeOf } from './record-routes.ts'

type Values = Readonly<Record<string, unknown>>

const entryValues = z.record(z.string(), z.unknown())

const createSchema = inData(
  z.object({ parent_record_id: z.uuid(), parent_object: z.string(), entry_values: entryValues }),
)

const updateSchema = inData(z.strictObject({ entry_values: entryValues }))

const answer = (call: Call, list: ObjectType, entry: StoredRecord): Answer =>
  data(recordRenderer(call.workspace, list, PRESENT)(entry))

const never = (): boolean => false

/** Not idempotent: a record may be on a list several times. */
export function postEntry(call: Call): Answer {
  const list = listOfCall(call)
  const body = parseBody(createSchema, call.body).data
  const parent = parentToBe(call, list, body)
  return answer(call, list, create(call, list, { parent, values: body.entry_values }))
}

/** Create or update by the parent record. Every multi-select becomes exactly what is sent. */
export function assertEntry(call: Call): Answer {
  const list = listOfCall(call)
  const body = parseBody(createSchema, call.body).data
  const parent = parentToBe(call, list, body)
  const [entry, ...others] = entriesOf(call, parent).filter((each) => each.objectId === list.id)
  if (!entry) return answer(call, list, create(call, list, { parent, values: body.entry_values }))
  if (others.length > 0) {
    throw new AttioFault(
      400,
      'multiple_match_results',
      'Multiple entries were founds for the given parent record. Please remove duplicates or use the update or ' +
        'create entry endpoints instead.',
    )
  }
  changeOf(call, { object: list, record: entry, input: body.entry_values, prepends: never })
  return answer(call, list, entry)
}

/** PATCH adds to multi-selects, in front. */
export const patchEntry = (call: Call): Answer => changeEntry(call, () => true)

/** PUT makes multi-selects exactly what is sent. */
export const putEntry = (call: Call): Answer => changeEntry(call, never)

function changeEntry(call: Call, prepends: (attribute: Attribute) => boolean): Answer {
  const list = listOfCall(call)
  const entry = recordToWrite(call, list)
  const sent = isObject(call.body) && isObject(call.body['data']) ? call.body['data'] : {}
  if ('parent_record_id' in sent || 'parent_object' in sent) throw immutableParent()
  const input = parseBody(updateSchema, call.body).data.entry_values
  if (Object.keys(input).length === 0) throw emptyPayload()
  changeOf(call, { object: list, record: entry, input, prepends })
  return answer(call, list, entry)
}

function create(
  call: Call,
  list: ObjectType,
  { parent, values }: { parent: StoredRecord; values: Values },
): StoredRecord {
  const { workspace, act } = call
  const changes = planWrite(workspace, { object: list, record: null, values, prepends: never }, act)
  return createRecord(workspace, { object: list, changes, act, parentId: parent.id })
}

function parentToBe(
  { workspace, act }: Call,
  list: ObjectType,
  body: { parent_record_id: string; parent_object: string },
): StoredRecord {
  const object = lookUpObject(workspace, body.parent_object)
  const id = body.parent_record_id.toLowerCase()
  const record = workspace.records.get(id)
  const isOfList = object !== undefined && object.id === list.list?.parentObjectId
  if (!isOfList || !record || record.objectId !== object.id) {
    throw valueNotFound(`Parent record with slug/ID "${body.parent_record_id}" not found.`)
  }
  if (act.atMs < record.settlesAtMs) throw stillMerging(400)
  return record
}

/** Every entry of a record, of all lists, oldest first. */
function entriesOf({ workspace }: Call, record: StoredRecord): readonly StoredRecord[] {
  return referrersOf(workspace, record.id)
    .flatMap(({ record: referrer, attribute }) => (attribute.isPseudo ? [referrer] : []))
    .toSorted(byCreation)
}

/** Flat rows, unlike entries elsewhere. */
export function listEntriesOfRecord(call: Call): Answer {
  const { workspace } = call
  const limit = queryNumber(call, 'limit', { fallback: 100, min: 1, max: 1000 })
  const offset = queryNumber(call, 'offset', { fallback: 0, min: 0 })
  const record = recordToRead(call, objectOfCall(call))
  const view = viewOf(call)
  const rows = entriesOf(call, record)
    .filter((entry) => isVisible(workspace, entry, view))
    .slice(offset, offset + limit)
  return data(
    rows.map((entry) => ({
      list_id: entry.objectId,
      list_api_slug: objectById(workspace, entry.objectId)?.slug,
      entry_id: entry.id,
      created_at: stamp(entry.createdAtMs),
    })),
  )
}
