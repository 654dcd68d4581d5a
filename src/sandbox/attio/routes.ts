/**
 * The route table: what is answered, which scopes it needs, and whether it counts as a read or a write. Anything
 * else is the vendor's own 404, be it an endpoint nobody has or one this model lacks: clients know that answer.
 */
import { listMembers, getMember } from './account-routes.ts'
import { createAttribute, getAttribute, listAttributes, updateAttribute } from './attribute-routes.ts'
import type { Answer, Call } from './call.ts'
import { createComment, deleteComment, getComment, getThread, listThreads } from './comment-routes.ts'
import { getMeeting, listFiles, listMeetings, listViews } from './empty-routes.ts'
import { assertEntry, listEntriesOfRecord, patchEntry, postEntry, putEntry } from './entry-routes.ts'
import { listValues, replaceValues } from './history-routes.ts'
import { createList, getList, listLists, updateList } from './list-routes.ts'
import { postMerge } from './merge-records.ts'
import { createNote, deleteNote, getNote, listNotes } from './note-routes.ts'
import { authorize, exchangeCode, introspect, revoke } from './oauth-routes.ts'
import type { OpenCall } from './oauth-routes.ts'
import { createObject, getObject, listObjects, updateObject } from './object-routes.ts'
import { optionRoutes } from './option-routes.ts'
import { queryRecords } from './query-routes.ts'
import { assertRecord, getRecord, patchRecord, postRecord, putRecord, removeRecord } from './record-routes.ts'
import { searchRecords } from './search-routes.ts'
import { createTask, deleteTask, getTask, listTasks, updateTask } from './task-routes.ts'
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
  /** Null for `/v2/self`, which judges the token itself, and where no token is needed. */
  readonly handle: ((call: Call) => Answer) | null
  /** What is done without a token. */
  readonly handleOpen: ((call: OpenCall) => Answer) | null
}

type Row = readonly [
  method: string,
  template: string,
  scopes: readonly string[],
  handle: (call: Call) => Answer,
]

const readSchema = ['object_configuration:read']
const writeSchema = ['object_configuration:read-write']
const readLists = ['list_configuration:read']
const writeLists = ['list_configuration:read-write']
const readRecords = ['record_permission:read', 'object_configuration:read']
const writeRecords = ['record_permission:read-write', 'object_configuration:read']
const readEntries = ['list_entry:read', ...readLists]
const writeEntries = ['list_entry:read-write', ...readLists]
const readTasks = ['task:read', ...readRecords, 'user_management:read']
const writeTasks = ['task:read-write', ...readRecords, 'user_management:read']

const selects = optionRoutes('select')
const statuses = optionRoutes('status')

const object = '/v2/objects/{object}'
const record = `${object}/records/{record_id}`
const list = '/v2/lists/{list}'
const entry = `${list}/entries/{entry_id}`

/** Without meetings there are no recordings, whatever is asked about them. */
const recordings = '/v2/meetings/{meeting_id}/call_recordings'
const callRecordings = ['', '/{call_recording_id}', '/{call_recording_id}/transcript'].map(
  (rest) => recordings + rest,
)

/** Objects and lists have attributes alike; only the scopes differ. */
function schemaRows(place: string, read: readonly string[], write: readonly string[]): readonly Row[] {
  const attribute = `${place}/attributes/{attribute}`
  return [
    ['GET', `${place}/attributes`, read, listAttributes],
    ['POST', `${place}/attributes`, write, createAttribute],
    ['GET', attribute, read, getAttribute],
    ['PATCH', attribute, write, updateAttribute],
    ['GET', `${attribute}/options`, read, selects.list],
    ['POST', `${attribute}/options`, write, selects.create],
    ['PATCH', `${attribute}/options/{option}`, write, selects.update],
    ['GET', `${attribute}/statuses`, read, statuses.list],
    ['POST', `${attribute}/statuses`, write, statuses.create],
    ['PATCH', `${attribute}/statuses/{status}`, write, statuses.update],
    ['GET', `${place}/views`, read, listViews],
  ]
}

const rows: readonly Row[] = [
  ['GET', '/v2/workspace_members', ['user_management:read'], listMembers],
  ['GET', '/v2/workspace_members/{workspace_member_id}', ['user_management:read'], getMember],
  ['GET', '/v2/objects', readSchema, listObjects],
  ['POST', '/v2/objects', writeSchema, createObject],
  ['GET', object, readSchema, getObject],
  ['PATCH', object, writeSchema, updateObject],
  ...schemaRows(object, readSchema, writeSchema),
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
  ['GET', `${record}/entries`, [...readRecords, 'list_entry:read'], listEntriesOfRecord],
  ['GET', '/v2/lists', readLists, listLists],
  ['POST', '/v2/lists', writeLists, createList],
  ['GET', list, readLists, getList],
  ['PATCH', list, writeLists, updateList],
  ...schemaRows(list, readLists, writeLists),
  ['POST', `${list}/entries/query`, readEntries, queryRecords],
  ['POST', `${list}/entries`, writeEntries, postEntry],
  ['PUT', `${list}/entries`, writeEntries, assertEntry],
  ['GET', entry, readEntries, getRecord],
  ['PATCH', entry, writeEntries, patchEntry],
  ['PUT', entry, writeEntries, putEntry],
  ['DELETE', entry, writeEntries, removeRecord],
  ['GET', `${entry}/attributes/{attribute}/values`, readEntries, listValues],
  ['PUT', `${entry}/attributes/{attribute}/values`, writeEntries, replaceValues],
  ['GET', '/v2/notes', ['note:read', ...readRecords], listNotes],
  ['POST', '/v2/notes', ['note:read-write', ...readRecords], createNote],
  ['GET', '/v2/notes/{note_id}', ['note:read', ...readRecords], getNote],
  ['DELETE', '/v2/notes/{note_id}', ['note:read-write'], deleteNote],
  ['GET', '/v2/tasks', readTasks, listTasks],
  ['POST', '/v2/tasks', writeTasks, createTask],
  ['GET', '/v2/tasks/{task_id}', readTasks, getTask],
  ['PATCH', '/v2/tasks/{task_id}', writeTasks, updateTask],
  ['DELETE', '/v2/tasks/{task_id}', ['task:read-write'], deleteTask],
  // What comments and threads need besides depends on what they are about.
  ['POST', '/v2/comments', ['comment:read-write'], createComment],
  ['GET', '/v2/comments/{comment_id}', ['comment:read'], getComment],
  ['DELETE', '/v2/comments/{comment_id}', ['comment:read-write'], deleteComment],
  ['GET', '/v2/threads', ['comment:read'], listThreads],
  ['GET', '/v2/threads/{thread_id}', ['comment:read'], getThread],
  ['GET', '/v2/meetings', ['meeting:read', 'record_permission:read'], listMeetings],
  ['GET', '/v2/meetings/{meeting_id}', ['meeting:read', 'record_permission:read'], getMeeting],
  ...callRecordings.map((path): Row => ['GET', path, ['meeting:read', 'call_recording:read'], getMeeting]),
  ['GET', '/v2/files', ['file:read'], listFiles],
  ['GET', '/v2/webhooks', ['webhook:read'], listWebhooks],
  ['POST', '/v2/webhooks', ['webhook:read-write'], createWebhook],
  ['GET', '/v2/webhooks/{webhook_id}', ['webhook:read'], getWebhook],
  ['PATCH', '/v2/webhooks/{webhook_id}', ['webhook:read-write'], updateWebhook],
  ['DELETE', '/v2/webhooks/{webhook_id}', ['webhook:read-write'], deleteWebhook],
]

/** POST requests that only read. */
const READING_POSTS = [`${object}/records/query`, `${list}/entries/query`, '/v2/objects/records/search']

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
  handleOpen: null,
}

const open = (
  method: string,
  template: string,
  isWrite: boolean,
  handleOpen: (call: OpenCall) => Answer,
): Route => ({ ...self, method, template, segments: split(template), isWrite, handleOpen })

const ROUTES: readonly Route[] = [
  self,
  open('GET', '/authorize', false, authorize),
  open('POST', '/oauth/token', true, exchangeCode),
  open('POST', '/oauth/introspect', false, introspect),
  open('POST', '/oauth/revoke', true, revoke),
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
      handleOpen: null,
    }
  }),
]

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
