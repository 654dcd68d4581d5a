/**
 * The object types of a portal, their names in paths and what is special about each (HubSpot fact sheet 7).
 */
import { notModelled, unreadable } from './wire.ts'

export interface ObjectType {
  readonly typeId: string
  /** The name in paths, `associations` keys and `dump()`: plural, or fully qualified for custom objects. */
  readonly plural: string
  readonly singular: string
  readonly label: string
  readonly createdProperty: string
  readonly modifiedProperty: string
  /** Properties answered when none are asked for (7.2). */
  readonly defaults: readonly string[]
  /** Properties that a search `query` looks at (9). */
  readonly searched: readonly string[]
  /** Properties a new record must have: all of them, or one of them (7.5). */
  readonly required: readonly string[]
  readonly requiredOneOf: readonly string[]
  readonly scopes: { readonly read: string; readonly write: string }
  readonly schemaScopes: { readonly read: string; readonly write: string }
  readonly pipelineProperty: string | null
  readonly stageProperty: string | null
  /** Properties that the answer to an update repeats when they have values, changed or not (7.6). */
  readonly echoed: readonly string[]
  /** Versions kept per property (7.4). */
  readonly versionsMax: number
  readonly listsArchived: boolean
  readonly custom: boolean
}

const CONTACT_SCOPES = {
  scopes: { read: 'crm.objects.contacts.read', write: 'crm.objects.contacts.write' },
  schemaScopes: { read: 'crm.schemas.contacts.read', write: 'crm.schemas.contacts.write' },
}

/** What recorded answers to updates repeat of every object. */
const ECHOED = [
  'hs_all_owner_ids',
  'hs_object_source',
  'hs_object_source_id',
  'hs_object_source_label',
  'hs_user_ids_of_all_owners',
  'hs_v2_date_entered_current_stage',
  'hs_v2_time_in_current_stage',
  'hubspot_owner_assigneddate',
  'hubspot_owner_id',
]

const NOTHING_SPECIAL = {
  modifiedProperty: 'hs_lastmodifieddate',
  createdProperty: 'createdate',
  required: [],
  requiredOneOf: [],
  pipelineProperty: null,
  stageProperty: null,
  echoed: ECHOED,
  versionsMax: 20,
  listsArchived: true,
  custom: false,
}

const ACTIVITY = {
  ...NOTHING_SPECIAL,
  // Notes and tasks ride on the contacts scopes (4.3).
  ...CONTACT_SCOPES,
  createdProperty: 'hs_createdate',
  defaults: ['hs_createdate', 'hs_lastmodifieddate', 'hs_object_id'],
  required: ['hs_timestamp'],
}

const STANDARD: readonly ObjectType[] = [
  {
    ...NOTHING_SPECIAL,
    ...CONTACT_SCOPES,
    typeId: '0-1',
    plural: 'contacts',
    singular: 'contact',
    label: 'Contact',
    modifiedProperty: 'lastmodifieddate',
    defaults: ['createdate', 'email', 'firstname', 'hs_object_id', 'lastmodifieddate', 'lastname'],
    searched: [
      'firstname',
      'lastname',
      'email',
      'phone',
      'hs_additional_emails',
      'fax',
      'mobilephone',
      'company',
      'hs_marketable_until_renewal',
    ],
    requiredOneOf: ['email', 'firstname', 'lastname'],
    echoed: [...ECHOED, 'hs_is_unworked', 'hs_pipeline', 'lifecyclestage', 'notes_last_updated'],
    versionsMax: 45,
  },
  {
    ...NOTHING_SPECIAL,
    typeId: '0-2',
    plural: 'companies',
    singular: 'company',
    label: 'Company',
    defaults: ['createdate', 'domain', 'hs_lastmodifieddate', 'hs_object_id', 'name'],
    searched: ['website', 'phone', 'name', 'domain'],
    requiredOneOf: ['name', 'domain'],
    echoed: [...ECHOED, 'domain', 'hs_pipeline', 'hs_task_label', 'lifecyclestage'],
    scopes: { read: 'crm.objects.companies.read', write: 'crm.objects.companies.write' },
    schemaScopes: { read: 'crm.schemas.companies.read', write: 'crm.schemas.companies.write' },
  },
  {
    ...NOTHING_SPECIAL,
    typeId: '0-3',
    plural: 'deals',
    singular: 'deal',
    label: 'Deal',
    defaults: [
      'amount',
      'closedate',
      'createdate',
      'dealname',
      'dealstage',
      'hs_lastmodifieddate',
      'hs_object_id',
      'pipeline',
    ],
    searched: ['dealname', 'pipeline', 'dealstage', 'description', 'dealtype'],
    // The guide also asks for `dealstage`; a recorded deal with only a name was accepted (7.5).
    required: ['dealname'],
    pipelineProperty: 'pipeline',
    stageProperty: 'dealstage',
    echoed: [
      ...ECHOED,
      'amount_in_home_currency',
      'days_to_close',
      'dealstage',
      'hs_closed_amount',
      'hs_closed_amount_in_home_currency',
      'hs_deal_stage_probability',
      'hs_deal_stage_probability_shadow',
      'hs_forecast_amount',
      'hs_is_closed',
      'hs_is_closed_won',
      'hs_projected_amount',
      'hs_projected_amount_in_home_currency',
      'pipeline',
    ],
    scopes: { read: 'crm.objects.deals.read', write: 'crm.objects.deals.write' },
    schemaScopes: { read: 'crm.schemas.deals.read', write: 'crm.schemas.deals.write' },
  },
  {
    ...NOTHING_SPECIAL,
    typeId: '0-5',
    plural: 'tickets',
    singular: 'ticket',
    label: 'Ticket',
    defaults: [
      'content',
      'createdate',
      'hs_lastmodifieddate',
      'hs_object_id',
      'hs_pipeline',
      'hs_pipeline_stage',
      'hs_ticket_category',
      'hs_ticket_priority',
      'subject',
    ],
    searched: ['subject', 'content', 'hs_pipeline_stage', 'hs_ticket_category', 'hs_ticket_id'],
    required: ['subject', 'hs_pipeline_stage'],
    pipelineProperty: 'hs_pipeline',
    stageProperty: 'hs_pipeline_stage',
    echoed: [...ECHOED, 'hs_is_closed', 'hs_pipeline', 'hs_pipeline_stage', 'hs_ticket_id'],
    scopes: { read: 'tickets', write: 'tickets' },
    schemaScopes: { read: 'tickets', write: 'tickets' },
  },
  {
    ...ACTIVITY,
    typeId: '0-46',
    plural: 'notes',
    singular: 'note',
    label: 'Note',
    searched: ['hs_note_body'],
    echoed: [...ECHOED, 'hs_body_preview', 'hs_body_preview_html', 'hs_body_preview_is_truncated'],
    listsArchived: false,
  },
  {
    ...ACTIVITY,
    typeId: '0-27',
    plural: 'tasks',
    singular: 'task',
    label: 'Task',
    searched: ['hs_task_body', 'hs_task_subject'],
    echoed: [
      ...ECHOED,
      'hs_body_preview',
      'hs_body_preview_html',
      'hs_body_preview_is_truncated',
      'hs_task_completion_date',
      'hs_task_is_completed',
      'hs_task_status',
      'hs_task_type',
      'hs_timestamp',
    ],
  },
]

/** Real types that this model does not hold (7.1): answered with 501, never with an empty list. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  '0-7': ['product', 'products'],
  '0-8': ['line_item', 'line_items'],
  '0-14': ['quote', 'quotes'],
  '0-18': ['communication', 'communications'],
  '0-47': ['meeting', 'meetings'],
  '0-48': ['call', 'calls'],
  '0-49': ['email', 'emails'],
  '0-53': ['invoice', 'invoices'],
  '0-69': ['subscription', 'subscriptions'],
  '0-115': ['user', 'users'],
  '0-116': ['postal_mail', 'postal_mails'],
  '0-123': ['order', 'orders'],
  '0-136': ['lead', 'leads'],
  '0-142': ['cart', 'carts'],
  '0-162': ['service', 'services'],
  '0-410': ['course', 'courses'],
  '0-420': ['listing', 'listings'],
  '0-421': ['appointment', 'appointments'],
  '0-970': ['project', 'projects'],
}

const ELSEWHERE_NAMES = new Set(Object.entries(ELSEWHERE).flatMap(([id, names]) => [id, ...names]))

export class ObjectTypes {
  private readonly byId = new Map<string, ObjectType>()
  private readonly byName = new Map<string, ObjectType>()

  constructor() {
    for (const type of STANDARD) this.add(type)
  }

  /** Adds a type, or replaces the one with its id. */
  add(type: ObjectType): void {
    this.byId.set(type.typeId, type)
    const shortName = type.custom ? type.plural.replace(/^p\d+_/, '') : type.plural
    for (const name of [type.typeId, type.plural, type.singular, shortName]) this.byName.set(name, type)
  }

  remove(type: ObjectType): void {
    this.byId.delete(type.typeId)
    for (const [name, held] of this.byName) if (held.typeId === type.typeId) this.byName.delete(name)
  }

  all(): Iterable<ObjectType> {
    return this.byId.values()
  }

  byTypeId(typeId: string): ObjectType {
    const type = this.byId.get(typeId)
    if (type === undefined) throw new Error(`No object type ${typeId}`)
    return type
  }

  find(name: string): ObjectType | undefined {
    return this.byName.get(name) ?? this.byName.get(name.toLowerCase())
  }

  /** The type of a path segment: plural, singular or type id. 400, not 404, when there is none (5.2). */
  resolve(name: string): ObjectType {
    const type = this.find(name)
    if (type !== undefined) return type
    if (ELSEWHERE_NAMES.has(name.toLowerCase())) throw notModelled(`The object type ${name}`)
    if (/^\d+-\d+$/.test(name)) throw unreadable(`Invalid object or event type id: ${name}`)
    throw unreadable(`Unable to infer object type from: ${name}`)
  }
}

/** The code of a type in messages and contexts: `CONTACT`. */
export function typeCode(type: ObjectType): string {
  return type.custom ? type.typeId : type.singular.toUpperCase()
}

export function customType(options: {
  typeId: string
  fullName: string
  labels: { readonly singular: string; readonly plural: string }
  required: readonly string[]
  searchable: readonly string[]
}): ObjectType {
  return {
    ...NOTHING_SPECIAL,
    typeId: options.typeId,
    plural: options.fullName,
    singular: options.fullName,
    label: options.labels.singular,
    createdProperty: 'hs_createdate',
    defaults: [
      ...new Set(['hs_createdate', 'hs_lastmodifieddate', 'hs_object_id', ...options.required]),
    ].toSorted(),
    searched: options.searchable,
    required: options.required,
    scopes: { read: 'crm.objects.custom.read', write: 'crm.objects.custom.write' },
    schemaScopes: { read: 'crm.schemas.custom.read', write: 'crm.schemas.custom.write' },
    custom: true,
  }
}
