/**
 * Seeded chance: ids, secrets and jitter of the model. The state is one number, so a snapshot can hold it.
 * The generator is mulberry32: it walks its whole 32-bit cycle, so ids repeat only after a billion of them.
 */
import { hex8 } from '../chance.ts'

export interface Chance {
  state: number
}

function next32(chance: Chance): number {
  chance.state = (chance.state + 0x6d2b79f5) | 0
  let t = chance.state
  t = Math.imul(t ^ (t >>> 15), t | 1)
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
  return (t ^ (t >>> 14)) >>> 0
}

/** Uniform in [0, 1). */
export function nextFraction(chance: Chance): number {
  return next32(chance) / 0x1_0000_0000
}

/** A version 4 UUID. */
export function nextUuid(chance: Chance): string {
  const [a, b] = [hex8(next32(chance)), hex8(next32(chance))]
  const [c, d] = [hex8(next32(chance)), hex8(next32(chance))]
  const variant = '89ab'[parseInt(c.slice(0, 1), 16) & 3]
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`
}

/** `length` hexadecimal digits, a multiple of eight. */
export function nextHex(chance: Chance, length: number): string {
  let text = ''
  while (text.length < length) text += hex8(next32(chance))
  return text
}

/** A number that depends on nothing but its arguments: what a data vendor "knows" about a domain. */
export function hashOf(seed: number, text: string): number {
  let hash = (seed ^ 0x811c9dc5) >>> 0
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0
  return next32({ state: hash | 0 })
}

export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(text)
