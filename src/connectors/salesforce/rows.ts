/**
 * Many rows in few requests, one result for each (Salesforce fact sheet 14). A request that fails as a whole says
 * something about all of its rows, a row that fails about itself; what fails for a passing reason goes again.
 */
import { ConnectorError } from '../../errors.ts'
import type { RecordId } from '../../core/record.ts'
import type { SalesforceContext } from './context.ts'
import { chunksOf } from './chunks.ts'
import { parseRowProblem } from './problem.ts'
import { isObject, textIn } from './wire.ts'

export interface Stored {
  readonly id: RecordId
}

export type RowResult = Stored | ConnectorError

/** Rows of one collection request (7). */
export const ROWS_MAX = 200

/** Times that a row which met somebody else's lock goes again, each after a longer while (24). */
const LOCK_RETRIES = 5
/** Locks are held for as long as somebody's transaction runs. */
const LOCK_MS = 1_000

export interface Sending<T> {
  readonly rowsMax: number
  /**
   * Whether a row that met a lock goes again from here. One that replaces or removes what was seen a moment ago does not:
   * whoever holds the lock is changing the record, so that it has to be looked at before anything is sent again.
   */
  readonly awaitsLocks: boolean
  readonly parentOf: (row: T) => RecordId
  /** One request. Throws when it failed as a whole; a row without a result has an unknown one. */
  readonly send: (rows: readonly T[]) => Promise<ReadonlyMap<T, RowResult>>
}

/**
 * The result of every row. When the vendor turns the connection away before anything was done, that is thrown;
 * otherwise the rows concerned have it for their result.
 */
export async function sendRows<T>(
  { client, parents, runtime }: SalesforceContext,
  rows: readonly T[],
  { rowsMax, awaitsLocks, parentOf, send }: Sending<T>,
): Promise<ReadonlyMap<T, RowResult>> {
  const results = new Map<T, RowResult>()
  // Siblings travel together: two requests that write below one account refuse each other (19).
  const ordered = rows.toSorted((a, b) => compare(parentOf(a), parentOf(b)))
  const waiting = chunksOf(ordered, rowsMax).toReversed()
  const lockRetries = new Map<T, number>()
  // Ends: a chunk is taken away, cut into smaller ones, or repeated a bounded number of times per row.
  for (let chunk = waiting.pop(); chunk; chunk = waiting.pop()) {
    const asked = chunk
    try {
      const answered = await parents.exclusively(asked.map(parentOf), () => send(asked))
      if (asked.length > 1 && failedTogether(asked, answered)) {
        const middle = Math.ceil(asked.length / 2)
        waiting.push(asked.slice(middle), asked.slice(0, middle))
        continue
      }
      const locked: T[] = []
      for (const row of asked) {
        const result = answered.get(row) ?? unmentioned(client.connection)
        const tries = (lockRetries.get(row) ?? 0) + 1
        if (awaitsLocks && isLocked(result) && tries <= LOCK_RETRIES) {
          lockRetries.set(row, tries)
          locked.push(row)
        } else results.set(row, result)
      }
      if (locked.length === 0) continue
      const tries = Math.max(...locked.map((row) => lockRetries.get(row) ?? 1))
      await runtime.sleep(LOCK_MS * 2 ** (tries - 1) * (0.5 + runtime.random()))
      // What holds the lock may hold one row only, so they do not keep each other from passing.
      waiting.push(...chunksOf(locked, tries > 2 ? 1 : rowsMax))
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error
      const goesOn = error.kind === 'ambiguous' || error.kind === 'transient' || isAboutRows(error)
      if (isAboutRows(error) && asked.length > 1) {
        const middle = Math.ceil(asked.length / 2)
        waiting.push(asked.slice(middle), asked.slice(0, middle))
        continue
      }
      if (!goesOn && results.size === 0) throw error
      for (const row of asked) results.set(row, error)
      if (goesOn) continue
      // The rest would meet the same refusal; it was not sent, and the error says so.
      for (const row of waiting.splice(0).flat()) results.set(row, error)
    }
  }
  return results
}

/** Results of a collection request: in the order of its rows (14). */
export function collectionResults<T>(
  { client }: SalesforceContext,
  rows: readonly T[],
  answer: unknown,
  object: string,
): ReadonlyMap<T, RowResult> {
  if (!Array.isArray(answer) || answer.length !== rows.length) return new Map()
  return new Map(
    rows.map((row, index): [T, RowResult] => {
      const result: unknown = answer[index]
      const id = textIn(result, 'id')
      if (isObject(result) && result['success'] === true && id !== null) return [row, { id }]
      const errors = isObject(result) ? result['errors'] : []
      return [row, client.rowError(parseRowProblem(errors), object)]
    }),
  )
}

/**
 * One failing trigger fails all rows of its chunk with the same words (14): whose fault it is shows when they travel in
 * smaller company.
 */
function failedTogether<T>(rows: readonly T[], results: ReadonlyMap<T, RowResult>): boolean {
  const [first, ...others] = rows.map((row) => results.get(row))
  if (!(first instanceof ConnectorError) || !AUTOMATION.test(first.code ?? '')) return false
  return others.every(
    (other) =>
      other instanceof ConnectorError && other.code === first.code && other.message === first.message,
  )
}

const AUTOMATION =
  /^(CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY|CANNOT_EXECUTE_FLOW_TRIGGER|CUSTOM_APEX_ERROR|UNKNOWN_EXCEPTION|LIMIT_EXCEEDED|TOO_MANY_APEX_REQUESTS)$/

function isLocked(result: RowResult): boolean {
  return (
    result instanceof ConnectorError &&
    result.kind === 'transient' &&
    /LOCK/.test(`${result.code} ${result.message}`)
  )
}

/** The vendor's word on what was sent; an error without status is our own, about a request that never left. */
function isAboutRows(error: ConnectorError): boolean {
  if (error.status === null) return false
  return error.kind === 'rejected' || error.kind === 'not-unique' || error.kind === 'stale'
}

function unmentioned(connection: string): ConnectorError {
  return new ConnectorError('ambiguous', 'Salesforce: the answer does not say what became of this row', {
    connection,
    hint: 'Nothing to do: the outcome is looked up before anything is sent again.',
  })
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
