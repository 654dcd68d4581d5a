/** Waiting with an end: for a time, for a condition, or for whichever comes first. */

/** Resolves at `atMs`, or as soon as the signal is aborted; it never rejects. */
export async function until(atMs: number, signal: AbortSignal): Promise<void> {
  const restMs = atMs - Date.now()
  if (restMs <= 0 || signal.aborted) return
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, restMs)
    signal.addEventListener('abort', done, { once: true })
  })
}

/**
 * Asks again and again until the answer is yes. False when `withinMs` have passed or the signal was aborted before: the
 * caller says what that means.
 */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  options: { readonly everyMs: number; readonly withinMs: number; readonly signal: AbortSignal },
): Promise<boolean> {
  const deadline = Date.now() + options.withinMs
  for (;;) {
    if (options.signal.aborted) return false
    if (await condition()) return true
    if (Date.now() >= deadline) return false
    await until(Math.min(deadline, Date.now() + options.everyMs), options.signal)
  }
}
