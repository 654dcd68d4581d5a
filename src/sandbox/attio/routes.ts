/**
 * The route table: what is answered, which scopes it needs, and whether it counts as a read or a write. What
 * the vendor has and this model has not answers 501; everything else is the vendor's own 404.
 */
import { listMembers, getMember } from './account-routes.ts'
import { createAttribute, getAttribute, listAttributes, updateAttribute } from './attribute-routes.ts'
import type { Answer, Call } from './call.ts'
import { listLists, listNotes, listTasks } from './empty-routes.ts'
import { listValues, replaceValues } from './history-routes.ts'
import { postMerge } from './merge-records.ts'
import { createObject, getObject, listObjects, updateObject } from './object-routes.ts'
import { optionRoutes } from './option-routes.ts'
import { queryRecords } from './query-routes.ts'
import {
  assertRecord,
  getRecord,
  listEntries,
  patchRecord,
  postRecord,
  putRecord,
  removeRecord,
} from './record-routes.ts'
import { searchRecords } from './search-routes.ts'
import { createWebhook, deleteWebhook, getWebhook, listWebhooks, updateWebhook } from './webhook-routes.ts'

export interface Route {
  readonly method: string
  readonly template: string
  readonly segments: readonly string[]
  readonly scopes: readonly string[]
  readonly isWrite: boolean
  /** Whether the answer says how old it is (`x-accurate-at`). */
  readonly isReplicaRead: boolean
  readonly budget: 'read' | 'write' | 'merge'
  /** Null for `/v2/self`, which judges the token itself. */
  readonly handle: ((call: Call) => Answer) | null
}

type Row = readonly [
  method: string,
  template: string,
  scopes: readonly string[],
  handle: (call: Call) => Answer,
]

const readSchema = ['object_configuration:read']
const writeSchema = ['object_configuration:read-write']
const readRecords = ['record_permission:read', 'object_configuration:read']
const writeRecords = ['record_permission:read-write', 'object_configuration:read']

const selects = optionRoutes('select')
const statuses = optionRoutes('status')

const object = '/v2/objects/{object}'
const attribute = `${object}/attributes/{attribute}`
const record = `${object}/records/{record_id}`

const rows: readonly Row[] = [
  ['GET', '/v2/workspace_members', ['user_management:read'], listMembers],
  ['GET', '/v2/workspace_members/{workspace_member_id}', ['user_management:read'], getMember],
  ['GET', '/v2/objects', readSchema, listObjects],
  ['POST', '/v2/objects', writeSchema, createObject],
  ['GET', object, readSchema, getObject],
  ['PATCH', object, writeSchema, updateObject],
  ['GET', `${object}/attributes`, readSchema, listAttributes],
  ['POST', `${object}/attributes`, writeSchema, createAttribute],
  ['GET', attribute, readSchema, getAttribute],
  ['PATCH', attribute, writeSchema, updateAttribute],
  ['GET', `${attribute}/options`, readSchema, selects.list],
  ['POST', `${attribute}/options`, writeSchema, selects.create],
  ['PATCH', `${attribute}/options/{option}`, writeSchema, selects.update],
  ['GET', `${attribute}/statuses`, readSchema, statuses.list],
  ['POST', `${attribute}/statuses`, writeSchema, statuses.create],
  ['PATCH', `${attribute}/statuses/{status}`, writeSchema, statuses.update],
  ['POST', '/v2/objects/records/search', readRecords, searchRecords],
  ['POST', `${object}/records/query`, readRecords, queryRecords],
  ['POST', `${object}/records/merge`, writeRecords, postMerge],
  ['POST', `${object}/records`, writeRecords, postRecord],
  ['PUT', `${object}/records`, writeRecords, assertRecord],
  ['GET', record, readRecords, getRecord],
  ['PATCH', record, writeRecords, patchRecord],
  ['PUT', record, writeRecords, putRecord],
  ['DELETE', record, writeRecords, removeRecord],
  ['GET', `${record}/attributes/{attribute}/values`, readRecords, listValues],
  ['PUT', `${record}/attributes/{attribute}/values`, writeRecords, replaceValues],
  ['GET', `${record}/entries`, [...readRecords, 'list_entry:read'], listEntries],
  ['GET', '/v2/lists', ['list_configuration:read'], listLists],
  ['GET', '/v2/notes', ['note:read', ...readRecords], listNotes],
  ['GET', '/v2/tasks', ['task:read', ...readRecords, 'user_management:read'], listTasks],
  ['GET', '/v2/webhooks', ['webhook:read'], listWebhooks],
  ['POST', '/v2/webhooks', ['webhook:read-write'], createWebhook],
  ['GET', '/v2/webhooks/{webhook_id}', ['webhook:read'], getWebhook],
  ['PATCH', '/v2/webhooks/{webhook_id}', ['webhook:read-write'], updateWebhook],
  ['DELETE', '/v2/webhooks/{webhook_id}', ['webhook:read-write'], deleteWebhook],
]

/** POST requests that only read. */
const READING_POSTS = [`${object}/records/query`, '/v2/objects/records/search']

const split = (path: string): readonly string[] => path.split('/').slice(1)

const self: Route = {
  method: 'GET',
  template: '/v2/self',
  segments: split('/v2/self'),
  scopes: [],
  isWrite: false,
  isReplicaRead: false,
  budget: 'read',
  handle: null,
}

const ROUTES: readonly Route[] = [
  self,
  ...rows.map(([method, template, scopes, handle]): Route => {
    const isWrite = method !== 'GET' && !READING_POSTS.includes(template)
    return {
      method,
      template,
      segments: split(template),
      scopes,
      isWrite,
      isReplicaRead: !isWrite && !template.endsWith('/search'),
      budget: template.endsWith('/merge') ? 'merge' : isWrite ? 'write' : 'read',
      handle,
    }
  }),
]

/** Features of the vendor outside this model. Attio fact sheet 14 and 15. */
const NOT_MODELLED: readonly { readonly path: RegExp; readonly what: string }[] = [
  { path: /^\/v2\/lists(\/|$)/, what: 'lists and list entries' },
  { path: /^\/v2\/(notes|tasks|comments|threads|files|emails|activities)(\/|$)/, what: 'this resource' },
  { path: /^\/v2\/(meetings|call_recordings)(\/|$)/, what: 'meetings and call recordings' },
  { path: /^\/v2\/objects\/[^/]+\/views$/, what: 'views' },
  { path: /^\/v2\/sql$/, what: 'SQL' },
  { path: /^\/scim\//, what: 'SCIM' },
]

export const unmodelledFeature = (method: string, path: string): string | null =>
  method === 'DELETE' && /^\/v2\/objects\/[^/]+$/.test(path)
    ? 'deleting objects'
    : (NOT_MODELLED.find((each) => each.path.test(path))?.what ?? null)

const BY_SHAPE = Map.groupBy(ROUTES, (route) => `${route.method} ${route.segments.length}`)

export interface Match {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

const isParameter = (segment: string): boolean => segment.startsWith('{')

/** The route of a path; a literal segment is preferred to a parameter because it comes first in the table. */
export function matchRoute(method: string, path: string): Match | null {
  const segments = split(path)
  for (const route of BY_SHAPE.get(`${method} ${segments.length}`) ?? []) {
    const fits = route.segments.every(
      (segment, index) => (isParameter(segment) && segments[index] !== '') || segment === segments[index],
    )
    if (!fits) continue
    const params: Record<string, string> = {}
    route.segments.forEach((segment, index) => {
      if (isParameter(segment)) params[segment.slice(1, -1)] = decodeSegment(segments[index] ?? '')
    })
    return { route, params }
  }
  return null
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    // A stray percent sign names nothing; the look-up will say so.
    return segment
  }
}
