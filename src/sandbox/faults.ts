/**
 * Faults between a client and a vendor model: everything that can happen to a request on its way, except what
 * the vendor itself decides. One layer serves both roads to a model, sockets (`server.ts`) and in process
 * (`model-transport.ts`), so that a fault found over HTTP can be replayed in the simulator and vice versa.
 *
 * | kind             | effect at the vendor | what the client sees |
 * |------------------|----------------------|----------------------|
 * | `status`         | none                 | `status` (503) with a body that is not the vendor's |
 * | `refuse`         | none                 | the vendor's own refusal: `refusal` (`server-error`) |
 * | `reset-before`   | none                 | the connection breaks |
 * | `timeout-before` | none                 | silence; broken off after `delayMs`, if given |
 * | `reset-after`    | happened             | the connection breaks |
 * | `timeout-after`  | happened             | silence; broken off after `delayMs`, if given |
 * | `status-after`   | happened             | `status` (502) with a body that is not the vendor's |
 * | `cut-body`       | happened             | a complete head, half of the body, then the connection breaks |
 * | `late`           | `delayMs` later      | the connection breaks at once (a "zombie" request) |
 * | `delay`          | `delayMs` later      | the vendor's answer, `delayMs` late |
 *
 * In process there is no connection: a broken or silent one is a `TransportError` with `sent: true`, thrown
 * after `delayMs` for silence (0 when absent). Over HTTP silence without `delayMs` lasts until the client gives
 * up. Rules are tried in order and the first that applies wins; a rule whose dice say no is passed over.
 */
import { z } from 'zod'
import type { HttpRequest, HttpResponse } from '../connectors/transport.ts'
import type { Runtime } from '../runtime.ts'
import type { VendorModel } from './model.ts'
import { seededRandom } from './random.ts'

export const faultRuleSchema = z.strictObject({
  /** A name of the caller's, shown with the hit count. */
  id: z.string().optional(),
  /** HTTP method, any when absent. */
  method: z.string().optional(),
  /** Source of a regular expression that must match somewhere in the path (without the query). */
  path: z.string().refine(isRegularExpression, 'is not a regular expression').optional(),
  /** Only requests that change data (true) or only those that do not (false), as the vendor counts them. */
  mutating: z.boolean().optional(),
  kind: z.enum([
    'status',
    'refuse',
    'reset-before',
    'reset-after',
    'timeout-before',
    'timeout-after',
    'late',
    'delay',
    'cut-body',
    'status-after',
  ]),
  refusal: z.enum(['rate-limit', 'server-error', 'bad-gateway', 'unauthorized', 'daily-limit']).optional(),
  status: z.int().min(200).max(599).optional(),
  delayMs: z.number().min(0).max(3_600_000).optional(),
  /** Chance that a matching request is hit; 1 when absent. Drawn from the seed of the layer. */
  probability: z.number().min(0).max(1).optional(),
  /** Hits after which the rule is spent; unlimited when absent. */
  times: z.int().positive().optional(),
})

export type FaultRule = Readonly<z.infer<typeof faultRuleSchema>>

/** What becomes of one request. `silence.ms` null: until the client hangs up. */
export type Outcome =
  | { readonly kind: 'answer'; readonly response: HttpResponse }
  | { readonly kind: 'cut'; readonly response: HttpResponse }
  | { readonly kind: 'reset' }
  | { readonly kind: 'silence'; readonly ms: number | null }

export interface FaultLayer {
  /** Sends a request through the rules. Rejects only when `signal` aborts a wait. */
  answer(request: HttpRequest, signal?: AbortSignal): Promise<Outcome>
  /** The rules in order, with the hits each has had. */
  rules(): readonly { readonly rule: FaultRule; readonly hits: number }[]
  /** Replaces all rules; hit counts and dice start anew. */
  replace(rules: readonly FaultRule[]): void
  /** Resolves when no effect of a `late` fault is outstanding any more. */
  settled(): Promise<void>
}

/** What the layer needs of a model. */
export type Answering = Pick<VendorModel, 'handle' | 'refuse' | 'isMutating'>

export interface FaultOptions {
  readonly runtime: Pick<Runtime, 'sleep'>
  /** Seeds the dice of `probability`; 0 when absent. */
  readonly seed?: number
  readonly rules?: readonly FaultRule[]
  /** Ends waiting `late` effects, which then never happen. */
  readonly signal?: AbortSignal
}

interface ActiveRule {
  readonly rule: FaultRule
  readonly pattern: RegExp | null
  readonly roll: () => number
  hits: number
}

const FOREIGN_BODY =
  '<html><head><title>Error</title></head><body>The request could not be served.</body></html>'

export function createFaults(model: Answering, options: FaultOptions): FaultLayer {
  const { runtime, seed = 0, signal: closing } = options
  let active = activate(options.rules ?? [], seed)
  const late = new Set<Promise<void>>()

  /** Lets the effect of a request happen later, when its client has long been told that it failed. */
  function happenLater(request: HttpRequest, delayMs: number): void {
    const effect = runtime.sleep(delayMs, closing).then(
      () => void model.handle(request),
      (reason: unknown) => {
        if (!closing?.aborted) throw reason
      },
    )
    late.add(effect)
    const done = (): void => void late.delete(effect)
    effect.then(done, done)
  }

  return {
    answer: async (request, signal) => {
      const rule = active.length === 0 ? null : pick(active, request, model)
      if (rule === null) return { kind: 'answer', response: model.handle(request) }
      switch (rule.kind) {
        case 'status':
          return { kind: 'answer', response: foreignAnswer(rule.status ?? 503) }
        case 'refuse':
          return { kind: 'answer', response: model.refuse(rule.refusal ?? 'server-error', request) }
        case 'reset-before':
          return { kind: 'reset' }
        case 'timeout-before':
          return { kind: 'silence', ms: rule.delayMs ?? null }
        case 'reset-after':
          model.handle(request)
          return { kind: 'reset' }
        case 'timeout-after':
          model.handle(request)
          return { kind: 'silence', ms: rule.delayMs ?? null }
        case 'status-after':
          model.handle(request)
          return { kind: 'answer', response: foreignAnswer(rule.status ?? 502) }
        case 'cut-body':
          return { kind: 'cut', response: model.handle(request) }
        case 'late':
          happenLater(request, rule.delayMs ?? 0)
          return { kind: 'reset' }
        case 'delay':
          await runtime.sleep(rule.delayMs ?? 0, signal)
          return { kind: 'answer', response: model.handle(request) }
      }
    },
    rules: () => active.map(({ rule, hits }) => ({ rule, hits })),
    replace: (rules) => {
      active = activate(rules, seed)
    },
    settled: async () => {
      while (late.size > 0) await Promise.all(late)
    },
  }
}

function activate(rules: readonly FaultRule[], seed: number): ActiveRule[] {
  return rules.map((rule, index) => ({
    rule,
    pattern: rule.path === undefined ? null : new RegExp(rule.path),
    roll: seededRandom(seed, `fault/${rule.id ?? index}`).next,
    hits: 0,
  }))
}

function pick(active: readonly ActiveRule[], request: HttpRequest, model: Answering): FaultRule | null {
  const path = new URL(request.url).pathname
  for (const candidate of active) {
    const { rule, pattern } = candidate
    if (rule.times !== undefined && candidate.hits >= rule.times) continue
    if (rule.method !== undefined && rule.method.toUpperCase() !== request.method.toUpperCase()) continue
    if (pattern !== null && !pattern.test(path)) continue
    if (rule.mutating !== undefined && rule.mutating !== model.isMutating(request)) continue
    if (rule.probability !== undefined && candidate.roll() >= rule.probability) continue
    candidate.hits += 1
    return rule
  }
  return null
}

/** What a proxy in front of the vendor says: HTML, no vendor code, no rate headers (Attio fact sheet 4.2, 5xx). */
function foreignAnswer(status: number): HttpResponse {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: FOREIGN_BODY }
}

function isRegularExpression(source: string): boolean {
  try {
    new RegExp(source)
    return true
  } catch {
    // The only error here is the syntax error that this function is asked about.
    return false
  }
}
