/**
 * Runs that go on where they were cut off: carrying out one plan, taking back one run. What they did so far is in
 * the journal under their own id, so that a run stays one run however often its process dies.
 */
import type { Runtime } from '../runtime.ts'
import type { Store } from '../store/store.ts'

export interface ContinuedRun {
  readonly id: string
  /** Runs that did the same work before and came to an end, oldest first. */
  readonly earlier: readonly string[]
}

/** The run of this work that was cut off, or a new one. `subject` is what it is about: a plan's id, a run's id. */
export async function continueRun(
  { store, runtime }: { readonly store: Store; readonly runtime: Runtime },
  work: { readonly kind: 'apply' | 'undo'; readonly subject: string },
): Promise<ContinuedRun> {
  const known = await runsAbout(store, work)
  const last = known.at(-1)
  if (last !== undefined && (await store.run(last))?.endedMs === null) {
    return { id: last, earlier: known.slice(0, -1) }
  }
  const id = runtime.id()
  // Noted first: a run that never started is no harm, one that nobody finds again would be.
  await store.setMeta(metaKey(work), JSON.stringify([...known, id]))
  await store.startRun({ id, kind: work.kind, pairing: null, atMs: runtime.now() })
  return { id, earlier: known }
}

/** Oldest first. */
export async function runsAbout(
  store: Store,
  work: { readonly kind: 'apply' | 'undo'; readonly subject: string },
): Promise<readonly string[]> {
  const text = await store.meta(metaKey(work))
  return text === null ? [] : (JSON.parse(text) as string[])
}

/**
 * Undos of a run that still hold, oldest first: one that was taken back in turn is as if it had never been, and so on.
 */
export async function standingUndos(store: Store, run: string): Promise<readonly string[]> {
  const standing: string[] = []
  for (const undo of await runsAbout(store, { kind: 'undo', subject: run })) {
    if ((await standingUndos(store, undo)).length === 0) standing.push(undo)
  }
  return standing
}

function metaKey({ kind, subject }: { readonly kind: string; readonly subject: string }): string {
  return `${kind}/${subject}`
}
