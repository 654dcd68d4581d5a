/** Batches of records and every trap they have (HubSpot fact sheet 5.4, 7.7, 7.8). */
import {
  body,
  idOf,
  inputs,
  objectType,
  queryFlag,
  readScopes,
  stringsOf,
  writeScopes,
  type Call,
  type Json,
  type Route,
} from './call.ts'
import { typeCode, type ObjectType } from './object-types.ts'
import { archiveRecord, isInBin, requireUnique, requireUnlocked } from './objects.ts'
import { printRecord, selection } from './record-answers.ts'
import type { StoredRecord } from './record-store.ts'
import { batchAnswer, invalid, NO_CONTENT, type Answer, type BatchError } from './wire.ts'
import { inAnyOrder, writeAll } from './write-batch.ts'

const ROOT = '/crm/v3/objects/{objectType}/batch'

/** Inputs when history is asked for. */
const HISTORY_INPUTS_MAX = 50

export const batchRoutes: readonly Route[] = [
  { method: 'POST', template: `${ROOT}/read`, mutates: false, scopes: readScopes, handle: batchRead },
  { method: 'POST', template: `${ROOT}/create`, mutates: true, scopes: writeScopes, handle: batchCreate },
  { method: 'POST', template: `${ROOT}/update`, mutates: true, scopes: writeScopes, handle: batchUpdate },
  { method: 'POST', template: `${ROOT}/upsert`, mutates: true, scopes: writeScopes, handle: batchUpsert },
  { method: 'POST', template: `${ROOT}/archive`, mutates: true, scopes: writeScopes, handle: batchArchive },
]

function batchRead(call: Call): Answer {
  const { portal } = call
  const type = objectType(call)
  const fields = body(call)
  const ids = inputs(call).map((input) => idOf(input['id']))
  const history = stringsOf(fields['propertiesWithHistory'])
  if (history.length > 0 && ids.length > HISTORY_INPUTS_MAX) {
    throw invalid(
      'The maximum number of inputs supported in a batch request for property histories is 50. Please reduce the number of items and try again',
    )
  }
  rejectDuplicates(ids)
  const find = finder(call, type, fields['idProperty'], queryFlag(call, 'archived'))
  const asked = selection(portal, type, { properties: stringsOf(fields['properties']), history })
  const missing: string[] = []
  // Two aliases of one record answer it once.
  const found = new Set<StoredRecord>()
  for (const id of ids) {
    const record = find(id)
    if (record === undefined) missing.push(id)
    else found.add(record)
  }
  return batchAnswer({
    status: 200,
    now: portal.clock(),
    results: inAnyOrder(call, [...found]).map((record) => printRecord(portal, type, record, asked)),
    errors: missing.length > 0 ? [someMissing(type, missing)] : [],
  })
}

function finder(
  call: Call,
  type: ObjectType,
  idProperty: unknown,
  archived: boolean,
): (id: string) => StoredRecord | undefined {
  const { portal } = call
  if (typeof idProperty === 'string' && idProperty !== '' && idProperty !== 'hs_object_id') {
    requireUnique(portal, type, idProperty)
    return (id) => (archived ? undefined : portal.records.holder(type.typeId, idProperty, id))
  }
  if (!archived) return (id) => portal.records.resolve(type.typeId, id)
  return (id) => {
    const record = portal.records.find(type.typeId, id)
    return record !== undefined && isInBin(portal, record) ? record : undefined
  }
}

function batchCreate(call: Call): Answer {
  const type = objectType(call)
  requireUnlocked(call.portal, type)
  const items = inputs(call)
  return writeAll(call, type, {
    items,
    status: 201,
    partial: haveDistinctTraceIds(items),
    plan: (item) => ({ record: null, properties: item['properties'] }),
    associate: true,
    printNew: false,
    errors: [],
  })
}

/** Merged ids and e-mails given as ids are dropped without a word; missing ids are reported (7.7). */
function batchUpdate(call: Call): Answer {
  const { portal } = call
  const type = objectType(call)
  requireUnlocked(portal, type)
  const items = inputs(call)
  const missing: string[] = []
  const targets = new Map<Json, StoredRecord>()
  rejectDuplicates(items.map(updatedId))
  for (const item of items) {
    const id = updatedId(item)
    const idProperty = item['idProperty']
    if (typeof idProperty === 'string' && idProperty !== '') {
      // Unlike upsert, update refuses the e-mail as key.
      if (idProperty === 'email') {
        throw invalid(`Unable to perform update/upsert by non-unique ${type.typeId} property email`)
      }
      requireUnique(portal, type, idProperty)
      const holder = portal.records.holder(type.typeId, idProperty, id)
      if (holder === undefined) missing.push(id)
      else targets.set(item, holder)
      continue
    }
    if (id !== '' && !/^\d+$/.test(id)) continue
    const record = portal.records.find(type.typeId, id)
    if (record?.state === 'live') targets.set(item, record)
    else if (record?.state !== 'merged') missing.push(id)
  }
  rejectDuplicates([...targets.values()].map((record) => record.id))
  return writeAll(call, type, {
    items: [...targets.keys()],
    status: 200,
    // Trace ids make creates and upserts partial; nothing says so of updates.
    partial: false,
    plan: (item) => ({ record: targets.get(item) ?? null, properties: item['properties'] }),
    associate: false,
    printNew: false,
    errors: missing.length > 0 ? [someMissing(type, missing)] : [],
  })
}

/** An empty id is reported as a missing record, an absent one as a malformed request (recorded). */
function updatedId(item: Json): string {
  return item['id'] === '' ? '' : idOf(item['id'])
}

function batchUpsert(call: Call): Answer {
  const { portal } = call
  const type = objectType(call)
  requireUnlocked(portal, type)
  const items = inputs(call)
  for (const item of items) requireUnique(portal, type, idOf(item['idProperty'], 'idProperty'))
  rejectDuplicates(items.map((item) => idOf(item['id']).toLowerCase()))
  return writeAll(call, type, {
    items,
    status: 200,
    partial: haveDistinctTraceIds(items),
    plan: (item) => {
      const property = idOf(item['idProperty'])
      const value = idOf(item['id'])
      const record = portal.records.holder(type.typeId, property, value) ?? null
      const properties = item['properties']
      // The key value is set on the created record (7.8).
      const keyed = record === null ? { [property]: value, ...(properties as object) } : properties
      return { record, properties: properties === undefined ? undefined : keyed }
    },
    associate: false,
    printNew: true,
    errors: [],
  })
}

/**
 * Unknown ids are fine; what an alias does here is undocumented, and `batch/update` drops it, so this does.
 */
function batchArchive(call: Call): Answer {
  const type = objectType(call)
  requireUnlocked(call.portal, type)
  const ids = inputs(call).map((item) => idOf(item['id']))
  rejectDuplicates(ids)
  for (const id of ids) {
    const record = call.portal.records.find(type.typeId, id)
    if (record?.state === 'live') archiveRecord(call.portal, record, call.source)
  }
  return NO_CONTENT
}

function haveDistinctTraceIds(items: readonly Json[]): boolean {
  const traces = items.map((item) => item['objectWriteTraceId'])
  return traces.every((trace) => typeof trace === 'string') && new Set(traces).size === items.length
}

/** A repeated id refuses the whole batch, also with trace ids (5.2). */
function rejectDuplicates(ids: readonly string[]): void {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const id of ids) {
    if (seen.has(id)) repeated.add(id)
    seen.add(id)
  }
  if (repeated.size === 0) return
  const listed = [...repeated]
  throw invalid(`Duplicate IDs found in batch input: [${listed.join(', ')}]. IDs must be unique`, {
    ids: listed,
  })
}

function someMissing(type: ObjectType, ids: readonly string[]): BatchError {
  return {
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    message: `Could not get some ${typeCode(type)} objects, they may be deleted or not exist. Check that ids are valid.`,
    context: { ids },
  }
}
