/** Who calls: the private token, OAuth tokens, and the developer key (HubSpot fact sheet 4). */
import { uuid } from '../chance.ts'
import type { Portal } from './portal.ts'
import type { Tier } from './settings.ts'
import { instant, Problem } from './wire.ts'

export interface Caller {
  readonly tier: Tier
  readonly scopes: readonly string[]
}

/** One installation by one user. */
export interface Grant {
  readonly scopes: readonly string[]
  readonly userId: number
  readonly user: string
}

interface Code extends Grant {
  readonly redirectUri: string
}

interface AccessToken {
  /** Null for an app-level token, which stands for no account. */
  readonly grant: Grant | null
  readonly expiresAt: number
}

export const ACCESS_TOKEN_S = 1_800

export class Tokens {
  private readonly codes = new Map<string, Code>()
  private readonly refreshTokens = new Map<string, Grant>()
  private readonly accessTokens = new Map<string, AccessToken>()
  private issued = 0
  private readonly portal: Portal

  constructor(portal: Portal) {
    this.portal = portal
    const { identity, settings } = portal
    this.refreshTokens.set(identity.refreshToken, { ...this.user(), scopes: settings.scopes })
  }

  /** Answers 401 for anything but a token that is good now. */
  identify(authorization: string | undefined): Caller {
    const { identity, settings, clock } = this.portal
    const token = /^Bearer\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1]
    if (token === identity.token) return { tier: settings.tier, scopes: settings.scopes }
    const access = token === undefined ? undefined : this.accessTokens.get(token)
    if (access?.grant === undefined || access.grant === null) throw unauthenticated()
    const lateS = Math.floor((clock() - access.expiresAt) / 1_000)
    if (clock() >= access.expiresAt) {
      throw new Problem(401, `The OAuth token used to make this call expired ${lateS} second(s) ago.`, {
        context: { 'expire time': [instant(access.expiresAt)] },
        category: 'EXPIRED_AUTHENTICATION',
      })
    }
    return { tier: 'oauth', scopes: access.grant.scopes.filter((scope) => settings.scopes.includes(scope)) }
  }

  /** Settings of the app: the developer key, or in newer paths an app-level token. */
  identifyDeveloper(key: string | null, authorization: string | undefined, dated: boolean): void {
    if (key === this.portal.identity.developerApiKey) return
    const token = /^Bearer\s+(\S+)\s*$/i.exec(authorization ?? '')?.[1] ?? ''
    const access = this.accessTokens.get(token)
    if (dated && access?.grant === null && this.portal.clock() < access.expiresAt) return
    throw unauthenticated()
  }

  /** A user agrees; the code works once. */
  authorize(options: { scopes: readonly string[]; redirectUri: string }): string {
    const code = uuid(this.portal.seed, 'code', ++this.issued)
    this.codes.set(code, { ...options, ...this.user() })
    return code
  }

  /** Who installs the app. */
  private user(): Pick<Grant, 'userId' | 'user'> {
    const user = this.portal.owners.actor(undefined)
    return { userId: user?.userId ?? 0, user: user?.email.toLowerCase() ?? '' }
  }

  redeem(code: string): Code | undefined {
    const found = this.codes.get(code)
    this.codes.delete(code)
    return found
  }

  issueRefreshToken(grant: Grant): string {
    const token = uuid(this.portal.seed, 'refresh', ++this.issued)
    this.refreshTokens.set(token, grant)
    return token
  }

  issueAccessToken(grant: Grant | null): string {
    const number = ++this.issued
    // Opaque, and longer than 512 characters: stores that cut it are found out.
    const parts = Array.from({ length: 15 }, (_, part) => uuid(this.portal.seed, 'access', number, part))
    const token = `C${parts.join('')}`.replaceAll('-', '')
    const padded = token.padEnd(540, token)
    this.accessTokens.set(padded, { grant, expiresAt: this.portal.clock() + ACCESS_TOKEN_S * 1_000 })
    return padded
  }

  grantOfRefreshToken(token: string): Grant | undefined {
    return this.refreshTokens.get(token)
  }

  /** Neither uninstalls the app nor ends access tokens that were issued. */
  forgetRefreshToken(token: string): boolean {
    return this.refreshTokens.delete(token)
  }

  forgetAccessToken(token: string): void {
    this.accessTokens.delete(token)
  }

  accessToken(token: string): { grant: Grant; expiresInS: number } | undefined {
    const access = this.accessTokens.get(token)
    if (access?.grant === undefined || access.grant === null) return undefined
    const leftMs = access.expiresAt - this.portal.clock()
    return leftMs > 0 ? { grant: access.grant, expiresInS: Math.ceil(leftMs / 1_000) } : undefined
  }

  save(): unknown {
    return {
      codes: [...this.codes],
      refreshTokens: [...this.refreshTokens],
      accessTokens: [...this.accessTokens],
      issued: this.issued,
    }
  }

  load(saved: unknown): void {
    const state = saved as {
      codes: [string, Code][]
      refreshTokens: [string, Grant][]
      accessTokens: [string, AccessToken][]
      issued: number
    }
    this.codes.clear()
    this.refreshTokens.clear()
    this.accessTokens.clear()
    for (const [code, entry] of state.codes) this.codes.set(code, entry)
    for (const [token, grant] of state.refreshTokens) this.refreshTokens.set(token, grant)
    for (const [token, access] of state.accessTokens) this.accessTokens.set(token, access)
    this.issued = state.issued
  }
}

export function unauthenticated(): Problem {
  return new Problem(
    401,
    'Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview',
    { category: 'INVALID_AUTHENTICATION' },
  )
}
