/** a. How fast the engine works, against a bare loop that issues the same calls to the same sandbox. */
import type { RunningSandbox, VendorName } from '../system/rig/sandbox.ts'
import { prepare, runBareLoop } from './bare-loop.ts'
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
  /** Engine's records per second ÷ bare loop's. */
  readonly ratio: number
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
  /** Each is measured so often, and the best run of each counts: disturbances only ever slow down. */
  readonly rounds: number
}

export async function measureRatios(options: RatioOptions): Promise<readonly Ratio[]> {
  const ratios: Ratio[] = []
  const loads = [
    { people: options.pacedPeople, only: 'attio', paced: true },
    { people: options.pacedLoad, only: 'attio', paced: true },
    { people: options.pacedPeople, only: 'hubspot', paced: true },
    { people: options.people, only: 'attio', paced: false },
    { people: options.people, only: 'hubspot', paced: false },
  ] as const
  for (const load of loads) {
    await withBench(load, async (sandbox, bench) => {
      const to = load.only === 'attio' ? 'HubSpot' : 'Attio'
      const scenario = `first load of ${load.people} people into ${to}, ${paceText(load.paced)}`
      ratios.push(await compare(scenario, { sandbox, bench, rounds: load.paced ? 1 : options.rounds }))
    })
  }
  await withBench({ people: options.people, only: 'attio', paced: false }, async (sandbox, bench) => {
    await bench.run()
    await bench.run()
    await changePeople(sandbox, options.changed)
    await bench.keep()
    const scenario = `${options.changed} changed people, half on each side, ${paceText(false)}`
    ratios.push(await compare(scenario, { sandbox, bench, rounds: options.rounds }))
  })
  return ratios
}

/** Without limits and distance, only work is measured; with them, what a user waits for. */
function paceText(paced: boolean): string {
  return paced ? "at the vendors' pace" : 'without limits'
}

async function withBench(
  world: { readonly people: number; readonly only: VendorName; readonly paced: boolean },
  work: (sandbox: RunningSandbox, bench: Bench) => Promise<void>,
): Promise<void> {
  await withSandbox({ ...world, seed: 7, overlap: 1 }, async (sandbox) => {
    const bench = await openBench(sandbox.environment, { paced: world.paced })
    await bench.setUp()
    await work(sandbox, bench)
    await bench.close()
  })
}

async function compare(
  scenario: string,
  options: { readonly sandbox: RunningSandbox; readonly bench: Bench; readonly rounds: number },
): Promise<Ratio> {
  const { sandbox, bench } = options
  const start = await sandbox.snapshot()
  let engine: EngineRun | null = null
  let bareMs = Infinity
  let mismatches = 0
  for (let round = 1; round <= options.rounds; round += 1) {
    await bench.rewind()
    const run = await bench.run()
    await sandbox.restore(start)
    const bare = await runBareLoop(prepare(run.log.calls), { log: run.log, transport: bench.transport })
    await sandbox.restore(start)
    say(`  ${scenario}, round ${round}: engine ${ms(run.durationMs)}, bare loop ${ms(bare.durationMs)}`)
    if (!engine || run.durationMs < engine.durationMs) engine = run
    bareMs = Math.min(bareMs, bare.durationMs)
    mismatches += bare.mismatches
  }
  if (!engine) throw new Error('at least one round is needed')
  const records = recordsOf(engine)
  const rate = (durationMs: number) => Math.round((records / durationMs) * 1_000)
  return {
    scenario,
    records,
    requests: engine.log.calls.length,
    concurrency: engine.log.concurrency(),
    engineRecordsPerSecond: rate(engine.durationMs),
    bareRecordsPerSecond: rate(bareMs),
    ratio: Math.round((bareMs / engine.durationMs) * 100) / 100,
    pausedMs: Math.round(engine.pausedMs),
    mismatches,
  }
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

function ms(value: number): string {
  return `${Math.round(value)} ms`
}
