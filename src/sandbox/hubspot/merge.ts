/** Merging two records (HubSpot fact sheet 18.1). */
import { TOLD_BY_ASSOCIATIONS } from './association-counts.ts'
import { body, idOf, objectType, type Call } from './call.ts'
import { CALCULATED, remember } from './history.ts'
import type { ObjectType } from './object-types.ts'
import type { Portal } from './portal.ts'
import { printRecord, selection } from './record-answers.ts'
import type { Source, StoredRecord } from './record-store.ts'
import { instant, invalid, notFound, ok, Problem, type Answer } from './wire.ts'
import { announceProperty, insertRecord } from './write.ts'

const MERGES_MAX = 250

/** Never taken over from the record that is merged away. */
const OWN_PROPERTIES = new Set([
  'hs_object_id',
  'hs_all_contact_vids',
  'hs_merged_object_ids',
  'hs_calculated_merged_vids',
  'hs_ticket_id',
  'email',
  'domain',
  'hs_additional_emails',
  'hs_additional_domains',
])

/** Objects of HubSpot's own that can be merged (18.1); custom ones can, too (16). */
const MERGEABLE = new Set(['contacts', 'companies', 'deals', 'tickets'])

export function mergeRoute(call: Call): Answer {
  const type = objectType(call)
  if (!type.custom && !MERGEABLE.has(type.plural)) throw new Problem(405, 'HTTP 405 Method Not Allowed')
  const fields = body(call)
  const find = (name: string) => {
    const record = call.portal.records.resolve(type.typeId, idOf(fields[name], name))
    if (record === undefined) throw notFound()
    return record
  }
  const survivor = mergeRecords(call.portal, type, {
    primary: find('primaryObjectId'),
    other: find('objectIdToMerge'),
    source: call.source,
  })
  const asked = selection(call.portal, type, { properties: [] })
  return ok(printRecord(call.portal, type, survivor, asked))
}

/** Contacts and companies become a third record, unless the portal preserves the primary's id. */
export function mergeRecords(
  portal: Portal,
  type: ObjectType,
  { primary, other, source }: { primary: StoredRecord; other: StoredRecord; source: Source },
): StoredRecord {
  if (primary === other) throw invalid(`Cannot merge ${primary.id} into itself`)
  const oldIds = mergedIds(primary, other)
  if (oldIds.length > MERGES_MAX)
    throw new Problem(414, `Cannot have more than ${MERGES_MAX} identities on a profile`)

  const makesThird = ['contacts', 'companies'].includes(type.plural) && !portal.settings.primaryIdPreservation
  const now = portal.clock()
  const next: Record<string, string> = { ...primary.values }
  const moved: string[] = []
  for (const [name, value] of Object.entries(other.values)) {
    if (next[name] !== undefined || OWN_PROPERTIES.has(name) || TOLD_BY_ASSOCIATIONS.has(name)) continue
    next[name] = value
    moved.push(name)
  }
  joinIdentities(next, primary, other)
  next['hs_merged_object_ids'] = (makesThird ? oldIds : oldIds.filter((id) => id !== primary.id)).join(';')
  if (type.plural === 'contacts' && !makesThird) {
    next['hs_calculated_merged_vids'] = [
      ...(primary.values['hs_calculated_merged_vids']?.split(';') ?? []),
      `${other.id}:${now}`,
    ].join(';')
  }

  const survivor = makesThird
    ? thirdRecord(portal, type, { primary, other, next, source, now })
    : keepPrimary(portal, type, { primary, other, next, source, now })
  portal.announce(primary, source, {
    kind: 'merge',
    details: {
      objectId: survivor.serial,
      primaryObjectId: primary.serial,
      mergedObjectIds: [other.serial],
      newObjectId: survivor.serial,
      numberOfPropertiesMoved: moved.length,
    },
  })
  const merging: Source = { ...source, type: 'MERGE_OBJECTS' }
  for (const name of moved) announceProperty(portal, survivor, name, merging)
  return survivor
}

interface Merge {
  readonly primary: StoredRecord
  readonly other: StoredRecord
  readonly next: Record<string, string>
  readonly source: Source
  readonly now: number
}

function thirdRecord(portal: Portal, type: ObjectType, merge: Merge): StoredRecord {
  const { primary, other, next, source, now } = merge
  const createdAt = Math.min(primary.createdAt, other.createdAt)
  next[type.createdProperty] = instant(createdAt)
  for (const loser of [primary, other]) retireLoser(portal, loser, '', source)
  // The values are no news from the merging user: their versions say that a merge brought them.
  const mergedBy: Source = { ...source, type: 'MERGE_OBJECTS' }
  const survivor = insertRecord(portal, { type, next, now, source: mergedBy, createdAt })
  if (type.plural === 'contacts') {
    const vids = [survivor.id, ...(next['hs_merged_object_ids']?.split(';') ?? [])].join(';')
    portal.records.replaceValues(survivor, { ...survivor.values, hs_all_contact_vids: vids })
    portal.reindex(survivor, survivor.values)
  }
  for (const loser of [primary, other]) {
    loser.into = survivor.id
    moveAssociations(portal, loser, survivor)
  }
  return survivor
}

function keepPrimary(portal: Portal, type: ObjectType, merge: Merge): StoredRecord {
  const { primary, other, next, source, now } = merge
  retireLoser(portal, other, primary.id, source)
  next[type.modifiedProperty] = instant(now)
  const changes = Object.keys(next).filter((name) => next[name] !== primary.values[name])
  const mergedBy: Source = { ...source, type: 'MERGE_OBJECTS' }
  remember(primary, { type, changes, next, at: now, source: mergedBy, isDerived: () => false })
  portal.records.replaceValues(primary, next)
  primary.updatedAt = now
  portal.reindex(primary, next)
  moveAssociations(portal, other, primary)
  return primary
}

function retireLoser(portal: Portal, loser: StoredRecord, into: string, source: Source): void {
  portal.records.retire(loser, portal.clock(), into)
  loser.revision++
  portal.reindex(loser, null)
  if (!portal.settings.mergeReportsDeletion) return
  portal.announce(loser, source, {
    kind: 'deletion',
    details: { objectId: loser.serial, changeFlag: 'DELETED' },
  })
}

function moveAssociations(portal: Portal, loser: StoredRecord, winner: StoredRecord): void {
  const changes = portal.associations.move(loser, winner, portal.associationSearchableAt())
  portal.announceAssociations(changes, CALCULATED)
}

/** The other's e-mail becomes secondary, its domain additional. */
function joinIdentities(next: Record<string, string>, primary: StoredRecord, other: StoredRecord): void {
  for (const [main, additional] of [
    ['email', 'hs_additional_emails'],
    ['domain', 'hs_additional_domains'],
  ] as const) {
    const all = [primary, other].flatMap((record) => [
      record.values[main] ?? [],
      record.values[additional]?.split(';') ?? [],
    ])
    const [first, ...rest] = [...new Set(all.flat())]
    if (first === undefined) continue
    next[main] = first
    if (rest.length > 0) next[additional] = rest.join(';')
  }
}

/** Every id that now stands for the result, oldest merges first. */
function mergedIds(primary: StoredRecord, other: StoredRecord): string[] {
  return [primary, other].flatMap((record) => [
    ...(record.values['hs_merged_object_ids']?.split(';') ?? []),
    record.id,
  ])
}
