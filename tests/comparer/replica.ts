/** One side as the comparer sees it. */
import type { FieldValues } from '../../src/core/value.ts'

export interface Person {
  readonly id: string
  /** Lower-case. */
  readonly email: string
  readonly active: boolean
}

/** A row that lives on as another record: stamps may still name it, and it still carries its own. */
export interface Former {
  readonly id: string
  readonly heir: string
  readonly values: FieldValues
}

export interface Replica {
  readonly users: readonly Person[]
  /** User behind the credential, where the vendor tells. */
  readonly tokenOwner: string | null
  /** Live records by id; null where the account has no such object. */
  records(object: string, fields: readonly string[]): Promise<ReadonlyMap<string, FieldValues> | null>
  /** What became records of this object and was of another one before, where the vendor has such. */
  former?(object: string, fields: readonly string[]): Promise<readonly Former[]>
}
