/** Records one by one: create, get, update, assert, delete. Attio fact sheet 10.1 to 10.5. */
import { z } from 'zod'
import {
  data,
  inData,
  objectOfCall,
  parseBody,
  placeOfCall,
  recordToRead,
  recordToWrite,
  stillMerging,
  viewOf,
} from './call.ts'
import type { Answer, Call } from './call.ts'
import { AttioFault, invalidParameter, missing, valueNotFound } from './fault.ts'
import { emptyPayload } from './object-routes.ts'
import { attributeToWrite, parseInputs, planWrite } from './plan-write.ts'
import { recordsHolding } from './record-index.ts'
import { PRESENT, recordRenderer } from './render.ts'
import { isShown, lookUpAttribute } from './workspace.ts'
import type { Attribute, ObjectType, StoredRecord } from './workspace.ts'
import { createRecord, deleteRecord, updateRecord } from './write-record.ts'

type Values = Readonly<Record<string, unknown>>

const values = z.record(z.string(), z.unknown())
const createSchema = inData(z.object({ values }))
const updateSchema = inData(z.strictObject({ values }))

const never = (): boolean => false

const answer = (call: Call, object: ObjectType, record: StoredRecord): Answer =>
  data(recordRenderer(call.workspace, object, PRESENT)(record))

/** A record, or an entry. */
export function getRecord(call: Call): Answer {
  const object = placeOfCall(call)
  const record = recordToRead(call, object)
  return data(recordRenderer(call.workspace, object, viewOf(call))(record))
}

export function postRecord(call: Call): Answer {
  const object = objectOfCall(call)
  return answer(call, object, create(call, object, parseBody(createSchema, call.body).data.values))
}

function create(call: Call, object: ObjectType, input: Values): StoredRecord {
  const { workspace, act } = call
  const request = { object, record: null, values: input, prepends: never }
  return createRecord(workspace, { object, changes: planWrite(workspace, request, act), act })
}

/** PATCH adds to multi-selects, in front. */
export const patchRecord = (call: Call): Answer => changeRecord(call, () => true)

/** PUT makes multi-selects exactly what is sent; attributes that are not sent stay. */
export const putRecord = (call: Call): Answer => changeRecord(call, never)

function changeRecord(call: Call, prepends: (attribute: Attribute) => boolean): Answer {
  const object = objectOfCall(call)
  const record = recordToWrite(call, object)
  const input = parseBody(updateSchema, call.body).data.values
  if (Object.keys(input).length === 0) throw emptyPayload()
  changeOf(call, { object, record, input, prepends })
  return answer(call, object, record)
}

/** Updates a record or an entry, unless another write to it came just before. */
export function changeOf(
  call: Call,
  options: {
    object: ObjectType
    record: StoredRecord
    input: Values
    prepends: (attribute: Attribute) => boolean
  },
): void {
  const { workspace, act } = call
  const { object, record, input, prepends } = options
  const { writeConflictWindowMs: windowMs } = workspace.settings
  if (windowMs > 0 && act.atMs - record.lastWriteMs < windowMs) {
    throw new AttioFault(409, 'concurrent_write_conflict', 'The record was written to at the same time.')
  }
  const request = { object, record, values: input, prepends }
  updateRecord(workspace, { record, changes: planWrite(workspace, request, act), act })
}

/** Create or update by a unique attribute, named in the query string. */
export function assertRecord(call: Call): Answer {
  const { workspace } = call
  const object = objectOfCall(call)
  const key = call.query.get('matching_attribute')
  if (!key) {
    throw invalidParameter('matching_attribute', 'The query parameter matching_attribute is required.')
  }
  const matching = lookUpAttribute(object, key)
  if (!matching || matching.isArchived || !isShown(workspace, matching)) {
    throw valueNotFound(`No attribute was found for matching_attribute slug/ID "${key}".`)
  }
  if (!matching.isUnique) {
    throw new AttioFault(
      400,
      'matching_attribute_definition_not_unique',
      'The matching attribute specified is not a unique attribute.',
    )
  }
  const input = parseBody(updateSchema, call.body).data.values
  const records = matches(call, object, matching, input)
  const [record] = records
  if (!record) return answer(call, object, create(call, object, input))
  if (records.length > 1) throw severalMatches(call, matching)
  if (call.act.atMs < record.settlesAtMs) throw stillMerging(400)
  // Values of the matching attribute are added; every other multi-select becomes what was sent.
  changeOf(call, { object, record, input, prepends: (attribute) => attribute === matching })
  return answer(call, object, record)
}

function matches(
  call: Call,
  object: ObjectType,
  matching: Attribute,
  input: Values,
): readonly StoredRecord[] {
  const { workspace } = call
  const keys = Object.keys(input).filter((key) => key === matching.slug || key === matching.id)
  for (const key of keys) attributeToWrite(workspace, object, key)
  const wanted = keys.flatMap((key) => parseInputs(workspace, matching, input[key]))
  if (wanted.length === 0)
    throw missing(`A value for matching_attribute "${matching.slug}" must be provided.`)
  return [...new Set(wanted.flatMap((each) => [...recordsHolding(workspace, matching, each)]))]
}

function severalMatches(call: Call, matching: Attribute): AttioFault {
  const code = call.workspace.settings.multipleMatches
  return new AttioFault(400, code, `Several records match the values of attribute "${matching.slug}".`)
}

/** A record, or an entry, which takes nothing but the membership away. */
export function removeRecord(call: Call): Answer {
  const object = placeOfCall(call)
  const record = recordToWrite(call, object)
  deleteRecord(call.workspace, { object, record, act: call.act })
  return { body: {} }
}
