/** What the control port can be asked for: one handler per path and method. */
import { z } from 'zod'
import type { Runtime } from '../runtime.ts'
import type { SandboxClock } from './clock.ts'
import { ControlError, type Answer, type Handler } from './control-answer.ts'
import { dumpAsJson } from './dump-stream.ts'
import { faultRuleSchema } from './faults.ts'
import type { SandboxFailure, ServedModel } from './server.ts'
import { changeSettings } from './settings.ts'

/** Snapshots kept in memory; the oldest goes when one more is taken. */
export const SNAPSHOTS_MAX = 8

/** What the control port acts on. */
export interface ControlledSandbox {
  readonly runtime: Runtime
  readonly clock: SandboxClock
  /** Whether `POST /clock` is allowed. */
  readonly virtualClock: boolean
  readonly vendors: ReadonlyMap<string, ServedModel>
  readonly failures: readonly SandboxFailure[]
}

export function controlRoutes(options: ControlledSandbox): Record<string, Record<string, Handler>> {
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
