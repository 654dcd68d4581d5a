/** a. How fast the engine works, against a bare loop that issues the same calls to the same sandbox. */
import type { RunningSandbox } from '../system/rig/sandbox.ts'
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
  /** Each is measured so often, and the best run of each counts: disturbances only ever slow down. */
  readonly rounds: number
}

export async function measureRatios(options: RatioOptions): Promise<readonly Ratio[]> {
  const { people, changed } = options
  const ratios: Ratio[] = []
  for (const only of ['attio', 'hubspot'] as const) {
    const to = only === 'attio' ? 'HubSpot' : 'Attio'
    await withSandbox({ people, seed: 7, overlap: 1, only }, async (sandbox) => {
      const bench = await openBench(sandbox.environment)
      await bench.setUp()
      const scenario = `first load of ${people} people, their companies and deals into ${to}`
      ratios.push(await compare(scenario, { sandbox, bench, rounds: options.rounds }))

      if (only === 'hubspot') return bench.close()
      // The last round ended with the bare loop, so the database and the world do not belong together.
      const before = await sandbox.snapshot()
      await sandbox.restore(before)
      await bench.close()
    })
  }
  await withSandbox({ people, seed: 7, overlap: 1, only: 'attio' }, async (sandbox) => {
    const bench = await openBench(sandbox.environment)
    await bench.setUp()
    await bench.run()
    await bench.run()
    await changePeople(sandbox, changed)
    await bench.keep()
    const scenario = `${changed} changed people, half of them on each side`
    ratios.push(await compare(scenario, { sandbox, bench, rounds: options.rounds }))
    await bench.close()
  })
  return ratios
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
    const bare = await runBareLoop(prepare(run.log.calls), run.log)
    await sandbox.restore(start)
    say(`  ${scenario}, round ${round}: engine ${ms(run.durationMs)}, bare loop ${ms(bare.durationMs)}`)
    if (!engine || run.durationMs < engine.durationMs) engine = run
    bareMs = Math.min(bareMs, bare.durationMs)
    mismatches += bare.mismatches
  }
  if (!engine) throw new Error('at least one round is needed')
  const { left, right } = both(engine)
  const records = left + right
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

/** Records written per side. */
function both({ tally }: EngineRun): { left: number; right: number } {
  return {
    left: tally.created.left + tally.updated.left,
    right: tally.created.right + tally.updated.right,
  }
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
