/** Rules that an admin wrote (Salesforce fact sheet 6.2): every one that objects is told. */
import type { Actor } from '../actor.ts'
import type { Org } from '../org.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { conditionOn } from '../soql/run-query.ts'
import { Problem } from '../wire.ts'
import type { Values } from './row-store.ts'

export function requireValid(
  org: Org,
  actor: Actor,
  { type, next }: { type: ObjectType; next: Values },
): void {
  const broken = org.settings.validationRules.filter(
    ({ object, when }) => object === type.name && conditionOn(org, actor, type, when)(next),
  )
  if (broken.length === 0) return
  throw new Problem(
    400,
    broken.map(({ message, field }) => ({
      message,
      errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
      fields: field === undefined ? [] : [field],
    })),
  )
}
