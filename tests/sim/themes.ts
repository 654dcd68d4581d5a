/**
 * What a scenario is mostly about. A scenario drawn from everything meets rare situations rarely; every third one has
 * a theme instead, a small cast and many steps of one sort, in the same weather. The suite of broken engines
 * (`mutants/`) says which theme brings which mistake to light, and how often.
 */
import { seededRandom, type Random } from '../../src/sandbox/random.ts'
import type { Scenario } from './scenario.ts'
import { deletions, duplicates, keyless, merges, strangers } from './themes/identity.ts'
import { fights, gains, losses, oneWay, reflexes, scoped } from './themes/fields.ts'
import { purges, refusals, revocation } from './themes/trouble.ts'
import { references } from './themes/references.ts'

type Make = (random: Random, plain: Scenario) => Partial<Scenario>

const MAKE = {
  deletions,
  duplicates,
  fights,
  gains,
  keyless,
  losses,
  merges,
  'one-way': oneWay,
  purges,
  references,
  reflexes,
  refusals,
  revocation,
  scoped,
  strangers,
} as const satisfies Readonly<Record<string, Make>>

export type Theme = keyof typeof MAKE

export const THEMES = Object.keys(MAKE) as readonly Theme[]

/** Null: about everything. */
export function drawTheme(seed: number): Theme | null {
  const random = seededRandom(seed, 'sim/theme')
  return random.chance(1 / 3) ? random.pick(THEMES) : null
}

/** What a theme is about begins when the pairs of the beginning are made, and takes as long again and longer. */
const STORM_MIN_MS = 60_000
/** Themes of which most mistakes show when something was seen through, and something else happens then. */
const SEEN_THROUGH: ReadonlySet<Theme> = new Set(['deletions', 'references', 'losses'])
const SEEN_THROUGH_MIN_MS = 180_000

/** The world of a scenario, with what happens in it replaced. */
export function withTheme(drawn: Scenario, theme: Theme): Scenario {
  const make: Make = MAKE[theme]
  const leastMs = SEEN_THROUGH.has(theme) ? SEEN_THROUGH_MIN_MS : STORM_MIN_MS
  const plain = { ...drawn, stormMs: Math.max(drawn.stormMs, leastMs) }
  // Its own people are what it is about.
  const themed = { ...plain, theme, ...make(seededRandom(plain.seed, `sim/theme/${theme}`), plain) }
  return { ...themed, steps: themed.steps.toSorted((a, b) => a.atMs - b.atMs) }
}
