/** The sandbox options of the command line as the sandbox takes them. */
import { readFileSync } from 'node:fs'
import { ConfigError } from '../errors.ts'
import type { SandboxOptions } from '../sandbox/sandbox.ts'
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

/** Both files or neither; the sandbox itself says when they do not fit. */
export function certificateOf({
  tlsCert,
  tlsKey,
}: Pick<SandboxFlags, 'tlsCert' | 'tlsKey'>): SandboxOptions['tls'] | null {
  if (tlsCert === undefined && tlsKey === undefined) return null
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new ConfigError('A certificate is of no use without its key, nor a key without its certificate', {
      hint: 'Give both --tls-cert and --tls-key.',
    })
  }
  return { cert: readPem('--tls-cert', tlsCert), key: readPem('--tls-key', tlsKey) }
}

function readPem(option: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError(`${option}: ${reason}`, { hint: 'Check the path.', cause })
  }
}
