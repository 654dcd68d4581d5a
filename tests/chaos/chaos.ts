/**
 * One run: a storm over the packaged command and a sandbox, both processes of their own; then a clear sky, quiet, one
 * more sync that must not write anything, and the verdict.
 */
import { join } from 'node:path'
import { writeFile } from 'node:fs/promises'
import type { SyncSummary } from '../../src/cli/run-sync.ts'
import { audit, type Violation } from '../sim/audit/audit.ts'
import type { CastName } from '../sim/cast.ts'
import { KINDS } from '../sim/hands/hands.ts'
import { bellsHeard } from './bells.ts'
import { drawChaos } from './draw.ts'
import { casesOf } from './judged.ts'
import { createLives, type Lives } from './lives.ts'
import { createObserver, type Observer } from './observer.ts'
import { createOnCall, type OnCall } from './on-call.ts'
import { letPeopleWork } from './people.ts'
import { statusOf, untilQuiet, writesOf, type Quiet } from './quiet.ts'
import { checkAgainstCommands, reportsOf } from './reports.ts'
import type { ChaosScenario } from './scenario.ts'
import { openStage, removeStage, type Stage } from './stage.ts'
import type { ChaosSummary } from './summary.ts'
import { createWeather, type Weather } from './weather.ts'
import { eventually, until } from './wait.ts'

/** A storm amid which less was written has shown little. */
const STORM_WRITES_LEAST = 20

export interface ChaosOptions {
  readonly seed: number
  readonly minutes: number
  /** Which CRMs take part; all of them unless somebody says otherwise. */
  readonly cast?: CastName
  /** Ends the run at once. */
  readonly signal: AbortSignal
  /** Told what is going on. */
  readonly say: (text: string) => void
}

interface Run {
  readonly stage: Stage
  readonly scenario: ChaosScenario
  readonly observer: Observer
  readonly weather: Weather
  readonly lives: Lives
  readonly onCall: OnCall
  readonly violations: Violation[]
}

export async function runChaos(options: ChaosOptions): Promise<ChaosSummary> {
  const { seed, signal, say } = options
  const scenario = drawChaos(seed, options.minutes * 60_000, options.cast)
  say(`packing attune and starting a sandbox, seed ${seed}, cast ${scenario.cast}`)
  const stage = await openStage(scenario, signal)
  say(`everything about this run is in ${stage.folder}`)
  const run: Run = {
    stage,
    scenario,
    observer: createObserver(stage.sandbox, stage.crms, join(stage.folder, 'edits.jsonl')),
    weather: createWeather(stage.sandbox, scenario),
    lives: createLives(stage, scenario),
    onCall: createOnCall(stage),
    violations: [],
  }
  try {
    await run.observer.begin()
    if (scenario.isInstalled) await install(run)
    const startMs = Date.now()
    await storm(run, { startMs, signal })
    signal.throwIfAborted()
    say('the storm is over; waiting until nothing is left to do')
    const overMs = Date.now()
    const stormWrites = await writesOf(stage)
    await calm(run, signal)
    const quietAfterMs = Date.now() - overMs
    signal.throwIfAborted()
    say('judging')
    return await verdict(run, { startMs, stormWrites, quietAfterMs })
  } finally {
    await stage.close()
    // Whoever breaks a run off wants nothing of it.
    if (signal.aborted) await removeStage(stage)
  }
}

/** The CRMs are brought into agreement once, and nobody disturbs it. */
async function install({ stage, observer }: Run): Promise<void> {
  const exit = await stage.attune(['sync', '--json']).exit
  if (exit.code !== 0)
    throw new Error(`the first sync ended with ${exit.code ?? exit.signal}: ${exit.stderr}`)
  await stage.sandbox.resetStats()
  for (const vendor of stage.crms) await observer.look(vendor)
}

/** People, weather and the engine's lives, all at once. */
async function storm(run: Run, options: { startMs: number; signal: AbortSignal }): Promise<void> {
  const { observer, weather, lives, onCall, scenario } = run
  const over = new AbortController()
  const signal = AbortSignal.any([options.signal, over.signal])
  const { startMs } = options
  const all = [
    letPeopleWork(observer, scenario, { pairings: run.stage.pairings, startMs, signal }),
    weather.blow({ startMs, signal }),
    lives.live(signal),
    observer.watch(signal),
    onCall.watch(signal),
    untilOver(run, startMs, signal),
  ]
  try {
    await Promise.race([Promise.all(all), all.at(-1)])
  } finally {
    over.abort()
    await Promise.all(all)
  }
}

/** Its time is up, and the engine has written amid it: on a machine with much else to do that takes longer. */
async function untilOver({ stage, scenario }: Run, startMs: number, signal: AbortSignal): Promise<void> {
  await until(startMs + scenario.stormMs, signal)
  const hasWritten = async () => (await writesOf(stage)) >= STORM_WRITES_LEAST
  await eventually(hasWritten, { everyMs: 500, withinMs: 2 * scenario.stormMs, signal })
}

/** A clear sky and a daemon that nobody disturbs, until it has nothing left to do; then it is stopped. */
async function calm(
  { stage, weather, lives, onCall, observer, violations }: Run,
  signal: AbortSignal,
): Promise<void> {
  await weather.clear()
  const over = new AbortController()
  const stop = AbortSignal.any([signal, over.signal])
  const daemon = lives.calm.run(stop)
  const watching = Promise.all([observer.watch(stop), onCall.watch(stop)])
  let quiet: Quiet
  try {
    quiet = await untilQuiet(stage, signal)
  } finally {
    over.abort()
    await Promise.all([daemon, watching])
  }
  if (!quiet.isQuiet) {
    violations.push({ invariant: 'I1', what: `never quiet after the storm: ${JSON.stringify(quiet.status)}` })
  }
}

async function verdict(
  run: Run,
  figures: { readonly startMs: number; readonly stormWrites: number; readonly quietAfterMs: number },
): Promise<ChaosSummary> {
  const { stage, scenario, observer, weather, lives, onCall, violations } = run
  const stats = await stage.sandbox.stats()
  violations.push(...(await expectStillness(stage)))
  for (const vendor of stage.crms) await observer.look(vendor)
  const [reports, status] = [await reportsOf(stage), await statusOf(stage)]
  if (status.openIntents > 0) {
    violations.push({ invariant: 'I14', what: `${status.openIntents} writes are unsettled at rest` })
  }
  for (const what of await checkAgainstCommands(stage, reports, status)) {
    violations.push({ invariant: 'I6', what })
  }
  violations.push(
    ...[...lives.violations, ...onCall.violations].map((what) => ({ invariant: 'crash', what })),
  )
  for (const facts of casesOf(stage, scenario, { observer, weather, reports })) {
    violations.push(...(await audit(facts)))
  }
  const live = stage.crms.flatMap((vendor) => KINDS.map((kind) => observer.live(vendor, kind).length))
  const { figures: lived } = lives
  const summary: ChaosSummary = {
    seed: scenario.seed,
    cast: scenario.cast,
    minutes: (Date.now() - figures.startMs) / 60_000,
    edits: observer.figures.edits,
    refused: observer.figures.refused,
    kills: lived.kills,
    restarts: lived.lives - 1,
    drains: lived.drains,
    turnedAway: lived.refusals,
    ends: lived.ends,
    resumed: onCall.figures.resumed,
    faults: weather.hits,
    requests: stage.crms.reduce((sum, vendor) => sum + stats[vendor].reads + stats[vendor].writes, 0),
    writes: stage.crms.reduce((sum, vendor) => sum + stats[vendor].writes, 0),
    stormWrites: figures.stormWrites,
    throttled: stage.crms.reduce((sum, vendor) => sum + stats[vendor].throttled, 0),
    crms: Object.fromEntries(
      stage.crms.map((vendor) => [
        vendor,
        {
          edits: observer.figures.editsIn[vendor] ?? 0,
          writes: stats[vendor].writes,
          faults: weather.hitsAt[vendor] ?? 0,
        },
      ]),
    ),
    webhooks: bellsHeard(stage),
    records: live.reduce((sum, count) => sum + count, 0),
    waiting: {
      conflicts: status.openConflicts,
      reviews: status.review,
      quarantined: status.quarantined,
    },
    quietAfterMs: figures.quietAfterMs,
    violations,
    evidence: violations.length > 0 ? stage.folder : null,
  }
  if (violations.length > 0) await keepEvidence(run, summary)
  else await removeStage(stage)
  return summary
}

/** I2: a sync of CRMs at rest writes nothing, by its own word and by the vendors' count. */
async function expectStillness(stage: Stage): Promise<readonly Violation[]> {
  const before = await writesOf(stage)
  const exit = await stage.attune(['sync', '--json']).exit
  if (exit.code !== 0) {
    return [
      { invariant: 'crash', what: `the last sync ended with ${exit.code ?? exit.signal}: ${exit.stderr}` },
    ]
  }
  const { writes } = JSON.parse(exit.stdout) as SyncSummary
  const counted = (await writesOf(stage)) - before
  if (writes === 0 && counted === 0) return []
  const what = `a sync of CRMs at rest says that it wrote ${writes} times, and the vendors counted ${counted}`
  return [{ invariant: 'I2', what }]
}

/** Beside database, logs and edit log: what the CRMs held through time, and what was found. */
async function keepEvidence({ stage, observer }: Run, summary: ChaosSummary): Promise<void> {
  const biographies = stage.crms.flatMap((vendor) =>
    KINDS.flatMap((kind) => observer.biographies(vendor, kind)),
  )
  await writeFile(join(stage.folder, 'biographies.json'), JSON.stringify(biographies, null, 1))
  await writeFile(join(stage.folder, 'summary.json'), JSON.stringify(summary, null, 2))
}
