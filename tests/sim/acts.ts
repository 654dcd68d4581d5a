/** A step of a scenario → what a person then does in the CRM's user interface. */
import type { Dump, DumpedRecord, HumanEdit } from '../../src/sandbox/model.ts'
import { HANDS, PAIRING, type CastPairing } from './cast.ts'
import type { Hands, Kind } from './hands/hands.ts'
import type { Action } from './scenario.ts'
import type { Witness } from './witness.ts'

/** What people do; administrators do the rest. */
export type Edit = Exclude<
  Action,
  { readonly do: 'break-schema' | 'mend-schema' | 'revoke-token' | 'renew-token' }
>

export function isEdit(action: Action): action is Edit {
  return !/-(schema|token)$/.test(action.do)
}

/** None when there is nobody to do it to. `witness` knows who is there. */
export function editsOf(
  witness: Pick<Witness, 'live' | 'biographies' | 'dump'>,
  vendor: string,
  hands: Hands,
  action: Edit,
  pairings: readonly CastPairing[] = [PAIRING],
): readonly HumanEdit[] {
  const { kind } = action
  const live = witness.live(vendor, kind)
  const objectOf = (id: string): string => hands.objectOf(kind, id)
  const isLead = (id: string): boolean => objectOf(id) === hands.leads?.object
  const dump = (): Dump => witness.dump(vendor)
  if (action.do === 'create') {
    const values = hands.values(kind, action.draft, { held: null, dump })
    if (!action.lead) return [{ action: 'create', object: hands.object[kind], values }]
    const { leads } = hands
    return leads
      ? [{ action: 'create', object: leads.object, values: { ...leads.values(action.draft), ...values } }]
      : []
  }
  if (action.do === 'bulk') {
    const values = hands.values(kind, action.draft)
    return live.map(([id]) => ({ action: 'update', object: objectOf(id), id, values }))
  }
  if (action.do === 'purge') return live.map(([id]) => ({ action: 'delete', object: objectOf(id), id }))
  const { named } = action
  const wantsLead = action.do === 'convert' || ('lead' in action && action.lead === true)
  const isWanted = ([id]: readonly [id: string, ...unknown[]]): boolean => !wantsLead || isLead(id)
  if (action.do === 'restore') {
    const gone = witness
      .biographies(vendor, kind)
      .filter(({ id }) => isWanted([id]))
      .filter(({ chapters }) => chapters.at(-1)?.state === 'archived')
      .filter(({ chapters }) => named === undefined || chapters.at(-1)?.values[hands.remark[kind]] === named)
    const biography = pick(gone, action.who)
    return biography && hands.restores
      ? [{ action: 'restore', object: objectOf(biography.id), id: biography.id }]
      : []
  }
  const found =
    named === undefined
      ? pick(live.filter(isWanted), action.who)
      : recordNamed(witness, { vendor, kind, name: named }, pairings)
  if (!found || !isWanted(found)) return []
  const [id, held] = found
  const object = objectOf(id)
  switch (action.do) {
    case 'update':
      return [{ action: 'update', object, id, values: hands.values(kind, action.draft, { held, dump }) }]
    case 'delete':
      return [{ action: 'delete', object, id }]
    case 'convert': {
      const contacts = live.filter(([each]) => !isLead(each))
      const into = action.contact === null ? null : (pick(contacts, action.contact) ?? null)
      const accounts = action.account === null ? [] : witness.live(vendor, 'company')
      const accountId = pick(accounts, action.account ?? 0)?.[0] ?? null
      const { opensDeal } = action
      return hands.leads ? [hands.leads.convert({ id, into, accountId, opensDeal })] : []
    }
    case 'merge': {
      const others = live.filter(([each]) => each !== id && objectOf(each) === object)
      const { whomNamed } = action
      const other =
        whomNamed === undefined
          ? pick(others, action.whom)
          : recordNamed(witness, { vendor, kind, name: whomNamed }, pairings)
      return other && other[0] !== id && objectOf(other[0]) === object
        ? [{ action: 'merge', object, id, other: { object, id: other[0] } }]
        : []
    }
    case 'relate': {
      const targetKind: Kind = action.relation === 'company' ? 'company' : 'person'
      const { relation, remove, whomNamed } = action
      // A lead names its company in words, and takes part in nothing yet.
      const targets = witness.live(vendor, targetKind).filter(([each]) => !isLead(each))
      const target =
        whomNamed === undefined
          ? pick(targets, action.whom)
          : recordNamed(witness, { vendor, kind: targetKind, name: whomNamed }, pairings)
      if (!target || isLead(id) || isLead(target[0])) return []
      return [hands.relate({ kind, id, relation, target: target[0], held, remove })]
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
