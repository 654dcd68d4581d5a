/**
 * What an attribute held one after the other. Attio keeps every value with the time of its life (Attio fact sheet 7,
 * 10.8); what the attribute held at a moment has to be put together from the values that lived then.
 */
import type { Actor, History, RecordId, Version } from '../../core/record.ts'
import { ConnectorError } from '../../errors.ts'
import type { HistoryRequest } from '../reading.ts'
import { actorOf, type OwnActor } from './evidence.ts'
import type { AttioContext } from './records.ts'
import { UnreadableValue } from './codecs.ts'
import { isArrayValued, readValue } from './values.ts'
import type { WireAttribute, WireValue } from './wire.ts'

/** One request a record and attribute, and another to see that there is no more. */
export async function readHistory(
  context: AttioContext,
  { object, records }: HistoryRequest,
): Promise<ReadonlyMap<RecordId, History>> {
  const { catalog } = context
  const named = [...new Set(records.flatMap(({ fields }) => fields))]
  const attributes = await catalog.attributes(object, named)
  const found = await Promise.all(
    records.map(async ({ id, fields }) => {
      const entries = await Promise.all(
        fields.map(async (field) => {
          const attribute = attributes.get(field)
          const versions = attribute ? await readVersions(context, object, id, attribute) : null
          return versions ? [[field, versions] as const] : []
        }),
      )
      return [id, Object.fromEntries(entries.flat())] as const
    }),
  )
  return new Map(found)
}

/** Null where there is none to be seen, or none that we can read. */
async function readVersions(
  { client, known, own, unkept }: AttioContext,
  object: string,
  id: RecordId,
  attribute: WireAttribute,
): Promise<readonly Version[] | null> {
  const name = `${object}/${attribute.api_slug}`
  if (unkept.has(name)) return null
  try {
    const { value: rows } = await known.fresh(known.aboutRecords([id]), () =>
      client.history(object, id, attribute.api_slug),
    )
    return isArrayValued(attribute) ? severalAtOnce(attribute, rows, own) : oneAtATime(attribute, rows, own)
  } catch (error) {
    if (error instanceof UnreadableValue) return null
    if (!(error instanceof ConnectorError)) throw error
    if (error.kind === 'not-found' || error.code === 'merge_in_progress') return null
    // Enriched and communication attributes have no readable history (10.8), and never will.
    if (error.kind !== 'rejected') throw error
    unkept.add(name)
    return null
  }
}

/** Who ended a value is not told. */
const NOBODY: Actor = { kind: 'unknown', id: null }

/**
 * Every row replaced the one before it, also where both happened at one moment. A record that came of a merge may have the
 * rows of both originals, so that the end of one leaves the value of another.
 */
function oneAtATime(attribute: WireAttribute, rows: readonly WireValue[], own: OwnActor): readonly Version[] {
  return rows.flatMap((row, i): Version[] => {
    const { active_from: at, active_until: until } = row
    const version = { at, value: readValue(attribute, [row]), actor: actorOf(row.created_by_actor, own) }
    const isReplaced = rows[i + 1]?.active_from === until
    if (!until || isReplaced) return [version]
    const left = rows.filter((each) => lives(each, until)).slice(-1)
    return [version, { at: until, value: readValue(attribute, left), actor: NOBODY }]
  })
}

function lives({ active_from: from, active_until: until }: WireValue, at: string): boolean {
  return from <= at && (!until || until > at)
}

/** Whenever a value began or ended, the attribute held those that lived from then on. */
function severalAtOnce(
  attribute: WireAttribute,
  rows: readonly WireValue[],
  own: OwnActor,
): readonly Version[] {
  const moments = new Set(rows.flatMap(({ active_from: from, active_until: until }) => [from, until ?? from]))
  return [...moments].toSorted().map((at) => {
    const living = rows.filter((row) => lives(row, at))
    const begun = rows.findLast(({ active_from: from }) => from === at)
    const actor = begun ? actorOf(begun.created_by_actor, own) : NOBODY
    return { at, value: readValue(attribute, living), actor }
  })
}
