/** A step of a scenario → what a person then does in the CRM's user interface. */
import type { HumanEdit } from '../../src/sandbox/model.ts'
import type { Hands, Kind } from './hands/hands.ts'
import type { Action } from './scenario.ts'
import type { Witness } from './witness.ts'

/** What people do; administrators do the rest. */
export type Edit = Exclude<
  Action,
  { readonly do: 'break-schema' | 'mend-schema' | 'revoke-token' | 'renew-token' }
>

/** None when there is nobody to do it to. `witness` knows who is there. */
export function editsOf(
  witness: Pick<Witness, 'live' | 'biographies'>,
  vendor: string,
  hands: Hands,
  action: Edit,
): readonly HumanEdit[] {
  const object = hands.object[action.kind]
  const live = witness.live(vendor, action.kind)
  if (action.do === 'create') {
    return [{ action: 'create', object, values: hands.values(action.kind, action.draft) }]
  }
  if (action.do === 'bulk') {
    const values = hands.values(action.kind, action.draft)
    return live.map(([id]) => ({ action: 'update', object, id, values }))
  }
  if (action.do === 'restore') {
    const gone = witness
      .biographies(vendor, action.kind)
      .filter(({ chapters }) => chapters.at(-1)?.state === 'archived')
    const biography = pick(gone, action.who)
    return biography && hands.restores ? [{ action: 'restore', object, id: biography.id }] : []
  }
  const found = pick(live, action.who)
  if (!found) return []
  const [id, held] = found
  switch (action.do) {
    case 'update':
      return [{ action: 'update', object, id, values: hands.values(action.kind, action.draft) }]
    case 'delete':
      return [{ action: 'delete', object, id }]
    case 'merge': {
      const other = pick(
        live.filter(([each]) => each !== id),
        action.whom,
      )
      return other ? [{ action: 'merge', object, id, other: { object, id: other[0] } }] : []
    }
    case 'relate': {
      const kind: Kind = action.relation === 'company' ? 'company' : 'person'
      const target = pick(witness.live(vendor, kind), action.whom)
      if (!target) return []
      const { relation, remove } = action
      return [hands.relate({ kind: action.kind, id, relation, target: target[0], held, remove })]
    }
  }
}

function pick<T>(list: readonly T[], share: number): T | undefined {
  return list[Math.min(list.length - 1, Math.floor(share * list.length))]
}
