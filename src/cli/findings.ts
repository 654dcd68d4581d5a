/** One thing that `attune check` has to say, whatever kind of error it came as. */
import { relative } from 'node:path'
import { ConfigError, ConnectorError, type SourcePosition } from '../errors.ts'
import type { Problem } from '../mapping/problem.ts'

export interface Finding {
  readonly severity: 'error' | 'warning'
  /** Relative to the working directory; null when no file is to blame. */
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
    file: at ? relative(process.cwd(), at.file) || at.file : null,
    line: at?.line ?? null,
    column: at?.column ?? null,
    message,
    hint,
  }
}

export function ofProblem({ severity, at, message, hint }: Problem): Finding {
  return finding(severity, at, message, hint)
}

/** `at`: where the connection is described, for errors that come from the account. Throws what is not for people. */
export function ofError(error: unknown, at: SourcePosition | null): Finding {
  if (error instanceof ConfigError) return finding('error', error.at ?? at, error.message, error.hint)
  if (error instanceof ConnectorError) {
    const scopes = error.scopes.length > 0 ? ` (missing scopes: ${error.scopes.join(', ')})` : ''
    return finding('error', at, `${error.connection}: ${error.message}${scopes}`, error.hint)
  }
  throw error
}
