/**
 * How often each mutant is seen, as measured by `npm run sim:mutants -- --rate N`, and from that the seeds that it has
 * to be caught within. The file beside this one is written by that command and by nobody else.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Mutant } from './mutant.ts'
import { sceneOf } from './scene.ts'

const FILE = fileURLToPath(new URL('measured.json', import.meta.url))

/** Of the seeds 1 to `of` of the mutant's theme. */
export interface Measured {
  readonly seen: number
  readonly of: number
  /** The first seeds that showed it. */
  readonly first: readonly number[]
}

export interface Plan {
  readonly scenes: readonly string[]
  readonly measured: Measured | null
}

/** Missing all of the recorded seeds, a mutant is looked for in as many others as it should need, and in no more. */
export const SEEDS_MAX = 100

/**
 * The recorded seeds first. They lose their meaning when the drawing of scenarios changes; then the mutant has to be
 * met by chance, within the seeds that its rate makes 95 % sure.
 */
export function plan({ name, seenBy }: Mutant): Plan {
  if ('explorer' in seenBy) return { scenes: seenBy.explorer, measured: null }
  if ('suite' in seenBy) return { scenes: [], measured: null }
  const measured = readMeasured()[name] ?? null
  const rate = measured ? measured.seen / measured.of : 0
  const needed = rate === 0 ? SEEDS_MAX : rate === 1 ? 1 : Math.ceil(Math.log(0.05) / Math.log(1 - rate))
  const others = Array.from({ length: needed }, (_, i) => i + 1)
  const seeds = [...new Set([...(measured?.first ?? []), ...others])].slice(0, SEEDS_MAX)
  return { scenes: seeds.map((seed) => sceneOf(seenBy, seed)), measured }
}

export function readMeasured(): Readonly<Record<string, Measured>> {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, Measured>
}

export function writeMeasured(measured: Readonly<Record<string, Measured>>): void {
  const sorted = Object.entries(measured).toSorted(([a], [b]) => a.localeCompare(b))
  // As prettier has it.
  const lines = sorted.map(
    ([name, { seen, of, first }]) =>
      `  ${JSON.stringify(name)}: { "seen": ${seen}, "of": ${of}, "first": [${first.join(', ')}] }`,
  )
  writeFileSync(FILE, `{\n${lines.join(',\n')}\n}\n`)
}
