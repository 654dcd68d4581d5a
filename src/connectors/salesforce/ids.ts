/**
 * Record ids: fifteen characters that tell capitals apart, or eighteen of which the last three are their checksum
 * (Salesforce fact sheet 17). Ours have eighteen everywhere, as the vendor's answers do.
 */
import type { RecordId } from '../../core/record.ts'
import type { Description } from './catalogue.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'
const ID = /^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$/

/** Null for what cannot be an id. */
export function toId18(text: string): string | null {
  if (!ID.test(text)) return null
  const id = text.slice(0, 15)
  const checksum = [0, 5, 10].map((start) => {
    const bits = Array.from(id.slice(start, start + 5)).reduce(
      (sum, character, place) => (/[A-Z]/.test(character) ? sum + 2 ** place : sum),
      0,
    )
    return ALPHABET[bits] ?? ''
  })
  return id + checksum.join('')
}

/** The id in the form of answers, or null when it cannot be one of this object. */
export function idOn({ keyPrefix: prefix }: Description, id: RecordId): RecordId | null {
  const known = toId18(id)
  return known !== null && (prefix === null || known.startsWith(prefix)) ? known : null
}
