/** How HubSpot writes answers, errors and times (HubSpot fact sheet 3 and 5). */
import { remembered } from '../../remembered.ts'

/** What a handler answers; `door.ts` adds the transport headers. A null body is an empty one, a text goes as it is. */
export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export function ok(body: unknown): Answer {
  return { status: 200, body }
}

export const NO_CONTENT: Answer = { status: 204, body: null }

export interface ErrorItem {
  readonly message: string
  readonly code?: string
  readonly in?: string
  readonly context?: Readonly<Record<string, readonly string[]>>
}

interface ProblemDetails {
  readonly errors?: readonly ErrorItem[]
  readonly context?: Readonly<Record<string, readonly string[]>>
  readonly links?: Readonly<Record<string, string>>
  readonly category?: string
  readonly subCategory?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Where the oldest APIs say what is wrong with values. */
  readonly validationResults?: readonly unknown[]
  /** Bare texts in the place of `errors`, as the oldest associations have them. */
  readonly errorTexts?: readonly string[]
}

/** An error answer in the vendor's envelope; thrown by handlers, caught once in `model.ts`. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly details: ProblemDetails

  constructor(status: number, message: string, details: ProblemDetails = {}) {
    super(message)
    this.status = status
    this.details = details
  }

  /** Key order as seen in real answers (fact sheet 5.1). */
  body(correlationId: string): Record<string, unknown> {
    const { errors, errorTexts, context, links, category, subCategory, validationResults } = this.details
    return {
      ...(validationResults && { validationResults }),
      status: 'error',
      message: this.message,
      correlationId,
      ...((errors ?? errorTexts) && { errors: errors ?? errorTexts }),
      ...(context && { context }),
      ...(links && { links }),
      ...(category && { category }),
      ...(subCategory && { subCategory }),
    }
  }

  /** This problem as one row of a 207 answer (fact sheet 5.4). */
  item(more: Readonly<Record<string, readonly string[]>> = {}): BatchError {
    const { errors, category, subCategory } = this.details
    const context = { ...this.details.context, ...more }
    return {
      status: 'error',
      category: category ?? 'VALIDATION_ERROR',
      ...(subCategory && { subCategory }),
      message: this.message,
      ...(errors && { errors }),
      ...(Object.keys(context).length > 0 && { context }),
    }
  }
}

export interface BatchError {
  readonly status: 'error'
  readonly category: string
  readonly subCategory?: string
  readonly message: string
  readonly errors?: readonly ErrorItem[]
  readonly context?: Readonly<Record<string, readonly string[]>>
}

export function invalid(message: string, context?: Readonly<Record<string, readonly string[]>>): Problem {
  return new Problem(400, message, { ...(context && { context }), category: 'VALIDATION_ERROR' })
}

/** Bodies the vendor cannot read carry no category (fact sheet 5.2). */
export function unreadable(message: string): Problem {
  return new Problem(400, message)
}

export function missingFields(...names: readonly string[]): Problem {
  return unreadable(`Some required fields were not set: [${names.join(', ')}]`)
}

export function wrongType(javaType: string, where: string): Problem {
  return unreadable(
    `Invalid input JSON on line 1, column 1: Cannot deserialize value of type \`${javaType}\` from ${where}`,
  )
}

export function notFound(): Problem {
  return new Problem(404, 'resource not found')
}

/** Non-numeric ids get another text than unknown ones; two blanks are the vendor's (fact sheet 5.2). */
export function notNumeric(id: string): Problem {
  return new Problem(404, 'Object not found.  objectId are usually numeric.', {
    context: { id: [id] },
    category: 'OBJECT_NOT_FOUND',
  })
}

export function conflict(message: string): Problem {
  return new Problem(409, message, { category: 'CONFLICT' })
}

/** A definition's name is taken: another category than a record's (fact sheet 5.2). */
export function alreadyExists(message: string, name: string, subCategory?: string): Problem {
  return new Problem(409, message, {
    context: { name: [name] },
    category: 'OBJECT_ALREADY_EXISTS',
    ...(subCategory && { subCategory }),
  })
}

export function notModelled(what: string): Problem {
  return new Problem(501, `${what} is not modelled by this sandbox.`, { category: 'NOT_MODELLED' })
}

/**
 * The envelope of every batch answer; 207 as soon as one item failed (fact sheet 5.4, 7.7). Keys come in the
 * order of recorded answers.
 */
export function batchAnswer(options: {
  status: 200 | 201
  now: number
  results: readonly unknown[]
  errors?: readonly BatchError[]
  /** For the one batch that answers errors with its ordinary status. */
  neverPartial?: boolean
}): Answer {
  const errors = options.errors ?? []
  const at = instant(options.now)
  const partial = errors.length > 0 && { errors, numErrors: errors.length }
  return {
    status: errors.length > 0 && !options.neverPartial ? 207 : options.status,
    body: { completedAt: at, status: 'COMPLETE', startedAt: at, results: options.results, ...partial },
  }
}

const INSTANTS_MAX = 10_000

/** ISO 8601 in UTC with three fraction digits, none when the milliseconds are zero (fact sheet 3). */
export const instant = remembered((ms: number) => {
  const text = new Date(ms).toISOString()
  return text.endsWith('.000Z') ? `${text.slice(0, -5)}Z` : text
}, INSTANTS_MAX)
