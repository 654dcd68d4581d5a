/** Objects: list, create, get, update. Attio fact sheet 13.1. */
import { z } from 'zod'
import { data, inData, objectOfCall, parseBody } from './call.ts'
import type { Answer, Call } from './call.ts'
import { AttioFault, invalid, slugConflict } from './fault.ts'
import { addCustomObject } from './found-workspace.ts'
import { renderObject } from './render.ts'
import { isEnabled } from './workspace.ts'
import type { ObjectType, Workspace } from './workspace.ts'

/** Slugs of objects and attributes; the vendor asks for snake case and shows hyphens in its examples. */
export const slugSchema = z.string().regex(/^[a-z0-9][a-z0-9_-]*$/i)

const noun = z.string().min(1)

const createSchema = inData(z.object({ api_slug: slugSchema, singular_noun: noun, plural_noun: noun }))

const updateSchema = inData(
  z.object({ api_slug: slugSchema.optional(), singular_noun: noun.optional(), plural_noun: noun.optional() }),
)

/** A disabled standard object is absent. */
export function listObjects({ workspace }: Call): Answer {
  const enabled = workspace.objects.filter((object) => isEnabled(workspace, object))
  return data(enabled.map((object) => renderObject(workspace, object)))
}

export function getObject(call: Call): Answer {
  return data(renderObject(call.workspace, objectOfCall(call)))
}

export function createObject(call: Call): Answer {
  const { workspace, act } = call
  const body = parseBody(createSchema, call.body).data
  const wanted = { slug: body.api_slug, singular: body.singular_noun, plural: body.plural_noun }
  if (isTaken(workspace, wanted, null)) {
    throw slugConflict('Failed to create object. Please ensure your api_slug and names are unique.')
  }
  const { objectLimit } = workspace.settings
  if (objectLimit !== null && workspace.objects.filter((each) => !each.isStandard).length >= objectLimit) {
    throw new AttioFault(400, 'quota_exceeded', 'The plan of this workspace allows no more objects.')
  }
  return data(renderObject(workspace, addCustomObject(workspace, { ...wanted, createdAtMs: act.atMs })))
}

export function updateObject(call: Call): Answer {
  const { workspace } = call
  const object = objectOfCall(call)
  const body = parseBody(updateSchema, call.body).data
  const wanted = {
    ...(body.api_slug === undefined ? {} : { slug: body.api_slug }),
    ...(body.singular_noun === undefined ? {} : { singular: body.singular_noun }),
    ...(body.plural_noun === undefined ? {} : { plural: body.plural_noun }),
  }
  if (Object.keys(wanted).length === 0) throw emptyPayload()
  if (wanted.slug !== undefined && object.isStandard && wanted.slug !== object.slug) {
    throw invalid('The api_slug of a standard object cannot be changed.')
  }
  if (isTaken(workspace, wanted, object)) {
    throw slugConflict('Failed to update object. Please ensure api_slug is unique.')
  }
  Object.assign(object, wanted)
  return data(renderObject(workspace, object))
}

export const emptyPayload = (): AttioFault =>
  invalid(
    'You passed an empty payload. Please ensure you are updating at least one property in your request.',
  )

/** Disabled objects keep their names. */
function isTaken(
  workspace: Workspace,
  wanted: { slug?: string; singular?: string; plural?: string },
  self: ObjectType | null,
): boolean {
  return workspace.objects.some(
    (each) =>
      each !== self &&
      (each.slug === wanted.slug || each.singular === wanted.singular || each.plural === wanted.plural),
  )
}
