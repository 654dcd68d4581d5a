/**
 * The control port: what a test or an operator may do to the sandbox that no vendor API offers. Act as a person
 * in the CRM, cause faults, count requests, look at the ground truth, go back to an earlier state.
 *
 * JSON over HTTP with `Authorization: Bearer <control token>`. Problems are `{ "error": "<sentence>" }` with
 * 400 (the request is malformed), 401, 404, 405 or 422 (a person could not do this either).
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import type { Runtime } from '../runtime.ts'
import type { SandboxClock } from './clock.ts'
import { dumpAsJson } from './dump-stream.ts'
import { faultRuleSchema } from './faults.ts'
import { listen, readBody } from './listen.ts'
import type { Listening } from './listen.ts'
import { EditRefused } from './model.ts'
import type { SandboxFailure, ServedModel } from './server.ts'
import { changeSettings } from './settings.ts'

/** Snapshots kept in memory; the oldest goes when one more is taken. */
export const SNAPSHOTS_MAX = 8

export interface ControlOptions {
  readonly port: number
  readonly token: string
  readonly runtime: Runtime
  readonly clock: SandboxClock
  /** Whether `POST /clock` is allowed. */
  readonly virtualClock: boolean
  readonly vendors: ReadonlyMap<string, ServedModel>
  readonly failures: readonly SandboxFailure[]
}

/** An answer: JSON, or text that is streamed because it is large. */
type Answer =
  | { readonly status: number; readonly json: unknown; readonly headers?: Record<string, string> }
  | { readonly status: 200; readonly stream: Iterable<string> }

type Handler = (body: unknown, query: URLSearchParams) => Answer

/** Ends a request with a sentence. */
class ControlError extends Error {
  override readonly name = 'ControlError'
  readonly status: number
  readonly headers: Record<string, string>

  constructor(status: number, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}

export async function serveControl(options: ControlOptions): Promise<Listening> {
  const routes = controlRoutes(options)

  async function answer(incoming: IncomingMessage): Promise<Answer> {
    if (incoming.headers.authorization !== `Bearer ${options.token}`) {
      throw new ControlError(401, 'Send the control token as "Authorization: Bearer <token>".')
    }
    const url = new URL(incoming.url ?? '/', 'http://control.invalid')
    const handler = findHandler(routes, incoming.method ?? 'GET', url.pathname)
    return handler(parseJson(await readBody(incoming)), url.searchParams)
  }

  const respond = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    answer(incoming)
      .catch(explain)
      .then((result) => send(outgoing, result))
      // Only the connection can fail here: the client is gone, and with it whoever wanted the answer.
      .catch(() => void outgoing.destroy())
  }
  return listen(respond, { port: options.port })
}

function controlRoutes(options: ControlOptions): Record<string, Record<string, Handler>> {
  const { vendors, runtime, clock } = options
  const snapshots = new Map<string, ReadonlyMap<string, string>>()

  const vendorNamed = (name: string): ServedModel => {
    const vendor = vendors.get(name)
    if (vendor) return vendor
    throw new ControlError(404, `There is no vendor "${name}"; there are ${[...vendors.keys()].join(', ')}.`)
  }

  return {
    '/health': {
      GET: () =>
        ok({
          ok: options.failures.length === 0,
          nowMs: clock.now(),
          clock: options.virtualClock ? 'virtual' : 'real',
          vendors: collect(vendors, ({ url }) => ({ url })),
          failures: options.failures,
        }),
    },
    '/stats': { GET: () => ok(collect(vendors, ({ stats }) => stats.current())) },
    '/stats/reset': {
      POST: () => {
        for (const { stats } of vendors.values()) stats.reset()
        return ok({})
      },
    },
    '/edit': {
      POST: (body) => {
        const { vendor, ...edit } = parse(editSchema, body)
        return ok(vendorNamed(vendor).model.edit(edit))
      },
    },
    '/faults': {
      GET: () =>
        ok(collect(vendors, ({ faults, model }) => ({ rules: faults.rules(), settings: model.settings }))),
      POST: (body) => {
        const { vendor, rules, settings } = parse(faultsSchema, body)
        const { faults, model } = vendorNamed(vendor)
        if (settings) {
          const problem = changeSettings(model, settings)
          if (problem !== null) throw new ControlError(400, problem)
        }
        if (rules) faults.replace(rules)
        return ok({ rules: faults.rules(), settings: model.settings })
      },
    },
    '/snapshot': {
      POST: () => {
        const id = runtime.id()
        snapshots.set(id, new Map([...vendors].map(([name, { model }]) => [name, model.snapshot()])))
        const [oldest] = snapshots.keys()
        if (snapshots.size > SNAPSHOTS_MAX && oldest !== undefined) snapshots.delete(oldest)
        return ok({ id })
      },
    },
    '/restore': {
      POST: (body) => {
        const { id } = parse(restoreSchema, body)
        const snapshot = snapshots.get(id)
        if (!snapshot) {
          throw new ControlError(404, `There is no snapshot "${id}"; the newest ${SNAPSHOTS_MAX} are kept.`)
        }
        for (const [name, text] of snapshot) vendorNamed(name).model.restore(text)
        return ok({})
      },
    },
    '/dump': {
      GET: (_body, query) => {
        const [vendor, object] = [query.get('vendor'), query.get('object')]
        const chosen = vendor === null ? vendors : new Map([[vendor, vendorNamed(vendor)]])
        return {
          status: 200,
          stream: dumpAsJson(
            collect(chosen, ({ model }) => model.dump()),
            object,
          ),
        }
      },
    },
    '/clock': {
      POST: (body) => {
        const { advanceMs } = parse(clockSchema, body)
        if (!options.virtualClock) {
          throw new ControlError(422, 'The clock is real; start the sandbox with a virtual clock to move it.')
        }
        clock.advance(advanceMs)
        return ok({ nowMs: clock.now() })
      },
    },
  }
}

const editSchema = z.strictObject({
  vendor: z.string(),
  action: z.enum(['create', 'update', 'delete', 'restore', 'merge', 'associate', 'dissociate', 'convert']),
  object: z.string(),
  id: z.string().exactOptional(),
  values: z.record(z.string(), z.unknown()).exactOptional(),
  other: z
    .strictObject({ object: z.string(), id: z.string(), label: z.string().exactOptional() })
    .exactOptional(),
  actor: z.string().exactOptional(),
  automated: z.boolean().exactOptional(),
})

const faultsSchema = z
  .strictObject({
    vendor: z.string(),
    rules: z.array(faultRuleSchema).optional(),
    settings: z.record(z.string(), z.unknown()).optional(),
  })
  .refine(({ rules, settings }) => rules ?? settings, 'needs "rules" or "settings"')

const restoreSchema = z.strictObject({ id: z.string() })

const clockSchema = z.strictObject({ advanceMs: z.number().min(0) })

function findHandler(routes: Record<string, Record<string, Handler>>, method: string, path: string): Handler {
  const methods = Object.hasOwn(routes, path) ? routes[path] : undefined
  if (!methods) {
    throw new ControlError(404, `There is no ${path}; there are ${Object.keys(routes).join(', ')}.`)
  }
  const handler = Object.hasOwn(methods, method) ? methods[method] : undefined
  if (handler) return handler
  const allow = Object.keys(methods).join(', ')
  throw new ControlError(405, `${path} answers ${allow}, not ${method}.`, { allow })
}

function parseJson(text: string | null): unknown {
  if (text === null) return {}
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ControlError(400, `The body is not JSON: ${error instanceof Error ? error.message : text}`)
  }
}

function parse<Schema extends z.ZodType>(schema: Schema, body: unknown): z.output<Schema> {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const problems = result.error.issues.map((issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`)
  throw new ControlError(400, problems.join('; '))
}

function ok(json: unknown): Answer {
  return { status: 200, json }
}

function collect<T, R>(vendors: ReadonlyMap<string, T>, of: (vendor: T) => R): Record<string, R> {
  return Object.fromEntries([...vendors].map(([name, vendor]) => [name, of(vendor)]))
}

function explain(error: unknown): Answer {
  if (error instanceof ControlError) {
    return { status: error.status, json: { error: error.message }, headers: error.headers }
  }
  if (error instanceof EditRefused) return { status: 422, json: { error: error.message } }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { status: 500, json: { error: `This is a bug of the sandbox: ${text}` } }
}

async function send(outgoing: ServerResponse, answer: Answer): Promise<void> {
  const type = { 'content-type': 'application/json; charset=utf-8' }
  if ('stream' in answer) {
    outgoing.writeHead(answer.status, type)
    await pipeline(Readable.from(answer.stream), outgoing)
    return
  }
  const body = JSON.stringify(answer.json)
  outgoing.writeHead(answer.status, { ...type, ...answer.headers, 'content-length': Buffer.byteLength(body) })
  outgoing.end(body)
}
