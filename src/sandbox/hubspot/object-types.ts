/**
 * The object types of a portal, their names in paths and what is special about each (HubSpot fact sheet 7).
 */
import { ELSEWHERE, NOTHING_SPECIAL, STANDARD } from './standard-types.ts'
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
