/** The sandbox options of the command line as the sandbox takes them. */
import { ConfigError } from '../errors.ts'
import type { WorldOptions } from '../sandbox/world.ts'
import { numberOption } from './options.ts'
import type { SandboxFlags } from './sandbox.ts'

type Chosen = Pick<WorldOptions, 'people' | 'overlap' | 'seed' | 'limits'>

/** Only what was said; the sandbox has its own defaults. */
export function worldOptions(flags: Pick<SandboxFlags, 'people' | 'overlap' | 'seed' | 'limits'>): Chosen {
  const people = numberOption('--people', flags.people, { min: 1, max: 1_000_000, whole: true })
  const overlap = numberOption('--overlap', flags.overlap, { min: 0, max: 1, whole: false })
  const seed = numberOption('--seed', flags.seed, { min: 0, max: 1_000_000_000, whole: true })
  const { limits } = flags
  if (limits !== 'vendor' && limits !== 'off') {
    throw new ConfigError(`--limits ${limits} makes no sense`, { hint: 'give vendor or off' })
  }
  return {
    limits,
    ...(people !== undefined && { people }),
    ...(overlap !== undefined && { overlap }),
    ...(seed !== undefined && { seed }),
  }
}
