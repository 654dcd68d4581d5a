/** Measures how many of the first seeds show each mutant: once, and again whenever drawing or audits changed. */
import type { Measured } from './measured.ts'
import type { Mutant, Worlds } from './mutant.ts'
import { createPool } from './pool.ts'
import { kindOf, sceneOf, seedIn } from './scene.ts'
import { trialOf } from './trials.ts'

/** Enough to be sure of one, should production ever fail in another. */
const FIRST = 2

export async function measure(
  mutants: readonly Mutant[],
  count: number,
  told: {
    readonly onMeasured: (mutant: Mutant, measured: Measured) => void
    /** Production broke something itself, or a mutant could not be tried. */
    readonly onTrouble: (what: string) => void
  },
): Promise<void> {
  const pool = createPool(2)
  const seeds = Array.from({ length: count }, (_, i) => i + 1)
  // What production itself breaks shows nothing.
  const alarms = new Map<string, Promise<ReadonlySet<string>>>()
  const alarmsOf = (worlds: Worlds): Promise<ReadonlySet<string>> => {
    const known = alarms.get(kindOf(worlds))
    if (known) return known
    const found = trialOf(
      pool,
      null,
      seeds.map((seed) => sceneOf(worlds, seed)),
      true,
    ).then(({ sights }) => {
      for (const { scene, invariant, what } of sights)
        told.onTrouble(`production, ${scene}: ${invariant}: ${what}`)
      return new Set(sights.map(({ scene, invariant }) => `${scene} ${invariant}`))
    })
    alarms.set(kindOf(worlds), found)
    return found
  }
  await Promise.all(
    mutants.map(async (mutant) => {
      const { seenBy, breaks } = mutant
      if (!('theme' in seenBy)) return
      const [trial, known] = await Promise.all([
        trialOf(
          pool,
          mutant,
          seeds.map((seed) => sceneOf(seenBy, seed)),
          true,
        ).catch((error: unknown) => {
          told.onTrouble(`${mutant.name}: ${error instanceof Error ? error.message : String(error)}`)
          return null
        }),
        alarmsOf(seenBy),
      ])
      if (!trial) return
      const real = trial.sights.filter(
        ({ scene, invariant }) => breaks.includes(invariant) && !known.has(`${scene} ${invariant}`),
      )
      const seen = [...new Set(real.map(({ scene }) => seedIn(scene)))]
      told.onMeasured(mutant, { seen: seen.length, of: count, first: seen.slice(0, FIRST) })
    }),
  )
}
