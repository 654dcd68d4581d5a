/** The judge of a simulated world: reads what the vendors hold and held, and what people were told. */
import type { Case } from './case.ts'
import { auditAgreement } from './agreement.ts'
import { auditGuesses } from './guesses.ts'
import { auditGuards } from './guards.ts'
import { auditIdentity } from './identity.ts'
import { auditLosses } from './losses.ts'
import { auditTouch } from './touch.ts'

export interface Violation {
  /** Number of the broken promise in `src/core/SPEC.md`, or `crash`. */
  readonly invariant: string
  readonly what: string
}

export async function audit(facts: Case): Promise<readonly Violation[]> {
  return [
    ...(await auditAgreement(facts)),
    ...auditIdentity(facts),
    ...auditGuesses(facts),
    ...auditLosses(facts),
    ...auditTouch(facts),
    ...auditGuards(facts),
  ]
}
