/** What only an org draws by chance. */
import { draw } from '../chance.ts'

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._'

/** `count` characters as session ids and secrets have them. */
export function token(count: number, seed: number, ...parts: readonly (string | number)[]): string {
  return Array.from({ length: count }, (_, index) =>
    LETTERS.charAt(draw(seed, ...parts, index) % LETTERS.length),
  ).join('')
}
