/**
 * CometD over our transport (Salesforce fact sheet 21.2): handshake, one subscription with replay, and connects that the
 * server keeps open until it has something to tell. jsforce would bring faye, whose sockets and timers nobody can
 * bound, and which says nothing when a replay id is refused; this is the same conversation in the open.
 */
import type { ConnectorError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import { fromTransportError, TransportError, type HttpResponse, type Transport } from '../transport.ts'
import type { SalesforceClient } from './client.ts'
import { parseJson } from './json.ts'
import type { Token } from './session.ts'
import { isObject, textIn, type Json } from './wire.ts'

export interface CometdMessage {
  readonly replayId: number
  readonly payload: Json
}

export type Line =
  | { readonly kind: 'open'; readonly messages: AsyncGenerator<CometdMessage, void> }
  /** The server does not keep that place any more. */
  | { readonly kind: 'replay-lost' }

interface LineOptions {
  readonly client: SalesforceClient
  readonly transport: Transport
  readonly runtime: Runtime
  readonly apiVersion: string
  readonly channel: string
  /** Null: what comes from now on. */
  readonly replayFrom: number | null
  readonly signal: AbortSignal
}

/** What an id stands for when it is none: from now on. */
const NEW_ONLY = -1

export async function openCometd(options: LineOptions): Promise<Line> {
  const { client, channel } = options
  const call = caller(options)
  const [shake] = await call([
    { channel: '/meta/handshake', version: '1.0', supportedConnectionTypes: ['long-polling'] },
  ])
  const clientId = textIn(shake, 'clientId')
  if (clientId === null) throw refused(client, shake)
  const replay = { [channel]: options.replayFrom ?? NEW_ONLY }
  const [subscribed] = await call([
    { channel: '/meta/subscribe', clientId, subscription: channel, ext: { replay } },
  ])
  if (subscribed?.['successful'] !== true) {
    if (/replayId/i.test(textIn(subscribed, 'error') ?? '')) return { kind: 'replay-lost' }
    throw refused(client, subscribed)
  }
  return { kind: 'open', messages: messages(options, call, clientId) }
}

/** Ends when the server does not know us any more. */
async function* messages(
  { client, channel, signal }: LineOptions,
  call: Caller,
  clientId: string,
): AsyncGenerator<CometdMessage, void> {
  while (!signal.aborted) {
    const answers = await call([{ channel: '/meta/connect', clientId, connectionType: 'long-polling' }])
    for (const answer of answers) {
      const data = answer['data']
      if (answer['channel'] !== channel || !isObject(data)) continue
      const event = data['event']
      const replayId = Number(isObject(event) ? event['replayId'] : Number.NaN)
      if (isObject(data['payload']) && Number.isFinite(replayId)) yield { replayId, payload: data['payload'] }
    }
    const meta = answers.find((answer) => answer['channel'] === '/meta/connect')
    if (meta?.['successful'] === true) continue
    if (/Unknown client/i.test(textIn(meta, 'error') ?? '')) return
    throw refused(client, meta)
  }
}

type Caller = (messages: readonly Json[]) => Promise<readonly Json[]>

/** Sends messages with the session and the cookies of this line; a session that has ended is renewed once per call. */
function caller({ client, transport, apiVersion, signal }: LineOptions): Caller {
  let cookies: readonly string[] = []
  let serial = 0
  const post = async (body: string, token: Token): Promise<HttpResponse> =>
    transport(
      {
        method: 'POST',
        url: `${token.instanceUrl}/cometd/${apiVersion}`,
        headers: {
          authorization: `OAuth ${token.accessToken}`,
          'content-type': 'application/json',
          accept: 'application/json',
          ...(cookies.length > 0 && { cookie: cookies.join('; ') }),
        },
        body,
      },
      signal,
    )
  return async (asked) => {
    const body = JSON.stringify(asked.map((message) => ({ id: String((serial += 1)), ...message })))
    try {
      let token = await client.token()
      let answer = await post(body, token)
      if (isExpired(answer)) {
        token = await client.token(token)
        answer = await post(body, token)
      }
      if (answer.status !== 200) throw client.partError(answer.status, answer.body, { mutating: false })
      cookies = cookiesOf(answer) ?? cookies
      const parsed = parseJson(answer.body)
      return Array.isArray(parsed) ? parsed.filter(isObject) : []
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      throw fromTransportError(error, { connection: client.connection, mutating: false })
    }
  }
}

/** Told within an answer that is fine otherwise (21.2). */
function isExpired({ status, body }: HttpResponse): boolean {
  return status === 401 || (status === 200 && /401::Authentication invalid/.test(body))
}

function cookiesOf({ headers }: HttpResponse): readonly string[] | null {
  const set = headers['set-cookie']
  if (set === undefined) return null
  // Several cookies are one line here; a comma followed by a name begins the next.
  return set.split(/,(?=\s*[\w-]+=)/).map((cookie) => cookie.split(';')[0]?.trim() ?? '')
}

function refused(client: SalesforceClient, answer: Json | undefined): ConnectorError {
  const error = textIn(answer, 'error') ?? 'no explanation'
  const failure = textIn(isObject(answer?.['ext']) ? answer['ext']['sfdc'] : null, 'failureReason') ?? ''
  if (/^403::.*(limit exceeded)/i.test(error)) {
    return client.error('rate-limited', `change events: ${error}`, 'The change feed goes on without them.')
  }
  if (/401::|403::/.test(`${error} ${failure}`)) {
    return client.error(
      'unauthorized',
      `change events: ${error} ${failure}`.trim(),
      'Select the objects in Setup, Change Data Capture, and give the user "View All" on them.',
    )
  }
  return client.error('transient', `change events: ${error}`, 'Nothing to do: it is tried again.')
}
