/**
 * A scenario as the naive engine gets through it: the same vendors, people, weather and deaths of the process, the same
 * end (storm, healing, complete passes, and more passes in which nothing is left to do), the same judge.
 */
import { openConnections, type AppOptions } from '../../../src/compose.ts'
import { ConnectorError } from '../../../src/errors.ts'
import { createLogger } from '../../../src/logging.ts'
import { openDirectory } from '../../../src/stages/directory.ts'
import type { Pairing } from '../../../src/stages/engine.ts'
import { auditLosses } from '../audit/losses.ts'
import { PAIRING, settingsOf } from '../cast.ts'
import { Livelock } from '../kernel.ts'
import { begin, type Life } from '../process.ts'
import type { Scenario } from '../scenario.ts'
import { caseOf } from '../world-case.ts'
import { openWorld, type World } from '../world.ts'
import { copiesIn, type Made } from './copies.ts'
import { naiveRound, type Copy, type NaiveMemory } from './engine.ts'

export interface Harm {
  /** Values that people entered, replaced without anybody being told. */
  readonly lostEdits: number
  /** Records made for one that had a counterpart already. */
  readonly duplicates: number
  /** Records that people had deleted, made again. */
  readonly resurrections: number
  /** Writes in the passes after everything was said and done. */
  readonly writesAtRest: number
}

const AFTERGLOW_MS = 30_000
const REST_MS = 60_000
/** Passes that anything can be settled in, and passes in which a sound engine writes nothing. */
const PASSES = { settling: 4, atRest: 4 } as const
const RESTART_MS = 10_000

/** Null where the world turned in a circle without end. */
export async function playNaive(scenario: Scenario): Promise<Harm | null> {
  const world = await openWorld(scenario)
  try {
    return await world.kernel.run(play(world))
  } catch (error) {
    if (error instanceof Livelock) return null
    throw error
  } finally {
    await world.close()
  }
}

async function play(world: World): Promise<Harm> {
  const { kernel, scenario, networks } = world
  const memory: NaiveMemory = { pairs: new Map() }
  const made: Made[] = []
  const startMs = kernel.now()
  const stopping = new AbortController()
  for (const { atMs, vendor, action } of scenario.steps) if (atMs === 0) world.act(vendor, action)
  const daemon = runNaive(world, memory, made, stopping.signal)
  for (const { atMs, vendor, action } of scenario.steps) {
    if (atMs === 0) continue
    await kernel.sleep(startMs + atMs - kernel.now())
    world.act(vendor, action)
  }
  await kernel.sleep(startMs + scenario.stormMs - kernel.now())
  world.mend()
  for (const network of networks.values()) await network.heal()
  await kernel.sleep(AFTERGLOW_MS)
  stopping.abort()
  await daemon

  const life = begin({ kernel, seed: scenario.seed, life: QUIET_LIFE, diesAt: null })
  const pass = await openNaive(world, life, memory, made)
  const passes = async (count: number) => {
    for (let n = 0; n < count; n += 1) {
      await kernel.sleep(REST_MS)
      await pass()
    }
  }
  await passes(PASSES.settling)
  const before = writesOf(world)
  await passes(PASSES.atRest)
  const losses = auditLosses(caseOf(world, { conflicts: [], reviews: [], quarantined: [] }))
  return { lostEdits: losses.length, ...copiesIn(world, made), writesAtRest: writesOf(world) - before }
}

/** Far from the numbers of the daemon's lives, so that chance of one never meets that of another. */
const QUIET_LIFE = 1_000

/** A loop with a pause, started again whenever it dies. */
async function runNaive(
  world: World,
  memory: NaiveMemory,
  made: Made[],
  stopped: AbortSignal,
): Promise<void> {
  const { kernel, scenario } = world
  for (let number = 0; !stopped.aborted; number += 1) {
    const death = scenario.deaths[number]
    const life = begin({ kernel, seed: scenario.seed, life: number, diesAt: death?.door ?? null })
    const stop = new Promise<void>((resolve) =>
      stopped.addEventListener('abort', () => resolve(), { once: true }),
    )
    await Promise.race([life.death, stop, loop(world, life, memory, made)])
    const isDead = life.isDead()
    life.kill()
    if (isDead && !stopped.aborted) await kernel.sleep(death?.downMs ?? RESTART_MS)
  }
}

async function loop(world: World, life: Life, memory: NaiveMemory, made: Made[]): Promise<never> {
  const pass = await openNaive(world, life, memory, made)
  for (;;) {
    await pass()
    await life.runtime.sleep(world.scenario.pollMs)
  }
}

/** One round; what a CRM refuses or fails to answer ends it, and the next one begins again. */
async function openNaive(
  world: World,
  life: Life,
  memory: NaiveMemory,
  made: Made[],
): Promise<() => Promise<void>> {
  const { scenario, models, networks, template } = world
  let copy: Copy | null = null
  const transports = Object.fromEntries(
    [...networks].map(([vendor, network]) => [
      vendor,
      life.transport((request, signal) => {
        if (copy) made.push({ ...copy, vendor, request })
        return network.transport(request, signal)
      }),
    ]),
  )
  const app: AppOptions = {
    settings: settingsOf(models, [PAIRING]),
    runtime: life.runtime,
    log: createLogger({ level: 'silent' }),
    transports,
  }
  const connections = openConnections(app)
  const left = connections.byName.get(PAIRING.left)?.connector
  const right = connections.byName.get(PAIRING.right)?.connector
  const mappings = template.mappings(PAIRING.name, scenario.mappings)
  if (!left || !right) throw new Error('a part of the pairing is missing')
  let context: Awaited<ReturnType<typeof openDirectory>>['context'] | null = null
  let pairing: Pairing | null = null
  return async () => {
    try {
      pairing ??= {
        name: PAIRING.name,
        connectors: { left, right },
        accounts: { left: await left.account(), right: await right.account() },
        users: { left: await left.users(), right: await right.users() },
        mappings,
      }
      context ??= (await openDirectory(world.store, pairing, { left: [], right: [] })).context
      const onCopy = (each: Copy | null) => {
        copy = each
      }
      await naiveRound({ pairing, runtime: life.runtime, memory, context, onCopy })
    } catch (error) {
      if (!(error instanceof ConnectorError)) throw error
      copy = null
    }
  }
}

function writesOf({ networks }: World): number {
  return [...networks.values()].reduce(
    (sum, { exchanges }) => sum + exchanges.filter(({ mutating }) => mutating).length,
    0,
  )
}
