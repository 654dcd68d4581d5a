/** `@{ref.id}`, `@{ref.records[0].Id}`: results of earlier parts of a composite request (Salesforce fact sheet 15). */
import type { Answer } from '../wire.ts'

const REFERENCE = /@\{([A-Za-z0-9_]+)((?:\.[A-Za-z0-9_]+|\[\d+\])*)\}/g

/** Names of the parts that a value refers to. */
export function referencesIn(value: unknown): string[] {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null)
  return [...text.matchAll(REFERENCE)].map(([, name = '']) => name)
}

/** The value with every reference replaced; undefined when one leads nowhere. */
export function withReferences(value: unknown, answers: ReadonlyMap<string, Answer>): unknown {
  if (typeof value === 'string') return inText(value, answers)
  if (Array.isArray(value)) return all(value.map((entry: unknown) => withReferences(entry, answers)))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(
    ([name, entry]) => [name, withReferences(entry, answers)] as const,
  )
  return entries.some(([, entry]) => entry === undefined) ? undefined : Object.fromEntries(entries)
}

function all(values: readonly unknown[]): readonly unknown[] | undefined {
  return values.some((value) => value === undefined) ? undefined : values
}

function inText(text: string, answers: ReadonlyMap<string, Answer>): unknown {
  const whole = text.match(REFERENCE)?.[0] === text
  let missing = false
  let single: unknown
  const replaced = text.replaceAll(REFERENCE, (_match, name: string, path: string) => {
    const found = follow(answers.get(name)?.body, path)
    if (found === undefined || found === null || typeof found === 'object') missing = true
    single = found
    return String(found)
  })
  if (missing) return undefined
  // A text that is nothing but a reference becomes the value itself, numbers included.
  return whole ? single : replaced
}

/** Member names are case-sensitive. */
function follow(body: unknown, path: string): unknown {
  let current = body
  for (const [, name, index] of path.matchAll(/\.([A-Za-z0-9_]+)|\[(\d+)\]/g)) {
    if (typeof current !== 'object' || current === null) return undefined
    current = (current as Record<string, unknown>)[name ?? index ?? '']
  }
  return current
}
