/** Fields that can serve as the key of an upsert (Salesforce fact sheet 8). */
import { visibleField, type Actor } from '../actor.ts'
import type { Field } from '../catalogue/field.ts'
import type { Org } from '../org.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { refusal } from '../wire.ts'

/** An external id, a field with `idLookup`, or `Id` itself. */
export function keyField(org: Org, actor: Actor, { type, name }: { type: ObjectType; name: string }): Field {
  const field = visibleField(org, actor, type, name)
  if (field !== undefined && (field.type === 'id' || field.externalId || field.idLookup)) return field
  throw refusal('NOT_FOUND', `Provided external ID field does not exist or is not accessible: ${name}`)
}
