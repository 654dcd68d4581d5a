/**
 * Sending writes in batches so that one bad item does not stop the others. HubSpot rejects some batches as a
 * whole, without saying for which item (HubSpot fact sheet 5.3, 7.7); those are cut in half until it is clear.
 */
import { ConnectorError } from '../../errors.ts'

/** The vendor looked at the values and refused: nothing was written, and the other items may be fine. */
function isAboutItems(error: ConnectorError): boolean {
  return error.kind === 'rejected' || error.kind === 'not-unique'
}

/** One lost exchange: it concerns the items that it carried, and says nothing about the next. */
function isAboutExchange(error: ConnectorError): boolean {
  return error.kind === 'ambiguous' || error.kind === 'transient'
}

/**
 * The result of every item. When the vendor turns the connection away, that is thrown if nothing was done by
 * then and `mayThrow` says that nothing was done before either; otherwise the items concerned fail with it.
 */
export async function settle<T, R>(
  batches: readonly (readonly T[])[],
  options: {
    send: (batch: readonly T[]) => Promise<ReadonlyMap<T, R>>
    fail: (item: T, error: ConnectorError) => R
    mayThrow: boolean
  },
): Promise<ReadonlyMap<T, R>> {
  const results = new Map<T, R>()
  const waiting = batches.filter((batch) => batch.length > 0).toReversed()
  // Ends: a batch is taken away, or replaced by its two smaller halves.
  for (let batch = waiting.pop(); batch; batch = waiting.pop()) {
    try {
      for (const [item, result] of await options.send(batch)) results.set(item, result)
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error
      if (isAboutItems(error) && batch.length > 1) {
        const middle = Math.ceil(batch.length / 2)
        waiting.push(batch.slice(middle), batch.slice(0, middle))
        continue
      }
      const goesOn = isAboutItems(error) || isAboutExchange(error)
      if (!goesOn && results.size === 0 && options.mayThrow) throw error
      for (const item of batch) results.set(item, options.fail(item, error))
      if (goesOn) continue
      // The rest would meet the same refusal; it was not sent, and the error says so.
      for (const item of waiting.splice(0).flat()) results.set(item, options.fail(item, error))
    }
  }
  return results
}
