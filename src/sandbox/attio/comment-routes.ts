/** Comments and the threads they make, on records and entries. Attio fact sheet 15.4. */
import { z } from 'zod'
import { creationOf } from './backdated.ts'
import { nextUuid } from './chance.ts'
import { data, idOfCall, inData, objectNamed, parseBody, queryNumber } from './call.ts'
import type { Answer, Call } from './call.ts'
import { invalidParameter, notFound, valueNotFound } from './fault.ts'
import { stamp } from './instants.ts'
import { successorOf } from './merge-records.ts'
import type { Json } from './render.ts'
import { requireScopes } from './scopes.ts'
import { announce } from './webhook-queue.ts'
import { lookUpList, lookUpObject, parentOf } from './workspace.ts'
import type { Workspace } from './workspace.ts'

export interface Comment {
  readonly id: string
  /** The id of the first comment of its thread. */
  readonly threadId: string
  /** Of an entry that is commented on, this is its parent. */
  readonly objectId: string
  readonly recordId: string
  readonly listId: string | null
  readonly entryId: string | null
  readonly content: string
  readonly authorId: string
  readonly createdAtMs: number
}

const common = {
  format: z.literal('plaintext'),
  content: z.string(),
  author: z.object({ type: z.literal('workspace-member'), id: z.uuid() }),
  created_at: z.string().optional(),
}

const createSchema = inData(
  z.union([
    z.strictObject({ ...common, thread_id: z.uuid() }),
    z.strictObject({ ...common, record: z.object({ object: z.string(), record_id: z.uuid() }) }),
    z.strictObject({ ...common, entry: z.object({ list: z.string(), entry_id: z.uuid() }) }),
  ]),
)

type Body = z.infer<typeof createSchema>['data']

type Subject = Pick<Comment, 'objectId' | 'recordId' | 'listId' | 'entryId'>

const RECORD_SCOPES = ['object_configuration:read', 'record_permission:read']
const ENTRY_SCOPES = ['list_configuration:read', 'list_entry:read']

export function createComment(call: Call): Answer {
  const { workspace, act } = call
  const body = parseBody(createSchema, call.body).data
  const author = workspace.members.find((member) => member.id === body.author.id.toLowerCase())
  if (!author) throw valueNotFound(`Workspace member with ID "${body.author.id}" not found.`)
  const subject = subjectOf(workspace, body)
  requireScopes(workspace.settings, subject.entryId === null ? RECORD_SCOPES : ENTRY_SCOPES)
  const { objectId, recordId, listId, entryId } = subject
  const id = nextUuid(workspace.chance)
  const comment: Comment = {
    id,
    threadId: 'thread_id' in body ? body.thread_id.toLowerCase() : id,
    objectId,
    recordId,
    listId,
    entryId,
    content: body.content,
    authorId: author.id,
    createdAtMs: creationOf(body.created_at, act),
  }
  workspace.comments.set(id, comment)
  announceComment(call, 'comment.created', comment)
  return data(renderComment(workspace, comment))
}

function subjectOf(workspace: Workspace, body: Body): Subject {
  if ('thread_id' in body) return threadNamed(workspace, body.thread_id)
  return 'record' in body ? recordNamed(workspace, body.record) : entryNamed(workspace, body.entry)
}

function threadNamed(workspace: Workspace, id: string): Comment {
  const head = headOf(workspace, id.toLowerCase())
  if (head) return head
  throw valueNotFound('The referenced Thread could not be found, it might have been deleted.')
}

function recordNamed(workspace: Workspace, named: { object: string; record_id: string }): Subject {
  const object = lookUpObject(workspace, named.object)
  const record = workspace.records.get(named.record_id.toLowerCase())
  if (!object || record?.objectId !== object.id) {
    throw valueNotFound(`Record with ID "${named.record_id}" not found.`)
  }
  return { objectId: object.id, recordId: record.id, listId: null, entryId: null }
}

function entryNamed(workspace: Workspace, named: { list: string; entry_id: string }): Subject {
  const list = lookUpList(workspace, named.list)
  const entry = workspace.records.get(named.entry_id.toLowerCase())
  if (!list?.list || entry?.objectId !== list.id) {
    throw valueNotFound(`Entry with ID "${named.entry_id}" not found.`)
  }
  return {
    objectId: list.list.parentObjectId,
    recordId: parentOf(list, entry),
    listId: list.id,
    entryId: entry.id,
  }
}

export const getComment = (call: Call): Answer => data(renderComment(call.workspace, commentOf(call)))

/** The head of a thread takes its thread with it. */
export function deleteComment(call: Call): Answer {
  const { workspace } = call
  const comment = commentOf(call)
  const gone = comment.id === comment.threadId ? commentsIn(workspace, comment.threadId) : [comment]
  for (const each of gone) workspace.comments.delete(each.id)
  for (const each of gone) announceComment(call, 'comment.deleted', each)
  return { body: {} }
}

export function listThreads(call: Call): Answer {
  const { workspace } = call
  const limit = queryNumber(call, 'limit', { fallback: 10, min: 1, max: 50 })
  const offset = queryNumber(call, 'offset', { fallback: 0, min: 0 })
  const isAbout = subjectFilter(call)
  const heads = [...workspace.comments.values()].filter((each) => each.id === each.threadId && isAbout(each))
  return data(heads.slice(offset, offset + limit).map((head) => renderThread(workspace, head)))
}

/** A record with its object, or an entry with its list; without either, every thread. */
function subjectFilter({ workspace, query }: Call): (comment: Comment) => boolean {
  const [recordId, entryId] = [query.get('record_id')?.toLowerCase(), query.get('entry_id')?.toLowerCase()]
  const [object, listKey] = [query.get('object'), query.get('list')]
  if (recordId === undefined && entryId === undefined && object === null && listKey === null) {
    requireScopes(workspace.settings, [...RECORD_SCOPES, ...ENTRY_SCOPES])
    return () => true
  }
  if (recordId !== undefined && object !== null && entryId === undefined && listKey === null) {
    requireScopes(workspace.settings, RECORD_SCOPES)
    const objectId = objectNamed(workspace, object).id
    return (each) =>
      each.entryId === null &&
      each.objectId === objectId &&
      successorOf(workspace, each.recordId) === recordId
  }
  if (entryId !== undefined && listKey !== null && recordId === undefined && object === null) {
    requireScopes(workspace.settings, ENTRY_SCOPES)
    const list = lookUpList(workspace, listKey)
    if (!list) throw notFound(`List with slug/ID "${listKey}" not found.`)
    return (each) => each.listId === list.id && each.entryId === entryId
  }
  const name = entryId === undefined && listKey === null ? 'record_id' : 'entry_id'
  throw invalidParameter(name, 'Threads are listed by record_id and object, or by entry_id and list.')
}

export function getThread(call: Call): Answer {
  const id = idOfCall(call, 'thread_id')
  const head = headOf(call.workspace, id)
  if (!head) throw notFound(`Thread with ID "${id}" was not found.`)
  requireScopes(call.workspace.settings, head.entryId === null ? RECORD_SCOPES : ENTRY_SCOPES)
  return data(renderThread(call.workspace, head))
}

function commentOf(call: Call): Comment {
  const id = idOfCall(call, 'comment_id')
  const comment = call.workspace.comments.get(id)
  if (!comment) throw notFound(`Comment with ID "${id}" was not found.`)
  return comment
}

const headOf = (workspace: Workspace, threadId: string): Comment | null => {
  const head = workspace.comments.get(threadId)
  return head?.threadId === threadId ? head : null
}

const commentsIn = (workspace: Workspace, threadId: string): readonly Comment[] =>
  [...workspace.comments.values()].filter((each) => each.threadId === threadId)

const renderThread = (workspace: Workspace, head: Comment): Json => ({
  id: { workspace_id: workspace.id, thread_id: head.id },
  comments: commentsIn(workspace, head.id).map((each) => renderComment(workspace, each)),
  created_at: stamp(head.createdAtMs),
})

/** In the order of the recordings. Resolving is done in the user interface only, so nothing is resolved. */
const renderComment = (workspace: Workspace, comment: Comment): Json => ({
  id: { workspace_id: workspace.id, comment_id: comment.id },
  thread_id: comment.threadId,
  created_at: stamp(comment.createdAtMs),
  resolved_at: null,
  record: { record_id: successorOf(workspace, comment.recordId), object_id: comment.objectId },
  entry: comment.entryId === null ? null : { entry_id: comment.entryId, list_id: comment.listId },
  content_plaintext: comment.content,
  resolved_by: null,
  author: { type: 'workspace-member', id: comment.authorId },
})

function announceComment(
  { workspace, act }: Call,
  type: 'comment.created' | 'comment.deleted',
  comment: Comment,
): void {
  const event = {
    event_type: type,
    id: { workspace_id: workspace.id, comment_id: comment.id },
    thread_id: comment.threadId,
    object_id: comment.objectId,
    record_id: successorOf(workspace, comment.recordId),
    list_id: comment.listId,
    entry_id: comment.entryId,
    actor: act.actor,
  }
  announce(workspace, [event], act.atMs)
}
