/** The vendor's JSON: objects, attributes, options, members, and records with their value envelopes. */
import { stamp } from './instants.ts'
import { isActiveAt } from './value.ts'
import type { StoredValue } from './value.ts'
import { currentValues, objectById, parentOf, visibleAttributes } from './workspace.ts'
import type { Attribute, Member, ObjectType, Option, StoredRecord, Workspace } from './workspace.ts'

export type Json = Record<string, unknown>

export const renderObject = (workspace: Workspace, object: ObjectType): Json => ({
  id: { workspace_id: workspace.id, object_id: object.id },
  api_slug: object.slug,
  singular_noun: object.singular,
  plural_noun: object.plural,
  created_at: stamp(object.createdAtMs),
})

const attributeId = (workspace: Workspace, attribute: Attribute): Json => ({
  workspace_id: workspace.id,
  object_id: attribute.objectId,
  attribute_id: attribute.id,
})

export function renderAttribute(workspace: Workspace, attribute: Attribute): Json {
  const inverse = attribute.inverseId ? workspace.attributes.get(attribute.inverseId) : undefined
  return {
    id: attributeId(workspace, attribute),
    title: attribute.title,
    description: attribute.description,
    api_slug: attribute.slug,
    type: attribute.type,
    is_system_attribute: attribute.isSystem,
    is_writable: attribute.isWritable,
    is_required: attribute.isRequired,
    is_unique: attribute.isUnique,
    is_multiselect: attribute.isMultiselect,
    is_default_value_enabled: attribute.defaultValue !== null,
    is_archived: attribute.isArchived,
    default_value: attribute.defaultValue,
    relationship: inverse
      ? {
          id: attributeId(workspace, inverse),
          object_slug: objectById(workspace, inverse.objectId)?.slug ?? '',
          api_slug: inverse.slug,
          is_multiselect: inverse.isMultiselect,
          title: inverse.title,
        }
      : null,
    created_at: stamp(attribute.createdAtMs),
    config: {
      currency: {
        default_currency_code: attribute.currency?.code ?? null,
        display_type: attribute.currency?.display ?? null,
      },
      record_reference: { allowed_object_ids: attribute.allowedObjectIds },
    },
  }
}

export function renderOption(workspace: Workspace, attribute: Attribute, option: Option): Json {
  const common = { title: option.title, is_archived: option.isArchived }
  if (attribute.type === 'select') {
    return { id: { ...attributeId(workspace, attribute), option_id: option.id }, ...common }
  }
  return {
    id: { ...attributeId(workspace, attribute), status_id: option.id },
    ...common,
    target_time_in_status: option.targetTime,
    celebration_enabled: option.celebration,
  }
}

export const renderMember = (workspace: Workspace, member: Member): Json => ({
  id: { workspace_id: workspace.id, workspace_member_id: member.id },
  first_name: member.firstName,
  last_name: member.lastName,
  avatar_url: null,
  email_address: member.email,
  access_level: member.accessLevel,
  created_at: stamp(member.createdAtMs),
})

export const renderValue = (workspace: Workspace, attribute: Attribute, value: StoredValue): Json => ({
  active_from: stamp(value.fromMs),
  active_until: value.untilMs === null ? null : stamp(value.untilMs),
  created_by_actor: value.actor,
  ...valueFields(workspace, attribute, value),
  attribute_type: attribute.type,
})

function valueFields(workspace: Workspace, attribute: Attribute, { data }: StoredValue): Json {
  switch (data.kind) {
    case 'text':
    case 'date':
    case 'timestamp':
    case 'number':
    case 'rating':
    case 'checkbox':
      return { value: data.value }
    case 'currency':
      return { currency_code: attribute.currency?.code ?? null, currency_value: data.value }
    case 'select':
    case 'status': {
      const option = attribute.options.find((each) => each.id === data.optionId)
      return {
        [data.kind === 'select' ? 'option' : 'status']: option && renderOption(workspace, attribute, option),
      }
    }
    case 'record-reference':
      return {
        target_object: objectById(workspace, data.objectId)?.slug ?? data.objectId,
        target_record_id: data.recordId,
      }
    case 'actor-reference':
      return { referenced_actor_type: data.actor.type, referenced_actor_id: data.actor.id }
    case 'location':
      return data.location
    case 'domain':
      return { domain: data.domain, root_domain: data.root }
    case 'email-address':
      return {
        original_email_address: data.original,
        email_address: data.address,
        email_domain: data.domain,
        email_root_domain: data.root,
        email_local_specifier: data.local,
      }
    case 'phone-number':
      return { country_code: data.country, original_phone_number: data.original, phone_number: data.number }
    case 'personal-name':
      return { first_name: data.first, last_name: data.last, full_name: data.full }
    case 'interaction':
      return {
        interaction_type: data.interactionType,
        interacted_at: data.interactedAt,
        owner_actor: data.owner,
      }
  }
}

/**
 * How reads see a record: as it is now, or as a replica that lags behind saw it. Rows ended since then are
 * current in the past, in the order of their history.
 */
export interface View {
  /** Null for the present. */
  readonly asOfMs: number | null
}

export const PRESENT: View = { asOfMs: null }

export function valuesIn(view: View, record: StoredRecord, attributeIdText: string): readonly StoredValue[] {
  const current = currentValues(record, attributeIdText)
  const { asOfMs } = view
  if (asOfMs === null) return current
  const past = record.past.get(attributeIdText)?.filter((value) => isActiveAt(value, asOfMs)) ?? []
  return [...current.filter((value) => value.fromMs <= asOfMs), ...past.map(reopened)]
}

const reopened = (value: StoredValue): StoredValue => ({ ...value, untilMs: null })

interface RecordRenderer {
  (record: StoredRecord): Json
}

/** A record or an entry. Every attribute has a key, unset ones an empty array. Attio fact sheet 7. */
export function recordRenderer(workspace: Workspace, object: ObjectType, view: View): RecordRenderer {
  const attributes = visibleAttributes(workspace, object)
  return (record) => {
    const values: Json = {}
    for (const attribute of attributes) {
      const stored = valuesIn(view, record, attribute.id)
      values[attribute.slug] =
        stored.length === 0 ? [] : stored.map((value) => renderValue(workspace, attribute, value))
    }
    if (object.list) {
      return {
        id: { workspace_id: workspace.id, list_id: object.id, entry_id: record.id },
        parent_record_id: parentOf(object, record),
        parent_object: objectById(workspace, object.list.parentObjectId)?.slug,
        created_at: stamp(record.createdAtMs),
        entry_values: values,
      }
    }
    return {
      id: { workspace_id: workspace.id, object_id: object.id, record_id: record.id },
      created_at: stamp(record.createdAtMs),
      web_url: webUrl(workspace, object, record),
      values,
    }
  }
}

/** Companies and deals were seen live; the other shapes are guesses nobody may parse. Attio fact sheet 3. */
function webUrl(workspace: Workspace, object: ObjectType, record: StoredRecord): string {
  const base = `https://app.attio.com/${workspace.slug}`
  if (object.slug === 'companies' && object.isStandard) return `${base}/company/${record.id}`
  if (object.slug === 'people' && object.isStandard) return `${base}/person/${record.id}`
  if (object.isStandard) return `${base}/${object.slug}/record/${record.id}`
  return `${base}/custom/${object.slug}/record/${record.id}`
}
