/** `npm run sim`: plays seeds, or one of them; see the usage below. */
import { readFileSync, writeFileSync } from 'node:fs'
import { sealFetch } from '../../src/connectors/transport.ts'
import { proofCommand } from '../proof/command.ts'
import { CAST_NAMES, type CastName } from './cast.ts'
import { drawWorld } from './recast.ts'
import { playScenario } from './run.ts'
import type { Scenario } from './scenario.ts'
import { playSeries, type Failure, type Report } from './series.ts'
import { shrink } from './shrink.ts'
import { storyText } from './trace.ts'

const command =
  proofCommand(`npm run sim: a world for every seed, with everything that can go wrong, judged by what the vendors hold.

  npm run sim                                 1,000 seeds
  npm run sim -- --seeds 20000 --from 5000    others
  npm run -s sim -- --seeds 1000 --json       one JSON document on stdout
  npm run sim -- --seed 812                   one seed: what happened, made as small as it can be if it broke anything
  npm run sim -- --cast hub                   Attio between HubSpot and Salesforce; attio-salesforce: without HubSpot;
                                              hub-reversed: the worlds of hub, with Salesforce's pairing first
  npm run sim -- --seed 812 --save FILE       and keep its smallest history
  npm run sim -- --scenario FILE              a history that was kept

Exit code 1 when a promise was broken: with the seed, the smallest history that breaks it and how to play it again.
`)

const values = command.options({
  seeds: { type: 'string', default: '1000' },
  from: { type: 'string', default: '1' },
  seed: { type: 'string' },
  cast: { type: 'string', default: 'attio-hubspot' },
  scenario: { type: 'string' },
  /** Of one seed: shrink what breaks this promise, e.g. I4. */
  invariant: { type: 'string' },
  /** Of one seed: tell of reads as well. */
  reads: { type: 'boolean', default: false },
  /** Of one seed: where to keep its smallest history. */
  save: { type: 'string' },
  /** How many broken seeds are made smaller; that takes a while. */
  shrink: { type: 'string', default: '3' },
  json: { type: 'boolean', default: false },
})

sealFetch()
const scenario = chosenScenario()
process.exitCode = (await (scenario ? tell(scenario) : playMany())) ? 0 : 1

function chosenScenario(): Scenario | null {
  if (values.scenario !== undefined) return JSON.parse(readFileSync(values.scenario, 'utf8')) as Scenario
  return values.seed === undefined ? null : drawWorld(command.whole('--seed', values.seed), cast())
}

function cast(): CastName {
  return command.oneOf('--cast', values.cast, CAST_NAMES)
}

/** True when all is well. */
async function tell(history: Scenario): Promise<boolean> {
  const story = await storyOf(history, values.invariant)
  if (values.save !== undefined) writeFileSync(values.save, `${JSON.stringify(story.scenario, null, 2)}\n`)
  if (values.json) {
    const { scenario: smallest, violations } = story
    process.stdout.write(`${JSON.stringify({ violations, scenario: smallest })}\n`)
  } else process.stdout.write(`${story.text}\n`)
  return story.isClean
}

interface Story {
  readonly isClean: boolean
  readonly scenario: Scenario
  readonly violations: readonly string[]
  readonly text: string
}

async function storyOf(history: Scenario, invariant: string | undefined): Promise<Story> {
  const first = await playScenario(history)
  const broken = invariant ?? first.violations[0]?.invariant
  const isClean = first.violations.length === 0
  const smallest = broken === undefined || isClean ? history : (await shrink(history, broken)).scenario
  const outcome = smallest === history ? first : await playScenario(smallest)
  return {
    isClean,
    scenario: smallest,
    violations: outcome.violations.map(({ invariant: name, what }) => `${name}: ${what}`),
    text: storyText(smallest, outcome, values.reads),
  }
}

async function playMany(): Promise<boolean> {
  const shrinkMax = command.whole('--shrink', values.shrink)
  const stories: { readonly seed: number; readonly replay: string; readonly story: Story }[] = []
  const onFailure = async ({ seed, violations }: Failure): Promise<void> => {
    const chosen = cast() === 'attio-hubspot' ? '' : ` --cast ${cast()}`
    const replay = `npm run sim -- --seed ${seed}${chosen}`
    if (!values.json) {
      for (const { invariant, what } of violations)
        process.stdout.write(`seed ${seed} ${invariant}: ${what}\n`)
    }
    if (stories.length >= shrinkMax) return
    const story = await storyOf(drawWorld(seed, cast()), violations[0]?.invariant)
    stories.push({ seed, replay, story })
    if (!values.json) process.stdout.write(`\n${story.text}\n\nAgain: ${replay}\n\n`)
  }
  const report = await playSeries({
    from: command.whole('--from', values.from),
    seeds: command.whole('--seeds', values.seeds),
    cast: cast(),
    onFailure,
  })
  const traces = stories.map(({ seed, replay, story: { violations, text } }) => ({
    seed,
    replay,
    violations,
    trace: text.split('\n'),
  }))
  process.stdout.write(values.json ? `${JSON.stringify({ ...report, traces })}\n` : `${summary(report)}\n`)
  return report.violations === 0
}

function summary(report: Report): string {
  const faults = Object.entries(report.faults)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, hits]) => `  ${String(hits).padStart(7)}  ${name}`)
  return [
    `${report.seeds} seeds, ${report.violations} broken, ${report.seedsPerMinute} a minute`,
    `${report.edits} edits, ${report.requests} requests, ${report.writes} of them writes, ${report.webhooks} webhooks`,
    `${report.crashes} deaths of the process, ${report.timeouts} timeouts, ${report.repeated} seeds played twice`,
    'faults met:',
    ...faults,
  ].join('\n')
}
