/** `@{ref.id}`, `@{ref.records[0].Id}`: results of earlier parts of a composite request (Salesforce fact sheet 15). */
import type { Answer } from '../wire.ts'

const REFERENCE = /@\{([A-Za-z0-9_]+)((?:\.[A-Za-z0-9_]+|\[\d+\])*)\}/g

/** A reference that leads nowhere, as the vendor words it. */
export class MissingReference extends Error {
  constructor(name: string, path: string) {
    super(`Invalid reference specified. No value for ${name}${path} found in ${name}.`)
  }
}

/** Names of the parts that a value refers to. */
export function referencesIn(value: unknown): string[] {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null)
  return [...text.matchAll(REFERENCE)].map(([, name = '']) => name)
}

/** What references lead to. */
export interface Results {
  readonly answers: ReadonlyMap<string, Answer>
  /** From version 52.0 on a blank field is a value like others; before it was none (documented). */
  readonly nullsCount: boolean
}

/** The value with every reference replaced. Throws a `MissingReference` when one leads nowhere. */
export function withReferences(value: unknown, results: Results): unknown {
  if (typeof value === 'string') return inText(value, results)
  if (Array.isArray(value)) return value.map((entry: unknown) => withReferences(entry, results))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, withReferences(entry, results)]),
  )
}

function inText(text: string, results: Results): unknown {
  const [whole] = text.matchAll(REFERENCE)
  // A text that is nothing but a reference becomes the value itself, numbers included.
  if (whole?.[0] === text) return lookUp(results, whole[1] ?? '', whole[2] ?? '')
  return text.replaceAll(REFERENCE, (_match, name: string, path: string) =>
    String(lookUp(results, name, path)),
  )
}

function lookUp({ answers, nullsCount }: Results, name: string, path: string): unknown {
  const answer = answers.get(name)
  const found = answer === undefined || answer.status >= 400 ? undefined : follow(answer.body, path)
  const isNone = found === undefined || (found === null && !nullsCount)
  if (isNone || (typeof found === 'object' && found !== null)) throw new MissingReference(name, path)
  return found
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
