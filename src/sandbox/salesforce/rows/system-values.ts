/** The values that the platform itself gives a new row (Salesforce fact sheet 17, 25). */
import type { Org } from '../org.ts'
import type { Scalar } from './row-store.ts'

export function systemValues(org: Org, id: string, userId: string): Record<string, Scalar> {
  const now = org.stamp()
  return {
    Id: id,
    CreatedDate: now,
    CreatedById: userId,
    LastModifiedDate: now,
    LastModifiedById: userId,
    SystemModstamp: now,
  }
}
