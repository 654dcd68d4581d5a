/** Who we are in the org, and what its other users are. */
import type { Actor } from '../../core/record.ts'
import type { Account, User } from '../reading.ts'
import type { SalesforceClient } from './client.ts'
import { query, queryAllPages } from './soql.ts'
import { isObject, textIn } from './wire.ts'

export interface Actors {
  /** The user behind our credential: its records say so. Null while nobody has asked. */
  self(): string | null
  /** What an earlier process learned; a credential of another user does not make its writes a stranger's. */
  remember(id: string): void
  /** Asks once who we are; not counted by the vendor. */
  identify(client: SalesforceClient): Promise<string>
  account(client: SalesforceClient): Promise<Account>
  users(client: SalesforceClient): Promise<readonly User[]>
  /** The actor behind a user id, as far as the users are known. */
  of(userId: string | null): Actor
}

/** Users who are people; they can own records (18). Guests and automated processes have odd addresses. */
const PEOPLE = ['Standard', 'PowerPartner', 'PowerCustomerSuccess', 'CustomerSuccess']

export function createActors(): Actors {
  const own = new Set<string>()
  const notPeople = new Set<string>()
  let latest: string | null = null
  let asking: Promise<string> | null = null

  const ask = async (client: SalesforceClient): Promise<string> => {
    const answer = await client.get('/services/oauth2/userinfo')
    const id = textIn(answer, 'user_id')
    if (id === null) {
      throw client.error('unauthorized', 'the org does not say who we are', 'Is the instance URL right?')
    }
    own.add(id)
    latest = id
    return id
  }

  const identify = (client: SalesforceClient): Promise<string> => {
    asking ??= ask(client).catch((error: unknown) => {
      asking = null
      throw error
    })
    return asking
  }

  return {
    self: () => latest,
    remember: (id) => {
      own.add(id)
      latest = id
    },
    identify,

    account: async (client) => {
      asking = null
      const [userId, { rows }] = await Promise.all([
        identify(client),
        query(client, 'SELECT Id, Name FROM Organization LIMIT 1'),
      ])
      const [org] = rows
      return {
        id: textIn(org, 'Id') ?? '',
        name: textIn(org, 'Name') ?? '',
        tokenOwner: userId,
      }
    },

    users: async (client) => {
      const soql = 'SELECT Id, Email, IsActive, UserType FROM User ORDER BY CreatedDate, Id'
      const [rows] = await Promise.all([queryAllPages(client, soql), identify(client)])
      const users: User[] = []
      for (const row of rows.filter(isObject)) {
        const id = textIn(row, 'Id')
        const email = textIn(row, 'Email')
        if (id === null) continue
        if (!PEOPLE.includes(textIn(row, 'UserType') ?? '')) notPeople.add(id)
        else if (email !== null)
          users.push({ id, email: email.toLowerCase(), active: row['IsActive'] === true })
      }
      // Several users may share an address; the last active one of it is taken, so the one that is nobody else last.
      return users.toSorted((a, b) => Number(own.has(a.id)) - Number(own.has(b.id)))
    },

    of: (userId) => {
      if (userId === null) return { kind: 'unknown', id: null }
      if (own.has(userId)) return { kind: 'us', id: userId }
      return { kind: notPeople.has(userId) ? 'system' : 'human', id: userId }
    },
  }
}
