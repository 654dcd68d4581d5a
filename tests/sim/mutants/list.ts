/** Every engine that is broken on purpose. */
import { BASE_MUTANTS } from './list/base.ts'
import { CAPTURE_MUTANTS } from './list/capture.ts'
import { DELETION_MUTANTS } from './list/deletion.ts'
import { FIELD_MUTANTS } from './list/fields.ts'
import { HUB_MUTANTS } from './list/hub.ts'
import { IDENTITY_MUTANTS } from './list/identity.ts'
import { OUTCOME_MUTANTS } from './list/outcomes.ts'
import { REFERENCE_MUTANTS } from './list/references.ts'
import { SALESFORCE_MUTANTS } from './list/salesforce.ts'
import { WRITE_MUTANTS } from './list/writes.ts'
import type { Mutant } from './mutant.ts'

export const MUTANTS: readonly Mutant[] = [
  ...BASE_MUTANTS,
  ...WRITE_MUTANTS,
  ...OUTCOME_MUTANTS,
  ...IDENTITY_MUTANTS,
  ...DELETION_MUTANTS,
  ...REFERENCE_MUTANTS,
  ...FIELD_MUTANTS,
  ...CAPTURE_MUTANTS,
  ...HUB_MUTANTS,
  ...SALESFORCE_MUTANTS,
]

export function mutantNamed(name: string): Mutant {
  const found = MUTANTS.find((each) => each.name === name)
  if (!found) throw new Error(`there is no mutant ${JSON.stringify(name)}`)
  return found
}
