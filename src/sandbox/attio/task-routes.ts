/** Tasks. Their content never changes; what is left out of a creation is refused. Attio fact sheet 15.3. */
import { z } from 'zod'
import { nextUuid } from './chance.ts'
import { data, idOfCall, inData, objectNamed, parseBody, queryNumber } from './call.ts'
import type { Answer, Call } from './call.ts'
import { invalidBody, invalidParameter, notFound, valueNotFound } from './fault.ts'
import { parseInstant, stamp, timestampText } from './instants.ts'
import { emptyPayload } from './object-routes.ts'
import { successorOf } from './merge-records.ts'
import { linkedRecord, type Link } from './task-links.ts'
import type { Json } from './render.ts'
import type { Actor } from './value.ts'
import { announce } from './webhook-queue.ts'
import type { Workspace } from './workspace.ts'

export interface Task {
  readonly id: string
  readonly content: string
  readonly createdBy: Actor
  readonly createdAtMs: number
  deadline: string | null
  completedAtMs: number | null
  links: readonly Link[]
  assigneeIds: readonly string[]
}

const assignee = z.union([
  z.object({ referenced_actor_type: z.literal('workspace-member'), referenced_actor_id: z.uuid() }),
  z.strictObject({ workspace_member_email_address: z.string() }),
])

const link = z.union([z.string(), z.record(z.string(), z.unknown())])

const changeable = {
  deadline_at: z.string().nullable(),
  is_completed: z.boolean(),
  linked_records: z.array(link),
  assignees: z.array(assignee),
}

const createSchema = inData(
  z.object({ content: z.string().max(2000), format: z.literal('plaintext'), ...changeable }),
)

const updateSchema = inData(z.strictObject(changeable).partial())

const SORTS: Readonly<Record<string, { by: 'createdAtMs' | 'completedAtMs'; isDescending: boolean }>> = {
  'created_at:asc': { by: 'createdAtMs', isDescending: false },
  'created_at:desc': { by: 'createdAtMs', isDescending: true },
  'completed_at:asc': { by: 'completedAtMs', isDescending: false },
  'completed_at:desc': { by: 'completedAtMs', isDescending: true },
}

/** Open tasks have no time of completion: they come first, or last in descending order. */
const NEVER = 0

export function listTasks(call: Call): Answer {
  const { workspace, query } = call
  const limit = queryNumber(call, 'limit', { fallback: 500, min: 1 })
  const offset = queryNumber(call, 'offset', { fallback: 0, min: 0 })
  const sort = SORTS[query.get('sort') ?? 'created_at:asc']
  if (!sort) throw invalidParameter('sort', 'Invalid query parameter "sort".')
  const filters = [linkFilter(call), assigneeFilter(call), completionFilter(call)]
  const { by, isDescending } = sort
  const tasks = [...workspace.tasks.values()]
    .filter((task) => filters.every((passes) => passes(task)))
    .toSorted((a, b) => (a[by] ?? NEVER) - (b[by] ?? NEVER))
  if (isDescending) tasks.reverse()
  return data(tasks.slice(offset, offset + limit).map((task) => renderTask(workspace, task)))
}

type TaskFilter = (task: Task) => boolean

function linkFilter({ workspace, query }: Call): TaskFilter {
  const [object, id] = [query.get('linked_object'), query.get('linked_record_id')?.toLowerCase()]
  if (object === null && id === undefined) return () => true
  if (object === null || id === undefined) {
    const name = object === null ? 'linked_object' : 'linked_record_id'
    throw invalidParameter(name, 'linked_object and linked_record_id must be given together.')
  }
  const objectId = objectNamed(workspace, object).id
  return (task) =>
    presentLinks(workspace, task).some((each) => each.objectId === objectId && each.recordId === id)
}

/** By member id or e-mail address; empty or `null` finds what is assigned to nobody. */
function assigneeFilter({ workspace, query }: Call): TaskFilter {
  const key = query.get('assignee')
  if (key === null) return () => true
  if (key === '' || key === 'null') return (task) => task.assigneeIds.length === 0
  const id = memberId(workspace, key) ?? null
  return (task) => id !== null && task.assigneeIds.includes(id)
}

function completionFilter({ query }: Call): TaskFilter {
  const text = query.get('is_completed')
  if (text === null) return () => true
  if (text !== 'true' && text !== 'false') {
    throw invalidParameter('is_completed', 'Invalid query parameter "is_completed".')
  }
  return (task) => (task.completedAtMs !== null) === (text === 'true')
}

export const getTask = (call: Call): Answer => data(renderTask(call.workspace, taskOf(call)))

export function createTask(call: Call): Answer {
  const { workspace, act } = call
  const body = parseBody(createSchema, call.body).data
  const task: Task = {
    id: nextUuid(workspace.chance),
    content: body.content,
    createdBy: act.actor,
    createdAtMs: act.atMs,
    deadline: deadlineOf(body.deadline_at),
    completedAtMs: body.is_completed ? act.atMs : null,
    links: body.linked_records.map((each) => linkedRecord(workspace, each)),
    assigneeIds: assigneesOf(workspace, body.assignees),
  }
  workspace.tasks.set(task.id, task)
  announceTask(call, 'task.created', task)
  return data(renderTask(workspace, task))
}

export function updateTask(call: Call): Answer {
  const { workspace, act } = call
  const task = taskOf(call)
  const body = parseBody(updateSchema, call.body).data
  if (Object.keys(body).length === 0) throw emptyPayload()
  const completedAtMs = body.is_completed ? (task.completedAtMs ?? act.atMs) : null
  const changes: Partial<Task> = {
    ...(body.deadline_at === undefined ? {} : { deadline: deadlineOf(body.deadline_at) }),
    ...(body.is_completed === undefined ? {} : { completedAtMs }),
    ...(body.linked_records && { links: body.linked_records.map((each) => linkedRecord(workspace, each)) }),
    ...(body.assignees && { assigneeIds: assigneesOf(workspace, body.assignees) }),
  }
  Object.assign(task, changes)
  announceTask(call, 'task.updated', task)
  return data(renderTask(workspace, task))
}

export function deleteTask(call: Call): Answer {
  const task = taskOf(call)
  call.workspace.tasks.delete(task.id)
  announceTask(call, 'task.deleted', task)
  return { body: {} }
}

function taskOf(call: Call): Task {
  const id = idOfCall(call, 'task_id')
  const task = call.workspace.tasks.get(id)
  if (!task) throw notFound(`Could not find Task with ID "${id}".`)
  return task
}

function deadlineOf(text: string | null): string | null {
  if (text === null) return null
  const instant = parseInstant(text)
  if (instant) return timestampText(instant)
  throw invalidBody([{ code: 'invalid', path: ['data', 'deadline_at'], message: 'Invalid timestamp' }])
}

const memberId = (workspace: Workspace, key: string): string | undefined =>
  workspace.members.find((member) => member.id === key.toLowerCase() || member.email === key.toLowerCase())
    ?.id

function assigneesOf(
  workspace: Workspace,
  assignees: readonly z.infer<typeof assignee>[],
): readonly string[] {
  return assignees.map((each) => {
    const key = 'referenced_actor_id' in each ? each.referenced_actor_id : each.workspace_member_email_address
    const id = memberId(workspace, key)
    if (id === undefined) throw valueNotFound(`Workspace member "${key}" not found.`)
    return id
  })
}

/** A merged record is linked as what it became, a deleted one no more. */
const presentLinks = (workspace: Workspace, task: Task): readonly Link[] =>
  task.links
    .map((each) => ({ ...each, recordId: successorOf(workspace, each.recordId) }))
    .filter((each) => workspace.records.has(each.recordId))

const renderTask = (workspace: Workspace, task: Task): Json => ({
  id: { workspace_id: workspace.id, task_id: task.id },
  content_plaintext: task.content,
  deadline_at: task.deadline,
  is_completed: task.completedAtMs !== null,
  completed_at: task.completedAtMs === null ? null : stamp(task.completedAtMs),
  linked_records: presentLinks(workspace, task).map((each) => ({
    target_object_id: each.objectId,
    target_record_id: each.recordId,
  })),
  assignees: task.assigneeIds.map((id) => ({
    referenced_actor_type: 'workspace-member',
    referenced_actor_id: id,
  })),
  created_by_actor: task.createdBy,
  created_at: stamp(task.createdAtMs),
})

function announceTask(
  { workspace, act }: Call,
  type: 'task.created' | 'task.updated' | 'task.deleted',
  { id }: Task,
): void {
  const event = { event_type: type, id: { workspace_id: workspace.id, task_id: id }, actor: act.actor }
  announce(workspace, [event], act.atMs)
}
