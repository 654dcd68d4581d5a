/** How long to wait before something is tried again, where nobody says. */
import type { Runtime } from '../runtime.ts'

const BASE_MS = 500
const MAX_MS = 60_000

/** Doubling delays, each cut by up to half at random so that several processes do not return together. */
export function backOffMs(attempt: number, runtime: Pick<Runtime, 'random'>): number {
  const ceiling = Math.min(MAX_MS, BASE_MS * 2 ** (attempt - 1))
  return Math.ceil(ceiling * (1 - runtime.random() / 2))
}
