/** What one change event says (Salesforce fact sheet 21.1). */
import type { Field } from '../catalogue/field.ts'
import type { Org } from '../org.ts'
import type { Values } from '../rows/row-store.ts'
import type { Change, ChangeKind, Transaction } from '../rows/transaction.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { stampMs } from '../times.ts'

/** Never in an event: ids have a member of their own, and nobody subscribes to what follows from other fields. */
const LEFT_OUT = new Set([
  'Id',
  'IsDeleted',
  'SystemModstamp',
  'PhotoUrl',
  'ExpectedRevenue',
  'Fiscal',
  'FiscalYear',
  'FiscalQuarter',
  'MasterRecordId',
])

/** Changes of several rows that say the same are one event with several ids. */
export interface Told {
  readonly entity: string
  readonly kind: ChangeKind
  readonly ids: string[]
  readonly changedFields: readonly string[]
  readonly nulledFields: readonly string[]
  readonly body: Readonly<Record<string, unknown>>
  readonly isUntold: boolean
}

export function tellChanges(org: Org, changes: readonly Change[]): Told[] {
  const byContent = new Map<string, Told>()
  const told: Told[] = []
  for (const change of changes) {
    const each = tellChange(org, change)
    // A new row is told alone, and so is the only change of a transaction.
    if (changes.length === 1 || each.kind === 'CREATE') {
      told.push(each)
      continue
    }
    const content = JSON.stringify([each.entity, each.kind, each.changedFields, each.body])
    const same = byContent.get(content)
    if (same) same.ids.push(...each.ids)
    else {
      byContent.set(content, each)
      told.push(each)
    }
  }
  return told
}

function tellChange(org: Org, { row, kind, before, isUntold = false }: Change): Told {
  const type = org.schema.type(row.object)
  const changed = kind === 'UPDATE' && before !== null ? changedFields(type, before, row.values) : []
  const fields =
    kind === 'UPDATE' ? changed : type.fields.filter(({ name }) => row.values[name] !== undefined)
  return {
    entity: row.object,
    kind,
    ids: [row.id],
    changedFields: changed.map(eventName),
    nulledFields: changed.filter(({ name }) => row.values[name] === undefined).map(eventName),
    body: kind === 'DELETE' ? {} : body(fields.filter(isTold), row.values),
    isUntold,
  }
}

/** A gap event says that something happened to the rows and not what (21.1). */
export function changePayload(
  org: Org,
  transaction: Transaction,
  { told, sequence, isGap }: { told: Told; sequence: number; isGap: boolean },
): unknown {
  const { actor, key, until } = transaction
  return {
    ChangeEventHeader: {
      entityName: told.entity,
      recordIds: told.ids,
      changeType: isGap ? `GAP_${told.kind}` : told.kind,
      changeOrigin: actor.kind === 'person' ? '' : actor.origin,
      transactionKey: key,
      sequenceNumber: sequence,
      commitTimestamp: until ?? org.now(),
      commitNumber: COMMIT_BASE + org.counters.transaction,
      commitUser: actor.userId,
      changedFields: isGap ? [] : told.changedFields,
      nulledFields: isGap ? [] : told.nulledFields,
      diffFields: [],
    },
    ...(isGap ? {} : told.body),
  }
}

const COMMIT_BASE = 727_000_000_000

function isTold({ name, type }: Field): boolean {
  return !LEFT_OUT.has(name) && type !== 'address'
}

function changedFields(type: ObjectType, before: Values, after: Values): Field[] {
  return type.fields.filter(
    (field) => isTold(field) && !isCompoundName(type, field) && before[field.name] !== after[field.name],
  )
}

/** `Name` of a person is told by its parts, within it. */
function isCompoundName(type: ObjectType, { name }: Field): boolean {
  return name === 'Name' && type.byName.has('lastname')
}

/** `Name.FirstName`, `MailingAddress.City`: parts of compounds are named with them. */
function eventName({ name, compoundFieldName: compound }: Field): string {
  return compound === null || compound === name ? name : `${compound}.${partName(name, compound)}`
}

/** Parts of an address lose its prefix: `MailingCity` is `City` in `MailingAddress`. */
function partName(name: string, compound: string): string {
  return compound.endsWith('Address') ? name.slice(compound.length - 'Address'.length) : name
}

function body(fields: readonly Field[], values: Values): Record<string, unknown> {
  const told: Record<string, unknown> = {}
  for (const { name, type, compoundFieldName: compound } of fields) {
    const value = values[name] ?? null
    const shown =
      type === 'datetime' && typeof value === 'string' ? new Date(stampMs(value)).toISOString() : value
    if (compound === null || compound === name) {
      // The name of a person is an object with its parts.
      if (!(name in told)) told[name] = shown
      continue
    }
    const parts = typeof told[compound] === 'object' && told[compound] !== null ? told[compound] : {}
    told[compound] = { ...parts, [partName(name, compound)]: shown }
  }
  return told
}
