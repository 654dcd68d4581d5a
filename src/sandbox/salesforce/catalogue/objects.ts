/** What an object is beside its fields: the members of a describe result that differ between objects. */
import type { Field } from './field.ts'

export interface Traits {
  readonly createable: boolean
  readonly updateable: boolean
  readonly deletable: boolean
  readonly undeletable: boolean
  readonly mergeable: boolean
  readonly replicateable: boolean
  readonly searchable: boolean
  readonly triggerable: boolean
  readonly layoutable: boolean
  readonly searchLayoutable: boolean
  readonly feedEnabled: boolean
  readonly mruEnabled: boolean
  readonly deepCloneable: boolean
}

/** How the records that a reference field leads to see the records that hold it. */
export interface Children {
  /** The name in child subqueries; null: cannot be queried. */
  readonly relationshipName: string | null
  readonly cascadeDelete: boolean
  readonly restrictedDelete: boolean
}

export interface ObjectDefinition {
  readonly name: string
  readonly label: string
  readonly labelPlural: string
  /** Case matters (Salesforce fact sheet 8). */
  readonly keyPrefix: string
  readonly custom: boolean
  readonly traits: Traits
  readonly fields: readonly Field[]
  /** By reference field; one that is not listed has no name and cascades nothing. */
  readonly children: Readonly<Record<string, Children>>
  /** Names and labels of `USING SCOPE`. */
  readonly scopes: readonly (readonly [name: string, label: string])[]
  /** Fields that exist only where an org has switched something on. */
  readonly optional: {
    readonly multiCurrency?: Field
    readonly recordTypes?: Field
  }
}

/** A record that people work with. */
export const BUSINESS: Traits = {
  createable: true,
  updateable: true,
  deletable: true,
  undeletable: true,
  mergeable: false,
  replicateable: true,
  searchable: true,
  triggerable: true,
  layoutable: true,
  searchLayoutable: true,
  feedEnabled: true,
  mruEnabled: true,
  deepCloneable: false,
}

/** Configuration that the API shows and people change in Setup. */
export const SETUP: Traits = {
  createable: false,
  updateable: false,
  deletable: false,
  undeletable: false,
  mergeable: false,
  replicateable: true,
  searchable: false,
  triggerable: false,
  layoutable: false,
  searchLayoutable: false,
  feedEnabled: false,
  mruEnabled: false,
  deepCloneable: false,
}

export function children(relationshipName: string, cascadeDelete = false): Children {
  return { relationshipName, cascadeDelete, restrictedDelete: false }
}
