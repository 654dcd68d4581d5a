/** Doing the rows of a collection call, and telling each how it went (Salesforce fact sheet 6.1, 14). */
import type { Call } from '../call.ts'
import { governorFailure } from '../rows/governor.ts'
import { inTransaction, type Transaction } from '../rows/transaction.ts'
import { ok, Problem, refusal, type Answer } from '../wire.ts'

/** Runs of rows of one type in one call. */
const CHUNKS_MAX = 10

interface RowResult {
  readonly id?: string
  readonly success: boolean
  readonly errors: readonly unknown[]
  readonly created?: boolean
}

/** One row of a call: what it is about, and how it is done. */
export interface RowWork {
  readonly type: string
  /** Throws the row's `Problem`. */
  readonly run: (transaction: Transaction) => { readonly id: string; readonly created?: boolean }
}

/** Does the rows in order, in one transaction; a failing row fails alone unless `allOrNone`. */
export function performRows(
  call: Call,
  work: readonly RowWork[],
  { allOrNone, reports }: { allOrNone: boolean; reports: 'plain' | 'created' },
): Answer {
  requireChunks(work)
  const { org, actor } = call
  const failing = chunkFailures(call, work)
  let results: RowResult[] = []
  try {
    inTransaction(org, actor, (transaction) => {
      results = work.map(({ type, run }) => {
        try {
          const broken = failing.get(type)
          if (broken !== undefined) throw broken
          const { id, created } = run(transaction)
          return { id, success: true, errors: [], ...(created !== undefined && { created }) }
        } catch (error) {
          if (!(error instanceof Problem)) throw error
          return failure(error, reports)
        }
      })
      if (allOrNone && results.some(({ success }) => !success)) throw new RolledBack()
    })
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
    results = results.map((result) => (result.success ? failure(ROLLED_BACK, reports) : result))
  }
  return ok(results)
}

/** Ends the transaction of a call that is all or nothing. */
class RolledBack extends Error {}

const ROLLED_BACK = refusal(
  'ALL_OR_NONE_OPERATION_ROLLED_BACK',
  'Record rolled back because not all records were valid and the request was using AllOrNone header',
)

/** In collections the code is called `statusCode`, and duplicates come without the records matched (6.1, 6.3). */
function failure(problem: Problem, reports: 'plain' | 'created'): RowResult {
  return {
    success: false,
    errors: problem.entries.map(({ errorCode, message, fields = [] }) => ({
      statusCode: errorCode,
      message,
      fields,
    })),
    ...(reports === 'created' && { created: false }),
  }
}

/** A trigger that fails takes all rows of its type with it; single rows pass (14). */
function chunkFailures(call: Call, work: readonly RowWork[]): ReadonlyMap<string, Problem> {
  const { chunkFailure } = call.org.settings
  if (chunkFailure === null) return new Map()
  const counts = countValues(work.map(({ type }) => type))
  return new Map(
    work
      .filter(({ type }) => (counts.get(type.toLowerCase()) ?? 0) > 1)
      .map(({ type }) => [type, governorFailure(chunkFailure)]),
  )
}

/** Rows of one type that follow each other are a chunk. */
function requireChunks(work: readonly RowWork[]): void {
  const chunks = work.filter(({ type }, index) => type !== work[index - 1]?.type).length
  if (chunks <= CHUNKS_MAX) return
  throw refusal(
    'INVALID_INPUT',
    `Cannot have more than ${CHUNKS_MAX} chunks in a single operation. Please rearrange the data to reduce chunking.`,
  )
}

/** How often each value occurs, case aside. */
export function countValues(values: readonly unknown[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) {
    const key = String(value).toLowerCase()
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}
