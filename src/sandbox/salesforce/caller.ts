/** Who a request comes from, and what its headers ask for (Salesforce fact sheet 4, 22). */
import type { HttpRequest } from '../../connectors/transport.ts'
import type { Actor } from './actor.ts'
import type { Org } from './org.ts'
import type { Session } from './sessions.ts'

export function callerOf(
  org: Org,
  request: HttpRequest,
  { session, version }: { session: Session | null; version: string },
): Actor {
  const options = request.headers['sforce-call-options'] ?? ''
  const client = /(?:^|,)\s*client=([^,]+)/.exec(options)?.[1]?.trim() ?? null
  const duplicates = request.headers['sforce-duplicate-rule-header'] ?? ''
  const { pathname } = new URL(request.url)
  const isBulk = pathname.includes('/jobs/') || pathname.startsWith('/services/async/')
  const api = pathname.includes('/Soap/') ? 'soap' : isBulk ? 'bulkapi' : 'rest'
  return {
    userId: session?.userId ?? org.identity.userId,
    kind: 'api',
    origin: `com/salesforce/api/${api}/${version}${client === null ? '' : `;client=${client}`}`,
    allowDuplicates: /allowSave\s*=\s*true/i.test(duplicates),
    // The default is to assign (4).
    assigns: !/^false$/i.test(request.headers['sforce-auto-assign'] ?? ''),
  }
}
