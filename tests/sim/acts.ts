/** A step of a scenario → what a person then does in the CRM's user interface. */
import type { DumpedRecord, HumanEdit } from '../../src/sandbox/model.ts'
import { HANDS, PAIRING, type CastPairing } from './cast.ts'
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
  pairings: readonly CastPairing[] = [PAIRING],
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
  if (action.do === 'purge') return live.map(([id]) => ({ action: 'delete', object, id }))
  const { named } = action
  if (action.do === 'restore') {
    const gone = witness
      .biographies(vendor, action.kind)
      .filter(({ chapters }) => chapters.at(-1)?.state === 'archived')
      .filter(
        ({ chapters }) => named === undefined || chapters.at(-1)?.values[hands.remark[action.kind]] === named,
      )
    const biography = pick(gone, action.who)
    return biography && hands.restores ? [{ action: 'restore', object, id: biography.id }] : []
  }
  const found =
    named === undefined
      ? pick(live, action.who)
      : recordNamed(witness, { vendor, kind: action.kind, name: named }, pairings)
  if (!found) return []
  const [id, held] = found
  switch (action.do) {
    case 'update':
      return [{ action: 'update', object, id, values: hands.values(action.kind, action.draft) }]
    case 'delete':
      return [{ action: 'delete', object, id }]
    case 'merge': {
      const others = live.filter(([each]) => each !== id)
      const { whomNamed } = action
      const other =
        whomNamed === undefined
          ? pick(others, action.whom)
          : recordNamed(witness, { vendor, kind: action.kind, name: whomNamed }, pairings)
      return other && other[0] !== id
        ? [{ action: 'merge', object, id, other: { object, id: other[0] } }]
        : []
    }
    case 'relate': {
      const kind: Kind = action.relation === 'company' ? 'company' : 'person'
      const { relation, remove, whomNamed } = action
      const targets = witness.live(vendor, kind)
      const target =
        whomNamed === undefined
          ? pick(targets, action.whom)
          : recordNamed(witness, { vendor, kind, name: whomNamed }, pairings)
      if (!target) return []
      return [hands.relate({ kind: action.kind, id, relation, target: target[0], held, remove })]
    }
  }
}

/** The record that carries the name as its remark, or the counterpart that the engine made for one that does. */
function recordNamed(
  witness: Pick<Witness, 'live'>,
  { vendor, kind, name }: { readonly vendor: string; readonly kind: Kind; readonly name: string },
  pairings: readonly CastPairing[],
): readonly [id: string, record: DumpedRecord] | undefined {
  const holds = (at: string, hands: Hands, field: string, value: string) =>
    witness.live(at, kind).find(([, record]) => hands.read(kind, record)[field] === value)
  const own = HANDS.get(vendor)
  const found = own && holds(vendor, own, own.remark[kind], name)
  if (!own || found) return found
  for (const { left, right, stamps } of pairings) {
    const [other, stamp] = vendor === left ? [right, stamps.left] : [left, stamps.right]
    const hands = vendor === left || vendor === right ? HANDS.get(other) : undefined
    const there = hands && holds(other, hands, hands.remark[kind], name)
    if (there) return holds(vendor, own, stamp, there[0])
  }
  return undefined
}

function pick<T>(list: readonly T[], share: number): T | undefined {
  return list[Math.min(list.length - 1, Math.floor(share * list.length))]
}
