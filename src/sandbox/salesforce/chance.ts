/** Chance without state: every draw is a hash of the seed and of what it is drawn for, as in the other models. */

type Part = string | number

/** Uniform over 32 bits (FNV-1a over the parts, then the murmur3 finaliser). */
function draw(seed: number, parts: readonly Part[]): number {
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
  return draw(seed, parts) / 0x1_0000_0000
}

/** A whole number between the bounds, both included. */
export function between(
  [low, high]: readonly [number, number],
  seed: number,
  ...parts: readonly Part[]
): number {
  return low + Math.floor(share(seed, ...parts) * (high - low + 1))
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._'

/** `count` characters as session ids and secrets have them. */
export function token(count: number, seed: number, ...parts: readonly Part[]): string {
  return Array.from({ length: count }, (_, index) =>
    LETTERS.charAt(draw(seed, [...parts, index]) % LETTERS.length),
  ).join('')
}
