/** The scopes of a token and what an operation asks of them. Attio fact sheet 2.3. */
import { forbidden, wrongLevel } from './fault.ts'
import type { AttioSettings } from './settings.ts'

/** What a token for everything holds, in the order the live service lists it. */
const ALL_SCOPES = [
  'call_recording',
  'comment',
  'file',
  'list_configuration',
  'list_entry',
  'meeting',
  'note',
  'object_configuration',
  'record_permission',
  'task',
  'user_management',
  'webhook',
].map((area) => `${area}:read-write`)

export const grantedScopes = (settings: AttioSettings): readonly string[] => settings.scopes ?? ALL_SCOPES

/** Only a token of the workspace may do what is about the workspace as a whole. Attio fact sheet 2. */
export function requireLevel(settings: AttioSettings, template: string): void {
  if (settings.tokenLevel === 'user' && template.startsWith('/v2/webhooks')) throw wrongLevel()
}

export function requireScopes(settings: AttioSettings, needed: readonly string[]): void {
  const granted = grantedScopes(settings)
  const lacking = needed.filter(
    (scope) => !granted.includes(scope) && !granted.includes(scope.replace(/:read$/, ':read-write')),
  )
  if (lacking.length > 0) throw forbidden(lacking)
}
