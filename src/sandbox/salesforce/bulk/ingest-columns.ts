/** What the header and the cells of a file mean (Salesforce fact sheet 16, 17). */
import { visibleField, type Actor } from '../actor.ts'
import type { Field } from '../catalogue/field.ts'
import type { Org } from '../org.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { refusal } from '../wire.ts'
import type { IngestWork } from './jobs.ts'

/** What a cell says to clear a field; an empty one leaves it alone (16, 17). */
export const NULL_CELL = '#N/A'

interface Column {
  readonly field: Field
  /** `Account.Ext__c`: the key field of the parent. */
  readonly parentKey: string | null
  /** `Contact:Who.Ext__c`: the object of a polymorphic parent. */
  readonly parent: string | null
}

/** What a header cell means; relationship names are case-sensitive (16). */
export function columnOf(
  org: Org,
  actor: Actor,
  { type, column }: { type: ObjectType; column: string },
): Column | null {
  const [path = '', key] = column.split('.')
  if (key === undefined) {
    const field = visibleField(org, actor, type, column)
    return field === undefined ? null : { field, parentKey: null, parent: null }
  }
  const [parent, name] = path.includes(':') ? path.split(':') : [null, path]
  const field = type.fields.find(({ relationshipName }) => relationshipName === name)
  return field === undefined ? null : { field, parentKey: key, parent: parent ?? null }
}

/** A row of the file as the body of a REST call. */
export function bodyOf(
  org: Org,
  actor: Actor,
  { type, job, cells }: { type: ObjectType; job: IngestWork; cells: readonly string[] },
): Record<string, unknown> {
  const body: Record<string, unknown> = {}
  for (const [index, name] of job.columns.entries()) {
    const cell = cells[index] ?? ''
    if (cell === '') continue
    const column = columnOf(org, actor, { type, column: name })
    if (column === null) throw refusal('INVALID_FIELD', `No such column '${name}'`)
    const { field, parentKey, parent } = column
    const value = cell === NULL_CELL ? null : cell
    if (parentKey === null || value === null) body[field.name] = value
    else {
      const attributes = parent === null ? {} : { attributes: { type: parent } }
      body[field.relationshipName ?? field.name] = { ...attributes, [parentKey]: value }
    }
  }
  return body
}
