/**
 * Plays months in minutes: the daemon's own loops over the vendors' models, on virtual time, with a database file. Once a
 * day it is asked how much it holds, in memory and on disk, and whether it took anything of its own for an edit; at the
 * end, when the sky has cleared, whether both CRMs agree.
 */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { statSync } from 'node:fs'
import { createLogger } from '../../src/logging.ts'
import type { Engine } from '../../src/stages/engine.ts'
import { keepComparing, lastDrift, type Drift } from '../../src/stages/drift.ts'
import { persistently } from '../../src/stages/persist.ts'
import { keepForgetting, type Retention } from '../../src/stages/retention.ts'
import { auditAgreement } from '../sim/audit/agreement.ts'
import type { Violation } from '../sim/audit/audit.ts'
import { PAIRING } from '../sim/cast.ts'
import { quietProcess, runDaemon, type DaemonLog } from '../sim/daemon.ts'
import { expectStillness, orCrash, settle } from '../sim/run.ts'
import { caseOf } from '../sim/world-case.ts'
import type { Reports } from '../sim/audit/case.ts'
import { seededRandom } from '../../src/sandbox/random.ts'
import { VENDORS } from '../../src/sandbox/vendors.ts'
import { openWorld, type World } from '../sim/world.ts'
import { DAY_MS, drawSoak, hoursAway, type SoakOptions } from './draw.ts'
import { watchOwnWrites } from './own-writes.ts'

/** What is held at the end of a day. */
export interface Held {
  readonly day: number
  /** JavaScript objects of this process without the vendors' models, after collecting garbage. */
  readonly heapMb: number
  /** The vendors' models, which keep every value that any field ever had. */
  readonly vendorsMb: number
  /** With the log beside it. */
  readonly databaseMb: number
}

export interface SoakReport {
  readonly days: number
  readonly edits: number
  readonly writes: number
  readonly requests: number
  readonly webhooks: { readonly delivered: number; readonly lost: number; readonly doubled: number }
  readonly hoursAway: Readonly<Record<string, number>>
  /** Of the process, in the middle of anything. */
  readonly deaths: number
  /** Other ends after which it was started again, by reason. */
  readonly ends: Readonly<Record<string, number>>
  readonly conflictsDecided: number
  /** Changes of fields that the engine made, and how many of them answered its own. */
  readonly ownWrites: number
  readonly ownWritesTakenForEdits: number
  readonly unexplainedDifferences: number
  /** As the engine's own comparer saw it at the end. */
  readonly drift: Pick<Drift, 'unexplained' | 'known' | 'coverage'>
  /** Each of the above as a sentence, and whatever else must not be. */
  readonly findings: readonly string[]
  /** What went with the last process when it was stopped, after having lived for days. */
  readonly processMb: number
  readonly held: readonly Held[]
}

/** So that months show whether what comes in also leaves. */
const RETENTION: Retention = { changesMs: 7 * DAY_MS, journalMs: 7 * DAY_MS, conflictsMs: 7 * DAY_MS }

/** Nobody leaves work for the daemon but the person who decides conflicts. */
const TICK_MS = 60_000
const STEPS_A_DAY_MAX = 1_000_000
const AFTERGLOW_MS = 600_000
const LOTS = 10_000
const NOTHING_REPORTED: Reports = { conflicts: [], reviews: [], quarantined: [] }

export async function soak(
  options: SoakOptions & { readonly file: string; readonly onDay?: (held: Held) => void },
): Promise<SoakReport> {
  const world = await openWorld(drawSoak(options), {
    file: options.file,
    stepsMax: options.days * STEPS_A_DAY_MAX,
  })
  try {
    return await world.kernel.run(play(world, options))
  } finally {
    await world.close()
  }
}

async function play(
  world: World,
  { seed, days, file, onDay }: Parameters<typeof soak>[0],
): Promise<SoakReport> {
  const { kernel, scenario, networks, store } = world
  const log: DaemonLog = { deaths: 0, ends: {} }
  const violations: Violation[] = []
  const held: Held[] = []
  const ownWrites = watchOwnWrites()
  const taken: string[] = []
  const dice = seededRandom(seed, 'soak/decisions')
  const startMs = kernel.now()
  const totals = { edits: 0, writes: 0, requests: 0, decided: 0 }
  const act = (steps: typeof scenario.steps) => {
    for (const { vendor, action } of steps) totals.edits += world.act(vendor, action) ? 1 : 0
  }
  /** What is written down of a day is judged, counted and dropped, so that only the engine can fill the memory. */
  const closeDay = () => {
    taken.push(...ownWrites.judge(caseOf(world, NOTHING_REPORTED)))
    for (const network of networks.values()) {
      totals.requests += network.exchanges.length
      totals.writes += network.exchanges.filter(({ mutating }) => mutating).length
      network.forget(kernel.now())
    }
    world.witness.forget(kernel.now())
  }

  act(scenario.steps.filter(({ atMs }) => atMs === 0))
  const stopping = new AbortController()
  const beside = (engine: Engine) => [forgetting(engine), comparing(engine)]
  // For the first half it dies again and again; then it lives for days, so that what it hoards shows.
  const death = (life: number) =>
    kernel.now() - startMs < (days / 2) * DAY_MS ? scenario.deaths[life % scenario.deaths.length] : undefined
  const daemon = orCrash(
    runDaemon(world, stopping.signal, log, { tickMs: TICK_MS, death, beside }),
    violations,
  )
  for (let day = 1; day <= days; day += 1) {
    for (const step of scenario.steps) {
      if (step.atMs === 0 || step.atMs <= (day - 1) * DAY_MS || step.atMs > day * DAY_MS) continue
      await kernel.sleep(startMs + step.atMs - kernel.now())
      act([step])
    }
    await kernel.sleep(startMs + day * DAY_MS - kernel.now())
    totals.decided += await decideConflicts(world, () => dice.chance(0.5))
    closeDay()
    const today = holding(world, day, file)
    held.push(today)
    onDay?.(today)
  }

  world.mend()
  for (const network of networks.values()) await network.heal()
  await kernel.sleep(AFTERGLOW_MS)
  const living = heapBytes()
  stopping.abort()
  await daemon
  // What it was waiting for passes, and lets go of it.
  await kernel.sleep(AFTERGLOW_MS)
  const processMb = mb(living - heapBytes())
  const drift = await lastDrift(store, PAIRING.name, kernel.now())
  const quiet = await quietProcess(world)
  await settle(world, quiet, violations)
  const reports: Reports = {
    conflicts: await store.conflicts({ state: 'all', limit: LOTS }),
    reviews: await store.reviews(LOTS),
    quarantined: await store.quarantined(LOTS),
  }
  const differences = await auditAgreement(caseOf(world, reports))
  const { openIntents } = await store.status(kernel.now())
  if (openIntents > 0) violations.push({ invariant: 'I14', what: `${openIntents} intents are open at rest` })
  await expectStillness(world, quiet, violations)
  quiet.close()
  closeDay()

  const posts = [...world.posts.values()].map(({ counts }) => counts)
  const sum = (pick: (counts: (typeof posts)[number]) => number) =>
    posts.reduce((all, each) => all + pick(each), 0)
  return {
    days,
    edits: totals.edits,
    writes: totals.writes,
    requests: totals.requests,
    webhooks: {
      delivered: sum(({ delivered }) => delivered),
      lost: sum(({ lost }) => lost),
      doubled: sum(({ doubled }) => doubled),
    },
    hoursAway: hoursAway(scenario),
    deaths: log.deaths,
    ends: log.ends,
    conflictsDecided: totals.decided,
    ownWrites: ownWrites.judged(),
    ownWritesTakenForEdits: taken.length,
    unexplainedDifferences: differences.length,
    drift: {
      unexplained: drift?.unexplained ?? 0,
      known: drift?.known ?? 0,
      coverage: Math.round(100 * (drift?.coverage ?? 0)) / 100,
    },
    findings: [
      ...taken,
      ...[...differences, ...violations].map(({ invariant, what }) => `${invariant}: ${what}`),
    ],
    processMb,
    held,
  }
}

function forgetting({ store, runtime, signal, pairing }: Engine): Promise<never> {
  const log = createLogger({ level: 'silent' })
  return keepForgetting(
    { store, runtime, log, signal, retention: RETENTION, pairings: [pairing.name] },
    () => undefined,
  )
}

function comparing(engine: Engine): Promise<never> {
  const nothing = () => undefined
  return keepComparing(
    engine,
    (compare) => persistently(engine, compare, nothing),
    async () => undefined,
  )
}

/** Once a day a person looks at what waits for one. */
async function decideConflicts({ store, kernel }: World, takesLeft: () => boolean): Promise<number> {
  const open = await store.conflicts({ state: 'open', limit: LOTS })
  for (const { id, left, right } of open) {
    const choice = takesLeft() ? 'left' : 'right'
    await store.decideConflict({ id, choice, expect: { left, right }, atMs: kernel.now() })
  }
  return open.length
}

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

function holding({ models, kernel }: World, day: number, file: string): Held {
  const all = heapBytes()
  const copies = VENDORS.flatMap(({ name, create }) => {
    const model = models.get(name)
    if (!model) return []
    const copy = create({ clock: () => kernel.now(), seed: 1, limits: 'off' })
    copy.restore(model.snapshot())
    return [copy]
  })
  const vendors = heapBytes() - all
  if (copies.length !== models.size) throw new Error('a vendor is missing')
  const database = [file, `${file}-wal`].reduce((sum, each) => sum + statSync(each).size, 0)
  return { day, heapMb: mb(all - vendors), vendorsMb: mb(vendors), databaseMb: mb(database) }
}

function heapBytes(): number {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

function mb(bytes: number): number {
  return Math.round((100 * bytes) / 1_048_576) / 100
}
