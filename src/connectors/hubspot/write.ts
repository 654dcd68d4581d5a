/** What creating, updating and removing have in common: encoding, batches of a hundred, one outcome for each item. */
import { createHash } from 'node:crypto'
import { ConnectorError } from '../../errors.ts'
import type { FieldValues } from '../../core/value.ts'
import type { WriteOutcome } from '../writing.ts'
import type { Catalogue } from './catalogue.ts'
import type { HubSpotClient } from './client.ts'
import { contextValues, type Problem } from './problem.ts'
import { settle } from './settle.ts'
import { decodeValues } from './snapshots.ts'
import { encodeValue, type ValueKind } from './values.ts'
import type { WireRecord } from './wire.ts'

/** An item with its values as HubSpot takes them. */
export interface Encoded<T> {
  readonly item: T
  readonly traceId: string
  readonly properties: Readonly<Record<string, string>>
}

export type Kinds = (property: string) => ValueKind

export type Outcomes<T> = ReadonlyMap<Encoded<T>, WriteOutcome>

/** Sends all batches; items that cannot be encoded fail on the spot and keep nobody else waiting. */
export async function deliver<T extends { readonly writeId: string; readonly values: FieldValues }>(
  { client, catalogue }: { client: HubSpotClient; catalogue: Catalogue },
  object: string,
  items: readonly T[],
  options: {
    cut: (items: readonly Encoded<T>[]) => readonly (readonly Encoded<T>[])[]
    send: (batch: readonly Encoded<T>[], kindOf: Kinds) => Promise<Outcomes<T>>
    /** Whether a failure of the whole call may be thrown: nothing was done before. */
    mayThrow: boolean
  },
): Promise<readonly WriteOutcome[]> {
  // Before the first write: an answer that cannot be understood for want of definitions would be lost.
  const properties = [...new Set(items.flatMap(({ values }) => Object.keys(values)))]
  const kindOf = await catalogue.kinds(object, properties)
  const refused: WriteOutcome[] = []
  const encoded = items.flatMap((item) => {
    const result = encode(client, item)
    if (!(result instanceof ConnectorError)) return result
    refused.push(failed(item, result))
    return []
  })
  const outcomes = await settle<Encoded<T>, WriteOutcome>(options.cut(encoded), {
    send: (batch) => options.send(batch, kindOf),
    fail: ({ item }, error) => failed(item, error),
    mayThrow: options.mayThrow && refused.length === 0,
  })
  const all = [...refused, ...outcomes.values()]
  // Somebody changed the schema under us: look again before the next write.
  if (all.some(showsSchemaChange)) catalogue.forget(object)
  return all
}

function encode<T extends { writeId: string; values: FieldValues }>(
  client: HubSpotClient,
  item: T,
): Encoded<T> | ConnectorError {
  const properties: Record<string, string> = {}
  for (const [field, value] of Object.entries(item.values)) {
    try {
      properties[field] = encodeValue(value)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return client.error(
        'rejected',
        `${field}: ${error.message}`,
        'Change the value, or the mapping of the field.',
      )
    }
  }
  return { item, traceId: traceIdOf(item.writeId), properties }
}

/** HubSpot documents no length for trace ids, so ours are short; equal writes have equal ones. */
function traceIdOf(writeId: string): string {
  return createHash('sha256').update(writeId).digest('hex').slice(0, 16)
}

/** The problem of an item: by its trace id or record id, or because both are the only ones left. */
export function attribute<T>(
  batch: readonly Encoded<T>[],
  problems: readonly Problem[],
): (each: Encoded<T>) => Problem | undefined {
  const byTrace = new Map<string, Problem>()
  const byId = new Map<string, Problem>()
  const anonymous: Problem[] = []
  for (const problem of problems) {
    const traces = contextValues(problem, 'objectWriteTraceId')
    const ids = [...contextValues(problem, 'ids'), ...contextValues(problem, 'id')]
    for (const trace of traces) byTrace.set(trace, problem)
    for (const id of ids) byId.set(id, problem)
    if (traces.length + ids.length === 0) anonymous.push(problem)
  }
  const [only] = anonymous.length === 1 && batch.length === 1 ? anonymous : []
  return ({ item, traceId }) => byTrace.get(traceId) ?? byId.get(idOf(item)) ?? only
}

function idOf(item: unknown): string {
  return typeof item === 'object' && item !== null && 'id' in item ? String(item.id) : ''
}

/** The written fields as the answer shows them; those it does not show are left out, to be read back. */
export function imageOf(item: { values: FieldValues }, record: WireRecord, kindOf: Kinds): FieldValues {
  return decodeValues(record.properties, Object.keys(item.values), kindOf)
}

/**
 * All that the answer shows of a record which this very write made, the pipeline that HubSpot chose among it: nobody
 * else has been there yet. An older record may show what somebody else changed, which is not ours to agree to.
 */
export function imageOfNew(record: WireRecord, kindOf: Kinds): FieldValues {
  return decodeValues(record.properties, Object.keys(record.properties), kindOf)
}

export function done(item: { writeId: string }, record: WireRecord, image: FieldValues): WriteOutcome {
  return { kind: 'done', writeId: item.writeId, id: record.id, image, version: record.updatedAt }
}

export function doneUnseen(item: { writeId: string; id: string }): WriteOutcome {
  return { kind: 'done', writeId: item.writeId, id: item.id, image: {}, version: null }
}

export function failed(item: { writeId: string }, error: ConnectorError): WriteOutcome {
  return { kind: 'failed', writeId: item.writeId, error }
}

export function unknownOutcome(client: HubSpotClient, cause?: ConnectorError): ConnectorError {
  const why = cause ? ` (${cause.message})` : ''
  return client.error(
    'ambiguous',
    `the answer does not say what became of this item${why}`,
    'Nothing to do: the outcome is looked up before anything is sent again.',
  )
}

function showsSchemaChange(outcome: WriteOutcome): boolean {
  if (outcome.kind === 'done') return false
  return outcome.error.code === 'PROPERTY_DOESNT_EXIST' || outcome.error.code === 'INVALID_OPTION'
}
