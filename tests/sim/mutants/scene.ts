/** Worlds by name, as they travel between processes and into `measured.json`: `theme:seed`, or `cast/theme:seed`. */
import { CAST_NAMES } from '../cast.ts'
import { drawPlain, drawScenario } from '../draw.ts'
import { recast } from '../recast.ts'
import type { Scenario } from '../scenario.ts'
import { THEMES, withTheme } from '../themes.ts'
import type { Worlds } from './mutant.ts'

export function sceneOf(worlds: Worlds, seed: number): string {
  return `${kindOf(worlds)}:${seed}`
}

/** What a scene is called without its seed. */
export function kindOf({ theme, cast = 'attio-hubspot' }: Worlds): string {
  return cast === 'attio-hubspot' ? theme : `${cast}/${theme}`
}

export function seedIn(scene: string): number {
  return Number(scene.split(':')[1])
}

/** Draws the world of that name. Throws where there is none. */
export function scenarioOf(scene: string): Scenario {
  const [kind = ''] = scene.split(':')
  const [name = '', before = 'attio-hubspot'] = kind.split('/').toReversed()
  const seed = seedIn(scene)
  const cast = CAST_NAMES.find((each) => each === before)
  const theme = THEMES.find((each) => each === name)
  if (!cast || !Number.isInteger(seed) || (!theme && name !== 'any'))
    throw new Error(`there is no scene ${scene}`)
  return recast(theme ? withTheme(drawPlain(seed), theme) : drawScenario(seed), cast)
}
