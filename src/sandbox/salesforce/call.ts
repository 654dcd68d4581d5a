/** One request on its way through a handler. */
import type { HttpRequest } from '../../connectors/transport.ts'
import type { Actor } from './actor.ts'
import type { Org } from './org.ts'
import type { ObjectType } from './schema/object-type.ts'
import { jsonProblem, Problem, refusal, type Answer } from './wire.ts'

export interface Json {
  readonly [key: string]: unknown
}

export interface Route {
  readonly method: string
  readonly template: string
  /** Whether it changes data; a composite request is as mutating as what it carries. */
  readonly mutates: boolean | ((request: HttpRequest) => boolean)
  readonly handle: (call: Call) => Answer
  /**
   * `open`: without a session and uncounted. `session`: a session, and uncounted. `classic`: a session in a header of
   * its own, and refusals in XML, as Bulk API 1.0 has it.
   */
  readonly access?: 'open' | 'session' | 'classic'
}

/** A request inside a composite one: same caller, no new session check, not counted by itself. */
export interface SubRequest {
  readonly method: string
  /** `/services/data/vXX.X/…`. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Whether what the outer request wants of its rows holds for this part, which cannot say so itself. */
  readonly inheritsWishes: boolean
  readonly body: unknown
}

export interface Call {
  readonly org: Org
  readonly request: HttpRequest
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** `64.0`. */
  readonly version: string
  readonly actor: Actor
  /** The JSON of the body, parsed once. Throws the vendor's answer to an unreadable one. */
  readonly payload: () => unknown
  readonly dispatch: (request: SubRequest) => Answer
  /** Counts a request that the door let in uncounted against the daily allowance; throws when that is used up. */
  readonly admit: () => void
  /** Counts more requests against the daily allowance, as a batch does for its parts. */
  readonly charge: (requests: number) => void
}

export function param(call: Call, name: string): string {
  return call.params[name] ?? ''
}

export function objectParam(call: Call): ObjectType {
  return call.org.schema.require(param(call, 'object'))
}

export function header(call: Call, name: string): string | null {
  return call.request.headers[name] ?? null
}

/** Start of paths in answers. */
export function base(call: Call): string {
  return `/services/data/v${call.version}`
}

export function bodyObject(call: Call): Json {
  return asObject(call.payload())
}

export function asObject(value: unknown): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  const kind = Array.isArray(value) ? 'START_ARRAY' : 'VALUE_STRING'
  throw jsonProblem(
    `Cannot deserialize instance of object from ${kind} or request may be missing a required field at [line:1, column:1]`,
  )
}

export function asList(value: unknown, name: string): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[]
  throw jsonProblem(`Cannot deserialize instance of list for ${name} at [line:1, column:1]`)
}

export function asText(value: unknown, name: string): string {
  if (typeof value === 'string') return value
  throw jsonProblem(`Cannot deserialize instance of string for ${name} at [line:1, column:1]`)
}

/** Flags may be text, as everywhere in the API (Salesforce fact sheet 4). */
export function asFlag(value: unknown, fallback: boolean): boolean {
  if (value === undefined || value === null) return fallback
  return value === true || value === 'true'
}

/** Calls that need a permission of the user, such as View Setup (7). */
export function requirePermission(call: Call, permission: string, code = 'INSUFFICIENT_ACCESS'): void {
  if (call.org.settings.permissions.includes(permission)) return
  throw refusal(code, `You do not have the level of access necessary to perform the operation you requested.`)
}

export function badRequest(errorCode: string, message: string): Problem {
  return new Problem(400, [{ message, errorCode }])
}
