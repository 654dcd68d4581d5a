/**
 * Tries mutants, each in processes of its own, two at a time. A mutant counts as caught when a promise that it is said
 * to break was seen broken in a scene in which production keeps it.
 */
import { plan, type Plan } from './measured.ts'
import type { Mutant } from './mutant.ts'
import { createPool, type Pool } from './pool.ts'
import type { Sight, Trial } from './trial.ts'
import { suiteTrial } from './suite.ts'

export interface Verdict {
  readonly name: string
  readonly caught: boolean
  /** Null when it survived. */
  readonly sight: Sight | null
  /** Scenes until it was seen, or in all. */
  readonly scenes: number
  readonly ms: number
  /** Why it could not be tried, or what it was seen breaking instead of what it was said to break. */
  readonly trouble: string | null
}

/** No trial of a mutant that is going to be caught takes this long. */
const PATIENCE_MS = 600_000

export async function tryMutants(
  mutants: readonly Mutant[],
  onVerdict: (verdict: Verdict) => void = () => undefined,
): Promise<readonly Verdict[]> {
  const pool = createPool(2)
  const verdicts = await Promise.all(
    mutants.map(async (mutant) => {
      const verdict = await tryOne(pool, mutant, plan(mutant))
      onVerdict(verdict)
      return verdict
    }),
  )
  return withoutFalseAlarms(pool, mutants, verdicts)
}

async function tryOne(pool: Pool, mutant: Mutant, { scenes }: Plan): Promise<Verdict> {
  const { name, seenBy } = mutant
  const startedMs = performance.now()
  try {
    const trial =
      'suite' in seenBy ? await suiteTrial(pool, mutant, seenBy) : await trialOf(pool, mutant, scenes)
    const sight = trial.sights.find(({ invariant }) => mutant.breaks.includes(invariant)) ?? null
    const others = trial.sights.map(({ scene, invariant }) => `${invariant} in ${scene}`)
    return {
      name,
      caught: sight !== null,
      sight,
      scenes: trial.played,
      ms: trial.ms,
      trouble: sight === null && others.length > 0 ? `only seen breaking ${others.join(', ')}` : null,
    }
  } catch (error) {
    const trouble = error instanceof Error ? error.message : String(error)
    return { name, caught: false, sight: null, scenes: 0, ms: performance.now() - startedMs, trouble }
  }
}

/** Every scene of a list, or until the mutant is seen. */
export function trialOf(
  pool: Pool,
  mutant: Mutant | null,
  scenes: readonly string[],
  all = false,
): Promise<Trial> {
  const file = mutant !== null && 'explorer' in mutant.seenBy ? 'explorer-trial.ts' : 'trial.ts'
  return pool.run<Trial>({
    file,
    mutant: mutant?.name ?? '',
    args: ['--scenes', scenes.join(','), ...(all ? ['--all'] : [])],
    patienceMs: all ? Number.POSITIVE_INFINITY : PATIENCE_MS,
  })
}

/** A scene in which production breaks the same promise proves nothing about a mutant. */
async function withoutFalseAlarms(
  pool: Pool,
  mutants: readonly Mutant[],
  verdicts: readonly Verdict[],
): Promise<readonly Verdict[]> {
  const isWorld = (name: string) => mutants.some((each) => each.name === name && 'theme' in each.seenBy)
  const scenes = verdicts.flatMap(({ name, sight }) => (sight && isWorld(name) ? [sight.scene] : []))
  const distinct = [...new Set(scenes)]
  if (distinct.length === 0) return verdicts
  const halves = [distinct.filter((_, i) => i % 2 === 0), distinct.filter((_, i) => i % 2 === 1)]
  const controls = await Promise.all(
    halves.filter((half) => half.length > 0).map((half) => trialOf(pool, null, half, true)),
  )
  const broken = controls.flatMap(({ sights }) => sights)
  return verdicts.map((verdict) => {
    const alarm = broken.find(
      ({ scene, invariant }) => scene === verdict.sight?.scene && invariant === verdict.sight.invariant,
    )
    if (!alarm || !isWorld(verdict.name)) return verdict
    const trouble = `production breaks ${alarm.invariant} in ${alarm.scene} too: ${alarm.what}`
    return { ...verdict, caught: false, sight: null, trouble }
  })
}
