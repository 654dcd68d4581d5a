/** Several things at once, of which none is still going on when the caller goes on. */

/** Waits for all of them, also when one fails; then throws the first failure in the order given. */
export async function together<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const ended = await Promise.allSettled(work)
  return ended.map((each) => {
    if (each.status === 'rejected') throw each.reason
    return each.value
  })
}
