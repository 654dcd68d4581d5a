/**
 * New fields and objects over the Tooling API, as `setup` needs them. A field made like this is visible to nobody: it
 * takes `FieldPermissions` of a permission set that is assigned to the user (Salesforce fact sheet 18).
 */
import {
  asObject,
  asText,
  base,
  bodyObject,
  param,
  requirePermission,
  type Call,
  type Json,
  type Route,
} from '../call.ts'
import { addCustomField } from '../schema/custom-field.ts'
import { addCustomObject } from '../schema/custom-object.ts'
import { runQuery } from '../soql/run-query.ts'
import { notModelled, ok, type Answer } from '../wire.ts'

const ROOT = '/services/data/{version}/tooling'

export const toolingRoutes: readonly Route[] = [
  { method: 'POST', template: `${ROOT}/sobjects/{object}`, mutates: true, handle: create },
  { method: 'DELETE', template: `${ROOT}/sobjects/{object}/{id}`, mutates: true, handle: remove },
  { method: 'GET', template: `${ROOT}/query`, mutates: false, handle: query },
]

function create(call: Call): Answer {
  requirePermission(call, 'CustomizeApplication')
  const body = bodyObject(call)
  const fullName = asText(body['FullName'], 'FullName')
  const metadata = asObject(body['Metadata'])
  const id = make(call, { fullName, metadata })
  return {
    status: 201,
    body: { id, success: true, errors: [], warnings: [], infos: [] },
    headers: { location: `${base(call)}/tooling/sobjects/${param(call, 'object')}/${id}` },
  }
}

function make(call: Call, { fullName, metadata }: { fullName: string; metadata: Json }): string {
  switch (param(call, 'object').toLowerCase()) {
    case 'customfield':
      return addCustomField(call.org, { fullName, metadata })
    case 'customobject':
      return addCustomObject(call.org, { fullName, metadata })
    default:
      throw notModelled(`Making a ${param(call, 'object')} over the Tooling API`)
  }
}

function remove(call: Call): Answer {
  throw notModelled(`Deleting a ${param(call, 'object')} over the Tooling API`)
}

/** The fields that were made; business objects can be asked for here as well. */
function query(call: Call): Answer {
  const { org, actor, version } = call
  const soql = call.query.get('q') ?? ''
  const result = runQuery(org, { actor, soql, withDeleted: false, version, tooling: true }, () => '')
  if (result.kind !== 'rows') throw notModelled('An aggregate over the Tooling API')
  const records = result.ids.flatMap((id) => result.print(id) ?? [])
  return ok({
    size: records.length,
    totalSize: records.length,
    done: true,
    queryLocator: null,
    entityTypeName: result.type.name,
    records,
  })
}
