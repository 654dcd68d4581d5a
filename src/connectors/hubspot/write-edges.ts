/** Adding and removing single associations. HubSpot reports per pair of records; we report per item. */
import { ConnectorError } from '../../errors.ts'
import type { AssociateItem, WriteOutcome } from '../writing.ts'
import {
  archiveAssociations,
  archiveLabel,
  createAssociations,
  type AssociationType,
  type WirePair,
} from './association-calls.ts'
import type { Catalogue } from './catalogue.ts'
import type { HubSpotClient } from './client.ts'
import { parseEdge, type Edge } from './edges.ts'
import type { Problem } from './problem.ts'
import { chunks } from './batches.ts'
import { settle } from './settle.ts'

/** Most pairs of one batch create (HubSpot fact sheet 6); the archives state no limit of their own. */
const PAIRS_MAX = 2_000

interface Pair extends WirePair {
  readonly item: AssociateItem
}

/** Null: the pair is as wanted. */
type PairResult = ConnectorError | null

/**
 * One call names one pair of objects (HubSpot fact sheet 17.3), so fields to different objects cannot share one; they do
 * not wait for each other either. Labels between the same two objects do, as one write may move what the next one finds.
 */
export async function writeEdges(
  client: HubSpotClient,
  catalogue: Catalogue,
  object: string,
  items: readonly AssociateItem[],
): Promise<readonly WriteOutcome[]> {
  const groups = [...Map.groupBy(items, ({ field }) => parseEdge(field)?.to ?? null).values()]
  const settled = await Promise.allSettled(
    groups.map((group) => writeFields(client, catalogue, object, group)),
  )
  const refusals = settled.flatMap((result) => (result.status === 'rejected' ? [refusalOf(result)] : []))
  const [first] = refusals
  // Nothing was done where every group was turned away; otherwise those that were say so item by item.
  if (first && refusals.length === groups.length) throw first
  return settled.flatMap((result, i) =>
    result.status === 'fulfilled'
      ? result.value
      : (groups[i] ?? []).map((item) => failed(item, refusalOf(result))),
  )
}

function refusalOf({ reason }: PromiseRejectedResult): ConnectorError {
  if (reason instanceof ConnectorError) return reason
  throw reason
}

/** All fields to one object. */
async function writeFields(
  client: HubSpotClient,
  catalogue: Catalogue,
  object: string,
  items: readonly AssociateItem[],
): Promise<readonly WriteOutcome[]> {
  const outcomes: WriteOutcome[] = []
  for (const [field, group] of Map.groupBy(items, (item) => item.field)) {
    const edge = parseEdge(field)
    const type = edge && (await catalogue.associationType(object, edge))
    if (edge && type)
      outcomes.push(...(await writeEdge(client, object, edge, type, group, outcomes.length === 0)))
    else outcomes.push(...group.map((item) => failed(item, unknownEdge(client, object, field))))
  }
  return outcomes
}

async function writeEdge(
  client: HubSpotClient,
  object: string,
  edge: Edge,
  type: AssociationType,
  items: readonly AssociateItem[],
  isFirst: boolean,
): Promise<WriteOutcome[]> {
  const fail = (_: Pair, error: ConnectorError): PairResult => error
  // First what is added: should the second half fail, a record has one association too many, not too few.
  const added = await settle<Pair, PairResult>(chunks(pairsOf(items, 'add'), PAIRS_MAX), {
    send: (pairs) => sendAdditions(client, object, edge, type, pairs),
    fail,
    mayThrow: isFirst,
  })
  const broken = new Set([...added].filter(([, error]) => error !== null).map(([{ item }]) => item))
  const intact = items.filter((item) => !broken.has(item))
  const removed = await settle<Pair, PairResult>(chunks(pairsOf(intact, 'remove'), PAIRS_MAX), {
    send: async (pairs) => {
      if (edge.label === null) await archiveAssociations(client, object, edge.to, pairs)
      else await archiveLabel(client, object, edge.to, type, pairs)
      return new Map(pairs.map((pair) => [pair, null]))
    },
    fail,
    mayThrow: isFirst && added.size === 0,
  })
  const results = Map.groupBy([...added, ...removed], ([{ item }]) => item)
  return items.map((item) =>
    outcomeOf(
      client,
      item,
      (results.get(item) ?? []).map(([, result]) => result),
    ),
  )
}

function pairsOf(items: readonly AssociateItem[], which: 'add' | 'remove'): Pair[] {
  return items.flatMap((item) => item[which].map(({ id }) => ({ item, fromId: item.id, toId: id })))
}

async function sendAdditions(
  client: HubSpotClient,
  object: string,
  edge: Edge,
  type: AssociationType,
  pairs: readonly Pair[],
): Promise<ReadonlyMap<Pair, PairResult>> {
  const answer = await createAssociations(client, object, edge.to, type, pairs)
  if (!answer) return new Map(pairs.map((pair) => [pair, null]))
  // Rows may be told from either end.
  const done = new Set(answer.done.flatMap(({ fromId, toId }) => [`${fromId}>${toId}`, `${toId}>${fromId}`]))
  const open = pairs.filter((pair) => !done.has(`${pair.fromId}>${pair.toId}`))
  return new Map(
    pairs.map((pair) => {
      if (!open.includes(pair)) return [pair, null]
      const problem = problemOf(pair, answer.problems, open.length === 1)
      return [pair, problem ? pairError(client, pair, problem) : unknownOutcome(client)]
    }),
  )
}

/** Problems name record ids in different keys and even in sentences (HubSpot fact sheet 5.2, 5.4). */
function problemOf(pair: Pair, problems: readonly Problem[], isOnly: boolean): Problem | undefined {
  const naming = (...ids: readonly string[]) =>
    problems.find((problem) => ids.every((id) => namedIds(problem).has(id)))
  return (
    naming(pair.fromId, pair.toId) ??
    naming(pair.toId) ??
    naming(pair.fromId) ??
    (isOnly && problems.length === 1 ? problems[0] : undefined)
  )
}

function namedIds(problem: Problem): ReadonlySet<string> {
  const texts = [problem.message, ...Object.values(problem.context).flat()]
  return new Set(texts.flatMap((text) => text.match(/\d+/g) ?? []))
}

/** `not-found` would say that the record itself is gone; when its partner is, the change is decided again. */
function pairError(client: HubSpotClient, pair: Pair, problem: Problem): ConnectorError {
  const error = client.itemError(problem)
  if (error.kind !== 'not-found' || namedIds(problem).has(pair.fromId)) return error
  return client.error(
    'stale',
    `record ${pair.toId}, which ${pair.fromId} should be associated with, is gone`,
    'Nothing to do: the change is decided again.',
  )
}

function outcomeOf(client: HubSpotClient, item: AssociateItem, results: readonly PairResult[]): WriteOutcome {
  const errors = results.filter((result) => result !== null)
  const [first] = errors
  if (!first) return { kind: 'done', writeId: item.writeId, id: item.id, image: {}, version: null }
  if (errors.length === results.length) return failed(item, first)
  const hint = 'Nothing to do: the record is read again, and the rest decided anew.'
  return failed(item, client.error('ambiguous', `only partly applied; ${first.message}`, hint))
}

function failed(item: AssociateItem, error: ConnectorError): WriteOutcome {
  return { kind: 'failed', writeId: item.writeId, error }
}

function unknownEdge(client: HubSpotClient, object: string, field: string): ConnectorError {
  const hint = 'Check the association and its label in the mapping against those of the HubSpot account.'
  return client.error('rejected', `${object} has no association field "${field}"`, hint)
}

function unknownOutcome(client: HubSpotClient): ConnectorError {
  const hint = 'Nothing to do: the outcome is looked up before anything is sent again.'
  return client.error('ambiguous', 'the answer does not say what became of this association', hint)
}
