/** The options of select attributes and the statuses of status attributes. Attio fact sheet 13.4. */
import { z } from 'zod'
import { attributeOfCall, data, inData, placeOfCall, param, parseBody, queryFlag } from './call.ts'
import type { Answer, Call } from './call.ts'
import { invalid, slugConflict, systemEdit, valueNotFound } from './fault.ts'
import { newOption } from './found-workspace.ts'
import { addDuration } from './instants.ts'
import { emptyPayload } from './object-routes.ts'
import { renderOption } from './render.ts'
import type { Attribute, Option } from './workspace.ts'

type Kind = 'select' | 'status'

const title = z.string().min(1)
const targetTime = z
  .string()
  .refine((text) => addDuration(0, text) !== null, 'Invalid ISO 8601 duration')
  .nullable()

const createOptionSchema = inData(z.object({ title }))
const updateOptionSchema = inData(z.object({ title: title.optional(), is_archived: z.boolean().optional() }))
const createStatusSchema = inData(
  z.object({
    title,
    celebration_enabled: z.boolean().optional(),
    target_time_in_status: targetTime.optional(),
  }),
)
const updateStatusSchema = inData(
  z.object({
    title: title.optional(),
    celebration_enabled: z.boolean().optional(),
    target_time_in_status: targetTime.optional(),
    is_archived: z.boolean().optional(),
  }),
)

/** Both families of routes are one code with the kind of attribute they ask for. */
export function optionRoutes(kind: Kind): {
  list: (call: Call) => Answer
  create: (call: Call) => Answer
  update: (call: Call) => Answer
} {
  const noun = kind === 'select' ? 'select option' : 'status'
  return {
    list: (call) => {
      const attribute = attributeOfKind(call, kind)
      const showsArchived = queryFlag(call, 'show_archived')
      const shown = attribute.options.filter((option) => showsArchived || !option.isArchived)
      return data(shown.map((option) => renderOption(call.workspace, attribute, option)))
    },
    create: (call) => {
      const attribute = attributeToEdit(call, kind)
      const body = parseBody(kind === 'select' ? createOptionSchema : createStatusSchema, call.body).data
      checkTitle(attribute, { noun, title: body.title, self: null })
      const option = Object.assign(newOption(call.workspace, body.title), statusChanges(body))
      attribute.options.push(option)
      return data(renderOption(call.workspace, attribute, option))
    },
    update: (call) => {
      const attribute = attributeToEdit(call, kind)
      const body = parseBody(kind === 'select' ? updateOptionSchema : updateStatusSchema, call.body).data
      const key = param(call, kind === 'select' ? 'option' : 'status')
      const option = attribute.options.find((each) => each.id === key || each.title === key)
      if (!option) throw valueNotFound(`Cannot find ${kind} attribute with ${noun} title "${key}".`)
      if (Object.keys(body).length === 0) throw emptyPayload()
      if (body.title !== undefined) checkTitle(attribute, { noun, title: body.title, self: option })
      if (body.title !== undefined) option.title = body.title
      if (body.is_archived !== undefined) option.isArchived = body.is_archived
      Object.assign(option, statusChanges(body))
      return data(renderOption(call.workspace, attribute, option))
    },
  }
}

function statusChanges(body: {
  title?: string | undefined
  celebration_enabled?: boolean | undefined
  target_time_in_status?: string | null | undefined
}): Partial<Option> {
  return {
    ...(body.celebration_enabled === undefined ? {} : { celebration: body.celebration_enabled }),
    ...(body.target_time_in_status === undefined ? {} : { targetTime: body.target_time_in_status }),
  }
}

function attributeOfKind(call: Call, kind: Kind): Attribute {
  const attribute = attributeOfCall(call, placeOfCall(call))
  if (attribute.type !== kind) throw invalid(`This attribute is not a ${kind} attribute.`)
  return attribute
}

/** The choices of a read-only attribute are the vendor's own. */
function attributeToEdit(call: Call, kind: Kind): Attribute {
  const attribute = attributeOfKind(call, kind)
  if (!attribute.isWritable) throw systemEdit('Cannot update a System attribute.')
  return attribute
}

/** Titles clash by exact text, archived ones included. */
function checkTitle(
  attribute: Attribute,
  options: { noun: string; title: string; self: Option | null },
): void {
  if (attribute.options.some((each) => each !== options.self && each.title === options.title)) {
    throw slugConflict(`There is already another ${options.noun} with the title "${options.title}".`)
  }
}
