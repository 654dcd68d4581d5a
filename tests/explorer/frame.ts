/** The one field of the small world as a mapping that production functions can be given. */
import type { SideRule } from '../../src/core/rules.ts'
import type { MappingRuntime } from '../../src/stages/engine.ts'
import { identityRule } from '../core/rules.ts'
import { HORIZON_MS, mappingOf } from '../stages/frame.ts'
import type { Configuration } from './configuration.ts'
import { canonise } from './vendors.ts'

export const FIELD = 'field'

/** Writes are sent at time 0; by now every horizon is over. */
export const LATE_MS = 2 * HORIZON_MS

export function mappingIn(configuration: Configuration): MappingRuntime {
  const { shape, policy } = configuration.field
  const side: SideRule = {
    fields: [FIELD],
    channel: 'value',
    read: (values) => canonise(configuration, values[FIELD] ?? null),
    write: (target) => ({ [FIELD]: target }),
  }
  return mappingOf(identityRule({ key: FIELD, left: side, right: side, policy, shape }))
}
