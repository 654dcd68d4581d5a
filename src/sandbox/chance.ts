/**
 * Chance without state: every draw is a hash of the seed and of what it is drawn for, so that equal seeds and
 * equal requests give equal answers whatever happened in between.
 */

type Part = string | number

/** Uniform over 32 bits (FNV-1a over the parts, then the murmur3 finaliser). */
export function draw(seed: number, ...parts: readonly Part[]): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0
  for (const part of parts) {
    const text = typeof part === 'number' ? part.toString(36) : part
    for (let index = 0; index < text.length; index++) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
    }
    hash = Math.imul(hash ^ 0x2f, 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** Uniform in [0, 1). */
export function share(seed: number, ...parts: readonly Part[]): number {
  return draw(seed, ...parts) / 0x1_0000_0000
}

/** A whole number between the bounds, both included. */
export function between(
  [low, high]: readonly [number, number],
  seed: number,
  ...parts: readonly Part[]
): number {
  return low + Math.floor(share(seed, ...parts) * (high - low + 1))
}

/** A new array in another order. */
export function shuffled<T>(items: readonly T[], seed: number, ...parts: readonly Part[]): T[] {
  const result = [...items]
  for (let index = result.length - 1; index > 0; index--) {
    const other = draw(seed, index, ...parts) % (index + 1)
    const held = result[index] as T
    result[index] = result[other] as T
    result[other] = held
  }
  return result
}

const BYTES = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** The eight hexadecimal digits of 32 bits. To print them as a number takes seven times as long. */
export function hex8(bits: number): string {
  const byte = (shift: number) => BYTES[(bits >>> shift) & 0xff] ?? ''
  return byte(24) + byte(16) + byte(8) + byte(0)
}

/** `count` hexadecimal digits. */
export function hex(count: number, seed: number, ...parts: readonly Part[]): string {
  let text = ''
  for (let block = 0; text.length < count; block++) {
    text += hex8(draw(seed, block, ...parts))
  }
  return text.slice(0, count)
}

/** Shaped like a random UUID. */
export function uuid(seed: number, ...parts: readonly Part[]): string {
  const digits = hex(32, seed, ...parts)
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20)}`
}

/** Shaped like a UUIDv7, as recent correlation ids are (HubSpot fact sheet 3). */
export function uuidAt(nowMs: number, seed: number, ...parts: readonly Part[]): string {
  const time = Math.max(0, Math.floor(nowMs)).toString(16).padStart(12, '0').slice(-12)
  const digits = hex(18, seed, ...parts)
  return `${time.slice(0, 8)}-${time.slice(8)}-7${digits.slice(0, 3)}-b${digits.slice(3, 6)}-${digits.slice(6)}`
}
