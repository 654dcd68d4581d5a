/** One request on its way through a handler. */
import type { HttpRequest } from '../../connectors/transport.ts'
import type { RateLimits } from './limits.ts'
import type { ObjectType } from './object-types.ts'
import type { Portal } from './portal.ts'
import type { Source } from './record-store.ts'
import type { Tokens } from './tokens.ts'
import { invalid, missingFields, Problem, unreadable, wrongType, type Answer } from './wire.ts'

export type ApiVersion = 'v1' | 'v3' | 'v4' | '2025-09' | '2026-03' | '2026-09'

export interface Route {
  readonly method: string
  /** In legacy paths; dated ones are mapped to them by `versions.ts`. */
  readonly template: string
  readonly mutates: boolean
  /** Scopes the token must have, all of them. */
  readonly scopes: (call: Call) => readonly string[]
  readonly handle: (call: Call) => Answer
  /** `search`: the search allowance. `open`: no bearer token and no allowance. */
  readonly kind?: 'search' | 'associations' | 'open' | 'developer'
}

export interface Json {
  readonly [key: string]: unknown
}

export interface Call {
  readonly portal: Portal
  readonly tokens: Tokens
  readonly limits: RateLimits
  readonly request: HttpRequest
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly version: ApiVersion
  /** How writes of the caller appear in history and webhooks. */
  readonly source: Source
  readonly scopes: readonly string[]
  /** The JSON of the body, parsed once. Throws the vendor's answer to an unreadable one. */
  readonly payload: () => unknown
}

export function param(call: Call, name: string): string {
  return call.params[name] ?? ''
}

export function objectType(call: Call, name = 'objectType'): ObjectType {
  const type = call.portal.types.resolve(param(call, name))
  if (type.custom && !call.portal.settings.customObjects) {
    throw new Problem(403, `You do not have permissions to view object type ${type.typeId}.`)
  }
  return type
}

export function readScopes(call: Call): readonly string[] {
  return [objectType(call).scopes.read]
}

export function writeScopes(call: Call): readonly string[] {
  return [objectType(call).scopes.write]
}

const SCOPES_PAGE = 'https://developers.hubspot.com/scopes'
const SCOPES_REQUIRED = 'One or more of the following scopes are required.'

/** Two forms are in use (fact sheet 5.2); the older one was recorded at the schemas of custom objects. */
export function requireScopes(call: Call, needed: readonly string[]): void {
  const missing = needed.filter((scope) => !call.scopes.includes(scope))
  if (missing.length === 0) return
  const category = 'MISSING_SCOPES'
  if (missing.some((scope) => scope.startsWith('crm.schemas.custom.'))) {
    const context = { requiredGranularScopes: missing, links: [SCOPES_PAGE] }
    throw new Problem(403, SCOPES_REQUIRED, { context, category })
  }
  throw new Problem(
    403,
    `This app hasn't been granted all required scopes to make this call. Read more about required scopes here: ${SCOPES_PAGE}.`,
    {
      errors: [{ message: SCOPES_REQUIRED, context: { requiredGranularScopes: missing } }],
      links: { scopes: SCOPES_PAGE },
      category,
    },
  )
}

/** The JSON object of the body. */
export function body(call: Call): Json {
  const parsed = call.payload()
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw wrongType('java.util.LinkedHashMap', Array.isArray(parsed) ? 'Array value' : 'scalar value')
  }
  return parsed as Json
}

export function parseBody(text: string | null): unknown {
  if (text === null || text === '') {
    throw unreadable('Invalid input JSON on line 1, column 0: No content to map due to end-of-input')
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw unreadable(`Invalid input JSON on line 1, column 2: ${reason}`)
  }
}

/** Most inputs of a record batch (HubSpot fact sheet 6). */
const BATCH_MAX = 100

/** The `inputs` of a batch. */
export function inputs(call: Call, max = BATCH_MAX): readonly Json[] {
  const list = body(call)['inputs']
  if (list === undefined || list === null) throw missingFields('inputs')
  const objects = objectsOf(list)
  if (objects.length > max) {
    throw invalid(
      `The maximum number of inputs supported in a batch request is ${max}. Received ${objects.length}`,
    )
  }
  return objects
}

/** A list of JSON objects; an absent one is empty. */
export function objectsOf(raw: unknown): readonly Json[] {
  if (raw === undefined || raw === null) return []
  if (!Array.isArray(raw)) throw wrongType('java.util.ArrayList', 'Object value')
  for (const entry of raw) {
    if (typeof entry !== 'object' || entry === null)
      throw wrongType('java.util.LinkedHashMap', 'scalar value')
  }
  return raw as Json[]
}

/** An id in a body: text, or a number that some clients send. */
export function idOf(raw: unknown, name = 'id'): string {
  if (raw === undefined || raw === null || raw === '') throw missingFields(name)
  if (typeof raw === 'number') return String(raw)
  if (typeof raw !== 'string') throw wrongType('java.lang.String', 'Object value')
  return raw.trim()
}

export function stringOf(raw: unknown, name: string): string {
  if (raw === undefined || raw === null || raw === '') throw missingFields(name)
  if (typeof raw !== 'string') throw wrongType('java.lang.String', `${name}`)
  return raw
}

/** The text of a scalar; a list or an object cannot be read as one. */
export function scalarOf(raw: unknown): string {
  if (typeof raw === 'string') return raw
  if (typeof raw === 'number' || typeof raw === 'boolean') return String(raw)
  if (raw === undefined || raw === null) return ''
  throw wrongType('java.lang.String', Array.isArray(raw) ? 'Array value' : 'Object value')
}

export function stringsOf(raw: unknown): string[] {
  if (raw === undefined || raw === null) return []
  if (!Array.isArray(raw)) throw wrongType('java.util.ArrayList', 'scalar value')
  return raw.map(scalarOf)
}

/** A list in the query: repeated, separated by commas, or both. */
export function queryList(call: Call, name: string): string[] {
  return call.query
    .getAll(name)
    .flatMap((entry) => entry.split(','))
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

/** A link to one of our own paths, at the host the caller knows us by: clients that follow it stay here. */
export function linkTo(call: Call, path: string): string {
  return new URL(call.request.url).origin + path
}

export function queryFlag(call: Call, name: string): boolean {
  return call.query.get(name) === 'true'
}

export function queryLimit(call: Call, fallback: number, max: number): number {
  const text = call.query.get('limit')
  if (text === null || text === '') return fallback
  const limit = Number(text)
  if (!Number.isInteger(limit)) throw wrongType('int', `String "${text}": not a valid int value`)
  if (limit < 1 || limit > max) throw invalid(`limit must be between 1 and ${max}, but was ${text}`)
  return limit
}

/** A cursor of ours is a number. */
export function queryAfter(call: Call): number {
  return queryNumber(call, 'after', 0)
}

/** A whole number; anything else cannot be read (fact sheet 5.2). */
export function queryNumber(call: Call, name: string, fallback: number): number {
  const text = call.query.get(name)
  if (text === null || text === '') return fallback
  if (!/^\d+$/.test(text)) throw wrongType('long', `String "${text}": not a valid long value`)
  return Number(text)
}
