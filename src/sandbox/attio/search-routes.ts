/**
 * Record search: fuzzy, at most 25 rows, and behind the truth by the index lag. Attio fact sheet 10.7: never
 * fit to find duplicates.
 */
import { z } from 'zod'
import { data, isVisible, parseBody } from './call.ts'
import type { Answer, Call } from './call.ts'
import { valueNotFound } from './fault.ts'
import { valuesIn } from './render.ts'
import type { Json, View } from './render.ts'
import type { ValueData } from './value.ts'
import { isEnabled, lookUpAttribute, lookUpObject } from './workspace.ts'
import type { ObjectType, StoredRecord, Workspace } from './workspace.ts'

const searchSchema = z.object({
  query: z.string().max(256),
  objects: z.array(z.string()).min(1),
  limit: z.number().int().min(1).max(25).optional(),
  request_as: z.union([
    z.object({ type: z.literal('workspace') }),
    z.object({ type: z.literal('workspace-member'), workspace_member_id: z.uuid() }),
    z.object({ type: z.literal('workspace-member'), email_address: z.email() }),
  ]),
})

export function searchRecords(call: Call): Answer {
  const { workspace, act } = call
  const body = parseBody(searchSchema, call.body)
  checkRequester(workspace, body.request_as)
  const objects = body.objects.map((key) => {
    const object = lookUpObject(workspace, key)
    if (!object || !isEnabled(workspace, object))
      throw valueNotFound(`Object with slug/ID "${key}" not found.`)
    return object
  })
  const words = body.query.toLowerCase().split(/\s+/).filter(Boolean).map(looseNumber)
  const view: View = { asOfMs: act.atMs - workspace.settings.searchLagMs }
  const rows: Json[] = []
  for (const object of objects) {
    const departed = [...workspace.departed.values()].map((each) => each.record)
    for (const record of [...object.listing, ...departed.filter((each) => each.objectId === object.id)]) {
      if (rows.length === (body.limit ?? 25)) return data(rows)
      if (act.atMs < record.settlesAtMs || !isVisible(workspace, record, view)) continue
      const text = searchText(object, record, view)
      if (words.every((word) => text.includes(word))) rows.push(renderHit(workspace, object, record, view))
    }
  }
  return data(rows)
}

/** A number is found by its digits however it is written: without the plus sign, or with a national zero. */
const looseNumber = (word: string): string =>
  /^[+0-9().-]+$/.test(word) ? word.replaceAll(/[^0-9]/g, '').replace(/^0+(?=.)/, '') : word

function checkRequester(workspace: Workspace, requester: z.infer<typeof searchSchema>['request_as']): void {
  if (requester.type === 'workspace') return
  const key =
    'email_address' in requester ? requester.email_address.toLowerCase() : requester.workspace_member_id
  if (!workspace.members.some((member) => member.id === key || member.email === key)) {
    throw valueNotFound(`Workspace member "${key}" not found.`)
  }
}

/** What people and companies are found by; anything else only by its label. */
const SEARCHED: Readonly<Record<string, readonly string[]>> = {
  people: [
    'name',
    'email_addresses',
    'phone_numbers',
    'angellist',
    'facebook',
    'instagram',
    'linkedin',
    'twitter',
  ],
  companies: ['name', 'domains', 'angellist', 'facebook', 'instagram', 'linkedin', 'twitter'],
}

function searchText(object: ObjectType, record: StoredRecord, view: View): string {
  const slugs = (object.isStandard ? SEARCHED[object.slug] : undefined) ?? ['name']
  return slugs
    .flatMap((slug) => texts(object, { record, slug, view }))
    .join(' ')
    .toLowerCase()
}

function texts(
  object: ObjectType,
  { record, slug, view }: { record: StoredRecord; slug: string; view: View },
): readonly string[] {
  const attribute = lookUpAttribute(object, slug)
  return attribute ? valuesIn(view, record, attribute.id).map(({ data: each }) => textOf(each)) : []
}

function textOf(value: ValueData): string {
  if (value.kind === 'personal-name') return value.full
  if (value.kind === 'email-address') return value.address
  if (value.kind === 'phone-number') return value.number
  if (value.kind === 'domain') return value.domain
  return value.kind === 'text' ? value.value : ''
}

function renderHit(workspace: Workspace, object: ObjectType, record: StoredRecord, view: View): Json {
  const read = (slug: string): readonly string[] => texts(object, { record, slug, view })
  const isPeople = object.isStandard && object.slug === 'people'
  const isCompanies = object.isStandard && object.slug === 'companies'
  return {
    id: { workspace_id: workspace.id, object_id: object.id, record_id: record.id },
    record_text: read('name')[0] ?? read('domains')[0] ?? read('email_addresses')[0] ?? '',
    record_image: read(isPeople ? 'avatar_url' : 'logo_url')[0] ?? null,
    object_slug: object.slug,
    ...(isPeople ? { email_addresses: read('email_addresses'), phone_numbers: read('phone_numbers') } : {}),
    ...(isCompanies ? { domains: read('domains') } : {}),
  }
}
