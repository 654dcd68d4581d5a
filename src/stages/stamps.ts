/**
 * What stamps say about the counterparts of records without a pair. A record may name its counterpart, or be named
 * by it: a pair that was written to on one side only carries one stamp, and that must be enough (algorithms 3.1).
 */
import { MERGED_AWAY } from '../core/match.ts'
import { otherSide, SIDES, type RecordId, type Side } from '../core/record.ts'
import type { FieldValue } from '../core/value.ts'
import { isPair, type Link } from '../store/links.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'
import type { Loner } from './loners.ts'
import { stampKey } from './sighting.ts'
import { refKey } from './work.ts'

export interface Stamps {
  /** Record → the free counterpart that a stamp of either names. */
  readonly free: ReadonlyMap<string, RecordId>
  /** Record → the link of the counterpart that its stamp names. */
  readonly taken: ReadonlyMap<string, Link>
  /** Records whose stamp names a counterpart that is gone: somebody deleted it. */
  readonly bereaved: ReadonlySet<string>
}

interface Claim {
  readonly loner: Loner
  readonly counterpart: RecordId
}

/** Checked against links, and against the stamps of both records as they are now. One read per side. */
export async function readStamps(
  engine: Engine,
  mapping: MappingRuntime,
  loners: readonly Loner[],
): Promise<Stamps> {
  const free = new Map<string, RecordId>()
  const taken = new Map<string, Link>()
  const bereaved = new Set<string>()
  const { rules } = mapping
  for (const side of SIDES) {
    const far = otherSide(side)
    const claims = await claimsOf(engine, mapping, side, loners)
    if (claims.length === 0) continue
    const records = claims.map(({ counterpart }) => ({ side: far, id: counterpart }))
    const subjects = await engine.store.load({ mapping: rules.mapping, records })
    const links = claims.map((_, i) => subjects[i]?.link ?? null)
    const unlinked = claims.filter((_, i) => !isPair(links[i] ?? null)).map(({ counterpart }) => counterpart)
    const readings = await fetchRecords(engine, mapping, far, unlinked, { edges: false })
    for (const [i, { loner, counterpart }] of claims.entries()) {
      const link = links[i] ?? null
      const key = refKey(loner.subject)
      const reading = readings.get(counterpart)
      if (isPair(link)) {
        taken.set(key, link)
      } else if (reading?.kind === 'gone') {
        if (stampIn(mapping, side, loner.snapshot.values) === counterpart) bereaved.add(key)
      } else if (reading?.kind === 'found') {
        const own = stampIn(mapping, side, loner.snapshot.values)
        const back = stampIn(mapping, far, reading.snapshot.values)
        const agrees = back === loner.subject.id || (back === null && own === counterpart)
        // What survived a merge may carry the stamp of the one that lost its pair by it.
        const isInherited = [subjects[i], loner.subject].some((each) => each?.suppressed === MERGED_AWAY)
        if (agrees && !isInherited) free.set(key, reading.snapshot.key.id)
      }
    }
  }
  return { free, taken, bereaved }
}

async function claimsOf(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  loners: readonly Loner[],
): Promise<readonly Claim[]> {
  const own = loners.filter((loner) => loner.subject.side === side)
  const unstamped = own.filter((loner) => stampIn(mapping, side, loner.snapshot.values) === null)
  const holders = await engine.store.holders({
    mapping: mapping.rules.mapping,
    side: otherSide(side),
    keys: unstamped.map((loner) => stampKey(loner.subject.id)),
  })
  return own.flatMap((loner): Claim[] => {
    const named = stampIn(mapping, side, loner.snapshot.values)
    if (named !== null) return [{ loner, counterpart: named }]
    const [counterpart, ...rivals] = holders.get(stampKey(loner.subject.id)) ?? []
    return counterpart === undefined || rivals.length > 0 ? [] : [{ loner, counterpart }]
  })
}

function stampIn(
  mapping: MappingRuntime,
  side: Side,
  values: Readonly<Record<string, FieldValue>>,
): RecordId | null {
  const field = mapping.rules.stamp[side]
  const value = field === null ? null : values[field]
  return typeof value === 'string' && value !== '' ? value : null
}
