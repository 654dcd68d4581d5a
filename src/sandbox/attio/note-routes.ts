/** Notes on records. They cannot be changed through the API. Attio fact sheet 15.2. */
import { z } from 'zod'
import { nextUuid } from './chance.ts'
import { data, idOfCall, inData, objectNamed, parseBody, queryNumber } from './call.ts'
import type { Answer, Call } from './call.ts'
import { AttioFault, invalidParameter, notFound, recordNotFound, valueNotFound } from './fault.ts'
import { creationOf } from './backdated.ts'
import { stamp } from './instants.ts'
import { plainText } from './markdown.ts'
import { successorOf } from './merge-records.ts'
import type { Json } from './render.ts'
import type { Actor } from './value.ts'
import { announce } from './webhook-queue.ts'
import { objectById } from './workspace.ts'
import type { StoredRecord, Workspace } from './workspace.ts'

export interface Note {
  readonly id: string
  readonly objectId: string
  readonly recordId: string
  readonly title: string
  readonly plain: string
  readonly markdown: string
  readonly author: Actor
  readonly createdAtMs: number
}

const createSchema = inData(
  z.object({
    parent_object: z.string(),
    parent_record_id: z.uuid(),
    title: z.string(),
    format: z.enum(['plaintext', 'markdown']),
    content: z.string(),
    created_at: z.string().optional(),
    meeting_id: z.uuid().nullish(),
  }),
)

/** The vendor's limit is not published. */
const CONTENT_MAX_BYTES = 1024 * 1024

/** The newest first: undocumented, but so come the webhooks that were recorded. */
export function listNotes(call: Call): Answer {
  const { workspace, query } = call
  const limit = queryNumber(call, 'limit', { fallback: 10, min: 1, max: 50 })
  const offset = queryNumber(call, 'offset', { fallback: 0, min: 0 })
  const parent = query.get('parent_object')
  const object = parent === null ? null : objectNamed(workspace, parent)
  const recordId = query.get('parent_record_id')?.toLowerCase()
  if (recordId !== undefined && !z.uuid().safeParse(recordId).success) {
    throw invalidParameter('parent_record_id', `"${recordId}" is not a valid ID.`)
  }
  const notes = [...workspace.notes.values()].filter(
    (note) =>
      (object === null || note.objectId === object.id) &&
      (recordId === undefined || successorOf(workspace, note.recordId) === recordId),
  )
  const page = notes.toSorted((a, b) => b.createdAtMs - a.createdAtMs).slice(offset, offset + limit)
  return data(page.map((note) => renderNote(workspace, note)))
}

export const getNote = (call: Call): Answer => data(renderNote(call.workspace, noteOf(call)))

export function createNote(call: Call): Answer {
  const { workspace, act } = call
  const body = parseBody(createSchema, call.body).data
  const parent = recordOf(workspace, body)
  if (Buffer.byteLength(body.content) > CONTENT_MAX_BYTES) {
    throw new AttioFault(413, 'validation_type', 'The content of the note is too large.')
  }
  if (body.meeting_id) throw valueNotFound(`Meeting with ID "${body.meeting_id}" not found.`)
  const createdAtMs = creationOf(body.created_at, act)
  const note: Note = {
    id: nextUuid(workspace.chance),
    objectId: parent.objectId,
    recordId: parent.id,
    title: body.title,
    plain: body.format === 'markdown' ? plainText(body.content) : body.content,
    markdown: body.content,
    author: act.actor,
    createdAtMs,
  }
  workspace.notes.set(note.id, note)
  announceNote(call, 'note.created', note)
  return data(renderNote(workspace, note))
}

export function deleteNote(call: Call): Answer {
  const note = noteOf(call)
  call.workspace.notes.delete(note.id)
  announceNote(call, 'note.deleted', note)
  return { body: {} }
}

function noteOf(call: Call): Note {
  const id = idOfCall(call, 'note_id')
  const note = call.workspace.notes.get(id)
  if (!note) throw notFound(`Note with ID "${id}" was not found.`)
  return note
}

function recordOf(
  workspace: Workspace,
  body: { parent_object: string; parent_record_id: string },
): StoredRecord {
  const object = objectNamed(workspace, body.parent_object)
  const record = workspace.records.get(body.parent_record_id.toLowerCase())
  if (!record || record.objectId !== object.id) throw recordNotFound(body.parent_record_id)
  return record
}

/** Mentions are made in the user interface only, so nothing is tagged; meetings are none. */
const renderNote = (workspace: Workspace, note: Note): Json => ({
  id: { workspace_id: workspace.id, note_id: note.id },
  parent_object: objectById(workspace, note.objectId)?.slug,
  parent_record_id: successorOf(workspace, note.recordId),
  title: note.title,
  meeting_id: null,
  content_plaintext: note.plain,
  content_markdown: note.markdown,
  tags: [],
  created_by_actor: note.author,
  created_at: stamp(note.createdAtMs),
})

function announceNote({ workspace, act }: Call, type: 'note.created' | 'note.deleted', note: Note): void {
  const event = {
    event_type: type,
    id: { workspace_id: workspace.id, note_id: note.id },
    parent_object_id: note.objectId,
    parent_record_id: successorOf(workspace, note.recordId),
    actor: act.actor,
  }
  announce(workspace, [event], act.atMs)
}
