/** One thing that `attune check` has to say, whatever kind of error it came as. */
import { relative } from 'node:path'
import { ConfigError, ConnectorError, type SourcePosition } from '../errors.ts'
import { positionText, type Problem } from '../mapping/problem.ts'

export interface Finding {
  readonly severity: 'error' | 'warning'
  /** Relative to the working directory where it is in there; null when no file is to blame. */
  readonly file: string | null
  readonly line: number | null
  readonly column: number | null
  readonly message: string
  readonly hint: string
}

export function finding(
  severity: Finding['severity'],
  at: SourcePosition | null,
  message: string,
  hint: string,
): Finding {
  return {
    severity,
    file: at ? fromHere(at.file) : null,
    line: at?.line ?? null,
    column: at?.column ?? null,
    message,
    hint,
  }
}

/** `file:line:column`, from the working directory. */
export function placeText(at: SourcePosition): string {
  return positionText({ ...at, file: fromHere(at.file) })
}

/** A file outside of the working directory by its whole path: many steps up are read by nobody. */
function fromHere(file: string): string {
  const path = relative(process.cwd(), file)
  return path === '' || path.startsWith('..') ? file : path
}

export function ofProblem({ severity, at, message, hint }: Problem): Finding {
  return finding(severity, at, message, hint)
}

/** `at`: where the connection is described, for errors that come from the account. Throws what is not for people. */
export function ofError(error: unknown, at: SourcePosition | null): readonly Finding[] {
  if (error instanceof ConfigError) {
    const others = error.others.map((other) => finding('error', other.at, other.message, other.hint))
    return [finding('error', error.at ?? at, error.message, error.hint), ...others]
  }
  if (error instanceof ConnectorError) return [ofConnectorError(error, at)]
  throw error
}

export function ofConnectorError(error: ConnectorError, at: SourcePosition | null): Finding {
  const scopes = error.scopes.length > 0 ? ` (missing scopes: ${error.scopes.join(', ')})` : ''
  return finding('error', at, `${error.connection}: ${error.message}${scopes}`, error.hint)
}
