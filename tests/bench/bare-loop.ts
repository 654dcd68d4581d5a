/**
 * The same calls without an engine: read, build, send, parse, as many at once as the engine had. What a script
 * would do that already knows what to send.
 *
 * Ids that the vendors give to new records differ from run to run. They are translated, so that no call is refused
 * or finds less than it did for the engine; a call waits for the calls that made the ids it names.
 */
import type { Transport } from '../../src/connectors/transport.ts'
import { starvedMs } from './starved.ts'
import type { Call, TrafficLog } from './traffic-log.ts'

export interface BareRun {
  readonly durationMs: number
  /** Time of it in which others had the processors. */
  readonly starvedMs: number
  /** Calls that were answered with something else than for the engine. Above 0 nothing is comparable. */
  readonly mismatches: number
}

export interface PreparedCall {
  readonly call: Call
  /** The payload as a script has it: an object. Null where there is none, or where ids must be put in first. */
  readonly payload: unknown
  /** Places of earlier calls whose new ids this one names. */
  readonly needs: readonly number[]
  /** The new ids in the answer that the engine got. */
  readonly made: ReadonlyMap<string, string>
}

const IDS = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b00[0-9a-zA-Z]{16}\b|\b\d{6,}\b/g

/** Everything that can be done beforehand, so that it is not part of the measured time. */
export function prepare(calls: readonly Call[]): readonly PreparedCall[] {
  const maker = new Map<string, number>()
  return calls.map((call, place) => {
    const { url, body } = call.request
    const named = `${url} ${body ?? ''}`.match(IDS) ?? []
    const needs = [...new Set(named.flatMap((id) => maker.get(id) ?? []))]
    const made = newIds(call.answer)
    for (const id of made.values()) maker.set(id, maker.get(id) ?? place)
    const payload = body === null || needs.length > 0 ? null : (JSON.parse(body) as unknown)
    return { call, needs, made, payload }
  })
}

export async function runBareLoop(
  prepared: readonly PreparedCall[],
  options: {
    readonly log: TrafficLog
    readonly transport: Transport
    /** Calls under way at once; as many as the engine had when left out. */
    readonly atOnce?: number
  },
): Promise<BareRun> {
  const { log, transport, atOnce = log.concurrency() } = options
  const done = prepared.map(() => Promise.withResolvers<void>())
  const translation = new Map<string, string>()
  let next = 0
  let mismatches = 0

  const work = async (): Promise<void> => {
    for (;;) {
      const place = next
      const entry = prepared[place]
      if (!entry) return
      next += 1
      const { call, needs, made, payload } = entry
      for (const needed of needs) await done[needed]?.promise
      const translate = (text: string) => text.replaceAll(IDS, (id) => translation.get(id) ?? id)
      const { request } = call
      const body = payload === null ? request.body : JSON.stringify(payload)
      const response = await transport(
        needs.length > 0
          ? { ...request, url: translate(request.url), body: body === null ? null : translate(body) }
          : { ...request, body },
      )
      if (!isAlike(call, response.status)) mismatches += 1
      for (const [token, id] of newIds(response.body)) {
        const old = made.get(token)
        if (old !== undefined) translation.set(old, id)
      }
      done[place]?.resolve()
    }
  }
  const starvedBefore = starvedMs()
  const startedMs = performance.now()
  await Promise.all(Array.from({ length: atOnce }, work))
  return { durationMs: performance.now() - startedMs, starvedMs: starvedMs() - starvedBefore, mismatches }
}

/**
 * A batch of associations is answered with 207 while one of its records has none yet: whether the write beside it was
 * quicker differs from run to run, and the work is the same. For a write, 207 tells that rows were refused.
 */
function isAlike({ request, status }: Call, got: number): boolean {
  const isRead = new URL(request.url).pathname.endsWith('/batch/read')
  return got === status || (isRead && [got, status].every((each) => each === 200 || each === 207))
}

interface Answer {
  readonly data?: { readonly id?: { readonly record_id?: string } }
  readonly results?: readonly {
    readonly id?: string
    readonly new?: boolean
    readonly properties?: Readonly<Record<string, string | null>>
  }[]
}

/** Of a Salesforce collection, in the order of the request. */
interface Row {
  readonly id?: string | null
  readonly created?: boolean
}

function isRows(answer: Answer | readonly Row[]): answer is readonly Row[] {
  return Array.isArray(answer)
}

/** Ids in the answer of a write, each under a name that is the same in every run. Parses as any client would. */
function newIds(answer: string): ReadonlyMap<string, string> {
  if (answer === '') return new Map()
  const parsed = JSON.parse(answer) as Answer | readonly Row[]
  const found = new Map<string, string>()
  if (isRows(parsed)) {
    for (const [place, { id, created }] of parsed.entries()) if (created && id) found.set(`row ${place}`, id)
    return found
  }
  const { data, results } = parsed
  if (data?.id?.record_id !== undefined) found.set('record', data.id.record_id)
  for (const { id, new: isNew, properties } of results ?? []) {
    const stamp = properties?.['attio_record_id']
    if (isNew && id !== undefined && stamp) found.set(stamp, id)
  }
  return found
}
