/** What HubSpot refused, as our errors: the kind from the table, the words for a person without any values. */
import { ConnectorError } from '../../errors.ts'
import { LOOKS, rowFor } from './error-table.ts'
import { contextValues, type Problem } from './problem.ts'

export interface ErrorOrigin {
  readonly connection: string
  /** Whether the request would have changed data. */
  readonly mutating: boolean
  /** Lower-case names; empty for one item of a 207 answer. */
  readonly headers: Readonly<Record<string, string>>
  readonly nowMs: number
  /** Offset of the account's time zone, whose midnight resets the daily allowance. */
  readonly utcOffsetMs: number
}

export function toConnectorError(problem: Problem, origin: ErrorOrigin): ConnectorError {
  const row = rowFor(problem)
  const lost = row?.kind === 'lost' || row === undefined
  const kind = lost ? (origin.mutating ? 'ambiguous' : 'transient') : row.kind
  return new ConnectorError(kind, explain(problem), {
    connection: origin.connection,
    hint: row?.hint ?? LOOKS,
    status: problem.status,
    code: problem.details.find((detail) => detail.code)?.code ?? vendorCode(problem) ?? row?.name ?? null,
    retryAfterMs: kind === 'rate-limited' ? retryAfterMs(problem, origin) : null,
    fields: blamedFields(problem),
    existingId:
      contextValues(problem, 'existingId')[0] ?? /Existing ID: (\d+)/.exec(problem.message)?.[1] ?? null,
    scopes: unique([
      ...contextValues(problem, 'requiredGranularScopes'),
      ...contextValues(problem, 'requiredScopes'),
    ]),
    cause: problem,
  })
}

function vendorCode(problem: Problem): string | null {
  return problem.subCategory ?? problem.category
}

function blamedFields(problem: Problem): readonly string[] {
  const named = [...problem.message.matchAll(/Property "([^"]+)"/g)].map((match) => match[1] ?? '')
  return unique([
    ...problem.details.flatMap((detail) => detail.properties),
    ...contextValues(problem, 'properties'),
    ...named,
  ])
}

/** Waits that HubSpot documents for refusals that name no time themselves (HubSpot fact sheet 5.2, 5.5). */
const LOCK_MS = 2_000
const SECOND_MS = 1_000
const TEN_SECONDS_MS = 10_000
const MOVE_MS = 600_000
const DAY_MS = 86_400_000

function retryAfterMs(problem: Problem, origin: ErrorOrigin): number {
  const told = Number(origin.headers['retry-after'])
  if (told > 0) return told * 1000
  if (problem.status === 423) return LOCK_MS
  if (problem.status === 477) return MOVE_MS
  const policy = `${problem.policy ?? ''} ${problem.message}`.toLowerCase()
  if (policy.includes('daily')) return DAY_MS - ((origin.nowMs + origin.utcOffsetMs) % DAY_MS)
  if (policy.includes('secondly') && !policy.includes('ten_secondly')) return SECOND_MS
  return TEN_SECONDS_MS
}

/**
 * The vendor's words with the quoted values taken out: they go to logs and reports, which hold no personal
 * data. Property names, option lists, codes and ids stay.
 */
function explain(problem: Problem): string {
  const details = problem.details.filter((detail) => detail.message !== '')
  const words =
    details.length > 0
      ? unique(details.map((detail) => withProperty(maskValues(detail.message), detail.properties))).join(
          '; ',
        )
      : maskValues(problem.message)
  const marks = [String(problem.status), vendorCode(problem), problem.policy].filter(Boolean).join(' ')
  const correlation = problem.correlationId === null ? '' : `, correlation ${problem.correlationId}`
  return `HubSpot: ${shorten(words || 'no explanation')} (${marks}${correlation})`
}

function withProperty(message: string, properties: readonly string[]): string {
  const missing = properties.filter((property) => !message.includes(property))
  return missing.length === 0 ? message : `${missing.join(', ')}: ${message}`
}

const MASK = '‹value›'

/** The patterns in which HubSpot is known to quote a value (HubSpot fact sheet 5.3), then anything e-mail-like. */
export function maskValues(message: string): string {
  return message
    .replace(/^.*(?= was not one of the allowed options)/s, MASK)
    .replace(/^.*(?= was not a valid (long|number|integer|boolean|date)\b)/is, MASK)
    .replace(/^.*(?= is at \d{2}:\d{2}:\d{2})/s, MASK)
    .replace(/(Email address ).*(?= is invalid)/is, `$1${MASK}`)
    .replace(/("propertyValue"\s*:\s*)"(?:[^"\\]|\\.)*"/g, `$1"${MASK}"`)
    .replace(/(\bvalue:? )(?:"[^"]*"|'[^']*')/gi, `$1${MASK}`)
    .replace(/[^\s"'<>(),;:[\]]+@[^\s"'<>(),;:[\]]+/g, MASK)
    .replace(/\+\d[\d\s().-]{5,}\d/g, MASK)
}

const WORDS_MAX = 400

function shorten(words: string): string {
  return words.length <= WORDS_MAX ? words : `${words.slice(0, WORDS_MAX)}…`
}

function unique(values: readonly string[]): readonly string[] {
  return [...new Set(values)]
}
