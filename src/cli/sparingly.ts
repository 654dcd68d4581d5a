/** Tells of what goes on and on now and then: a vendor that is away for a night must not fill the log with it. */
import type { Runtime } from '../runtime.ts'

const EVERY_MS = 300_000

/** Whether it is time to tell of `about` again; the first time is. `about` comes from the settings, so there are few. */
export function sparingly(runtime: Pick<Runtime, 'now'>): (about: string) => boolean {
  const toldMs = new Map<string, number>()
  return (about) => {
    const nowMs = runtime.now()
    const sinceMs = nowMs - (toldMs.get(about) ?? -Infinity)
    // A clock that was set back is no reason to be silent.
    if (sinceMs >= 0 && sinceMs < EVERY_MS) return false
    toldMs.set(about, nowMs)
    return true
  }
}
