/** Owners: people who can own records. `id` and `userId` are different numbers (HubSpot fact sheet 15). */
import { instant } from './wire.ts'

export interface Owner {
  readonly id: string
  readonly userId: number
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly archived: boolean
}

export class Owners {
  private readonly byId = new Map<string, Owner>()

  constructor() {
    for (const entry of FIRST_OWNERS) this.byId.set(entry.id, entry)
  }

  all(): Iterable<Owner> {
    return this.byId.values()
  }

  find(id: string): Owner | undefined {
    return this.byId.get(id)
  }

  findByUserId(userId: string): Owner | undefined {
    return [...this.byId.values()].find((entry) => String(entry.userId) === userId)
  }

  /** A person leaves or comes back. */
  setArchived(id: string, archived: boolean, at: number): boolean {
    const entry = this.byId.get(id)
    if (entry === undefined || entry.archived === archived) return false
    this.byId.set(id, { ...entry, archived, updatedAt: at })
    return true
  }

  /** The user behind an e-mail or a user id; the first admin when none is named. */
  actor(name: string | undefined): Owner | undefined {
    if (name === undefined) return FIRST_OWNERS[0]
    const wanted = name.toLowerCase()
    return [...this.byId.values()].find(
      (entry) => String(entry.userId) === wanted || entry.email.toLowerCase() === wanted,
    )
  }

  save(): unknown {
    return [...this.byId.values()]
  }

  load(saved: unknown): void {
    this.byId.clear()
    for (const entry of saved as Owner[]) this.byId.set(entry.id, entry)
  }
}

export function printOwner(entry: Owner): unknown {
  return {
    id: entry.id,
    email: entry.email,
    type: 'PERSON',
    firstName: entry.firstName,
    lastName: entry.lastName,
    userId: entry.archived ? null : entry.userId,
    userIdIncludingInactive: entry.userId,
    createdAt: instant(entry.createdAt),
    updatedAt: instant(entry.updatedAt),
    archived: entry.archived,
  }
}

function person(
  id: string,
  userId: number,
  name: readonly [string, string],
  email: string,
  archived = false,
): Owner {
  const at = Date.UTC(2023, 4, 2, 8, 15, 30, 250)
  const [firstName, lastName] = name
  return { id, userId, email, firstName, lastName, createdAt: at, updatedAt: at, archived }
}

/** E-mails keep the capitals their owners typed; some owners have left. */
const FIRST_OWNERS: readonly Owner[] = [
  person('181530201', 61000101, ['Ada', 'Okafor'], 'ada.okafor@example.com'),
  person('181530202', 61000102, ['Bruno', 'Keller'], 'Bruno.Keller@example.com'),
  person('181530203', 61000103, ['Chidi', 'Marsh'], 'chidi.marsh@example.com'),
  person('181530204', 61000104, ['Dana', 'Novak'], 'dana.novak@example.com'),
  person('181530205', 61000105, ['Elif', 'Tan'], 'elif.tan@example.com'),
  person('181530206', 61000106, ['Farid', 'Lund'], 'farid.lund@example.com', true),
  person('181530207', 61000107, ['Gwen', 'Abbott'], 'gwen.abbott@example.com', true),
]
