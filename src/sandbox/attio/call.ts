/** One request on its way to a handler, and what the handler gives back. */
import { z } from 'zod'
import { issueOf } from './body-issue.ts'
import {
  invalidBody,
  invalidParameter,
  objectNotFound,
  AttioFault,
  notFound,
  recordNotFound,
} from './fault.ts'
import { isUuid } from './chance.ts'
import { PRESENT } from './render.ts'
import type { View } from './render.ts'
import { isEnabled, isShown, lookUpAttribute, lookUpList, lookUpObject } from './workspace.ts'
import type { Act, Attribute, ObjectType, StoredRecord, Workspace } from './workspace.ts'

export interface Call {
  readonly workspace: Workspace
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** Parsed JSON, or undefined when there was no body. */
  readonly body: unknown
  readonly act: Act
}

export interface Answer {
  readonly status?: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export const data = (value: unknown): Answer => ({ body: { data: value } })

/** Checks a body against the schema of its operation; what it refuses is listed as the vendor lists it. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  throw invalidBody(result.error.issues.map((issue) => issueOf(issue, body)))
}

export const inData = <T extends z.ZodType>(schema: T): z.ZodObject<{ data: T }> => z.object({ data: schema })

/** A parameter of the path template. */
export function param(call: Call, name: string): string {
  const value = call.params[name]
  if (value === undefined) throw new Error(`The route has no parameter ${name}`)
  return value
}

/** By slug or id. A standard object that is switched off answers 400 and names its id. */
export function objectNamed(workspace: Workspace, key: string): ObjectType {
  const object = lookUpObject(workspace, key)
  if (!object) throw objectNotFound(key)
  if (!isEnabled(workspace, object)) {
    throw new AttioFault(
      400,
      'standard_object_disabled',
      `The Standard object with slug/ID "${object.id}" must be enabled by a Workspace admin before it can be used.`,
    )
  }
  return object
}

export const objectOfCall = (call: Call): ObjectType => objectNamed(call.workspace, param(call, 'object'))

export function listOfCall(call: Call): ObjectType {
  const key = param(call, 'list')
  const list = lookUpList(call.workspace, key)
  if (!list) throw notFound(`List with slug/ID "${key}" not found.`)
  return list
}

/** The object or the list, whichever the route is about. */
export const placeOfCall = (call: Call): ObjectType =>
  call.params['list'] === undefined ? objectOfCall(call) : listOfCall(call)

/** By slug or id, archived or not. */
export function attributeOfCall(call: Call, object: ObjectType): Attribute {
  const key = param(call, 'attribute')
  const attribute = lookUpAttribute(object, key)
  if (!attribute || !isShown(call.workspace, attribute)) {
    throw notFound(`Attribute with slug/ID "${key}" not found.`)
  }
  return attribute
}

export function idOfCall(call: Call, name: string): string {
  const id = param(call, name)
  if (!isUuid(id)) {
    const issue = { message: 'Invalid uuid', string_validation: 'uuid' }
    throw invalidParameter(name, `"${id}" is not a valid ID.`, issue)
  }
  return id.toLowerCase()
}

/** The record as the database has it, for writing. */
export function recordToWrite(call: Call, object: ObjectType): StoredRecord {
  const id = idOfCall(call, object.list ? 'entry_id' : 'record_id')
  const record = call.workspace.records.get(id)
  if (!record || record.objectId !== object.id) throw absent(object, id)
  if (call.act.atMs < record.settlesAtMs) throw stillMerging(400)
  return record
}

/** The record as a read may show it, perhaps one that is gone since. */
export function recordToRead(call: Call, object: ObjectType): StoredRecord {
  const id = idOfCall(call, object.list ? 'entry_id' : 'record_id')
  const view = viewOf(call)
  const record = call.workspace.records.get(id) ?? call.workspace.departed.get(id)?.record
  if (!record || record.objectId !== object.id || !isVisible(call.workspace, record, view)) {
    throw absent(object, id)
  }
  if (call.act.atMs < record.settlesAtMs) throw stillMerging(404)
  return record
}

const absent = (object: ObjectType, id: string): AttioFault =>
  object.list ? notFound(`Entry with ID "${id}" not found.`) : recordNotFound(id)

/** 400 for a write, 404 for a read: the latter is not a deletion. Attio fact sheet 4.2. */
export const stillMerging = (status: 400 | 404): AttioFault =>
  new AttioFault(status, 'merge_in_progress', 'The record is still being merged. Please try again.')

export function viewOf(call: Call): View {
  const { replicaLagMs } = call.workspace.settings
  return replicaLagMs > 0 ? { asOfMs: call.act.atMs - replicaLagMs } : PRESENT
}

export function isVisible(workspace: Workspace, record: StoredRecord, { asOfMs }: View): boolean {
  const departed = workspace.departed.get(record.id)
  if (asOfMs === null) return !departed
  return record.createdAtMs <= asOfMs && (!departed || departed.atMs > asOfMs)
}

/** A whole number of the query string, within bounds; anything else is a validation error. */
export function queryNumber(
  call: Call,
  name: string,
  options: { fallback: number; min: number; max?: number },
): number {
  const text = call.query.get(name)
  if (text === null) return options.fallback
  const value = Number(text)
  const isWithin = value >= options.min && value <= (options.max ?? Number.MAX_SAFE_INTEGER)
  if (text.trim() === '' || !Number.isInteger(value) || !isWithin)
    throw invalidParameter(name, `Invalid query parameter "${name}".`)
  return value
}

export function queryFlag(call: Call, name: string): boolean {
  const text = call.query.get(name)
  if (text === null || text === 'false') return false
  if (text === 'true') return true
  throw invalidParameter(name, `Invalid query parameter "${name}".`)
}
