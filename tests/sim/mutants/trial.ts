/**
 * One process, one engine: plays worlds with the mutant that was preloaded, or with production, and says what it saw
 * as one line of JSON. Started by `trials.ts`; not for people.
 */
import { parseArgs } from 'node:util'
import { sealFetch } from '../../../src/connectors/transport.ts'
import { playScenario } from '../run.ts'
import { assertApplied, mutant } from './preload.ts'
import { scenarioOf } from './scene.ts'

export interface Sight {
  /** A world (`scene.ts`), or the explorer's configuration. */
  readonly scene: string
  readonly invariant: string
  readonly what: string
}

/** What a trial answers with. */
export interface Trial {
  /** Scenes in order. */
  readonly played: number
  /** Of each scene, the first violation of every invariant. */
  readonly sights: readonly Sight[]
  readonly ms: number
}

const { values } = parseArgs({
  options: {
    /** Worlds (`scene.ts`), with commas between; the theme `any` is a scenario as drawn. */
    scenes: { type: 'string', default: 'any:1' },
    /** Go on after the mutant was seen. */
    all: { type: 'boolean', default: false },
  },
})
sealFetch()
const startedMs = performance.now()
const sights: Sight[] = []
let played = 0
for (const scene of values.scenes.split(',')) {
  const { violations } = await playScenario(scenarioOf(scene))
  played += 1
  const first = new Map(violations.toReversed().map((violation) => [violation.invariant, violation.what]))
  for (const [invariant, what] of first) sights.push({ scene, invariant, what })
  const isSeen = [...first.keys()].some((invariant) => mutant?.breaks.includes(invariant))
  if (isSeen && !values.all) break
}
assertApplied()
const trial: Trial = { played, sights, ms: Math.round(performance.now() - startedMs) }
process.stdout.write(`${JSON.stringify(trial)}\n`, () => {
  // What a mutant left hanging is no reason to wait.
  process.exit(0)
})
