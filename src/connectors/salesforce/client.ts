/**
 * jsforce, tamed. Everything that goes to Salesforce passes `exchange` here. jsforce makes the request (addresses,
 * version, session header, call options) and speaks to the token endpoint; the rest of what it would do is switched
 * off, because it was measured to lose data or to hang (Salesforce fact sheet 0, 23):
 *
 * - its transport, which neither survives a body that breaks off nor bounds the whole exchange: ours is passed along;
 * - its retries, which send an empty body the second time: we repeat reads, and writes never;
 * - its refresh, which has no bound and drops the new refresh token: `session.ts`;
 * - its parsing, which returns an answer that is no JSON as text: we parse;
 * - its encoding of keys and conditions: paths and SOQL are ours (`soql.ts`).
 */
import { Connection } from 'jsforce/lib/connection.js'
import { OAuth2 } from 'jsforce/lib/oauth2.js'
import { ConnectorError, type ConnectorErrorKind } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import { backOffMs } from '../back-off.ts'
import { fromTransportError, TransportError, type HttpResponse, type Transport } from '../transport.ts'
import { carrier } from './carrier.ts'
import { toConnectorError } from './errors.ts'
import { parseJson } from './json.ts'
import { parseProblem, type Problem } from './problem.ts'
import type { Credentials, Grant, Session, Token, TokenAnswer } from './session.ts'

/** Of everything used here the behaviour is the same from 52.0 on (3). */
export const API_VERSION = '64.0'

/** How our requests are told apart from those of others in the org's logs and change events (22). */
const CLIENT_NAME = 'attune'

export interface ClientOptions {
  readonly connection: string
  readonly credentials: Credentials
  readonly session: Session
  readonly transport: Transport
  readonly runtime: Runtime
  readonly apiVersion: string
}

export interface Call {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  /** Below `/services/data/vXX.0`, or from `/services` on. Encoded. */
  readonly path: string
  readonly body?: unknown
  /** `text/csv` for bulk data; JSON when absent. */
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly mutating: boolean
  /** The object concerned, for what a duplicate rule says. */
  readonly object?: string
}

export interface SalesforceClient {
  readonly connection: string
  readonly runtime: Runtime
  /** `/services/data/vXX.0`, as parts of composite requests need it. */
  readonly root: string

  /** Sends a request and returns its answer below 300. Everything else is thrown as a `ConnectorError`. */
  exchange(call: Call): Promise<HttpResponse>
  /** The same with the body parsed; an unreadable one is `transient`, or `ambiguous` after a write. */
  json(call: Call): Promise<unknown>
  /** Asks; repeated when it fails for a passing reason. */
  get(path: string): Promise<unknown>

  /** The error of one refused part of a composite request. */
  partError(status: number, body: unknown, call: Pick<Call, 'mutating' | 'object'>): ConnectorError
  /** The error of one failed row. */
  rowError(problem: Problem, object?: string): ConnectorError
  /** An error that we notice ourselves. */
  error(kind: ConnectorErrorKind, message: string, hint: string): ConnectorError
  /** A token that is valid now, and another one once it has been refused; for long polls. */
  token(refused?: Token): Promise<Token>
}

const READ_ATTEMPTS = 4

export function createSalesforceClient(options: ClientOptions): SalesforceClient {
  const { connection, credentials, session, transport, runtime, apiVersion } = options
  const sdk = new Connection({
    instanceUrl: credentials.instanceUrl ?? credentials.loginUrl,
    version: apiVersion,
    callOptions: { client: CLIENT_NAME },
  })

  const requestToken = async (grant: Grant): Promise<TokenAnswer> => {
    const { clientId = '', clientSecret, loginUrl } = credentials
    const oauth = new OAuth2({ loginUrl, clientId, ...(clientSecret !== undefined && { clientSecret }) })
    const carried = carrier(transport)
    Object.assign(oauth, { _transport: carried })
    try {
      return (await (grant.grant_type === 'refresh_token'
        ? oauth.refreshToken(grant.refresh_token)
        : oauth.requestToken({ ...grant }))) as TokenAnswer
    } catch (thrown) {
      if (thrown instanceof TransportError) {
        throw fromTransportError(thrown, { connection, mutating: false })
      }
      const { answer } = carried
      if (answer === null) throw thrown
      throw refusal(answer, { mutating: false })
    }
  }

  /** One sending with one token. jsforce fills in what it knows; what comes back is taken from under it. */
  const send = async (call: Call, token: Token): Promise<HttpResponse> => {
    const carried = carrier(transport)
    sdk.accessToken = token.accessToken
    sdk.instanceUrl = token.instanceUrl
    const body = bodyOf(call)
    try {
      await sdk.request(
        {
          method: call.method,
          url: call.path,
          headers: {
            accept: 'application/json',
            ...(body !== null && { 'content-type': call.contentType ?? 'application/json' }),
            ...call.headers,
          },
          ...(body !== null && { body }),
        },
        { transport: carried, responseType: 'text/plain', noContentResponse: '' },
      )
    } catch (thrown) {
      // jsforce throws for every status from 300 on; the answer itself says more.
      if (carried.answer === null) throw thrown
    }
    if (carried.answer === null) throw new Error('jsforce ended a request without sending it')
    return carried.answer
  }

  const partError: SalesforceClient['partError'] = (status, body, { mutating, object }) =>
    toConnectorError(parseProblem(status, body), {
      connection,
      mutating,
      ...(object !== undefined && { object }),
    })

  const refusal = (answer: HttpResponse, call: Pick<Call, 'mutating' | 'object'>): ConnectorError =>
    partError(answer.status, parseJson(answer.body) ?? answer.body, call)

  const attempt = async (call: Call): Promise<HttpResponse> => {
    try {
      const token = await session.token(requestToken)
      let answer = await send(call, token)
      // It was refused before anything was done (24): once more, with another session.
      if (answer.status === 401 && isExpiry(answer)) {
        answer = await send(call, await session.renew(token, requestToken))
      }
      if (answer.status >= 200 && answer.status < 300) return answer
      throw refusal(answer, call)
    } catch (thrown) {
      if (!(thrown instanceof TransportError)) throw thrown
      throw fromTransportError(thrown, { connection, mutating: call.mutating })
    }
  }

  const exchange = async (call: Call): Promise<HttpResponse> => {
    for (let attempts = 1; ; attempts += 1) {
      try {
        return await attempt(call)
      } catch (error) {
        const mayRepeat = !call.mutating && error instanceof ConnectorError && error.kind === 'transient'
        if (!mayRepeat || attempts >= READ_ATTEMPTS) throw error
        await runtime.sleep(backOffMs(attempts, runtime))
      }
    }
  }

  const json = async (call: Call): Promise<unknown> => {
    for (let attempts = 1; ; attempts += 1) {
      const answer = await exchange(call)
      const parsed = answer.body === '' ? null : parseJson(answer.body)
      if (parsed !== undefined) return parsed
      // An answer that was cut short, or somebody else's page with a good status.
      if (call.mutating || attempts >= READ_ATTEMPTS) {
        throw error(
          call.mutating ? 'ambiguous' : 'transient',
          'the answer is unreadable',
          'Nothing to do: what was sent is looked up, or asked again.',
        )
      }
      await runtime.sleep(backOffMs(attempts, runtime))
    }
  }

  const error = (kind: ConnectorErrorKind, message: string, hint: string): ConnectorError =>
    new ConnectorError(kind, `Salesforce: ${message}`, { connection, hint })

  return {
    connection,
    runtime,
    root: `/services/data/v${apiVersion}`,
    exchange,
    json,
    get: (path) => json({ method: 'GET', path, mutating: false }),
    partError,
    rowError: (problem, object) =>
      toConnectorError(problem, { connection, mutating: true, ...(object !== undefined && { object }) }),
    error,
    token: (refused) => (refused ? session.renew(refused, requestToken) : session.token(requestToken)),
  }
}

/** Two texts of a 401 say that no other session would help (5). */
function isExpiry({ body }: HttpResponse): boolean {
  return !/Connected app is not attached to Agent|This session is not valid for use with the REST API/.test(
    body,
  )
}

function bodyOf({ body }: Call): string | null {
  if (body === undefined) return null
  return typeof body === 'string' ? body : JSON.stringify(body)
}
