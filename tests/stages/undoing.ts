/** Undo in tests: as `attune undo` does it. */
import { continueRun, standingUndos } from '../../src/stages/continued-run.ts'
import type { Engine } from '../../src/stages/engine.ts'
import { runPass } from '../../src/stages/pass.ts'
import { planUndo, undoRun, type UndoPlan } from '../../src/stages/undo.ts'
import type { Leftover } from '../../src/stages/undo-fields.ts'
import type { Store } from '../../src/store/store.ts'
import type { TestWorld } from './world.ts'

const SILENT = { report: () => undefined }

/** One complete pass, as a run that can be taken back. Returns the run. */
export async function recordedPass(world: TestWorld, store: Store = world.store): Promise<string> {
  const engine = await world.engine({ store })
  await store.startRun({ id: engine.run, kind: 'sync', pairing: null, atMs: world.runtime.now() })
  await world.run(runPass(engine, SILENT))
  await store.endRun({ id: engine.run, atMs: world.runtime.now(), summary: null })
  return engine.run
}

/** A daemon's day: one run, with a pass after each thing that happens. Returns the run. */
export async function recordedDay(world: TestWorld, ...happenings: readonly (() => void)[]): Promise<string> {
  const id = world.runtime.id()
  await world.store.startRun({ id, kind: 'start', pairing: null, atMs: world.runtime.now() })
  for (const happen of happenings) {
    happen()
    const engine: Engine = { ...(await world.engine()), run: id }
    await world.run(runPass(engine, SILENT))
    await world.advance(600_000)
  }
  await world.store.endRun({ id, atMs: world.runtime.now(), summary: null })
  return id
}

export interface Undone {
  /** The undo, which is a run too. */
  readonly run: string
  readonly plan: UndoPlan
  readonly leftovers: readonly Leftover[]
}

export async function preview(
  world: TestWorld,
  target: string,
  store: Store = world.store,
): Promise<UndoPlan> {
  const engine = await world.engine({ store })
  const journal = await journalOf(store, target)
  const earlier = await standingUndos(store, target)
  return world.run(planUndo(engine, journal, { target, earlier, progress: SILENT }))
}

/** Takes the run back, or goes on with an undo of it that was cut off. */
export async function undo(
  world: TestWorld,
  target: string,
  options: { readonly store?: Store; readonly guardsAccepted?: boolean } = {},
): Promise<Undone> {
  const store = options.store ?? world.store
  const { runtime } = world
  const plan = await preview(world, target, store)
  const journal = await journalOf(store, target)
  const earlier = await standingUndos(store, target)
  const { id } = await continueRun({ store, runtime }, { kind: 'undo', subject: target })
  const made = await world.engine({ store, guardsAccepted: options.guardsAccepted ?? false })
  const engine: Engine = { ...made, run: id }
  const undoing = { target, earlier, progress: SILENT, planned: plan }
  const leftovers = await world.run(undoRun(engine, journal, undoing))
  await store.endRun({ id, atMs: runtime.now(), summary: null })
  return { run: id, plan, leftovers }
}

export function journalOf(store: Store, run: string) {
  return store.runJournal({ run, olderThan: null, limit: 10_000 })
}
