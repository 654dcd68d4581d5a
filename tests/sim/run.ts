/**
 * Plays a scenario to its end: storm, healing, two sweeps, the audit, and two more sweeps in which nothing may be
 * written (algorithms 8.4).
 */
import { RING_MAX } from '../../src/core/base.ts'
import { auditFalseAlarms } from './audit/false-alarms.ts'
import { audit, type Violation } from './audit/audit.ts'
import type { Reports } from './audit/case.ts'
import { quietProcess, runDaemon, type DaemonLog, type QuietProcess } from './daemon.ts'
import { Livelock } from './kernel.ts'
import type { Scenario } from './scenario.ts'
import type { Exchange } from './network.ts'
import { casesOf } from './world-case.ts'
import { openWorld, type World } from './world.ts'

export interface Outcome {
  readonly violations: readonly Violation[]
  readonly figures: Figures
  /** What happened, in order, as text: two runs of one seed must give the same. */
  readonly journal: () => readonly string[]
  readonly exchanges: readonly Exchange[]
}

export interface Figures {
  readonly deaths: number
  readonly timeouts: number
  /** Name of the fault → how often it was met. */
  readonly faults: Readonly<Record<string, number>>
  readonly requests: number
  readonly writes: number
  readonly edits: number
  /** Webhooks that reached a process. */
  readonly webhooks: number
}

/** After the storm the daemon goes on for a while in fine weather. */
const AFTERGLOW_MS = 30_000
/** Longer than any refusal is left alone, and than any lost request can still be under way. */
const PAUSE_MS = 1_200_000
const REST_MS = 60_000
const LOTS = 10_000

export async function playScenario(scenario: Scenario, onOpen?: (world: World) => void): Promise<Outcome> {
  const world = await openWorld(scenario)
  onOpen?.(world)
  try {
    return await world.kernel.run(play(world))
  } catch (error) {
    if (!(error instanceof Livelock)) throw error
    return outcomeOf(world, { deaths: 0, ends: {} }, 0, [{ invariant: 'livelock', what: error.message }])
  } finally {
    await world.close()
  }
}

async function play(world: World): Promise<Outcome> {
  const { kernel, scenario, networks, store } = world
  const log: DaemonLog = { deaths: 0, ends: {} }
  const violations: Violation[] = []
  const stopping = new AbortController()
  let edits = 0
  const startMs = kernel.now()
  const initial = scenario.steps.filter(({ atMs }) => atMs === 0)
  for (const { vendor, action } of initial) edits += world.act(vendor, action) ? 1 : 0

  const daemon = orCrash(runDaemon(world, stopping.signal, log), violations)
  for (const { atMs, vendor, action } of scenario.steps) {
    if (atMs === 0) continue
    await kernel.sleep(startMs + atMs - kernel.now())
    edits += world.act(vendor, action) ? 1 : 0
  }
  await kernel.sleep(startMs + scenario.stormMs - kernel.now())
  world.mend()
  for (const network of networks.values()) await network.heal()
  await kernel.sleep(AFTERGLOW_MS)
  stopping.abort()
  await daemon

  const quiet = await quietProcess(world)
  await settle(world, quiet, violations)
  // The daemon may have been down when the afterglow ended.
  await orCrash(quiet.lookBack(), violations)
  const reports: Reports = {
    conflicts: await store.conflicts({ state: 'all', limit: LOTS }),
    reviews: await store.reviews(LOTS),
    quarantined: await store.quarantined(LOTS),
  }
  for (const facts of casesOf(world, reports)) {
    violations.push(...(await audit(facts)), ...auditFalseAlarms(facts, mayBeOurs(world)))
  }
  const { openIntents } = await store.status(kernel.now())
  if (openIntents > 0) violations.push({ invariant: 'I14', what: `${openIntents} intents are open at rest` })
  await expectStillness(world, quiet, violations)
  quiet.close()

  return outcomeOf(world, log, edits, violations)
}

function mayBeOurs({ networks }: World): (id: string, beforeMs: number) => boolean {
  return (id, beforeMs) =>
    [...networks.values()].some(({ exchanges }) =>
      exchanges.some(({ mutating, status, sentMs, request }) => {
        return mutating && status === null && sentMs < beforeMs && request.body?.includes(id)
      }),
    )
}

function outcomeOf(world: World, log: DaemonLog, edits: number, violations: readonly Violation[]): Outcome {
  const exchanges = [...world.networks.values()].flatMap((network) => network.exchanges)
  const faults: Record<string, number> = {}
  const count = (name: string, hits = 1) => {
    if (hits > 0) faults[name] = (faults[name] ?? 0) + hits
  }
  for (const { fault, mutating, status } of exchanges) {
    if (fault !== null) count(fault)
    // Of a batch, the vendor took some and refused others.
    if (mutating && status === 207) count('partial batch')
  }
  const posts = [...world.posts.values()].map(({ counts }) => counts)
  for (const { lost, doubled, refused } of posts) {
    count('webhook lost', lost)
    count('webhook doubled', doubled)
    count('webhook unanswered', refused)
  }
  return {
    violations,
    figures: {
      deaths: log.deaths,
      timeouts: exchanges.filter(({ fault }) => fault?.startsWith('timeout')).length,
      faults,
      requests: exchanges.length,
      writes: exchanges.filter(({ mutating }) => mutating).length,
      edits,
      webhooks: posts.reduce((sum, { delivered }) => sum + delivered, 0),
    },
    journal: () => journalOf(world),
    exchanges,
  }
}

/**
 * Two complete passes in fine weather are enough for anything but workflows that fight: each pass carries one of their
 * answers across, and the fight is stopped after so many (I17).
 */
export async function settle(world: World, quiet: QuietProcess, violations: Violation[]): Promise<void> {
  const isFight = Object.keys(world.scenario.workflows).length > 1
  const passes = isFight ? RING_MAX + 1 : 2
  for (let pass = 1; pass <= passes; pass += 1) {
    await world.kernel.sleep(PAUSE_MS)
    await orCrash(quiet.pass(), violations)
  }
}

/**
 * I2: complete passes over a world at rest write nothing. They come before anything that a vendor refuses is tried
 * again, which takes ten minutes at least.
 */
export async function expectStillness(
  world: World,
  quiet: QuietProcess,
  violations: Violation[],
): Promise<void> {
  for (let pass = 1; pass <= 2; pass += 1) {
    await world.kernel.sleep(REST_MS)
    const before = writesOf(world)
    await orCrash(quiet.pass(), violations)
    const after = writesOf(world)
    if (after.length === before.length) continue
    const { vendor, request } = after[before.length] as Exchange
    violations.push({
      invariant: 'I2',
      what: `a pass over a world at rest wrote ${after.length - before.length} times, first ${vendor} ${request.method} ${request.url} ${request.body}`,
    })
  }
}

/** What no production process may end with is a violation of its own. */
export async function orCrash(work: Promise<void>, violations: Violation[]): Promise<void> {
  try {
    await work
  } catch (error) {
    violations.push({
      invariant: 'crash',
      what: error instanceof Error ? (error.stack ?? error.message) : String(error),
    })
  }
}

function writesOf(world: World) {
  return [...world.networks.values()].flatMap(({ exchanges }) => exchanges.filter(({ mutating }) => mutating))
}

function journalOf(world: World): readonly string[] {
  return [...world.networks.values()]
    .flatMap(({ exchanges }) => exchanges)
    .map(
      ({ vendor, request, sentMs, handledMs, status, fault }) =>
        `${sentMs} ${handledMs} ${vendor} ${request.method} ${request.url} ${request.body} ${status} ${fault}`,
    )
}
