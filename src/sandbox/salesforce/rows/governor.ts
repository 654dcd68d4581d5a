/** The limits of code that runs inside a save (Salesforce fact sheet 14). */
import { refusal, type Problem } from '../wire.ts'

/** One trigger of the customer's fails all rows of its chunk with the same text. */
export function governorFailure(message: string): Problem {
  return refusal('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', message, [])
}
