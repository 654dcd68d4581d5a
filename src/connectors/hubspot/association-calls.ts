/** The association endpoints (version 4 semantics, HubSpot fact sheet 17), in plain data. */
import type { HubSpotClient, HubSpotSdk } from './client.ts'
import { parseProblem, type Problem } from './problem.ts'

export interface AssociationType {
  readonly category: string
  readonly typeId: number
  /** Null for the unlabelled type. */
  readonly label: string | null
}

export interface WireTarget {
  readonly id: string
  readonly types: readonly AssociationType[]
}

export interface AssociationsRow {
  readonly fromId: string
  readonly targets: readonly WireTarget[]
  /** Where this record's list goes on; null at its end. */
  readonly after: string | null
}

export interface WirePair {
  readonly fromId: string
  readonly toId: string
}

interface RawAssociations {
  readonly results: readonly {
    readonly from: { readonly id: string }
    readonly to: readonly {
      readonly toObjectId: number
      readonly associationTypes: readonly RawAssociationType[]
    }[]
    readonly paging?: { readonly next?: { readonly after?: string } }
  }[]
}

interface RawAssociationType {
  readonly category: string
  readonly typeId: number
  readonly label?: string | null
}

/** Inputs without any association are not among the rows but among the problems (HubSpot fact sheet 5.4). */
export async function readAssociations(
  client: HubSpotClient,
  from: string,
  to: string,
  inputs: readonly { readonly id: string; readonly after: string | null }[],
): Promise<{ rows: readonly AssociationsRow[]; problems: readonly Problem[] }> {
  const answer = await client.ask<RawAssociations>({
    path: `/crm/v4/associations/${encodeURIComponent(from)}/${encodeURIComponent(to)}/batch/read`,
    body: { inputs: inputs.map(({ id, after }) => ({ id, ...(after !== null && { after }) })) },
  })
  return {
    rows: answer.results.map((row) => ({
      fromId: String(row.from.id),
      targets: row.to.map((target) => ({
        // A number (HubSpot fact sheet 3).
        id: String(target.toObjectId),
        types: target.associationTypes.map(associationType),
      })),
      after: row.paging?.next?.after ?? null,
    })),
    problems: problemsOf(answer),
  }
}

/** The pairs that HubSpot reports as associated now. Null: done, but the answer could not be read. */
export async function createAssociations(
  client: HubSpotClient,
  from: string,
  to: string,
  type: AssociationType,
  pairs: readonly WirePair[],
): Promise<{ done: readonly WirePair[]; problems: readonly Problem[] } | null> {
  const answer = await client.write((sdk) =>
    sdk.crm.associations.v4.batchApi.create(from, to, { inputs: pairs.map((pair) => typedPair(pair, type)) }),
  )
  return (
    answer && {
      done: answer.results.map((row) => ({ fromId: String(row.fromObjectId), toId: String(row.toObjectId) })),
      problems: problemsOf(answer),
    }
  )
}

/** Removes every type of association between the pairs. */
export async function archiveAssociations(
  client: HubSpotClient,
  from: string,
  to: string,
  pairs: readonly WirePair[],
): Promise<void> {
  await client.write((sdk) =>
    sdk.crm.associations.v4.batchApi.archive(from, to, {
      inputs: pairs.map(({ fromId, toId }) => ({ _from: { id: fromId }, to: [{ id: toId }] })),
    }),
  )
}

/** Removes one label between the pairs; the unlabelled association stays. */
export async function archiveLabel(
  client: HubSpotClient,
  from: string,
  to: string,
  type: AssociationType,
  pairs: readonly WirePair[],
): Promise<void> {
  await client.write((sdk) =>
    sdk.crm.associations.v4.batchApi.archiveLabels(from, to, {
      inputs: pairs.map((pair) => typedPair(pair, type)),
    }),
  )
}

export async function readAssociationTypes(
  client: HubSpotClient,
  from: string,
  to: string,
): Promise<readonly AssociationType[]> {
  const answer = await client.read((sdk) => sdk.crm.associations.v4.schema.definitionsApi.getAll(from, to))
  return answer.results.map(associationType)
}

type SdkTypedPair = Parameters<
  HubSpotSdk['crm']['associations']['v4']['batchApi']['create']
>[2]['inputs'][number]

function typedPair({ fromId, toId }: WirePair, type: AssociationType): SdkTypedPair {
  return {
    _from: { id: fromId },
    to: { id: toId },
    types: [
      {
        // The client's enum lacks a category that the vendor has; the words are the same.
        associationCategory: type.category as SdkTypedPair['types'][number]['associationCategory'],
        associationTypeId: type.typeId,
      },
    ],
  }
}

function associationType(type: RawAssociationType): AssociationType {
  return { category: type.category, typeId: type.typeId, label: type.label ?? null }
}

function problemsOf(answer: object): readonly Problem[] {
  if (!('errors' in answer) || !Array.isArray(answer.errors)) return []
  return answer.errors.map((error: unknown) => parseProblem(207, error))
}
