/** Several things at once, of which none is still going on when the caller goes on. */

/** Waits for all of them, also when one fails; then throws the first failure in the order given. */
export async function together<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const ended = await Promise.allSettled(work)
  return ended.map((each) => {
    if (each.status === 'rejected') throw each.reason
    return each.value
  })
}

/**
 * Loops that only end by failing: when one does, the others are told to stop, and when all have stopped, it throws what
 * the first failed with. They are given a signal that follows the caller's.
 */
export async function allUntilOneEnds(
  signal: AbortSignal,
  begin: (signal: AbortSignal) => readonly Promise<never>[],
): Promise<never> {
  const stopping = new AbortController()
  const onStop = () => stopping.abort(signal.reason)
  if (signal.aborted) onStop()
  signal.addEventListener('abort', onStop, { once: true })
  let first: { readonly reason: unknown } | null = null
  const ended = begin(stopping.signal).map((loop) =>
    loop.catch((reason: unknown) => {
      first ??= { reason }
      stopping.abort(reason)
    }),
  )
  try {
    await Promise.all(ended)
  } finally {
    signal.removeEventListener('abort', onStop)
  }
  throw (first as { readonly reason: unknown } | null)?.reason
}
