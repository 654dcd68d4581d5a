/** Who the token is and who works here. Attio fact sheet 2.1 and 15.1. */
import type { HttpRequest } from '../../connectors/transport.ts'
import { data, idOfCall } from './call.ts'
import type { Answer, Call } from './call.ts'
import { missing, notFound } from './fault.ts'
import { renderMember } from './render.ts'
import { grantedScopes } from './scopes.ts'
import type { Workspace } from './workspace.ts'

/** The token as a bearer token or as the user name of HTTP Basic; null when there is none. */
export function tokenOf(request: HttpRequest): string | null {
  const header = request.headers['authorization'] ?? ''
  const bearer = /^Bearer\s+(\S+)$/i.exec(header)?.[1]
  if (bearer !== undefined) return bearer
  const basic = /^Basic\s+(\S+)$/i.exec(header)?.[1]
  if (basic === undefined) return null
  return Buffer.from(basic, 'base64').toString('utf8').split(':')[0] || null
}

export const isAccepted = (workspace: Workspace, token: string | null): boolean =>
  token === workspace.token && !workspace.settings.tokenRevoked

/** Bare, not in `data`, and never 401: an unknown token that looks like one is merely inactive. */
export function answerSelf(workspace: Workspace, token: string | null): Answer {
  if (token === null || !/^[0-9a-f]{64}$/i.test(token)) {
    throw missing('A valid access token was not provided.')
  }
  if (!isAccepted(workspace, token)) return { body: { active: false } }
  const admin = workspace.members.find((member) => member.accessLevel === 'admin')
  return {
    body: {
      active: true,
      scope: grantedScopes(workspace.settings).join(' '),
      client_id: workspace.clientId,
      token_type: 'Bearer',
      exp: null,
      iat: Math.floor(workspace.createdAtMs / 1000),
      sub: workspace.id,
      aud: workspace.clientId,
      iss: 'attio.com',
      token_level: workspace.settings.tokenLevel,
      authorized_by_workspace_member_id: admin?.id,
      workspace_id: workspace.id,
      workspace_name: workspace.name,
      workspace_slug: workspace.slug,
      workspace_logo_url: null,
    },
  }
}

export function listMembers({ workspace }: Call): Answer {
  return data(workspace.members.map((member) => renderMember(workspace, member)))
}

export function getMember(call: Call): Answer {
  const id = idOfCall(call, 'workspace_member_id')
  const member = call.workspace.members.find((each) => each.id === id)
  if (!member) throw notFound(`Workspace member with ID "${id}" not found.`)
  return data(renderMember(call.workspace, member))
}
