/** One side as the comparer sees it. */
import type { FieldValues } from '../../src/core/value.ts'

export interface Person {
  readonly id: string
  /** Lower-case. */
  readonly email: string
  readonly active: boolean
}

export interface Replica {
  readonly users: readonly Person[]
  /** User behind the credential, where the vendor tells. */
  readonly tokenOwner: string | null
  /** Live records by id; null where the account has no such object. */
  records(object: string, fields: readonly string[]): Promise<ReadonlyMap<string, FieldValues> | null>
}
