/** Options that every command shares, and what they mean. */
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Option, type Command } from 'commander'
import { ConfigError } from '../errors.ts'

export interface CommonOptions {
  readonly json?: boolean
  readonly config?: string
  readonly db?: string
  readonly logLevel: string
}

export const DEFAULT_CONFIG = 'config/attune.yaml'

/** `src/cli` and `dist/cli` lie equally deep below the folder that holds `config`. */
const SHIPPED_CONFIG = fileURLToPath(new URL('../../config/attune.yaml', import.meta.url))

/**
 * For work that reaches nobody's account: where the working directory has no settings, those that ship will do. Never
 * for real accounts, as somebody in the wrong directory would find theirs paired by rules that they did not choose.
 */
export function configOrShipped({ config }: Pick<CommonOptions, 'config'>): string {
  return config ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : SHIPPED_CONFIG)
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const

export function withCommonOptions(command: Command): Command {
  return command
    .option('--json', 'print one JSON document on stdout; logs go to stderr')
    .option('--config <file>', `settings file (default: ${DEFAULT_CONFIG})`)
    .option('--db <file>', 'database file (default: the one in the settings)')
    .addOption(new Option('--log-level <level>', 'how much is logged').choices(LOG_LEVELS).default('warn'))
}

/** An option's text as a number. Undefined stays undefined; anything else than a number in range is refused. */
export function numberOption(
  name: string,
  text: string | undefined,
  range: { readonly min: number; readonly max: number; readonly whole: boolean },
): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  const isFit = text.trim() !== '' && value >= range.min && value <= range.max
  if (isFit && (!range.whole || Number.isInteger(value))) return value
  const kind = range.whole ? 'a whole number' : 'a number'
  throw new ConfigError(`${name} ${text} makes no sense`, {
    hint: `give ${kind} from ${range.min} to ${range.max}`,
  })
}
