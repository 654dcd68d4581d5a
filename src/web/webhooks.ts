/**
 * POST /webhooks/<connection>: verify, one transaction, 2xx. Nothing else happens in the request; what the bells
 * announce is looked at later. A vendor that gets anything but 2xx delivers again, so a refusal is for strangers, and
 * a store that cannot be written says 503.
 *
 * | reason      | status | what came                                                              |
 * |-------------|--------|------------------------------------------------------------------------|
 * | unknown     | 404    | for a connection that has no webhooks                                  |
 * | method      | 405    | not a POST                                                             |
 * | encoding    | 415    | compressed, in another charset than UTF-8, or not JSON by its own word |
 * | oversized   | 413    | more than `BODY_MAX`                                                   |
 * | truncated   | 400    | less than announced; mostly nobody is left to be answered              |
 * | forged      | 401    | without the right signature                                            |
 * | stale       | 401    | signed too long ago                                                    |
 * | malformed   | 400    | signed, but not what the vendor documents                              |
 * | unavailable | 503    | genuine, and the store cannot be written                               |
 */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Bell, Delivery, Hearing, RefusalReason } from '../core/bell.ts'
import type { Logger } from '../logging.ts'
import type { Runtime } from '../runtime.ts'
import type { Observation } from '../stages/observe.ts'

/** A connection whose webhooks are listened for. */
export interface Door {
  readonly connection: string
  /** See `WebhookReader`. */
  read(delivery: Delivery, nowMs: number): Hearing
  /** One transaction. Throws when the store cannot be written. */
  observe(bells: readonly Bell[]): Promise<Observation>
}

export type Refusal =
  RefusalReason | 'unknown' | 'method' | 'encoding' | 'oversized' | 'truncated' | 'unavailable'

/** What came in through one door since the start. */
export interface DoorCounts {
  readonly deliveries: number
  readonly marked: number
  /** Changes that came before, and those of our own. */
  readonly repeated: number
  readonly echoes: number
  /** Events that concern no mapping. */
  readonly ignored: number
  readonly refused: Readonly<Partial<Record<Refusal, number>>>
}

export interface Webhooks {
  /** Adds the routes to a server that does not listen yet. */
  readonly routes: (server: FastifyInstance) => void
  /** From now on, this connection's deliveries are taken. */
  open(door: Door): void
  /** By connection; deliveries for none are counted under an empty name. */
  readonly counts: () => ReadonlyMap<string, DoorCounts>
}

export interface WebhooksOptions {
  readonly runtime: Pick<Runtime, 'now'>
  readonly log: Logger
  /** Under which the vendors call this server; asked per request, since it may only be known once that listens. */
  readonly publicUrl: () => string
}

/**
 * A hundred events with a long text each (HubSpot fact sheet 20.3, 11); Attio's are a few hundred bytes. Whoever may
 * send more could fill the memory before the first signature is checked.
 */
export const BODY_MAX = 4 * 1024 * 1024

export function webhookPath(connection: string): string {
  return `/webhooks/${encodeURIComponent(connection)}`
}

const STATUS: Readonly<Record<Refusal, number>> = {
  unknown: 404,
  method: 405,
  encoding: 415,
  oversized: 413,
  truncated: 400,
  forged: 401,
  stale: 401,
  malformed: 400,
  unavailable: 503,
}

type Tally = { -readonly [Key in keyof DoorCounts]: DoorCounts[Key] }

type Call = FastifyRequest<{ Params: { connection: string } }>

export function openWebhooks({ runtime, log, publicUrl }: WebhooksOptions): Webhooks {
  const doors = new Map<string, Door>()
  const tallies = new Map<string, Tally>()

  /** Empty for one that we do not know: what strangers make up is neither counted one by one nor logged. */
  const nameOf = ({ params }: Call): string => (doors.has(params.connection) ? params.connection : '')

  const tallyOf = (call: Call): Tally => {
    const name = nameOf(call)
    const known = tallies.get(name) ?? newTally()
    tallies.set(name, known)
    return known
  }

  const note = (call: Call, reason: Refusal, because: string): void => {
    const tally = tallyOf(call)
    const count = (tally.refused[reason] ?? 0) + 1
    tally.refused = { ...tally.refused, [reason]: count }
    // A stranger who knocks a thousand times must not fill the log: told are the 1st, the 10th, the 100th …
    const isTold = isRound(count)
    log[isTold ? 'warn' : 'debug']({ connection: nameOf(call), reason, because, count }, 'webhook refused')
  }

  const refuse = (call: Call, reply: FastifyReply, reason: Refusal, because: string): FastifyReply => {
    note(call, reason, because)
    return reply.code(STATUS[reason]).send({ error: reason })
  }

  /** What the head alone tells, before a byte of the body is read. */
  const judgeHead = async (call: Call, reply: FastifyReply): Promise<FastifyReply | undefined> => {
    const length = Number(call.headers['content-length'] ?? 0)
    if (length > BODY_MAX) {
      // What is left of the body is not worth reading.
      void reply.header('connection', 'close')
      return refuse(call, reply, 'oversized', `${length} bytes`)
    }
    if (!doors.has(call.params.connection)) return refuse(call, reply, 'unknown', 'no such connection')
    if (call.method !== 'POST') {
      void reply.header('allow', 'POST')
      return refuse(call, reply, 'method', call.method)
    }
    const encoding = wrongEncoding(call)
    return encoding === null ? undefined : refuse(call, reply, 'encoding', encoding)
  }

  const take = async (call: Call, reply: FastifyReply): Promise<FastifyReply> => {
    const door = doors.get(call.params.connection)
    if (!door) return refuse(call, reply, 'unknown', 'no such connection')
    const hearing = door.read(deliveryOf(call, publicUrl()), runtime.now())
    if (hearing.kind === 'refused') return refuse(call, reply, hearing.reason, hearing.because)
    let observation: Observation
    try {
      observation = await door.observe(hearing.bells)
    } catch (error) {
      // Nothing of it is kept, and the vendor is told to come again. Why is for the operator, now and then: a full disk is
      // not to be filled with it.
      const isTold = isRound(1 + (tallyOf(call).refused.unavailable ?? 0))
      log[isTold ? 'error' : 'debug']({ connection: door.connection, error }, 'webhook could not be stored')
      return refuse(call, reply, 'unavailable', 'the store cannot be written')
    }
    const tally = tallyOf(call)
    tally.deliveries += 1
    tally.marked += observation.marked
    tally.repeated += observation.repeated
    tally.echoes += observation.echoes
    tally.ignored += hearing.ignored + observation.unkept
    return reply.code(204).send()
  }

  const explain = (error: FastifyError, call: Call, reply: FastifyReply): FastifyReply => {
    switch (error.code) {
      case 'FST_ERR_CTP_BODY_TOO_LARGE':
        void reply.header('connection', 'close')
        return refuse(call, reply, 'oversized', 'longer than announced')
      case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
        return refuse(call, reply, 'truncated', 'not as long as announced')
      default:
        throw error
    }
  }

  return {
    routes: (server) => {
      void server.register(async (scope) => {
        // Signatures cover bytes: nobody may parse them first.
        scope.removeAllContentTypeParsers()
        scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: BODY_MAX }, (_call, body, done) =>
          done(null, body),
        )
        scope.setErrorHandler<FastifyError>((error, call, reply) => explain(error, call as Call, reply))
        scope.addHook('onRequestAbort', async (call) => note(call as Call, 'truncated', 'the sender hung up'))
        const url = '/webhooks/:connection'
        const onRequest = judgeHead
        scope.route<{ Params: { connection: string } }>({ method: 'POST', url, onRequest, handler: take })
        // Turned away by the hook.
        const others = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']
        scope.route<{ Params: { connection: string } }>({ method: others, url, onRequest, handler: take })
      })
    },
    open: (door) => void doors.set(door.connection, door),
    counts: () => new Map([...tallies].map(([name, tally]) => [name, { ...tally }])),
  }
}

function isRound(count: number): boolean {
  return /^10*$/.test(String(count))
}

function newTally(): Tally {
  return { deliveries: 0, marked: 0, repeated: 0, echoes: 0, ignored: 0, refused: {} }
}

/** Null: JSON in UTF-8, as it is. Vendors send nothing else, and a decoder is one more thing to attack. */
function wrongEncoding({ headers }: Call): string | null {
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding.toLowerCase() !== 'identity') return `content-encoding ${encoding}`
  const [type = '', ...parameters] = (headers['content-type'] ?? '').toLowerCase().split(';')
  if (type.trim() !== 'application/json') return 'the content type is not application/json'
  const charset = parameters.map((each) => each.trim()).find((each) => each.startsWith('charset='))
  const isUtf8 = charset === undefined || /^charset="?utf-?8"?$/.test(charset)
  return isUtf8 ? null : 'the charset is not UTF-8'
}

function deliveryOf(call: Call, publicUrl: string): Delivery {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(call.headers)) {
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ')
  }
  // The path as it was called, not as it was understood: some vendors sign it.
  const url = `${publicUrl}${call.raw.url ?? ''}`
  const body = Buffer.isBuffer(call.body) ? call.body : Buffer.alloc(0)
  return { method: call.method, url, headers, body }
}
