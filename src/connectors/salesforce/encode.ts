/** Items to write, with their values as Salesforce takes them. */
import { ConnectorError } from '../../errors.ts'
import type { RecordId } from '../../core/record.ts'
import type { FieldValues } from '../../core/value.ts'
import type { WriteOutcome } from '../writing.ts'
import { hasRecordTypes, kindOf, RECORD_TYPE, type Description } from './catalogue.ts'
import type { SalesforceClient } from './client.ts'
import { encodeValue } from './values.ts'

/** Field → value; null clears. */
export type Body = Readonly<Record<string, string | boolean | null>>

export interface Encoded<T> {
  readonly item: T
  readonly body: Body
  /** The record that is locked along with this one. */
  readonly parent: RecordId
}

interface Item {
  readonly writeId: string
  readonly values: FieldValues
  /** What the decision saw in these fields. */
  readonly seen?: FieldValues
}

/** Those that can be written, and the outcomes of those that cannot; nobody else waits for them. */
export function encodeItems<T extends Item>(
  client: SalesforceClient,
  description: Description,
  items: readonly T[],
  options: { readonly creates: boolean; readonly parentOf: (item: T, body: Body) => RecordId },
): { readonly encoded: readonly Encoded<T>[]; readonly refused: readonly WriteOutcome[] } {
  const encoded: Encoded<T>[] = []
  const refused: WriteOutcome[] = []
  for (const item of items) {
    const body = encodeBody(client, description, changing(item), options.creates)
    if (body instanceof ConnectorError) refused.push(failed(item, body))
    else encoded.push({ item, body, parent: options.parentOf(item, body) })
  }
  return { encoded, refused }
}

/**
 * A mapping writes record type and stage together. A type that stays is not sent: naming it again takes the permission
 * to set it, and would undo what somebody made of it since (Salesforce fact sheet 19).
 */
function changing({ values, seen }: Item): FieldValues {
  const { [RECORD_TYPE]: type, ...others } = values
  const stays = type !== undefined && type === seen?.[RECORD_TYPE] && Object.keys(others).length > 0
  return stays ? others : values
}

function encodeBody(
  client: SalesforceClient,
  description: Description,
  values: FieldValues,
  creates: boolean,
): Body | ConnectorError {
  const body: Record<string, string | boolean | null> = {}
  for (const [field, value] of Object.entries(values)) {
    if (field === RECORD_TYPE && !hasRecordTypes(description)) continue
    if (!description.fields.has(field)) {
      return unwritable(client, field, `${description.object} has no field ${field} that we may see`)
    }
    try {
      const encoded = encodeValue(kindOf(description, field), value)
      // A new record has nothing to clear.
      if (encoded !== null || !creates) body[field] = encoded
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return unwritable(client, field, `${field}: ${error.message}`)
    }
  }
  return body
}

function unwritable(client: SalesforceClient, field: string, message: string): ConnectorError {
  return new ConnectorError('rejected', `Salesforce: ${message}`, {
    connection: client.connection,
    hint: 'Change the value on the other side, or the mapping of the field.',
    fields: [field],
  })
}

export function failed(item: { readonly writeId: string }, error: ConnectorError): WriteOutcome {
  return { kind: 'failed', writeId: item.writeId, error }
}
