/**
 * Whose change a field's value is where the record itself cannot tell: it came through us (`hub.ts`), or the vendor
 * stamps records as a whole and has told of the single field when it was changed (`observe.ts`).
 */
import { instantMs } from '../core/instant.ts'
import { SIDES, type Evidence, type RecordId, type Side, type Snapshot } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { sharedWith } from './hub.ts'
import { ruleOf } from './rule-index.ts'
import type { Pair } from './work.ts'

/** The same pairs, in which every change that is known to be somebody's is told as theirs. */
export async function attributed<T extends { readonly pair: Pair }>(
  engine: Engine,
  mapping: MappingRuntime,
  items: readonly T[],
): Promise<readonly T[]> {
  let told = items
  for (const side of SIDES) {
    const retell = retellerOf(engine, mapping, side)
    const unclear = told.filter(({ pair }) => Object.values(pair[side].evidence).some(retell.isUnclear))
    if (unclear.length === 0) continue
    const origins = await engine.store.origins({
      connection: engine.pairing.connectors[side].connection,
      object: mapping.rules.object[side],
      records: unclear.map(({ pair }) => pair[side].key.id),
    })
    told = told.map((item) =>
      unclear.includes(item)
        ? { ...item, pair: { ...item.pair, [side]: retold(item.pair[side], origins, retell) } }
        : item,
    )
  }
  return told
}

/**
 * That we wrote these fields, where the vendor itself tells of a field only when it is changed: what it told before is over.
 * A person of then would otherwise pass for whoever changed our value since, and no fight of automations over what somebody
 * once typed would ever be stopped (I17). `sinceMs`: any instant before our write that is later than what it replaced.
 */
export function writtenOver(
  engine: Engine,
  mapping: MappingRuntime,
  write: {
    readonly side: Side
    readonly record: RecordId
    /** Keys of the rules. */
    readonly fields: readonly string[]
    readonly sinceMs: number
  },
): readonly Change[] {
  const { side, record } = write
  const { connection, capabilities } = engine.pairing.connectors[side]
  const fields = write.fields.flatMap((key) => ruleOf(mapping, key)[side].fields)
  if (capabilities.keepsHistory || fields.length === 0 || sharedWith(engine, mapping, side).length > 0)
    return []
  const ours: Evidence = { at: new Date(write.sinceMs).toISOString(), actor: { kind: 'us', id: null } }
  const object = mapping.rules.object[side]
  const noted = Object.fromEntries(fields.map((field) => [field, ours]))
  return [{ kind: 'note-origins', connection, object, record, fields: noted }]
}

interface Reteller {
  readonly isUnclear: (own: Evidence) => boolean
  /** `known`: the origin noted of this field. */
  readonly of: (own: Evidence, known: Evidence | undefined) => Evidence
}

function retellerOf(engine: Engine, mapping: MappingRuntime, side: Side): Reteller {
  if (sharedWith(engine, mapping, side).length > 0) {
    return {
      isUnclear: isOurs,
      // Whoever's change it was, it was made before we wrote it.
      of: (own, known) => (isOurs(own) ? (known ?? { ...own, notBefore: null }) : own),
    }
  }
  return { isUnclear: isOfRecord, of: (own, known) => withinRecord(engine, own, known) }
}

function isOurs({ actor }: Evidence): boolean {
  return actor.kind === 'us'
}

function isOfRecord({ notBefore }: Evidence): boolean {
  return notBefore === null
}

/**
 * A change that was told is the field's last one, or there was another of which nothing was heard; before it, there was
 * none. One that is younger than the record as it was read has nothing to do with the value in hand.
 */
function withinRecord(engine: Engine, own: Evidence, known: Evidence | undefined): Evidence {
  const ownMs = instantMs(own.at ?? '')
  const knownMs = instantMs(known?.at ?? '')
  if (!known || !isOfRecord(own) || ownMs === null || knownMs === null) return own
  if (knownMs > ownMs + engine.settings.clockErrorMs) return own
  const notBefore = knownMs < ownMs ? known.at : own.at
  // Whoever changed what we wrote, it was not us.
  return isOurs(known) ? { ...own, notBefore } : { ...own, actor: known.actor, notBefore }
}

function retold(
  snapshot: Snapshot,
  origins: ReadonlyMap<RecordId, Readonly<Record<string, Evidence>>>,
  retell: Reteller,
): Snapshot {
  const known = origins.get(snapshot.key.id) ?? {}
  const evidence = Object.entries(snapshot.evidence).map(([field, own]): [string, Evidence] => [
    field,
    retell.of(own, known[field]),
  ])
  return { ...snapshot, evidence: Object.fromEntries(evidence) }
}
