/** What is wrong with a mapping file: data, so that all of it can be shown at once. */
import { ConfigError, type SourcePosition } from '../errors.ts'

export interface Problem {
  /** `error`: the mapping must not run. `warning`: it runs, and may surprise. */
  readonly severity: 'error' | 'warning'
  readonly at: SourcePosition
  readonly message: string
  /** What to do about it. */
  readonly hint: string
}

export function error(at: SourcePosition, message: string, hint: string): Problem {
  return { severity: 'error', at, message, hint }
}

export function warning(at: SourcePosition, message: string, hint: string): Problem {
  return { severity: 'warning', at, message, hint }
}

/** As a person reads the file: top to bottom. */
export function inFileOrder(problems: readonly Problem[]): readonly Problem[] {
  return problems.toSorted((a, b) => a.at.line - b.at.line || a.at.column - b.at.column)
}

/** `file:line:column`, as editors and terminals understand it. */
export function positionText(at: SourcePosition): string {
  return `${at.file}:${at.line}:${at.column}`
}

/** Throws the first error as `ConfigError`, which carries the others. Warnings never throw. */
export function throwOnErrors(problems: readonly Problem[]): void {
  const [first, ...rest] = problems.filter((problem) => problem.severity === 'error')
  if (!first) return
  throw new ConfigError(first.message, { at: first.at, hint: first.hint, others: rest })
}
