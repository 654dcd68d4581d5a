/** The JWT bearer flow (Salesforce fact sheet 2.1): RS256, a few minutes of validity, no refresh token. */
import { verify } from 'node:crypto'
import type { Call } from './call.ts'

/** Who may be addressed: production, sandboxes, and the org itself. */
const AUDIENCES = ['https://login.salesforce.com', 'https://test.salesforce.com']
const VALIDITY_MAX_S = 5 * 60

type Refuse = new (error: string, description: string) => Error

/** The id of the user whom a valid assertion names; throws `Refusal` otherwise. */
export function jwtUser(call: Call, assertion: string, Refusal: Refuse): string {
  const { org } = call
  const [header, payload, signature, ...rest] = assertion.split('.')
  const [head, claims] = [parsePart(header), parsePart(payload)]
  if (head === null || claims === null || signature === undefined || rest.length > 0) {
    throw new Refusal('invalid_grant', 'invalid assertion')
  }
  if (claims['iss'] !== org.identity.clientId) {
    throw new Refusal('invalid_client_id', 'client identifier invalid')
  }
  const key = org.settings.jwtPublicKey
  const isSigned =
    key !== null &&
    head['alg'] === 'RS256' &&
    verify('sha256', Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, 'base64url'))
  if (!isSigned) throw new Refusal('invalid_grant', 'invalid assertion')
  const origin = new URL(call.request.url).origin
  if (![...AUDIENCES, origin].includes(String(claims['aud']))) {
    throw new Refusal('invalid_grant', 'audience is invalid')
  }
  const now = org.now() / 1_000
  const expires = Number(claims['exp'])
  if (!(expires > now) || expires > now + VALIDITY_MAX_S) throw new Refusal('invalid_grant', 'expired')
  for (const row of org.rows.all('User')) {
    if (row.values['Username'] === claims['sub']) return row.id
  }
  throw new Refusal('invalid_grant', "user hasn't approved this consumer")
}

function parsePart(part: string | undefined): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'))
    return typeof parsed === 'object' ? (parsed as Readonly<Record<string, unknown>> | null) : null
  } catch {
    // Whatever is no JSON is no assertion either, which is what the caller says.
    return null
  }
}
