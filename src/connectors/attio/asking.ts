/** Questions: reads whose answer is wrapped in `data`, alone or page by page. */
import type { z } from 'zod'
import { ConnectorError } from '../../errors.ts'
import type { Aged } from './replica.ts'
import type { Sender } from './sending.ts'

/** The largest page in documented use (Attio fact sheet 6). */
const PAGE_ROWS = 100

/** A bound on following pages: an object has hundreds of attributes at most, a value as many changes. */
const PAGES_MAX = 200

/** What is asked: where, what the answer looks like, and what the token needs for it. */
export interface Question<T> {
  readonly path: string
  readonly answer: z.ZodType<{ data: T }>
  readonly scopes: readonly string[]
}

export const ask = <T>(send: Sender, { path, answer, scopes }: Question<T>): Promise<Aged<T>> =>
  send({ method: 'GET', path, answer, mutating: false, scopes }).then(withoutEnvelope)

/**
 * Follows offset pages until one is empty: neither default nor maximum page size of these endpoints is
 * documented, so a short page proves nothing. As old as the oldest page.
 */
export async function askAll<T>(
  send: Sender,
  { path, answer, scopes }: Question<T[]>,
  options: { connection: string; onPage?: ((page: readonly T[]) => void) | undefined },
): Promise<Aged<readonly T[]>> {
  const rows: T[] = []
  let accurateAtMs = Number.POSITIVE_INFINITY
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const separator = path.includes('?') ? '&' : '?'
    const next = `${path}${separator}limit=${PAGE_ROWS}&offset=${rows.length}`
    const more = await ask(send, { path: next, answer, scopes })
    accurateAtMs = Math.min(accurateAtMs, more.accurateAtMs)
    if (more.value.length === 0) return { value: rows, accurateAtMs }
    rows.push(...more.value)
    options.onPage?.(more.value)
  }
  throw new ConnectorError('unavailable', `GET ${path}: more than ${PAGES_MAX} pages`, {
    connection: options.connection,
  })
}

export function withoutEnvelope<T>({ value, accurateAtMs }: Aged<{ data: T }>): Aged<T> {
  return { value: value.data, accurateAtMs }
}
