/**
 * The plan as a document: what `plan` prints and writes, and what `apply` takes back. One shape for both, so that a
 * file that was edited by hand, cut short or made by something else is refused as a whole, with the place.
 */
import { z } from 'zod'
import { readText } from '../config.ts'
import type { Json } from '../core/value.ts'
import { ConfigError } from '../errors.ts'
import { parseYaml } from '../mapping/load.ts'
import { throwOnErrors } from '../mapping/problem.ts'
import type { PlannedConflict, PlannedLink, PlannedWrite } from '../stages/planned.ts'
import type { Cost } from './plan-cost.ts'

export interface PlanDocument {
  /** Rises when an older `apply` would misunderstand the file. */
  readonly version: 1
  readonly id: string
  readonly madeAt: string
  /** What the plan was made under; `apply` refuses any other. Mapping → version of its rules. */
  readonly rules: Readonly<Record<string, string>>
  /** Connection → the vendor's id of the account. */
  readonly accounts: Readonly<Record<string, string>>
  /** Writes, links and conflicts: what a pass would change, in a CRM or here. */
  readonly changes: number
  /** In the order in which a pass would send them. */
  readonly writes: readonly PlannedWrite[]
  readonly links: readonly PlannedLink[]
  readonly conflicts: readonly PlannedConflict[]
  /** Records that would wait in review. */
  readonly review: number
  /** Writes of an earlier run whose outcome a pass would look up first. */
  readonly unsettled: number
  /** Requests per connection. Reads are as measured now, writes as the connector batches them. */
  readonly requests: Readonly<Record<string, { readonly read: number; readonly write: number }>>
  /** The same per connection in calls, hours at the vendor's limits, and share of the day's calls. */
  readonly cost: Readonly<Record<string, Cost>>
  readonly estimatedMs: number
}

const json: z.ZodType<Json> = z.lazy(() =>
  z.union([z.null(), z.boolean(), z.string(), z.array(json), z.record(z.string(), json)]),
)

const write = z.strictObject({
  mapping: z.string(),
  link: z.string(),
  side: z.enum(['left', 'right']),
  connection: z.string(),
  object: z.string(),
  kind: z.enum(['create', 'update', 'associate', 'remove']),
  record: z.string(),
  source: z.string(),
  fields: z.array(z.strictObject({ field: z.string(), before: json, after: json, because: z.string() })),
  guard: z.string(),
})

const link = z.strictObject({
  mapping: z.string(),
  link: z.string(),
  left: z.string(),
  right: z.string(),
  guard: z.string(),
})

const conflict = z.strictObject({
  mapping: z.string(),
  link: z.string(),
  leftRecord: z.string(),
  rightRecord: z.string(),
  field: z.string(),
  left: json,
  right: json,
  rule: z.string(),
  because: z.string(),
})

const document: z.ZodType<PlanDocument> = z.strictObject({
  version: z.literal(1),
  id: z.string().min(1),
  madeAt: z.string(),
  rules: z.record(z.string(), z.string()),
  accounts: z.record(z.string(), z.string()),
  changes: z.number(),
  writes: z.array(write),
  links: z.array(link),
  conflicts: z.array(conflict),
  review: z.number(),
  unsettled: z.number(),
  requests: z.record(z.string(), z.strictObject({ read: z.number(), write: z.number() })),
  cost: z.record(
    z.string(),
    z.strictObject({ calls: z.number(), hours: z.number(), dayShare: z.number().nullable() }),
  ),
  estimatedMs: z.number(),
})

/** Throws `ConfigError` with the first fault and its position, and the others below it. */
export function readPlan(file: string): PlanDocument {
  const text = readText(file)
  const plan = document.safeParse(parsed(text))
  if (plan.success) return plan.data
  const help = 'make the plan anew with `attune plan --out`; only whole operations may be taken out of one'
  // Whatever else it is, what is wrong with it as a plan would only confuse.
  if (text.trim() !== '' && !text.trimStart().startsWith('{')) {
    throw new ConfigError('this is no plan', { at: { file, line: 1, column: 1 }, hint: help })
  }
  // JSON is YAML: the slower reader knows where everything stands.
  const reading = parseYaml(document, text, file, { help })
  throwOnErrors(reading.problems)
  if (!reading.document) throw new TypeError('a plan without problems has a document')
  return reading.document.body
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
