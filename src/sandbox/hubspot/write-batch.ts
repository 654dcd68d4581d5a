/**
 * Writing a batch: all or nothing, or item by item where every input has its own trace id (HubSpot fact sheet
 * 5.4).
 */
import { scalarOf, type Call, type Json } from './call.ts'
import { shuffled } from '../chance.ts'
import { inlineAssociations, type InlineAssociation } from './inline-associations.ts'
import type { ObjectType } from './object-types.ts'
import { finishWrite } from './objects.ts'
import {
  invalidProperties,
  prepareWrite,
  type Claims,
  type Draft,
  type PropertyFault,
} from './prepare-write.ts'
import { printWritten } from './record-answers.ts'
import type { StoredRecord } from './record-store.ts'
import { batchAnswer, Problem, type Answer, type BatchError } from './wire.ts'
import { commitWrite } from './write.ts'

export interface WriteBatch {
  readonly items: readonly Json[]
  readonly status: 200 | 201
  /** Failed items are reported one by one and the others written; otherwise one failure refuses all. */
  readonly partial: boolean
  readonly plan: (item: Json) => { record: StoredRecord | null; properties: unknown }
  readonly associate: boolean
  readonly printNew: boolean
  readonly errors: readonly BatchError[]
}

interface Ready {
  readonly item: Json
  readonly draft: Draft
  readonly links: readonly InlineAssociation[]
}

export function writeAll(call: Call, type: ObjectType, batch: WriteBatch): Answer {
  const { portal } = call
  const ready: Ready[] = []
  const errors: BatchError[] = [...batch.errors]
  const faults: PropertyFault[] = []
  let refused: Problem | undefined
  const claims: Claims = new Map()
  for (const item of batch.items) {
    const outcome = prepareItem(call, type, batch, { item, claims })
    if ('draft' in outcome) ready.push({ item, ...outcome })
    else if (batch.partial) errors.push(itemError(call, item, outcome))
    else if (outcome.faults.length > 0) faults.push(...outcome.faults)
    // Only the first duplicate is told (5.2).
    else refused ??= outcome.problem ?? undefined
  }
  // The list may repeat a property once per input, without saying which input.
  if (faults.length > 0) throw invalidProperties(portal, faults)
  if (refused !== undefined) throw refused
  const results = ready.map(({ item, draft, links }) => {
    const written = finishWrite(portal, commitWrite(portal, draft), links, call.source)
    const trace = item['objectWriteTraceId']
    return {
      ...printWritten(portal, type, written),
      ...(batch.printNew && { new: written.created }),
      ...(typeof trace === 'string' && { objectWriteTraceId: trace }),
    }
  })
  return batchAnswer({
    status: batch.status,
    now: portal.clock(),
    results: inAnyOrder(call, results),
    errors,
  })
}

interface Failure {
  readonly faults: readonly PropertyFault[]
  readonly problem: Problem | null
}

function prepareItem(
  call: Call,
  type: ObjectType,
  batch: WriteBatch,
  { item, claims }: { item: Json; claims: Claims },
): { draft: Draft; links: readonly InlineAssociation[] } | Failure {
  try {
    const { record, properties } = batch.plan(item)
    const prepared = prepareWrite(
      call.portal,
      {
        type,
        record,
        properties,
        source: call.source,
        viaApi: true,
        checksForm: call.version === '2026-09',
      },
      claims,
    )
    if (prepared.kind === 'faulty') return { faults: prepared.faults, problem: null }
    if (prepared.kind === 'refused') return { faults: [], problem: prepared.problem }
    const links = batch.associate ? inlineAssociations(call.portal, type.typeId, item['associations']) : []
    return { draft: prepared.draft, links }
  } catch (error) {
    // A malformed request is refused as a whole, whatever the trace ids; an invalid association is one
    // item's.
    if (error instanceof Problem && error.details.category === 'VALIDATION_ERROR') {
      return { faults: [], problem: error }
    }
    throw error
  }
}

function itemError(call: Call, item: Json, failure: Failure): BatchError {
  const problem = failure.problem ?? invalidProperties(call.portal, failure.faults)
  const existing = /Existing ID: (\d+)/.exec(problem.message)?.[1]
  return problem.item({
    objectWriteTraceId: [scalarOf(item['objectWriteTraceId'])],
    ...(existing !== undefined && { existingId: [existing] }),
  })
}

/** Results are not in input order (5.4). */
export function inAnyOrder<T>(call: Call, rows: readonly T[]): T[] {
  const { seed, counters } = call.portal
  return shuffled(rows, seed, 'results', counters.request)
}
