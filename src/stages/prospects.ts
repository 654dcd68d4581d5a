/**
 * What can be known about a record's counterpart before deciding: who shares its keys, what its stamp names, and
 * those records as they are now. Batched: the number of requests does not grow with the number of records.
 */
import type { Candidate } from '../core/match.ts'
import { otherSide, SIDES, type Side, type Snapshot } from '../core/record.ts'
import { isPair, type Link } from '../store/links.ts'
import type { RecordRef, Subject } from '../store/records.ts'
import type { Component } from '../store/reconcile.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords, findRecords } from './fetch.ts'
import type { Loner } from './loners.ts'
import { keptElsewhere } from './siblings.ts'
import { keyedRecord } from './sighting.ts'
import { readStamps, type Stamps } from './stamps.ts'
import { refKey } from './work.ts'

/**
 * How old a listing of the other side may be and still count as having looked. Somebody may be entered there and here in
 * that time; a first load that takes longer asks once per batch.
 */
const INVENTORY_FRESH_MS = 20_000
/** Records connected through equal keys beyond this are not looked at: a person has to. */
const COMPONENT_MAX = 50

export type Member = Candidate & { readonly link: Link | null }

export interface KnownComponent {
  /** Number of the rule that connected them; null when the record stands alone. */
  readonly rule: number | null
  readonly cut: boolean
  readonly members: readonly Member[]
  readonly outsiders: readonly Member[]
}

export interface Prospects {
  readonly stamps: Stamps
  /** By record: the strongest rule that connects it to anybody, and whom. */
  readonly components: ReadonlyMap<string, KnownComponent>
  /** Free candidates and the batch itself, by record. */
  readonly snapshots: ReadonlyMap<string, Snapshot>
  /** What the store knows about free candidates, by record. */
  readonly subjects: ReadonlyMap<string, Subject>
  /**
   * Records whose place in a pair is taken by a record that is gone, by record: the vendor merged them without
   * leaving a redirect, and the pair has to find out.
   */
  readonly orphaned: ReadonlyMap<string, RecordRef>
}

/** `isCreating`: whether a counterpart may be made for them, be it by another mapping of their object. */
export async function prospect(
  engine: Engine,
  mapping: MappingRuntime,
  loners: readonly Loner[],
  isCreating = (from: Side): boolean => mapping.rules.create[otherSide(from)],
): Promise<Prospects> {
  const stamps = await readStamps(engine, mapping, loners)
  const creating = loners.filter(({ subject }) => isCreating(subject.side))
  await askBeforeCreating(engine, mapping, creating)
  const components = await findComponents(
    engine,
    mapping,
    loners.map((loner) => loner.subject),
  )
  const free = loners.flatMap(({ subject }) => freeMembers(subject.side, components.get(refKey(subject))))
  const named = loners.flatMap((loner): RecordRef[] => {
    const id = stamps.free.get(refKey(loner.subject))
    return id === undefined ? [] : [{ side: otherSide(loner.subject.side), id }]
  })
  const candidates = [...free, ...named]
  const snapshots = await readFree(engine, mapping, loners, candidates)
  const known = await engine.store.load({ mapping: mapping.rules.mapping, records: candidates })
  const subjects = new Map(
    known.map((subject) => [refKey({ side: subject.side, id: subject.askedId }), subject]),
  )
  const orphaned = await findOrphaned(engine, mapping, loners, { stamps, components })
  return { stamps, components, snapshots, subjects, orphaned }
}

/**
 * Whose present state a decision can depend on. Namesakes on the record's own side alone decide nothing, and there
 * are many of them: reading them all took five of six Attio reads of a first load.
 */
function freeMembers(own: Side, component: KnownComponent | undefined): readonly Member[] {
  const free = (component?.members ?? []).filter((member) => !member.linked)
  return component?.cut || free.some((member) => member.side !== own) ? free : []
}

/** By record: everybody connected through equal keys of the strongest rule that finds anybody. */
export async function findComponents(
  engine: Engine,
  mapping: MappingRuntime,
  records: readonly RecordRef[],
): Promise<ReadonlyMap<string, KnownComponent>> {
  const found = await engine.store.components({
    mapping: mapping.rules.mapping,
    records,
    limit: COMPONENT_MAX,
  })
  const elsewhere = await keptElsewhere(
    engine,
    mapping,
    found.flatMap(({ members, outsiders }) => [...members, ...outsiders]),
  )
  const membersOf = memberFinder(elsewhere)
  return new Map(
    found.map(({ record, rule, cut, members, outsiders }) => [
      refKey(record),
      { rule, cut, members: membersOf(record, members), outsiders: membersOf(record, outsiders) },
    ]),
  )
}

/** How good the rule is that connects a component; null when nothing does. */
export function strengthOf(mapping: MappingRuntime, { rule }: KnownComponent): 'strong' | 'weak' | null {
  return rule === null ? null : (mapping.rules.match[rule]?.strength ?? null)
}

/**
 * Whether a record that was found without a pair has one by now: the creation that made it was answered meanwhile, or
 * somebody else linked it. Nothing that was concluded from its being alone may be kept.
 */
export function isPairedMeanwhile({ subject }: Loner, { stamps, components }: Prospects): boolean {
  const key = refKey(subject)
  const links = [stamps.taken.get(key), ...(components.get(key)?.members ?? []).map((member) => member.link)]
  return links.some((link) => isPair(link ?? null) && link?.[subject.side] === subject.id)
}

/** What was merged into a record and still has a pair: that one goes on with it, once it is looked at. */
async function findOriginals(
  engine: Engine,
  { rules }: MappingRuntime,
  loners: readonly Loner[],
): Promise<readonly (readonly [survivor: string, original: RecordRef])[]> {
  const asked = loners.flatMap(({ subject, snapshot }) =>
    (snapshot.absorbed ?? []).map((id) => ({ key: refKey(subject), record: { side: subject.side, id } })),
  )
  if (asked.length === 0) return []
  const known = await engine.store.load({
    mapping: rules.mapping,
    records: asked.map(({ record }) => record),
  })
  return asked.flatMap(({ key, record }, i) => {
    const link = known[i]?.link ?? null
    return isPair(link) && link[record.side] === record.id ? [[key, record] as const] : []
  })
}

/**
 * Records that hold a record's place in a pair: partners by stamp or strong key that are gone, and those that went into it, by
 * the vendor's own word. One read per side.
 */
async function findOrphaned(
  engine: Engine,
  mapping: MappingRuntime,
  loners: readonly Loner[],
  found: Pick<Prospects, 'stamps' | 'components'>,
): Promise<ReadonlyMap<string, RecordRef>> {
  const claims = loners.flatMap(({ subject }) => {
    const key = refKey(subject)
    const component = found.components.get(key)
    const isStrong = component !== undefined && strengthOf(mapping, component) === 'strong'
    const byKey = isStrong ? component.members.filter((member) => member.side !== subject.side) : []
    const links = [found.stamps.taken.get(key), ...byKey.map((member) => member.link)]
    return links.flatMap((link) => {
      const partner = isPair(link ?? null) ? link?.[subject.side] : null
      return partner && partner !== subject.id ? [{ key, partner: { side: subject.side, id: partner } }] : []
    })
  })
  const orphaned = new Map<string, RecordRef>(await findOriginals(engine, mapping, loners))
  for (const side of SIDES) {
    const own = claims.filter(({ partner }) => partner.side === side)
    const ids = own.map(({ partner }) => partner.id)
    const readings = await fetchRecords(engine, mapping, side, ids, { edges: false })
    for (const { key, partner } of own) {
      if (readings.get(partner.id)?.kind === 'gone') orphaned.set(key, partner)
    }
  }
  return orphaned
}

type Known = Component['members'][number]

/** Half a link without a counterpart, and a pair that ended, leave their record free to be matched. */
function memberFinder(
  elsewhere: ReadonlySet<string>,
): (record: RecordRef, members: readonly Known[]) => readonly Member[] {
  const asOthersSeeIt = new Map<Known, Member>()
  const seen = (member: Known): Member => {
    const known = asOthersSeeIt.get(member)
    if (known) return known
    const linked = isPair(member.link) || elsewhere.has(refKey(member))
    const own = { ...member, linked }
    asOthersSeeIt.set(member, own)
    return own
  }
  return (record, members) =>
    members.map((member) =>
      member.id === record.id && member.side === record.side ? { ...member, linked: false } : seen(member),
    )
}

async function readFree(
  engine: Engine,
  mapping: MappingRuntime,
  loners: readonly Loner[],
  wanted: readonly RecordRef[],
): Promise<ReadonlyMap<string, Snapshot>> {
  const known = new Map(loners.map((loner) => [refKey(loner.subject), loner.snapshot]))
  for (const side of SIDES) {
    const ids = wanted.filter((ref) => ref.side === side && !known.has(refKey(ref))).map((ref) => ref.id)
    for (const reading of (await fetchRecords(engine, mapping, side, ids, { edges: true })).values()) {
      if (reading.kind === 'found') known.set(refKey({ side, id: reading.snapshot.key.id }), reading.snapshot)
    }
  }
  return known
}

/**
 * Asks the vendor for records with the same strong keys, where it would not refuse a second one itself and the
 * last listing is too old to have shown them.
 */
async function askBeforeCreating(
  engine: Engine,
  mapping: MappingRuntime,
  loners: readonly Loner[],
): Promise<void> {
  const { rules } = mapping
  for (const side of SIDES) {
    const far = otherSide(side)
    const own = loners.filter((loner) => loner.subject.side === side)
    if (own.length === 0) continue
    const stream = await engine.store.stream({ mapping: rules.mapping, side: far })
    const since = stream.sweepDoneMs === null ? null : stream.sweepStartedMs
    if (since !== null && engine.runtime.now() - since < INVENTORY_FRESH_MS) continue
    for (const rule of rules.match) {
      const field = rule.field[far]
      if (rule.strength !== 'strong' || mapping.schemas[far].fields.get(field)?.unique) continue
      const values = own.flatMap((loner) => rule.keys[side](loner.snapshot.values).map(rule.query[far]))
      const found = await findRecords(engine, mapping, far, field, values)
      const sightings = found.map((snapshot) => keyedRecord(rules, far, snapshot))
      if (sightings.length === 0) continue
      await engine.store.recordReads({ mapping: rules.mapping, side: far, sightings })
    }
  }
}
