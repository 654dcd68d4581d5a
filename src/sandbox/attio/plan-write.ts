/**
 * Decides what a write would store, and whether it may: nothing is changed here, so a refused write leaves no
 * trace. Attio fact sheet 10.1 to 10.4.
 */
import { AttioFault, invalid, missingAttribute, systemEdit, valueNotFound } from './fault.ts'
import { addDuration, dateText, stamp } from './instants.ts'
import { invalidValue } from './invalid-value.ts'
import { parseValue } from './parse-value.ts'
import { recordsHolding } from './record-index.ts'
import { valueKey } from './value.ts'
import type { StoredValue, ValueData } from './value.ts'
import { currentValues, isShown, lookUpAttribute } from './workspace.ts'
import type { Act, Attribute, ObjectType, StoredRecord, Workspace } from './workspace.ts'

/** What an attribute will hold: rows that stay as they are, and data that gets a new row. */
export interface PlannedChange {
  readonly attribute: Attribute
  readonly next: readonly (StoredValue | { readonly data: ValueData; readonly fromMs?: never })[]
}

export interface WriteRequest {
  readonly object: ObjectType
  /** Null for a creation. */
  readonly record: StoredRecord | null
  readonly values: Readonly<Record<string, unknown>>
  /** Whether a multi-select gets what it lacks in front, instead of becoming exactly what is sent. */
  readonly prepends: (attribute: Attribute) => boolean
}

/** Everything the write changes, or the refusal. Required and unique attributes are checked as a whole. */
export function planWrite(workspace: Workspace, request: WriteRequest, act: Act): readonly PlannedChange[] {
  const { object, record } = request
  const changes: PlannedChange[] = []
  const seen = new Set<Attribute>()
  for (const [key, input] of Object.entries(request.values)) {
    const attribute = attributeToWrite(workspace, object, key)
    if (seen.has(attribute)) throw invalid(`Attribute "${attribute.slug}" was passed twice.`)
    seen.add(attribute)
    const data = parseInputs(workspace, attribute, input)
    if (isKeptFromWriters(workspace, record, attribute, act)) continue
    const current = record ? currentValues(record, attribute.id) : []
    const next = merge(workspace, { attribute, current, data, isPrepended: request.prepends(attribute) })
    if (next.length > 0 || current.length > 0) changes.push({ attribute, next })
    if (attribute.isRequired && next.length === 0) throw missingAttribute(attribute.id)
  }
  if (!record) changes.push(...defaults(workspace, { object, given: seen, act }))
  for (const change of changes) checkUnique(workspace, record, change)
  return changes
}

// Open question 11: the code of an unknown slug is not captured. An archived attribute counts as unknown.
export function attributeToWrite(workspace: Workspace, object: ObjectType, key: string): Attribute {
  const attribute = lookUpAttribute(object, key)
  if (attribute?.isPseudo) throw immutableParent()
  if (!attribute || attribute.isArchived || !isShown(workspace, attribute)) {
    throw valueNotFound(`Cannot find attribute with slug/ID "${key}".`)
  }
  if (!attribute.isWritable) {
    throw systemEdit(`Cannot write to the system attribute with slug "${attribute.slug}".`)
  }
  return attribute
}

export const immutableParent = (): AttioFault =>
  new AttioFault(400, 'immutable_value', 'The parent record for a list entry cannot be updated once created.')

/** The values as a list: a bare value or null only where one value is allowed, an array everywhere. */
export function parseInputs(
  workspace: Workspace,
  attribute: Attribute,
  input: unknown,
): readonly ValueData[] {
  if (!Array.isArray(input)) {
    if (attribute.isMultiselect) {
      throw invalidValue(attribute, 'Multi-select attribute expects an array but received a single value')
    }
    return input === null ? [] : [parseValue(workspace, attribute, input)]
  }
  const items: readonly unknown[] = input
  if (!attribute.isMultiselect && items.length > 1) {
    throw invalidValue(attribute, 'A single-select attribute takes one value')
  }
  const byKey = new Map<string, ValueData>()
  for (const item of items) {
    const data = parseValue(workspace, attribute, item)
    const key = valueKey(data)
    if (!byKey.has(key)) byKey.set(key, data)
  }
  return [...byKey.values()]
}

function isKeptFromWriters(
  workspace: Workspace,
  record: StoredRecord | null,
  attribute: Attribute,
  act: Act,
): boolean {
  if (!workspace.settings.keepEnrichedValues || !record || !attribute.isEnriched) return false
  return act.actor.type === 'api-token' && currentValues(record, attribute.id)[0]?.actor.type === 'system'
}

function merge(
  workspace: Workspace,
  options: {
    attribute: Attribute
    current: readonly StoredValue[]
    data: readonly ValueData[]
    isPrepended: boolean
  },
): PlannedChange['next'] {
  const { attribute, current, data } = options
  const held = new Map(current.map((value) => [valueKey(value.data), value]))
  if (attribute.isMultiselect && options.isPrepended) {
    // Measured: a value that is present is not moved, repeated or removed. Attio fact sheet 10.3.
    return [...data.filter((each) => !held.has(valueKey(each))).map((each) => ({ data: each })), ...current]
  }
  return data.map((each) => {
    const same = held.get(valueKey(each))
    const isUnchanged = same !== undefined && JSON.stringify(same.data) === JSON.stringify(each)
    // Open question 3, the meaner reading: what is written again is a new row with a new `active_from`.
    return isUnchanged && !workspace.settings.rewriteUnchanged ? same : { data: each }
  })
}

function defaults(
  workspace: Workspace,
  options: { object: ObjectType; given: ReadonlySet<Attribute>; act: Act },
): readonly PlannedChange[] {
  return options.object.attributes.flatMap((attribute) => {
    if (options.given.has(attribute) || attribute.isArchived || !attribute.isWritable) return []
    const data = defaultData(workspace, attribute, options.act)
    if (data.length === 0 && attribute.isRequired) throw missingAttribute(attribute.id)
    return data.length > 0 ? [{ attribute, next: data.map((each) => ({ data: each })) }] : []
  })
}

function defaultData(workspace: Workspace, attribute: Attribute, act: Act): readonly ValueData[] {
  const { defaultValue } = attribute
  if (!defaultValue) return []
  if (defaultValue.type === 'static') {
    return defaultValue.template.map((input) => parseValue(workspace, attribute, input))
  }
  if (defaultValue.template === 'current-user') return [{ kind: 'actor-reference', actor: act.actor }]
  const ms = addDuration(act.atMs, defaultValue.template)
  if (ms === null) return []
  return attribute.type === 'date'
    ? [{ kind: 'date', value: dateText({ ms, micros: '000', hasTime: false }) }]
    : [{ kind: 'timestamp', value: stamp(ms) }]
}

function checkUnique(workspace: Workspace, record: StoredRecord | null, change: PlannedChange): void {
  const { attribute, next } = change
  if (!attribute.isUnique) return
  for (const value of next) {
    // Uniqueness binds new data only; rows that stay may be older than the rule.
    if (value.fromMs !== undefined) continue
    for (const holder of recordsHolding(workspace, attribute, value.data)) {
      if (holder !== record) throw uniquenessConflict(attribute, holder)
    }
  }
}

// The record id appears in the live error, under a key that was not captured: here only the text names it.
export const uniquenessConflict = (attribute: Attribute, holder: StoredRecord): AttioFault =>
  new AttioFault(
    400,
    'uniqueness_conflict',
    `A value provided for attribute with slug "${attribute.slug}" conflicts with one already in the system. ` +
      'This attribute has a uniqueness constraint. Please ensure all values for this attribute do not exist ' +
      `on another record. The conflicting record has ID "${holder.id}".`,
  )
