/**
 * HubSpot's error envelope, parsed defensively: every member is optional (HubSpot fact sheet 5.1). The same
 * shape describes a refused request and one failed item of a 207 answer.
 */

export interface Problem {
  /** HTTP status; 207 for one item of a multi-status answer. */
  readonly status: number
  readonly category: string | null
  readonly subCategory: string | null
  readonly message: string
  readonly correlationId: string | null
  /** Names the limit that a 429 enforced. */
  readonly policy: string | null
  readonly details: readonly Detail[]
  readonly context: Context
}

interface Detail {
  readonly code: string | null
  /** Properties that the detail blames. */
  readonly properties: readonly string[]
  readonly message: string
  readonly context: Context
}

type Context = Readonly<Record<string, readonly string[]>>

/** Validation problems repeat their details as JSON inside the message, sometimes only there (fact sheet 5.3). */
const EMBEDDED_DETAILS = /Property values were not valid: (\[.*\])/s

export function parseProblem(status: number, body: unknown): Problem {
  const root = isObject(body) ? body : {}
  const message = text(root['message']) ?? (typeof body === 'string' ? plainText(body) : '')
  const listed = list(root['errors']).map(parseDetail)
  return {
    status,
    category: text(root['category']) ?? text(root['errorType']),
    subCategory: text(root['subCategory']),
    message,
    correlationId: text(root['correlationId']),
    policy: text(root['policyName']),
    details: listed.some((detail) => detail.code) ? listed : [...embeddedDetails(message), ...listed],
    context: parseContext(root['context']),
  }
}

/** All texts that a context key holds, in the problem itself and in its details. */
export function contextValues(problem: Problem, key: string): readonly string[] {
  return [problem.context, ...problem.details.map((detail) => detail.context)].flatMap(
    (context) => context[key] ?? [],
  )
}

function parseDetail(value: unknown): Detail {
  const detail = isObject(value) ? value : {}
  const context = parseContext(detail['context'])
  return {
    code: text(detail['code']),
    properties: context['propertyName'] ?? [],
    message: text(detail['message']) ?? '',
    context,
  }
}

function embeddedDetails(message: string): Detail[] {
  const found = EMBEDDED_DETAILS.exec(message)?.[1]
  if (found === undefined) return []
  return list(parseJson(found)).map((value) => {
    const detail = isObject(value) ? value : {}
    const property = text(detail['name'])
    return {
      code: text(detail['error']),
      properties: property === null ? [] : [property],
      message: text(detail['message']) ?? '',
      context: {},
    }
  })
}

function parseContext(value: unknown): Context {
  if (!isObject(value)) return {}
  return Object.fromEntries(
    Object.entries(value).map(([key, values]) => [
      key,
      (Array.isArray(values) ? values : [values]).map(String),
    ]),
  )
}

/** The first words of an HTML or plain page, which gateways answer with. */
function plainText(page: string): string {
  return page
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 120)
}

/** Null when the text is not JSON: vendors cut long messages, and then the message itself has to do. */
function parseJson(source: string): unknown {
  try {
    return JSON.parse(source)
  } catch {
    return null
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
