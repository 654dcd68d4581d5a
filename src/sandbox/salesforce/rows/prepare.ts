/** The draft of a write: checks everything that a save checks, and changes nothing (Salesforce fact sheet 6.2, 13). */
import { canEdit, visibleField, type Actor } from '../actor.ts'
import type { Field } from '../catalogue/field.ts'
import type { Org } from '../org.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { Problem, refusal, type ErrorEntry } from '../wire.ts'
import { settleAddresses } from './address-codes.ts'
import { withDefaults } from './defaults.ts'
import { derive } from './derive.ts'
import { requireNoDuplicates } from './duplicate-rules.ts'
import { applyFlows } from './flows.ts'
import { requireUnique } from './keys.ts'
import { requireSaveable } from './object-rules.ts'
import { referenceByKey, storedReference } from './references.ts'
import type { Row, Scalar, Values } from './row-store.ts'
import { requireValid } from './validation-rules.ts'
import { definedOptions, storedValue, unknownColumn } from './values.ts'

export interface Intent {
  readonly type: ObjectType
  /** Null to create. */
  readonly row: Row | null
  /** Field names → JSON values, without `attributes` and ids. */
  readonly body: Readonly<Record<string, unknown>>
  readonly actor: Actor
}

export interface Draft {
  readonly intent: Intent
  readonly next: Record<string, Scalar>
  /** Fields that the caller named. */
  readonly sent: ReadonlySet<string>
}

export function prepareWrite(org: Org, intent: Intent): Draft {
  const { type, row, body, actor } = intent
  const entries = Object.entries(body).map(([name, raw]) => ({
    raw,
    field: fieldOf(org, intent, { name, raw }),
  }))
  requireWritable(
    org,
    intent,
    entries.map(({ field }) => field),
  )
  const next: Record<string, Scalar> = { ...row?.values }
  const errors: ErrorEntry[] = []
  for (const { field, raw } of entries) {
    try {
      const value = valueOf(org, actor, { type, field, raw })
      if (value === null) delete next[field.name]
      else next[field.name] = value
    } catch (error) {
      // Values that cannot be read end the call; values that may not be stored are told together (6.1).
      if (!(error instanceof Problem) || error.code === 'JSON_PARSER_ERROR') throw error
      errors.push(...error.entries)
    }
  }
  if (errors.length > 0) throw new Problem(400, errors)
  const sent = new Set(entries.map(({ field }) => field.name))
  if (row === null) withDefaults(org, intent, { next, sent })
  requireFilled(type, { row, next })
  if (org.settings.addressPicklists) settleAddresses({ type, next, sent })
  derive(org, { type, before: row?.values ?? null, next, sent })
  applyFlows(org, actor, { type, before: row?.values ?? null, next, sent })
  requireSaveable(org, { type, row, next, sent })
  requireValid(org, actor, { type, next })
  requireNoDuplicates(org, actor, { type, row, next })
  requireUnique(org, type, { id: row?.id ?? null, next })
  return { intent, next, sent }
}

/** The field a name means; `Account: {Ext__c: …}` means the reference. */
function fieldOf(
  org: Org,
  { type, row, actor }: Intent,
  { name, raw }: { name: string; raw: unknown },
): Field {
  const field = visibleField(org, actor, type, name)
  if (field?.type === 'id') {
    if (row === null) {
      throw refusal('INVALID_FIELD_FOR_INSERT_UPDATE', 'cannot specify Id in an insert call', ['Id'])
    }
    throw refusal('INVALID_FIELD', 'The Id field should not be specified in the sobject data.', ['Id'])
  }
  if (field !== undefined) return field
  const reference = type.byRelationship.get(name.toLowerCase())
  const isNested = typeof raw === 'object' && raw !== null && !Array.isArray(raw)
  if (reference !== undefined && isNested && visibleField(org, actor, type, reference.name)) return reference
  throw unknownColumn(type, name)
}

function requireWritable(org: Org, { type, row, actor }: Intent, fields: readonly Field[]): void {
  const refused = fields
    .filter(
      (field) => !(row === null ? field.createable : field.updateable) || !canEdit(org, actor, type, field),
    )
    .map(({ name }) => name)
  if (refused.length === 0) return
  throw refusal(
    'INVALID_FIELD_FOR_INSERT_UPDATE',
    `Unable to create/update fields: ${refused.join(', ')}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
    refused,
  )
}

function valueOf(
  org: Org,
  actor: Actor,
  { type, field, raw }: { type: ObjectType; field: Field; raw: unknown },
): Scalar | null {
  if (field.type === 'reference' && typeof raw === 'object' && raw !== null && !Array.isArray(raw)) {
    return referenceByKey(org, actor, { field, nested: raw as Readonly<Record<string, unknown>> })
  }
  const value = storedValue(field, raw, (each) => new Set(optionsOf(org, each)))
  return field.type === 'reference' && typeof value === 'string'
    ? storedReference(org, type, field, value)
    : value
}

/** What a restricted picklist takes now. */
function optionsOf(org: Org, field: Field): readonly string[] {
  return field.name === 'CurrencyIsoCode' ? org.settings.currencies : definedOptions(field)
}

/** Required fields have a value, whether they were sent or not. */
function requireFilled(type: ObjectType, { row, next }: { row: Row | null; next: Values }): void {
  const missing = type.required.map(({ name }) => name).filter((name) => next[name] === undefined)
  if (missing.length === 0) return
  // Old rows may lack what was made required later: only a change to blank is refused then.
  const cleared = row === null ? missing : missing.filter((name) => row.values[name] !== undefined)
  if (cleared.length === 0) return
  throw refusal('REQUIRED_FIELD_MISSING', `Required fields are missing: [${cleared.join(', ')}]`, cleared)
}
