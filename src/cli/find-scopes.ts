/** What a credential may not do of what a mapping needs, asked of the accounts that could be reached. */
import type { Connection } from '../compose.ts'
import type { Connector } from '../connectors/connector.ts'
import { SIDES, type Both } from '../core/record.ts'
import { ConnectorError } from '../errors.ts'
import type { MissingScope } from '../mapping/check-scopes.ts'
import { associatedObject, fieldNames } from '../mapping/document.ts'
import type { MappingDocument } from '../mapping/load.ts'

/** Under this name the mapping check asks for the people who can own records. */
const USERS = 'users'

/** For `checkMapping`. Null when no account was reached. */
export async function findScopes(
  document: MappingDocument,
  sides: Both<Connection | null>,
): Promise<MissingScope | null> {
  if (!sides.left && !sides.right) return null
  const missing = new Map<string, string>()
  for (const side of SIDES) {
    const connection = sides[side]
    if (!connection) continue
    const { connector } = connection
    const own = document.body[side].object
    const far = document.body.fields.flatMap((entry) =>
      fieldNames(entry[side]).flatMap((name) => associatedObject(name) ?? []),
    )
    const asked = [
      { object: own, write: false },
      { object: own, write: true },
      ...[...new Set(far)].map((object) => ({ object, write: false })),
    ]
    for (const request of asked) {
      const scopes = await missingScopes(connector, request)
      if (scopes.length > 0) missing.set(key(side, request.object, request.write), scopes.join(' and '))
    }
    if (document.body.fields.some((entry) => entry.as === 'user')) {
      const scopes = await scopesForUsers(connection)
      if (scopes.length > 0) missing.set(key(side, USERS, false), scopes.join(' and '))
    }
  }
  return (side, object, write) => missing.get(key(side, object, write)) ?? null
}

function key(side: string, object: string, write: boolean): string {
  return `${side} ${object} ${write ? 'write' : 'read'}`
}

/** An object that is not there needs no scope; that it is missing is reported with the schema. */
async function missingScopes(
  connector: Connector,
  request: { object: string; write: boolean },
): Promise<readonly string[]> {
  try {
    return await connector.missingScopes(request)
  } catch (error) {
    if (error instanceof ConnectorError && (error.kind === 'not-found' || error.kind === 'unavailable'))
      return []
    throw error
  }
}

async function scopesForUsers({ connector }: Connection): Promise<readonly string[]> {
  try {
    await connector.users()
    return []
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.kind !== 'unauthorized' || error.status !== 403)
      throw error
    return error.scopes.length > 0 ? error.scopes : [connector.capabilities.usersScope]
  }
}
