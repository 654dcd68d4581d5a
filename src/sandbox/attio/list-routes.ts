/** Lists: list, create, get, update. Attio fact sheet 14. Every list of the workspace is visible to the token. */
import { z } from 'zod'
import { data, inData, listOfCall, parseBody } from './call.ts'
import type { Answer, Call } from './call.ts'
import { AttioFault, invalid, notFound, slugConflict, valueNotFound } from './fault.ts'
import { addList } from './found-workspace.ts'
import { stamp } from './instants.ts'
import { emptyPayload, slugSchema } from './object-routes.ts'
import type { Json } from './render.ts'
import { announce } from './webhook-queue.ts'
import { isEnabled, lookUpList, lookUpObject, objectById } from './workspace.ts'
import type { ListFacts, ObjectType, Workspace } from './workspace.ts'

const level = z.enum(['full-access', 'read-and-write', 'read-only'])
const memberAccess = z.array(z.object({ workspace_member_id: z.uuid(), level }))
const name = z.string().min(1)

const createSchema = inData(
  z.object({
    name,
    api_slug: slugSchema,
    parent_object: z.string(),
    workspace_access: level.nullable(),
    workspace_member_access: memberAccess,
  }),
)

const updateSchema = inData(
  z.object({
    name: name.optional(),
    api_slug: slugSchema.optional(),
    workspace_access: level.nullish(),
    workspace_member_access: memberAccess.optional(),
  }),
)

export const listLists = ({ workspace }: Call): Answer =>
  data(workspace.lists.map((list) => renderList(workspace, list)))

export const getList = (call: Call): Answer => data(renderList(call.workspace, listOfCall(call)))

export function createList(call: Call): Answer {
  const { workspace, act } = call
  const body = parseBody(createSchema, call.body).data
  const parent = lookUpObject(workspace, body.parent_object)
  if (!parent || !isEnabled(workspace, parent)) {
    throw notFound(`Parent object with slug/ID "${body.parent_object}" not found.`)
  }
  const facts = {
    parentObjectId: parent.id,
    createdBy: act.actor,
    workspaceAccess: body.workspace_access,
    memberAccess: body.workspace_member_access,
  }
  checkAccess(workspace, facts)
  checkSlug(workspace, body.api_slug, null)
  const list = addList(workspace, { slug: body.api_slug, name: body.name, createdAtMs: act.atMs, facts })
  announceList(call, 'list.created', list)
  return data(renderList(workspace, list))
}

/** The parent object stays what it is: through the API it cannot be changed, so it is not even looked at. */
export function updateList(call: Call): Answer {
  const { workspace } = call
  const list = listOfCall(call)
  const body = parseBody(updateSchema, call.body).data
  if (Object.keys(body).length === 0) throw emptyPayload()
  const facts = factsOf(list)
  const changed: ListFacts = {
    ...facts,
    ...(body.workspace_access === undefined ? {} : { workspaceAccess: body.workspace_access }),
    ...(body.workspace_member_access === undefined ? {} : { memberAccess: body.workspace_member_access }),
  }
  checkAccess(workspace, changed)
  if (body.api_slug !== undefined) checkSlug(workspace, body.api_slug, list)
  Object.assign(facts, changed)
  if (body.api_slug !== undefined) list.slug = body.api_slug
  if (body.name !== undefined) Object.assign(list, { singular: body.name, plural: body.name })
  announceList(call, 'list.updated', list)
  return data(renderList(workspace, list))
}

/** Members and grants come in the order of the recordings. */
function renderList(workspace: Workspace, list: ObjectType): Json {
  const facts = factsOf(list)
  return {
    id: { workspace_id: workspace.id, list_id: list.id },
    api_slug: list.slug,
    created_at: stamp(list.createdAtMs),
    name: list.singular,
    workspace_access: facts.workspaceAccess,
    workspace_member_access: facts.memberAccess.map(({ level: granted, workspace_member_id: member }) => ({
      level: granted,
      workspace_member_id: member,
    })),
    parent_object: [objectById(workspace, facts.parentObjectId)?.slug],
    created_by_actor: facts.createdBy,
  }
}

function factsOf(list: ObjectType): ListFacts {
  if (!list.list) throw new Error(`"${list.slug}" is no list`)
  return list.list
}

/** Somebody must have full access. Grants beyond "everybody, in full" need a plan that has them. */
function checkAccess(workspace: Workspace, facts: ListFacts): void {
  for (const { workspace_member_id: id } of facts.memberAccess) {
    if (!workspace.members.some((member) => member.id === id)) {
      throw valueNotFound(`Workspace member with ID "${id}" not found.`)
    }
  }
  const levels = [facts.workspaceAccess, ...facts.memberAccess.map((each) => each.level)]
  if (!levels.includes('full-access')) {
    throw invalid('A list needs workspace_access or a workspace_member_access of "full-access".')
  }
  const isPlain = facts.workspaceAccess === 'full-access' && facts.memberAccess.length === 0
  if (!isPlain && !workspace.settings.listAccessModes) {
    throw new AttioFault(
      403,
      'billing_error',
      'You attempted to create a List using permissions features that are not currently supported on your plan. ' +
        'Please upgrade, contact sales, or try a different access configuration for your list.',
      { type: 'auth_error' },
    )
  }
}

function checkSlug(workspace: Workspace, slug: string, self: ObjectType | null): void {
  const holder = lookUpList(workspace, slug)
  if (holder && holder !== self) throw slugConflict(`A list with api_slug "${slug}" already exists.`)
}

function announceList(
  { workspace, act }: Call,
  type: 'list.created' | 'list.updated',
  { id }: ObjectType,
): void {
  const event = { event_type: type, id: { workspace_id: workspace.id, list_id: id }, actor: act.actor }
  announce(workspace, [event], act.atMs)
}
