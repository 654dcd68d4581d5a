/** a. How fast the engine works, against a bare loop that issues the same calls to the same sandbox. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { RunningSandbox } from '../system/rig/sandbox.ts'
import { prepare, runBareLoop, type BareRun } from './bare-loop.ts'
import { openBench, type Bench, type EngineRun } from './engine-run.ts'
import { idsOf, say, withSandbox } from './stand.ts'

export interface Ratio {
  readonly scenario: string
  readonly records: number
  readonly requests: number
  /** Calls under way at once, the same for both. */
  readonly concurrency: number
  readonly engineRecordsPerSecond: number
  readonly bareRecordsPerSecond: number
  /** Engine's records per second ÷ bare loop's. What the goal is about. */
  readonly ratio: number
  /**
   * The same beside a loop that sends one call after the other, as a script without any concurrency would. Null where
   * it was not measured.
   */
  readonly oneAfterTheOther: { readonly recordsPerSecond: number; readonly ratio: number } | null
  /** Share of its time in which others had the processors, engine and bare loop: how far the ratio is to be trusted. */
  readonly starved: { readonly engine: number; readonly bare: number }
  /** Pauses of the engine that are not part of its time: waiting for what vendors do by themselves. */
  readonly pausedMs: number
  /** Calls that the vendor answered differently in the bare loop; must be 0. */
  readonly mismatches: number
}

export interface RatioOptions {
  readonly people: number
  readonly changed: number
  /** People of the first loads at the vendors' own pace, which take as long as the vendors want. */
  readonly pacedPeople: number
  /** The same into HubSpot alone: more than it takes in one burst, so that its limit shows and not only the distance. */
  readonly pacedLoad: number
  /** Whether the engine is also held against a loop that sends one call after the other; takes minutes. */
  readonly sequential: boolean
  /** Each is measured so often, and the best run of each counts: disturbances only ever slow down. */
  readonly rounds: number
}

type Crm = 'attio' | 'hubspot' | 'salesforce'

const NAMES = { attio: 'Attio', hubspot: 'HubSpot', salesforce: 'Salesforce' } as const

const LOADS: readonly (readonly [from: Crm, to: Crm])[] = [
  ['attio', 'hubspot'],
  ['hubspot', 'attio'],
  ['attio', 'salesforce'],
  ['salesforce', 'attio'],
]

interface Load {
  readonly people: number
  readonly from: Crm
  readonly to: Crm
  readonly paced: boolean
}

function loadsOf({ people, pacedPeople, pacedLoad }: RatioOptions): readonly Load[] {
  const paced = LOADS.map(([from, to]) => ({ people: pacedPeople, from, to, paced: true }))
  const unpaced = LOADS.map(([from, to]) => ({ people, from, to, paced: false }))
  return [...paced, { people: pacedLoad, from: 'attio', to: 'hubspot', paced: true }, ...unpaced]
}

export async function measureRatios(options: RatioOptions): Promise<readonly Ratio[]> {
  const ratios: Ratio[] = []
  for (const load of loadsOf(options)) {
    const { people, from, to, paced } = load
    await withBench(load, async (sandbox, bench) => {
      const source = to === 'attio' ? ` from ${NAMES[from]}` : ''
      const scenario = `first load of ${people} people into ${NAMES[to]}${source}, ${paceText(paced)}`
      const { sequential } = options
      const rounds = paced ? 1 : options.rounds
      ratios.push(await compare(scenario, { sandbox, bench, rounds, paced, sequential }))
    })
  }
  const world = { people: options.people, from: 'attio', to: 'hubspot', paced: false } as const
  await withBench(world, async (sandbox, bench) => {
    await bench.run()
    await bench.run()
    await changePeople(sandbox, options.changed)
    await bench.keep()
    const scenario = `${options.changed} changed people, half on each side, ${paceText(false)}`
    const { rounds, sequential } = options
    ratios.push(await compare(scenario, { sandbox, bench, rounds, paced: false, sequential }))
  })
  return ratios
}

/** Without limits and distance, only work is measured; with them, what a user waits for. */
function paceText(paced: boolean): string {
  return paced ? "at the vendors' pace" : 'without limits'
}

async function withBench(
  world: Load,
  work: (sandbox: RunningSandbox, bench: Bench) => Promise<void>,
): Promise<void> {
  const { people, from, to, paced } = world
  const spec = { people, paced, only: from, crms: ['attio', from === 'attio' ? to : from] }
  await withSandbox({ ...spec, seed: 7, overlap: 1 }, async (sandbox) => {
    const bench = await openBench(sandbox.environment, { paced: world.paced })
    await bench.setUp()
    await work(sandbox, bench)
    await bench.close()
  })
}

/** The vendors' longest windows. Without a rest, a run would pay for the calls of the one before it. */
const WINDOW_MS = 10_500

async function compare(
  scenario: string,
  options: {
    readonly sandbox: RunningSandbox
    readonly bench: Bench
    readonly rounds: number
    readonly paced: boolean
    readonly sequential: boolean
  },
): Promise<Ratio> {
  const { sandbox, bench } = options
  const rest = () => (options.paced ? sleep(WINDOW_MS) : undefined)
  const start = await sandbox.snapshot()
  let engine: EngineRun | null = null
  let best: BareRun | null = null
  let single: BareRun | null = null
  let mismatches = 0
  for (let round = 1; round <= options.rounds; round += 1) {
    await bench.rewind()
    await rest()
    const run = await bench.run()
    await sandbox.restore(start)
    await rest()
    const calls = prepare(run.log.calls)
    const loop = { log: run.log, transport: bench.transport }
    const bare = await runBareLoop(calls, loop)
    await sandbox.restore(start)
    say(`  ${scenario}, round ${round}: engine ${ms(run.durationMs)}, bare loop ${ms(bare.durationMs)}`)
    if (options.sequential) {
      await rest()
      const one = await runBareLoop(calls, { ...loop, atOnce: 1 })
      await sandbox.restore(start)
      say(`    one call after the other ${ms(one.durationMs)}`)
      single = fastest(single, one)
      mismatches += one.mismatches
    }
    engine = fastest(engine, run)
    best = fastest(best, bare)
    mismatches += bare.mismatches
  }
  if (!engine || !best) throw new Error('at least one round is needed')
  const records = recordsOf(engine)
  const rate = (durationMs: number) => Math.round((records / durationMs) * 1_000)
  return {
    scenario,
    records,
    requests: engine.log.calls.length,
    concurrency: engine.log.concurrency(),
    engineRecordsPerSecond: rate(engine.durationMs),
    bareRecordsPerSecond: rate(best.durationMs),
    ratio: share(best.durationMs, engine.durationMs),
    oneAfterTheOther: single && {
      recordsPerSecond: rate(single.durationMs),
      ratio: share(single.durationMs, engine.durationMs),
    },
    starved: {
      engine: share(engine.starvedMs, engine.durationMs),
      bare: share(best.starvedMs, best.durationMs),
    },
    pausedMs: Math.round(engine.pausedMs),
    mismatches,
  }
}

function fastest<T extends { readonly durationMs: number }>(before: T | null, run: T): T {
  return before && before.durationMs <= run.durationMs ? before : run
}

/** Records that the run is about: the created ones of a first load, otherwise the changed ones. */
function recordsOf({ tally }: EngineRun): number {
  const created = tally.created.left + tally.created.right
  return created > 0 ? created : tally.updated.left + tally.updated.right
}

async function changePeople(sandbox: RunningSandbox, count: number): Promise<void> {
  const half = Math.floor(count / 2)
  const people = await idsOf(sandbox, 'attio', 'people')
  for (const [place, id] of people.slice(0, half).entries()) {
    const values = { job_title: `Chief of wave ${place}` }
    await sandbox.edit('attio', { action: 'update', object: 'people', id, values })
  }
  const contacts = await idsOf(sandbox, 'hubspot', 'contacts')
  for (const [place, id] of contacts.slice(-half).entries()) {
    const values = { jobtitle: `Head of wave ${place}` }
    await sandbox.edit('hubspot', { action: 'update', object: 'contacts', id, values })
  }
}

function share(part: number, whole: number): number {
  return Math.round((part / whole) * 100) / 100
}

function ms(value: number): string {
  return `${Math.round(value)} ms`
}
