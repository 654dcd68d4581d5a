/** Sessions and refresh tokens (Salesforce fact sheet 2, 5). */
import { createHash } from 'node:crypto'
import { token } from './chance.ts'
import type { Org } from './org.ts'
import { refusal, type Problem } from './wire.ts'

export interface Session {
  readonly token: string
  readonly userId: string
  /** Ends after some time without use; the token given from the start does not. */
  readonly idles: boolean
  usedAt: number
}

export interface AuthorizationCode {
  readonly userId: string
  readonly redirectUri: string
  /** PKCE. */
  readonly challenge: string | null
  /** Epoch ms. */
  readonly expiresAt: number
}

/** How long a code can be redeemed. */
const CODE_MS = 15 * 60_000

/** Authorisations per user and app; the oldest is revoked without a word (2.1). */
const AUTHORISATIONS_MAX = 5

export class Sessions {
  private readonly org: Org
  private sessions = new Map<string, Session>()
  /** Refresh token → user; the oldest first. */
  private refreshTokens = new Map<string, string>()
  private codes = new Map<string, AuthorizationCode>()
  private issued = 0

  constructor(org: Org) {
    this.org = org
    const { token: first, userId, refreshToken } = org.identity
    this.sessions.set(first, { token: first, userId, idles: false, usedAt: org.now() })
    this.refreshTokens.set(refreshToken, userId)
  }

  /** The session of an `Authorization` header. Throws 401 when there is none or it has ended. */
  identify(authorization: string | null): Session {
    if (authorization === null) throw expired()
    const [, value] = /^(?:Bearer|OAuth) +(.+)$/i.exec(authorization.trim()) ?? []
    if (value === undefined) throw refusal('INVALID_AUTH_HEADER', 'INVALID_HEADER_TYPE')
    const session = this.find(value) ?? fail()
    const { sessionRefusal } = this.org.settings
    if (sessionRefusal !== null) throw refusal('INVALID_SESSION_ID', sessionRefusal)
    return session
  }

  find(value: string): Session | null {
    const session = this.sessions.get(value)
    if (session === undefined) return null
    const now = this.org.now()
    if (session.idles && now - session.usedAt > this.org.settings.sessionTimeoutMs) {
      this.sessions.delete(value)
      return null
    }
    const user = this.org.rows.find('User', session.userId)
    if (user?.values['IsActive'] !== true) return null
    session.usedAt = now
    return session
  }

  start(userId: string): Session {
    this.issued++
    const { orgId } = this.org.identity
    const value = `${orgId.slice(0, 15)}!AQ${token(94, this.org.seed, 'session', this.issued)}`
    const session = { token: value, userId, idles: true, usedAt: this.org.now() }
    this.sessions.set(value, session)
    return session
  }

  issueRefreshToken(userId: string): string {
    this.issued++
    const value = `5Aep861${token(80, this.org.seed, 'refresh', this.issued)}`
    this.refreshTokens.set(value, userId)
    const own = [...this.refreshTokens].filter(([, user]) => user === userId)
    for (const [oldest] of own.slice(0, Math.max(0, own.length - AUTHORISATIONS_MAX))) {
      this.refreshTokens.delete(oldest)
    }
    return value
  }

  userOfRefreshToken(value: string): string | null {
    return this.refreshTokens.get(value) ?? null
  }

  /** A refresh token that was replaced by another one. */
  retire(value: string): void {
    this.refreshTokens.delete(value)
  }

  /** A code for the web server flow; it can be redeemed once. */
  issueCode(code: Omit<AuthorizationCode, 'expiresAt'>): string {
    this.issued++
    const value = `aPrx${token(72, this.org.seed, 'code', this.issued)}`
    this.codes.set(value, { ...code, expiresAt: this.org.now() + CODE_MS })
    return value
  }

  takeCode(value: string): AuthorizationCode | null {
    const code = this.codes.get(value) ?? null
    this.codes.delete(value)
    return code
  }

  /** The challenge method is taken for S256 (2.1). */
  verifies(verifier: string, challenge: string): boolean {
    return createHash('sha256').update(verifier).digest('base64url') === challenge
  }

  /** Ends a session or an authorisation; ending the latter ends the user's sessions with it. */
  revoke(value: string): boolean {
    if (this.sessions.delete(value)) return true
    const userId = this.refreshTokens.get(value)
    if (userId === undefined) return false
    this.refreshTokens.delete(value)
    this.endAll(userId)
    return true
  }

  /** What an admin does in Setup; returns how many there were. */
  endAll(userId: string): number {
    const own = [...this.sessions.values()].filter((session) => session.userId === userId)
    for (const session of own) this.sessions.delete(session.token)
    return own.length
  }

  save(): unknown {
    return {
      sessions: [...this.sessions.values()],
      refresh: [...this.refreshTokens],
      codes: [...this.codes],
      issued: this.issued,
    }
  }

  load(saved: unknown): void {
    const state = saved as {
      sessions: Session[]
      refresh: [string, string][]
      codes: [string, AuthorizationCode][]
      issued: number
    }
    this.sessions = new Map(state.sessions.map((session) => [session.token, session]))
    this.refreshTokens = new Map(state.refresh)
    this.codes = new Map(state.codes)
    this.issued = state.issued
  }
}

export function expired(): Problem {
  return refusal('INVALID_SESSION_ID', 'Session expired or invalid')
}

function fail(): never {
  throw expired()
}
