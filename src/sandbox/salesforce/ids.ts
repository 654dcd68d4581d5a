/**
 * Record ids (Salesforce fact sheet 17): 15 characters in which case matters, or 18 where three check characters
 * say which of them are capitals. The API answers with 18.
 */
import { share } from '../chance.ts'

const CHECK = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const FIFTEEN = /^[A-Za-z0-9]{15}$/
const EIGHTEEN = /^[A-Za-z0-9]{18}$/

/** Marks the ids of this org's instance, after the key prefix. */
const POD = '5g'

/** Three characters, each for five of the id: bit j says whether character j is a capital. */
function checkOf(id15: string): string {
  let check = ''
  for (let start = 0; start < 15; start += 5) {
    let bits = 0
    for (let index = 0; index < 5; index++) {
      const code = id15.charCodeAt(start + index)
      if (code >= 65 && code <= 90) bits |= 1 << index
    }
    check += CHECK.charAt(bits)
  }
  return check
}

/** The 18 characters of an id, or null when the text is no id (also: when its check characters do not fit). */
export function normalId(text: string): string | null {
  if (FIFTEEN.test(text)) return text + checkOf(text)
  if (!EIGHTEEN.test(text)) return null
  const id15 = text.slice(0, 15)
  return checkOf(id15) === text.slice(15) ? text : null
}

/**
 * Gives out ids. The platform's servers take them from blocks of their own, so that a later record can have a
 * smaller id: only the server's own `ORDER BY Id` and `Id >` agree with each other (fact sheet 11).
 */
export class IdSource {
  private readonly seed: number
  private readonly counters = new Map<string, number>()

  constructor(seed: number) {
    this.seed = seed
  }

  next(keyPrefix: string): string {
    const count = (this.counters.get(keyPrefix) ?? 0) + 1
    this.counters.set(keyPrefix, count)
    // Far enough apart that the blocks do not meet, and in letters that differ only in case.
    const block = share(this.seed, 'id block', keyPrefix, count) < 0.75 ? 2_000_000_000 : 1_000_000_000
    const id15 = `${keyPrefix}${POD}0${base62(block + (Math.abs(this.seed) % 1_000) * 62 + count, 9)}`
    return id15 + checkOf(id15)
  }

  save(): readonly (readonly [string, number])[] {
    return [...this.counters]
  }

  load(saved: readonly (readonly [string, number])[]): void {
    this.counters.clear()
    for (const [prefix, count] of saved) this.counters.set(prefix, count)
  }
}

function base62(value: number, digits: number): string {
  let rest = value
  let text = ''
  for (let index = 0; index < digits; index++) {
    text = BASE62.charAt(rest % 62) + text
    rest = Math.floor(rest / 62)
  }
  return text
}
