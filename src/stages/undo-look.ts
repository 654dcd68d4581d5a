/** The records that a run touched, as they are now, with everything that is known about their pairs. */
import type { LinkBase } from '../core/base.ts'
import { SIDES, type Both, type RecordId, type Side, type Snapshot } from '../core/record.ts'
import type { SideContext } from '../core/rules.ts'
import { isKept, type Link, type LinkId } from '../store/links.ts'
import type { Subject } from '../store/records.ts'
import { linksNamed, openDirectory, type Directory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'
import type { Footprint } from './footprint.ts'
import { isReference } from './rule-index.ts'
import { together } from './together.ts'

/**
 * - `live`: read under its own id. `elsewhere`: it is another pair's by now.
 * - `none`: the run has nothing on this side. The others are what the vendor says.
 */
export type Present =
  | { readonly kind: 'live'; readonly snapshot: Snapshot; readonly elsewhere: boolean }
  | { readonly kind: 'gone' | 'hidden'; readonly id: RecordId }
  | { readonly kind: 'merged'; readonly id: RecordId; readonly into: RecordId }
  | { readonly kind: 'none' }

export interface Situation {
  readonly footprint: Footprint
  readonly link: Link
  readonly base: LinkBase
  readonly present: Both<Present>
  /** A write of this link has no recorded outcome yet. */
  readonly isUnsettled: boolean
}

/** Writes without a known outcome are waited for before anything is undone; what is left of them is out of sight. */
const INTENTS_MAX = 10_000

/** The pairs of a run's records as the run left them, whatever became of them since: `<side>/<object>/<id>` → link. */
export type LeftPairs = ReadonlyMap<string, LinkId>

export interface Look {
  readonly situations: readonly Situation[]
  /** What references stand for now. */
  readonly directory: Directory
  /**
   * What references stood for when the run was over: undoing dissolves pairs, and a reference to one of their
   * records must not look like somebody's edit because of that.
   */
  readonly asLeft: Directory
}

/** One read per side for all of them; associations included. */
export async function lookAt(
  engine: Engine,
  mapping: MappingRuntime,
  footprints: readonly Footprint[],
  leftPairs: LeftPairs,
): Promise<Look> {
  const { mapping: name } = mapping.rules
  const found = await engine.store.loadLinks({ links: footprints.map(({ link }) => link) })
  const known = new Map(found.map((each) => [each.link.id, each]))
  const open = await engine.store.openIntents({ mapping: name, limit: INTENTS_MAX })
  const unsettled = new Set(open.map(({ link }) => link))
  const subjects = {
    left: await subjectsOf(engine, name, 'left', footprints, known),
    right: await subjectsOf(engine, name, 'right', footprints, known),
  }
  const [left, right] = await together(
    SIDES.map((side) => {
      const ids = [...subjects[side].values()].map(({ id }) => id)
      return fetchRecords(engine, mapping, side, ids, { edges: true })
    }),
  )
  const readings = { left: left ?? new Map(), right: right ?? new Map() }
  const presentOn = (side: Side, link: LinkId): Present => {
    const subject = subjects[side].get(link)
    if (!subject) return { kind: 'none' }
    const { id } = subject
    const reading = readings[side].get(id)
    if (!reading || reading.kind === 'hidden') return { kind: 'hidden', id }
    if (reading.kind === 'gone') return { kind: 'gone', id }
    const { snapshot } = reading
    if (snapshot.key.id !== id) return { kind: 'merged', id, into: snapshot.key.id }
    const elsewhere = isKept(subject.link) && subject.link.id !== link
    return { kind: 'live', snapshot, elsewhere }
  }
  const situations = footprints.flatMap((footprint): Situation[] => {
    const own = known.get(footprint.link)
    if (!own) return []
    const present = { left: presentOn('left', own.link.id), right: presentOn('right', own.link.id) }
    const isUnsettled = unsettled.has(own.link.id)
    return [{ footprint, link: own.link, base: own.base, present, isUnsettled }]
  })
  const snapshots = (side: Side) =>
    situations.flatMap(({ present }) => {
      const here = present[side]
      return here.kind === 'live' ? [here.snapshot] : []
    })
  const directory = await openDirectory(
    engine.store,
    engine.pairing,
    { left: snapshots('left'), right: snapshots('right') },
    [...new Set(footprints.flatMap((footprint) => linksNamedIn(mapping, footprint)))],
  )
  return { situations, directory, asLeft: leftBehind(directory, leftPairs) }
}

function leftBehind(directory: Directory, leftPairs: LeftPairs): Directory {
  const on = (side: Side): SideContext => {
    const context = directory.context[side]
    return {
      ...context,
      linkOf: (object, id) => context.linkOf(object, id) ?? leftPairs.get(`${side}/${object}/${id}`) ?? null,
    }
  }
  return { ...directory, context: { left: on('left'), right: on('right') } }
}

/** Of a whole run: its records point at each other across mappings. */
export function leftPairsOf(
  footprints: readonly Footprint[],
  objectOf: (mapping: string, side: Side) => string | null,
): LeftPairs {
  const pairs = new Map<string, LinkId>()
  for (const { link, mapping, sides, steps } of footprints) {
    for (const side of SIDES) {
      const object = objectOf(mapping, side)
      const ids = [
        sides[side].record,
        ...steps.flatMap(({ before, after }) => [before?.[side], after?.[side]]),
      ]
      for (const id of ids) if (id && object !== null) pairs.set(`${side}/${object}/${id}`, link)
    }
  }
  return pairs
}

/** By link: what the store knows about the record that the run touched on this side, under its present id. */
async function subjectsOf(
  engine: Engine,
  mapping: string,
  side: Side,
  footprints: readonly Footprint[],
  known: ReadonlyMap<LinkId, { readonly link: Link }>,
): Promise<ReadonlyMap<LinkId, Subject>> {
  const wanted = footprints.flatMap((footprint) => {
    const id = idOn(side, footprint, known.get(footprint.link)?.link)
    return id === null ? [] : [{ link: footprint.link, record: { side, id } }]
  })
  const loaded = await engine.store.load({ mapping, records: wanted.map(({ record }) => record) })
  return new Map(
    wanted.flatMap(({ link }, i) => {
      const subject = loaded[i]
      return subject ? [[link, subject] as const] : []
    }),
  )
}

function idOn(side: Side, { sides, steps }: Footprint, link: Link | undefined): RecordId | null {
  const oldest = steps.at(-1)
  return sides[side].record ?? oldest?.before?.[side] ?? oldest?.after?.[side] ?? link?.[side] ?? null
}

/** Links that values of references stand for, which the records themselves need not point at any more. */
function linksNamedIn(mapping: MappingRuntime, { sides }: Footprint): readonly LinkId[] {
  return SIDES.flatMap((side) => {
    const { writes, removed } = sides[side]
    const written = [...writes].flatMap(([key, all]) => all.map(({ before }) => [key, before] as const))
    return [...written, ...Object.entries(removed?.image ?? {})].flatMap(([key, value]) =>
      isReference(mapping, key) ? linksNamed(value) : [],
    )
  })
}
