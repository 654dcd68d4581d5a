/** Automation of the org that changes a record while it is saved (Salesforce fact sheet 22, 24). */
import type { Actor } from '../actor.ts'
import type { Org } from '../org.ts'
import { conditionOn } from '../soql/run-query.ts'
import { derive } from './derive.ts'
import type { ObjectType } from '../schema/object-type.ts'
import type { Scalar, Values } from './row-store.ts'

interface Change {
  readonly type: ObjectType
  readonly before: Values | null
  readonly next: Record<string, Scalar>
  readonly sent: ReadonlySet<string>
}

export function applyFlows(org: Org, actor: Actor, change: Change): void {
  const { type, next } = change
  let changed = false
  for (const flow of org.settings.flows) {
    if (flow.object !== type.name || !conditionOn(org, actor, type, flow.when)(next)) continue
    for (const [name, value] of Object.entries(flow.set)) {
      changed = true
      if (value === null) delete next[name]
      else next[name] = value
    }
  }
  if (changed) derive(org, change)
}
