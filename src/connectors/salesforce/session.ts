/**
 * The session of one connection: its access token, and how it gets another one (Salesforce fact sheet 2.1, 5).
 *
 * Salesforce does not say how long a token lives; a 401 does. However many requests meet it at once, one new token is
 * asked for, and a request that was sent with an older token than the present one simply goes again. A token that
 * is refused although it was just issued is not refreshed for ever: after `RENEWALS_MAX` in a minute an operator has
 * to act.
 *
 * Access tokens live in memory only. A refresh token that the vendor replaces by a new one is dead (0.7), so whoever opened
 * the connection is told the new one and keeps it where secrets are kept. What is kept there counts: a command beside
 * the daemon may have replaced it. As long as a new one cannot be kept, nothing goes on, so that a person notices while
 * the process that knows it lives; and it is not replaced once more.
 */
import { ConnectorError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'

export interface Credentials {
  /** Where the API is. Absent: the answer to the login says. */
  readonly instanceUrl?: string
  readonly loginUrl: string
  readonly accessToken?: string
  readonly refreshToken?: string
  /** Consumer key and secret of the app. With a refresh token they renew it, alone they log in by themselves. */
  readonly clientId?: string
  readonly clientSecret?: string
}

export interface Token {
  readonly accessToken: string
  /** Without a slash at its end. */
  readonly instanceUrl: string
}

/** What the token endpoint answers; there is no expiry in it. */
export interface TokenAnswer {
  readonly access_token?: string
  readonly refresh_token?: string
  readonly instance_url?: string
}

export type Grant =
  | { readonly grant_type: 'refresh_token'; readonly refresh_token: string }
  | { readonly grant_type: 'client_credentials' }

/** Asks the token endpoint; rejects with a `ConnectorError`. */
export type RequestToken = (grant: Grant) => Promise<TokenAnswer>

export interface Session {
  /** The present token; logs in where there is none yet. */
  token(request: RequestToken): Promise<Token>
  /** Another token than the one that was refused. Throws `unauthorized` where there is none to be had. */
  renew(refused: Token, request: RequestToken): Promise<Token>
}

/** Renewals within `RENEWALS_MS` that are taken for bad luck. */
const RENEWALS_MAX = 3
const RENEWALS_MS = 60_000

export function createSession(options: {
  readonly connection: string
  readonly credentials: Credentials
  readonly runtime: Pick<Runtime, 'now'>
  /** Told of every refresh token that replaces the one before; told again when it could not be kept. */
  readonly onRefreshToken?: (refreshToken: string) => void
  /** The refresh token that is kept now, which another process may have replaced; empty where none is. */
  readonly keptRefreshToken?: () => string
}): Session {
  const { connection, credentials, runtime } = options
  let refreshToken = credentials.refreshToken
  let present: Token | null =
    credentials.accessToken && credentials.instanceUrl
      ? { accessToken: credentials.accessToken, instanceUrl: bare(credentials.instanceUrl) }
      : null
  let pending: Promise<Token> | null = null
  let renewals: number[] = []
  /** Replaces the one that is kept, and could not be kept yet. */
  let unkept: string | null = null

  const unauthorized = (message: string, hint: string): ConnectorError =>
    new ConnectorError('unauthorized', `Salesforce: ${message}`, { connection, hint, status: 401 })

  const keep = (): void => {
    if (unkept === null) return
    options.onRefreshToken?.(unkept)
    unkept = null
  }

  const grant = (): Grant => {
    refreshToken = options.keptRefreshToken?.() || refreshToken
    if (refreshToken && credentials.clientId) {
      return { grant_type: 'refresh_token', refresh_token: refreshToken }
    }
    if (credentials.clientId && credentials.clientSecret) return { grant_type: 'client_credentials' }
    throw unauthorized(
      present ? 'the session has ended' : 'there is nothing to log in with',
      'Set a new access token, or an app (client id and secret) with which this program logs in by itself.',
    )
  }

  const logIn = async (request: RequestToken): Promise<Token> => {
    const nowMs = runtime.now()
    renewals = [...renewals.filter((atMs) => atMs > nowMs - RENEWALS_MS), nowMs]
    if (renewals.length > RENEWALS_MAX) {
      throw unauthorized(
        'every new session is refused at once',
        'An IP range, a session policy or the app itself keeps the user of this connection out: ask an admin.',
      )
    }
    const answer = await grantedBy(request)
    const instanceUrl = answer.instance_url ?? credentials.instanceUrl
    if (!answer.access_token || !instanceUrl) {
      throw unauthorized(
        'the login answers without a token',
        'Is the login URL right, and no proxy in between?',
      )
    }
    // A good token at the wrong host is refused as well (5): the answer knows the right one.
    present = { accessToken: answer.access_token, instanceUrl: bare(instanceUrl) }
    if (answer.refresh_token && answer.refresh_token !== refreshToken) {
      refreshToken = answer.refresh_token
      unkept = refreshToken
      keep()
    }
    return present
  }

  /** Another process may have used the same refresh token a moment ago: then there is a new one. */
  const grantedBy = async (request: RequestToken): Promise<TokenAnswer> => {
    const first = grant()
    try {
      return await request(first)
    } catch (error) {
      if (!(error instanceof ConnectorError) || error.code !== 'invalid_grant') throw error
      const second = grant()
      const isAnother =
        first.grant_type === 'refresh_token' &&
        second.grant_type === 'refresh_token' &&
        first.refresh_token !== second.refresh_token
      if (!isAnother) throw error
      return request(second)
    }
  }

  /** Everybody who needs a new token now waits for the same one. */
  const once = (request: RequestToken): Promise<Token> => {
    pending ??= logIn(request).finally(() => {
      pending = null
    })
    return pending
  }

  return {
    async token(request) {
      if (pending) return pending
      keep()
      return present ?? once(request)
    },
    async renew(refused, request) {
      if (pending) return pending
      keep()
      return present && present.accessToken !== refused.accessToken ? present : once(request)
    },
  }
}

function bare(url: string): string {
  return url.replace(/\/+$/, '')
}
