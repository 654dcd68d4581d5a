/**
 * What the connector remembers of an org while it runs: how its objects are described. It changes rarely; a field that
 * is not known yet makes it look again, once.
 */
import { ConnectorError } from '../../errors.ts'
import type { SalesforceClient } from './client.ts'
import { toId18 } from './ids.ts'
import { valueKind, type ValueKind } from './values.ts'
import { isObject, listIn, textIn, type Json } from './wire.ts'

export interface Description {
  readonly object: string
  readonly label: string
  readonly keyPrefix: string | null
  readonly createable: boolean
  readonly updateable: boolean
  readonly deletable: boolean
  readonly queryable: boolean
  readonly fields: ReadonlyMap<string, Field>
  /** Id → developer name; only the master where the object has no record types. */
  readonly recordTypes: ReadonlyMap<string, RecordType>
}

export interface Field {
  readonly name: string
  readonly label: string
  readonly type: string
  readonly length: number
  readonly scale: number
  readonly createable: boolean
  readonly updateable: boolean
  readonly nillable: boolean
  readonly defaultedOnCreate: boolean
  readonly calculated: boolean
  readonly filterable: boolean
  readonly unique: boolean
  readonly externalId: boolean
  readonly referenceTo: readonly string[]
  readonly options: readonly { readonly value: string; readonly label: string; readonly active: boolean }[]
}

export interface RecordType {
  readonly developerName: string
  readonly name: string
  readonly active: boolean
  readonly master: boolean
}

export interface Catalogue {
  /** Describes the object now, and remembers it. Throws `not-found` where the user sees no such object. */
  load(object: string): Promise<Description>
  /** What is remembered, or a first look. */
  of(object: string): Promise<Description>
  /** The same, looking again (once per name) when one of the fields is not among those remembered. */
  withFields(object: string, names: readonly string[]): Promise<Description>
  /** Forgets an object, after the org turned out to have changed. */
  forget(object: string): void
}

export function createCatalogue(client: SalesforceClient): Catalogue {
  const known = new Map<string, Promise<Description>>()
  const absent = new Map<string, Set<string>>()

  const load = (object: string): Promise<Description> => {
    const loading = describe(client, object)
    known.set(object, loading)
    loading.catch(() => known.delete(object))
    return loading
  }
  const of = (object: string) => known.get(object) ?? load(object)

  return {
    load: (object) => {
      absent.delete(object)
      return load(object)
    },
    of,
    withFields: async (object, names) => {
      const described = await of(object)
      const unknown = names.filter((name) => !described.fields.has(name))
      const looked = absent.get(object)
      if (unknown.every((name) => looked?.has(name) || isEdgeName(name))) return described
      absent.set(object, new Set([...(looked ?? []), ...unknown]))
      return load(object)
    },
    forget: (object) => {
      known.delete(object)
      absent.delete(object)
    },
  }
}

function isEdgeName(name: string): boolean {
  return name.startsWith('association:')
}

async function describe(client: SalesforceClient, object: string): Promise<Description> {
  let answer: unknown
  try {
    answer = await client.get(`/sobjects/${encodeURIComponent(object)}/describe`)
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.kind !== 'not-found') throw error
    throw client.error(
      'not-found',
      `there is no object "${object}", or the user of this connection may not see it`,
      'Correct the name, or give the user read access to the object (Setup, Permission Sets, Object Settings).',
    )
  }
  if (!isObject(answer)) {
    throw client.error('transient', `the description of ${object} is unreadable`, 'It is asked for again.')
  }
  const fields = listIn(answer, 'fields').map(fieldOf)
  return {
    object: textIn(answer, 'name') ?? object,
    label: textIn(answer, 'label') ?? object,
    keyPrefix: textIn(answer, 'keyPrefix'),
    createable: answer['createable'] === true,
    updateable: answer['updateable'] === true,
    deletable: answer['deletable'] === true,
    queryable: answer['queryable'] === true,
    fields: new Map(fields.map((field) => [field.name, field])),
    recordTypes: new Map(listIn(answer, 'recordTypeInfos').map(recordTypeOf)),
  }
}

function fieldOf(field: Json): Field {
  const references = field['referenceTo']
  return {
    name: textIn(field, 'name') ?? '',
    label: textIn(field, 'label') ?? textIn(field, 'name') ?? '',
    type: textIn(field, 'type') ?? '',
    length: Number(field['length'] ?? 0),
    scale: Number(field['scale'] ?? 0),
    createable: field['createable'] === true,
    updateable: field['updateable'] === true,
    nillable: field['nillable'] === true,
    defaultedOnCreate: field['defaultedOnCreate'] === true,
    calculated: field['calculated'] === true,
    filterable: field['filterable'] !== false,
    unique: field['unique'] === true,
    externalId: field['externalId'] === true,
    referenceTo: Array.isArray(references) ? references.map(String) : [],
    options: listIn(field, 'picklistValues').map((option) => ({
      value: textIn(option, 'value') ?? '',
      label: textIn(option, 'label') ?? textIn(option, 'value') ?? '',
      active: option['active'] !== false,
    })),
  }
}

function recordTypeOf(info: Json): readonly [string, RecordType] {
  const id = textIn(info, 'recordTypeId') ?? ''
  return [
    toId18(id) ?? id,
    {
      developerName: textIn(info, 'developerName') ?? textIn(info, 'name') ?? '',
      name: textIn(info, 'name') ?? '',
      active: info['active'] !== false,
      master: info['master'] === true,
    },
  ]
}

/** The field that says which record type a record has. */
export const RECORD_TYPE = 'RecordTypeId'

/** How to read and write the values of a field; text where nothing is known of it. */
export function kindOf(description: Description, name: string): ValueKind {
  const field = description.fields.get(name)
  if (name === RECORD_TYPE) return { type: 'option', multiple: false, names: recordTypeNames(description) }
  return field ? valueKind(field) : { type: 'text', multiple: false }
}

function recordTypeNames({ recordTypes }: Description): ReadonlyMap<string, string> {
  return new Map([...recordTypes].map(([id, { developerName }]) => [id, developerName]))
}

/** Objects without record types have only the master, and no field that would say so (8). */
export function hasRecordTypes({ recordTypes }: Description): boolean {
  return [...recordTypes.values()].some(({ master }) => !master)
}

/** What every record of such an object is, in the words of mapping files. */
export const MASTER = 'Master'
