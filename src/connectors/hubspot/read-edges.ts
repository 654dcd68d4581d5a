/** Reading association fields: in batches of their own, or out of a listing that carries them. */
import type { FieldValue, FieldValues } from '../../core/value.ts'
import { readAssociations, type WireTarget } from './association-calls.ts'
import type { HubSpotClient } from './client.ts'
import { belongsTo, isPrimary, type Edge } from './edges.ts'
import { canonicalObject, isStandardObject, singularObject } from './objects.ts'
import { contextValues, type Problem } from './problem.ts'
import type { WireRecord } from './wire.ts'

/** Most inputs of one association batch read (HubSpot fact sheet 6). */
const INPUTS_MAX = 1_000

/**
 * The edges of some records, one request per associated object and thousand records. A record whose edges
 * could not be read lacks the field: it was not read, which is not the same as empty.
 */
export async function readEdges(
  client: HubSpotClient,
  from: string,
  ids: readonly string[],
  edges: readonly Edge[],
): Promise<ReadonlyMap<string, FieldValues>> {
  const values = new Map<string, Record<string, FieldValue>>(ids.map((id) => [id, {}]))
  for (const to of new Set(edges.map((edge) => edge.to))) {
    const targets = await readTargets(client, from, to, ids)
    for (const edge of edges.filter((candidate) => candidate.to === to)) {
      for (const [id, list] of targets) {
        const members = list.filter(({ types }) => types.some((type) => belongsTo(from, edge, type)))
        const record = values.get(id)
        if (record) record[edge.field] = references(edge, members)
      }
    }
  }
  return values
}

async function readTargets(
  client: HubSpotClient,
  from: string,
  to: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, readonly WireTarget[]>> {
  const targets = new Map<string, WireTarget[]>()
  let inputs = ids.map((id) => ({ id, after: null as string | null }))
  // Ends: every turn takes away inputs, or moves one further along its finite list.
  while (inputs.length > 0) {
    const batch = inputs.slice(0, INPUTS_MAX)
    const { rows, problems } = await readAssociations(client, from, to, batch)
    for (const row of rows) targets.set(row.fromId, [...(targets.get(row.fromId) ?? []), ...row.targets])
    const answered = new Set(rows.map((row) => row.fromId))
    const unread = unreadInputs(problems)
    for (const { id } of batch) {
      const isUnread = unread === 'any' ? !answered.has(id) : unread.has(id)
      // Also what earlier pages showed: half a list is worse than none.
      if (isUnread) targets.delete(id)
      else if (!targets.has(id)) targets.set(id, [])
    }
    const goesOn = rows.flatMap(({ fromId, after }) => (after === null ? [] : { id: fromId, after }))
    inputs = [...goesOn, ...inputs.slice(INPUTS_MAX)]
  }
  return targets
}

/**
 * Having no association is reported as a problem, too, and is the normal case; any other problem means that
 * we do not know (HubSpot fact sheet 5.4). `any`: a problem that does not say whose it is.
 */
function unreadInputs(problems: readonly Problem[]): ReadonlySet<string> | 'any' {
  const real = problems.filter(({ subCategory }) => !/NO_ASSOCIATIONS_FOUND/.test(subCategory ?? ''))
  const ids = real.map((problem) => [
    ...contextValues(problem, 'fromObjectId'),
    ...contextValues(problem, 'id'),
    ...contextValues(problem, 'ids'),
  ])
  return ids.some((named) => named.length === 0) ? 'any' : new Set(ids.flat())
}

/** How a listing names custom objects is not documented, and a name we miss would look like no association. */
function isListed(edge: Edge): boolean {
  return isStandardObject(edge.to) && (edge.label === null || isPrimary(edge))
}

/** What a listing has to ask for so that `listedEdges` finds these edges. */
export function listedObjects(edges: readonly Edge[]): readonly string[] {
  return [...new Set(edges.filter(isListed).map((edge) => canonicalObject(edge.to)))]
}

/**
 * The edges of a record as far as its row in a listing proves them. The listing names types instead of giving
 * ids, and those names are poorly documented (HubSpot fact sheet 7.3), so a primary one counts only in the
 * pattern that leaves no doubt; a missing field has to be read with `readEdges`.
 */
export function listedEdges(from: string, record: WireRecord, edges: readonly Edge[]): FieldValues {
  const values: Record<string, FieldValue> = {}
  for (const edge of edges.filter(isListed)) {
    const listed = Object.entries(record.associations).find(
      ([object]) => canonicalObject(object) === canonicalObject(edge.to),
    )?.[1] ?? { targets: [], complete: true }
    if (!listed.complete) continue
    if (edge.label === null) values[edge.field] = references(edge, listed.targets)
    else if (listed.targets.length === 0) values[edge.field] = []
    else {
      const primary = provenPrimary(from, edge, listed.targets)
      if (primary) values[edge.field] = references(edge, primary)
    }
  }
  return values
}

/**
 * A primary target appears twice: as `contact_to_company` and as `contact_to_company_unlabeled`; any other only
 * as the latter (HubSpot fact sheet 7.3, 17.2). Null when the row does not look like that.
 */
function provenPrimary(
  from: string,
  edge: Edge,
  targets: readonly { id: string; type: string }[],
): readonly { id: string }[] | null {
  const name = `${singularObject(from)}_to_${singularObject(edge.to)}`
  const plain = new Set(targets.filter(({ type }) => type === `${name}_unlabeled`).map(({ id }) => id))
  const primary = targets.filter(({ type }) => type === name)
  const looksRight = primary.length <= 1 && targets.every(({ id }) => plain.has(id))
  return looksRight ? primary : null
}

/** Distinct targets in the order of their ids, which differ in length: HubSpot itself promises no order. */
function references(edge: Edge, targets: readonly { readonly id: string }[]): FieldValue {
  const ids = [...new Set(targets.map((target) => target.id))]
  return ids
    .toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1))
    .map((id) => ({ object: edge.to, id }))
}
