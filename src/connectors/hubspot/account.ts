/** The account behind the token: who it is, who works in it, and what the token may not do. */
import { ConnectorError } from '../../errors.ts'
import type { Account, User } from '../reading.ts'
import { readAccountDetails, readOwners, readTokenDetails } from './catalogue-calls.ts'
import type { HubSpotClient } from './client.ts'
import { canonicalObject } from './objects.ts'
import { listRecords, updateRecords } from './record-calls.ts'

/** Owners per page (HubSpot fact sheet 6). */
const OWNERS_PAGE = 100

/** Tokens of private apps and service keys; they have no metadata to ask for (HubSpot fact sheet 4.1). */
const STATIC_TOKEN = /^pat-/

/** `appId`: our application's id as far as it is known already. */
export async function readAccount(
  client: HubSpotClient,
  token: string,
  appId: string | null,
): Promise<Account & { readonly appId: string | null }> {
  const details = await readAccountDetails(client)
  client.setUtcOffset(details.utcOffsetMs)
  const metadata = STATIC_TOKEN.test(token) ? null : await unlessUnknown(readTokenDetails(client, token))
  const ownAppId = metadata?.appId ?? appId
  return {
    id: details.portalId,
    name: details.uiDomain === null ? details.portalId : `${details.uiDomain}/${details.portalId}`,
    // Tokens belong to an app; the user who installed it is named by a user id, and records want owner ids.
    tokenOwner: null,
    appId: ownAppId,
  }
}

export async function readUsers(client: HubSpotClient): Promise<readonly User[]> {
  const [former, present] = await Promise.all([usersIn(client, true), usersIn(client, false)])
  // Active ones last, so that they win should an owner be in both lists.
  return [...new Map([...former, ...present].map((user) => [user.id, user])).values()]
}

async function usersIn(client: HubSpotClient, archived: boolean): Promise<readonly User[]> {
  const users: User[] = []
  let after: string | null = null
  // Ends with the last page; HubSpot's lists of owners are finite.
  do {
    const page = await readOwners(client, { archived, after, limit: OWNERS_PAGE })
    for (const { id, email } of page.owners) {
      if (email !== null) users.push({ id, email: email.toLowerCase(), active: !archived })
    }
    after = page.after
  } while (after !== null)
  return users
}

/** Asks for one record, or sends a batch of no changes: both are refused for missing scopes before anything else. */
export async function findMissingScopes(
  client: HubSpotClient,
  { object, write }: { object: string; write: boolean },
): Promise<readonly string[]> {
  try {
    if (write) await updateRecords(client, object, [])
    else {
      await listRecords(client, object, {
        limit: 1,
        after: null,
        properties: [],
        associations: [],
        archived: false,
      })
    }
    return []
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    if (error.kind === 'rejected' && write) return []
    if (error.kind !== 'unauthorized' || error.status !== 403) throw error
    return error.scopes.length > 0
      ? error.scopes
      : [`crm.objects.${canonicalObject(object)}.${write ? 'write' : 'read'}`]
  }
}

/** A token that has no metadata is a static one in a shape that we do not know. */
async function unlessUnknown<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof ConnectorError && (error.kind === 'not-found' || error.kind === 'rejected'))
      return null
    throw error
  }
}
