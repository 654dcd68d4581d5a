/** What the names in a query mean: the object it is about, its fields, and those of its parents. */
import { visibleField, type Actor } from '../actor.ts'
import { field as defineField } from '../catalogue/define.ts'
import type { Field } from '../catalogue/field.ts'
import { ELSEWHERE } from '../catalogue/standard.ts'
import type { Org } from '../org.ts'
import type { Values } from '../rows/row-store.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { notModelled } from '../wire.ts'
import type { Path, Query } from './ast.ts'
import { queryError } from './malformed.ts'

export interface Scope {
  readonly org: Org
  readonly actor: Actor
  readonly soql: string
  readonly type: ObjectType
  /** Alias of the object in this query. */
  readonly alias: string | null
  /** `queryAll`: rows in the recycle bin count. */
  readonly withDeleted: boolean
  /** Version of the request, repeated in record URLs (Salesforce fact sheet 3). */
  readonly version: string
}

/** One step to a parent: through this field, to a record of one of these objects. */
export interface Step {
  readonly field: Field
  readonly targets: readonly ObjectType[]
}

export interface Resolved {
  readonly steps: readonly Step[]
  readonly field: Field
  /** The object that has the field; of a polymorphic step, the first. */
  readonly owner: ObjectType
}

/** Levels of parents in one path (7). */
const PARENTS_MAX = 5

/** What every record behind a polymorphic reference can be asked for, whichever object it is. */
const NAME_FIELDS: ReadonlyMap<string, Field> = new Map(
  ['Id', 'Name', 'FirstName', 'LastName', 'Type', 'Email', 'Phone', 'Title', 'Alias', 'Username'].map(
    (name) => [
      name.toLowerCase(),
      defineField(name, name, name === 'Id' ? 'id' : 'string', { createable: false, updateable: false }),
    ],
  ),
)

export function objectOf(org: Org, soql: string, from: Query['from']): ObjectType {
  const type = org.schema.find(from.name)
  if (type !== undefined) return type
  if (ELSEWHERE.has(from.name.toLowerCase())) throw notModelled(`The object ${from.name}`)
  throw queryError('INVALID_TYPE', soql, {
    at: from.at,
    message: `sObject type '${from.name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
  })
}

export function resolve(scope: Scope, path: Path): Resolved {
  const segments = withoutPrefix(scope, path.segments)
  const steps: Step[] = []
  let targets: readonly ObjectType[] = [scope.type]
  for (const name of segments.slice(0, -1)) {
    const [from] = targets
    const through = from?.byRelationship.get(name.toLowerCase())
    const isVisible = from && through && visibleField(scope.org, scope.actor, from, through.name)
    if (!through || !isVisible || targets.length > 1 || steps.length === PARENTS_MAX) {
      throw noRelationship(scope, path, name)
    }
    targets = parentsOf(scope, through)
    steps.push({ field: through, targets })
  }
  const name = segments.at(-1) ?? ''
  const owner = targets[0] ?? scope.type
  const field =
    targets.length > 1
      ? NAME_FIELDS.get(name.toLowerCase())
      : visibleField(scope.org, scope.actor, owner, name)
  if (field === undefined) throw noColumn(scope, path, { name, object: owner.name })
  return { steps, field, owner }
}

/** Values of the record that a path's steps lead to, or null where a parent is empty. */
export function follow(org: Org, steps: readonly Step[], values: Values): Values | null {
  let current: Values | null = values
  for (const { field, targets } of steps) {
    const id: unknown = current?.[field.name]
    current = typeof id === 'string' ? parentValues(org, targets, id) : null
    if (current === null) return null
  }
  return current
}

function parentValues(org: Org, targets: readonly ObjectType[], id: string): Values | null {
  for (const { name } of targets) {
    const row = org.rows.find(name, id)
    if (row === undefined) continue
    const values = org.seen(row)
    if (values === null) return null
    return targets.length > 1 ? { ...values, Type: name } : values
  }
  return null
}

function parentsOf({ org }: Scope, field: Field): readonly ObjectType[] {
  const known = field.referenceTo.flatMap((name) => org.schema.find(name) ?? [])
  if (known.length === 0) throw notModelled(`The object ${field.referenceTo.join(', ')}`)
  // One of several targets that is only missing here still makes the reference polymorphic.
  const [only] = known
  return field.referenceTo.length > 1 && known.length === 1 && only ? [only, only] : known
}

/** Fields may be written with the object's name or alias in front. */
function withoutPrefix({ type, alias }: Scope, segments: readonly string[]): readonly string[] {
  const [first = '', ...rest] = segments
  if (rest.length === 0) return segments
  const name = first.toLowerCase()
  if (alias !== null && name === alias.toLowerCase()) return rest
  return name === type.name.toLowerCase() && !type.byRelationship.has(name) ? rest : segments
}

function noRelationship({ soql }: Scope, path: Path, name: string): Error {
  return queryError('INVALID_FIELD', soql, {
    at: path.at,
    message: `Didn't understand relationship '${name}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
  })
}

function noColumn({ soql }: Scope, path: Path, { name, object }: { name: string; object: string }): Error {
  return queryError('INVALID_FIELD', soql, {
    at: path.at,
    message: `No such column '${name}' on entity '${object}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
  })
}
