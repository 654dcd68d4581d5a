/**
 * Records that live on as records of another object: a lead that was converted is a contact now. Their pair moves to the
 * mapping that keeps that object, with what both sides agreed on, so that nothing is created and nothing is lost.
 */
import type { Reading } from '../connectors/reading.ts'
import type { LinkBase } from '../core/base.ts'
import { otherSide, SIDES, type Both, type RecordId, type Side, type Snapshot } from '../core/record.ts'
import type { SideRule } from '../core/rules.ts'
import type { Change } from '../store/change.ts'
import type { Subject } from '../store/records.ts'
import { isPair } from '../store/links.ts'
import { followUp } from './dirty-rows.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords, type Readings } from './fetch.ts'
import { idOn, linkJournal, stepLink } from './link-changes.ts'
import { isReference } from './rule-index.ts'
import { siblingsOf } from './siblings.ts'
import { withoutBlanks } from './survivor-base.ts'
import { closeBooks, unlink } from './vanish.ts'
import { refKey, type LinkedGroup } from './work.ts'

export interface Move {
  /** On which side the record moved. */
  readonly side: Side
  readonly from: RecordId
  readonly to: Extract<Reading, { kind: 'moved' }>['to']
}

/** What became of one of the two records, if one moved. */
export function moveOf(group: LinkedGroup, readings: Both<Readings>): Move | null {
  for (const side of SIDES) {
    const id = group.link[side]
    const reading = id === null ? undefined : readings[side].get(id)
    if (id !== null && reading?.kind === 'moved') return { side, from: id, to: reading.to }
  }
  return null
}

/**
 * Null: a write of the mapping that takes over is not settled yet, or another pair of this batch moved to the same
 * record (`arrived`, which the store does not know yet), so not now.
 */
export async function followMove(
  engine: Engine,
  mapping: MappingRuntime,
  group: LinkedGroup,
  move: Move,
  arrived: Set<string>,
): Promise<readonly Change[] | null> {
  const { link } = group
  const { side, from, to } = move
  const far = otherSide(side)
  const partner = link[far]
  const base = group.subjects[0]?.base ?? {}
  const because = `${from} became ${to.object} ${to.id}`
  const target = siblingsOf(engine, mapping, far).find(({ rules }) => rules.object[side] === to.object)
  if (!target || partner === null) {
    return unlink(engine, mapping, { link, base, gone: side, because, question: null })
  }
  const { mapping: name } = target.rules
  const records = [
    { side, id: to.id },
    { side: far, id: partner },
  ]
  const [arrival, stayer] = await engine.store.load({ mapping: name, records })
  if (!arrival || !stayer) throw new Error('a record without a subject')
  if (arrival.openIntent || stayer.openIntent || arrived.has(refKey(arrival))) return null
  const ended: readonly Change[] = [
    ...stepLink(engine, mapping, {
      link,
      to: { state: 'unlinked', ...idOn(far, null) },
      kind: 'unlink',
      side,
      record: from,
      because,
    }),
    ...closeBooks(engine, mapping, link, base),
    { kind: 'forget-record', mapping: mapping.rules.mapping, record: { side, id: from } },
  ]
  engine.log.info({ linkId: link.id, side, object: to.object }, 'record lives on as another object')
  if (isPair(arrival.link) && isPair(stayer.link) && arrival.link.id === stayer.link.id) return ended
  if (isPair(arrival.link) || isPair(stayer.link)) {
    return [...ended, ...twice(engine, target, { arrival, stayer, because })]
  }
  arrived.add(refKey(arrival))
  return [...ended, ...(await taken(engine, mapping, target, { side, arrival, stayer, base, because }))]
}

/** The pair goes on in the other mapping. */
async function taken(
  engine: Engine,
  mapping: MappingRuntime,
  target: MappingRuntime,
  pair: {
    readonly side: Side
    readonly arrival: Subject
    readonly stayer: Subject
    readonly base: LinkBase
    readonly because: string
  },
): Promise<readonly Change[]> {
  const { side, arrival, stayer, because } = pair
  const { mapping: name, version } = target.rules
  const atMs = engine.runtime.now()
  const ids = { ...idOn(side, arrival.id), ...idOn(stayer.side, stayer.id) } as Both<RecordId>
  const link = { id: engine.runtime.id(), mapping: name, ...ids, state: 'live' as const, rules: version }
  const now = await fetchRecords(engine, target, side, [arrival.id], { edges: false })
  const reading = now.get(arrival.id)
  const fields = reading?.kind === 'found' ? kept(mapping, target, pair.base, side, reading.snapshot) : {}
  return [
    // Half a creation that did not come about, or its old place in a pair that ended.
    ...[arrival, stayer].flatMap((record): Change[] =>
      record.link
        ? [{ kind: 'set-link', link: record.link.id, state: 'unlinked', ...idOn(record.side, null) }]
        : [],
    ),
    { kind: 'put-link', link: { ...link, versions: { left: null, right: null } } },
    ...(Object.keys(fields).length > 0 ? [{ kind: 'set-base', link: link.id, fields } as const] : []),
    ...[arrival, stayer].flatMap((record): Change[] => [
      { kind: 'drop-review', mapping: name, record },
      { kind: 'release', mapping: name, record },
      { kind: 'release-waiting', targetMapping: name, side: record.side, target: record.id, atMs },
      followUp(engine, name, record),
    ]),
    linkJournal(engine, target, {
      link,
      from: null,
      to: link,
      kind: 'link',
      side,
      record: arrival.id,
      because,
    }),
  ]
}

/** What was agreed on stays agreed on where both mappings mean the same by a field. */
function kept(
  mapping: MappingRuntime,
  target: MappingRuntime,
  base: LinkBase,
  side: Side,
  arrival: Snapshot,
): LinkBase {
  const isSame = (a: SideRule, b: SideRule) => a.fields.join() === b.fields.join()
  const shared = Object.entries(base).filter(([key]) => {
    const [old, heir] = [mapping, target].map(({ rules }) => rules.fields.find((rule) => rule.key === key))
    if (!old || !heir || isReference(mapping, key) || isReference(target, key)) return false
    return SIDES.every((each) => isSame(old[each], heir[each]))
  })
  return withoutBlanks(
    target,
    Object.fromEntries(shared.map(([key, known]) => [key, { ...known, held: null }])),
    side,
    arrival,
  )
}

/** One of the two has another counterpart there already: the same thing is there twice, which a person has to settle. */
function twice(
  engine: Engine,
  target: MappingRuntime,
  pair: { readonly arrival: Subject; readonly stayer: Subject; readonly because: string },
): readonly Change[] {
  const { arrival, stayer, because } = pair
  const { mapping: name } = target.rules
  const record = isPair(stayer.link) ? arrival : stayer
  const other = isPair(stayer.link) ? stayer : arrival
  const atMs = engine.runtime.now()
  return [
    { kind: 'suppress', mapping: name, record, reason: `${because}, and the other half has a pair`, atMs },
    {
      kind: 'put-review',
      review: {
        id: engine.runtime.id(),
        mapping: name,
        record: { side: record.side, id: record.id },
        kind: 'duplicate',
        candidates: [{ side: other.side, id: other.id }],
        because,
        atMs,
      },
    },
  ]
}
