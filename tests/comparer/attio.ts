/** Reads an Attio workspace over its API: every record of an object, in the neutral shapes mappings read. */
import type { FieldValue, FieldValues } from '../../src/core/value.ts'
import { at, listAt, textAt, type Api } from './api.ts'
import type { Replica } from './replica.ts'

const PAGE = 500

/** What a type's value carries, besides the envelope. Types that are not here are plain `value`s. */
const MEMBERS: Readonly<Record<string, string>> = {
  domain: 'domain',
  'email-address': 'email_address',
  'phone-number': 'phone_number',
}

export async function readAttio(attio: Api): Promise<Replica> {
  const members = listAt(await attio.get('/v2/workspace_members'), 'data')
  const self = await attio.get('/v2/self')
  return {
    users: members.map((member) => ({
      id: textAt(member, 'id', 'workspace_member_id') ?? '',
      email: (textAt(member, 'email_address') ?? '').toLowerCase(),
      active: at(member, 'access_level') !== 'suspended',
    })),
    tokenOwner: textAt(self, 'authorized_by_workspace_member_id'),
    records: (object) => readRecords(attio, object),
  }
}

async function readRecords(attio: Api, object: string): Promise<ReadonlyMap<string, FieldValues> | null> {
  const objects = listAt(await attio.get('/v2/objects'), 'data')
  if (!objects.some((each) => at(each, 'api_slug') === object)) return null
  const attributes = listAt(await attio.get(`/v2/objects/${object}/attributes?limit=500`), 'data')
  const records = new Map<string, FieldValues>()
  for (let offset = 0; ; offset += PAGE) {
    const page = listAt(
      await attio.post(`/v2/objects/${object}/records/query`, { limit: PAGE, offset }),
      'data',
    )
    for (const record of page)
      records.set(textAt(record, 'id', 'record_id') ?? '', valuesOf(attributes, record))
    if (page.length < PAGE) return records
  }
}

function valuesOf(attributes: readonly unknown[], record: unknown): FieldValues {
  return Object.fromEntries(
    attributes.map((attribute) => {
      const slug = textAt(attribute, 'api_slug') ?? ''
      const type = textAt(attribute, 'type') ?? ''
      const values = listAt(record, 'values', slug)
        .map((value) => elementOf(type, value))
        .filter((value) => value !== null)
      const isList = at(attribute, 'is_multiselect') === true || type === 'record-reference'
      return [slug, isList ? values : (values[0] ?? null)]
    }),
  )
}

function elementOf(type: string, value: unknown): FieldValue {
  switch (type) {
    case 'select':
      return textAt(value, 'option', 'title')
    case 'status':
      return textAt(value, 'status', 'title')
    case 'currency': {
      const amount = textAt(value, 'currency_value')
      return amount === null ? null : { amount, currency: textAt(value, 'currency_code') }
    }
    case 'record-reference':
      return { object: textAt(value, 'target_object'), id: textAt(value, 'target_record_id') }
    case 'actor-reference':
      return at(value, 'referenced_actor_type') === 'workspace-member'
        ? textAt(value, 'referenced_actor_id')
        : null
    case 'checkbox':
      return at(value, 'value') === true
    case 'personal-name':
    case 'location':
      return Object.fromEntries(Object.keys(value as object).map((member) => [member, textAt(value, member)]))
    default:
      return textAt(value, MEMBERS[type] ?? 'value')
  }
}
