/** What went wrong, where, and what to do, in a person's words; and the exit code that scripts rely on. */
import { CommanderError } from 'commander'
import { ConfigError, ConnectorError, GuardTripped } from '../errors.ts'
import { placeText } from './findings.ts'
import { print } from './terminal.ts'

/** 0 ok, 1 the work failed, 2 the operator has to correct something first. */
export const EXIT = { ok: 0, failed: 1, operator: 2 } as const

/** A file that is something else altogether has a fault in every line. */
const OTHERS_SHOWN_MAX = 9

export interface Failure {
  readonly error: string
  /** `file:line:column`, when a file is to blame. */
  readonly at: string | null
  readonly message: string
  readonly hint: string
  /** What else is wrong in the same file. */
  readonly others: readonly { readonly at: string; readonly message: string; readonly hint: string }[]
  readonly exitCode: number
}

/** Prints the failure (to stderr; with `json` as one document on stdout too) and returns the exit code. */
export function reportFailure(error: unknown, json: boolean): number {
  // Commander has printed its own sentence, or the help that was asked for.
  const isPrinted = error instanceof CommanderError
  if (isPrinted && error.exitCode === 0) return EXIT.ok
  const failure = describeFailure(error)
  if (json) process.stdout.write(`${JSON.stringify({ error: failure })}\n`)
  if (isPrinted) return failure.exitCode
  print(failureText(failure), process.stderr)
  return failure.exitCode
}

export function failureText(failure: Failure): string {
  const { others } = failure
  const more = others.length > OTHERS_SHOWN_MAX ? `… and ${others.length - OTHERS_SHOWN_MAX} more\n` : ''
  const shown = [failure, ...others.slice(0, OTHERS_SHOWN_MAX)]
    .map(({ at, message, hint }) => {
      const where = at ? `${at}: ` : ''
      return `${where}${message}\n${hint ? `  → ${hint}\n` : ''}`
    })
    .join('')
  return shown + more
}

export function describeFailure(error: unknown): Failure {
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, '')
    const hint = 'add --help for examples'
    return { error: 'UsageError', at: null, message, hint, others: [], exitCode: EXIT.operator }
  }
  if (error instanceof ConfigError) {
    const { name, at, message, hint } = error
    const others = error.others.map((other) => ({
      at: placeText(other.at),
      message: other.message,
      hint: other.hint,
    }))
    return { error: name, at: at && placeText(at), message, hint, others, exitCode: EXIT.operator }
  }
  if (error instanceof ConnectorError) {
    const scopes = error.scopes.length > 0 ? ` (missing scopes: ${error.scopes.join(', ')})` : ''
    const message = `${error.connection}: ${error.message}${scopes}`
    const exitCode = error.kind === 'unauthorized' ? EXIT.operator : EXIT.failed
    return { error: error.kind, at: null, message, hint: error.hint, others: [], exitCode }
  }
  if (error instanceof GuardTripped) {
    const message = `stopped by the guard "${error.guard}": ${error.message}`
    return { error: error.name, at: null, message, hint: error.hint, others: [], exitCode: EXIT.failed }
  }
  if (error instanceof Interrupted) {
    const hint = 'Nothing was lost: run the command again, and it goes on where it stopped.'
    return { error: error.name, at: null, message: error.message, hint, others: [], exitCode: EXIT.failed }
  }
  const isError = error instanceof Error
  return {
    error: isError ? error.name : 'Error',
    at: null,
    message: isError ? (error.stack ?? error.message) : String(error),
    hint: 'This is a defect of Attune. Nothing was lost: run the command again, and please report the lines above.',
    others: [],
    exitCode: EXIT.failed,
  }
}

/**
 * The person pressed Ctrl-C, or the system asked us to stop: work was given back. A command that runs until it
 * is stopped (`start`, `sandbox`) has done its job then; every other one was not complete.
 */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'

  constructor() {
    super('stopped before the work was complete')
  }
}
