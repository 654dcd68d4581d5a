/**
 * Look-ups that canonisers need, prepared per batch so that the core stays pure: users by e-mail, and links of
 * referenced records on both sides.
 */
import type { Both, RecordId, Side, Snapshot } from '../core/record.ts'
import { otherSide, SIDES } from '../core/record.ts'
import type { SideContext } from '../core/rules.ts'
import { isList, type Canonical, type FieldValue } from '../core/value.ts'
import type { LinkId, PendingEdge } from '../store/links.ts'
import type { Store } from '../store/store.ts'
import { mappingOf, type Pairing } from './engine.ts'

interface Reference {
  readonly object: string
  readonly id: RecordId
}

export interface Directory {
  readonly context: Both<SideContext>
  /** References of this side's snapshot that have no link yet although a mapping keeps their object. */
  pending(side: Side, value: FieldValue): readonly Omit<PendingEdge, 'link' | 'field'>[]
}

/**
 * Prepares every look-up that the given snapshots can need, and records of the links that are `named` beside them.
 * One store read per object and side.
 */
export async function openDirectory(
  store: Store,
  pairing: Pairing,
  snapshots: Both<readonly Snapshot[]>,
  named: readonly LinkId[] = [],
): Promise<Directory> {
  const linkByRecord = { left: new Map<string, string>(), right: new Map<string, string>() }
  const recordByLink = { left: new Map<string, RecordId>(), right: new Map<string, RecordId>() }

  for (const side of SIDES) {
    const wanted = new Map<string, Set<RecordId>>()
    for (const snapshot of snapshots[side]) {
      for (const value of Object.values(snapshot.values)) {
        for (const ref of referencesIn(value)) {
          wanted.set(ref.object, (wanted.get(ref.object) ?? new Set()).add(ref.id))
        }
      }
    }
    for (const [object, ids] of wanted) {
      const mapping = mappingOf(pairing, side, object)
      if (!mapping) continue
      const links = await store.linksOf({ mapping: mapping.rules.mapping, side, ids: [...ids] })
      for (const [id, link] of links) {
        linkByRecord[side].set(`${object}/${id}`, link)
        recordByLink[side].set(`${object}/${link}`, id)
      }
      const far = otherSide(side)
      const records = await store.recordsOf({
        mapping: mapping.rules.mapping,
        side: far,
        links: [...links.values()],
      })
      const farObject = mapping.rules.object[far]
      for (const [link, id] of records) {
        recordByLink[far].set(`${farObject}/${link}`, id)
        linkByRecord[far].set(`${farObject}/${id}`, link)
      }
    }
  }

  for (const mapping of named.length === 0 ? [] : pairing.mappings) {
    const { mapping: name, object } = mapping.rules
    for (const side of SIDES) {
      for (const [link, id] of await store.recordsOf({ mapping: name, side, links: named })) {
        recordByLink[side].set(`${object[side]}/${link}`, id)
        linkByRecord[side].set(`${object[side]}/${id}`, link)
      }
    }
  }

  const sideContext = (side: Side): SideContext => {
    const users = userIndex(pairing, side)
    return {
      userEmail: (id) => users.emailById.get(id) ?? null,
      userId: (email) => users.idByEmail.get(email) ?? null,
      tokenOwner: () => {
        const owner = pairing.accounts[side].tokenOwner
        return owner === null ? null : (users.emailById.get(owner) ?? null)
      },
      linkOf: (object, id) => linkByRecord[side].get(`${object}/${id}`) ?? null,
      recordOf: (object, link) => recordByLink[side].get(`${object}/${link}`) ?? null,
    }
  }

  return {
    context: { left: sideContext('left'), right: sideContext('right') },
    pending(side, value) {
      return referencesIn(value).flatMap((ref) => {
        const mapping = mappingOf(pairing, side, ref.object)
        if (!mapping || linkByRecord[side].has(`${ref.object}/${ref.id}`)) return []
        return [{ targetMapping: mapping.rules.mapping, side, target: ref.id }]
      })
    },
  }
}

/** The links that a canonical reference stands for: what it says itself, whatever records point at now. */
export function linksNamed(value: Canonical): readonly LinkId[] {
  if (typeof value === 'string') return [value]
  return isList(value) ? value.flatMap(linksNamed) : []
}

interface UserIndex {
  readonly emailById: ReadonlyMap<string, string>
  readonly idByEmail: ReadonlyMap<string, string>
}

/** Built once per pairing and side; the user lists are replaced as a whole when they are refreshed. */
const userIndexes = new WeakMap<object, UserIndex>()

function userIndex(pairing: Pairing, side: Side): UserIndex {
  const users = pairing.users[side]
  const known = userIndexes.get(users)
  if (known) return known
  const index: UserIndex = {
    emailById: new Map(users.map((user) => [user.id, user.email])),
    idByEmail: new Map(users.filter((user) => user.active).map((user) => [user.email, user.id])),
  }
  userIndexes.set(users, index)
  return index
}

/** A reference field's value is a list of `{ object, id }` (see `FieldType`). */
export function referencesIn(value: FieldValue): readonly Reference[] {
  if (!isList(value)) return []
  return value.flatMap((item) => {
    if (item === null || typeof item !== 'object' || isList(item)) return []
    const { object, id } = item as { object?: FieldValue; id?: FieldValue }
    return typeof object === 'string' && typeof id === 'string' ? [{ object, id }] : []
  })
}
