/** The values of one attribute, current or through time, and the rewriting of that history. Fact sheet 10.8. */
import { z } from 'zod'
import {
  attributeOfCall,
  data,
  inData,
  placeOfCall,
  parseBody,
  queryFlag,
  queryNumber,
  recordToRead,
  recordToWrite,
  viewOf,
} from './call.ts'
import type { Answer, Call } from './call.ts'
import { AttioFault, invalid, missingAttribute, systemEdit } from './fault.ts'
import { parseInstant } from './instants.ts'
import { parseValue } from './parse-value.ts'
import { uniquenessConflict } from './plan-write.ts'
import { recordsHolding, setCurrent } from './record-index.ts'
import { renderValue, valuesIn } from './render.ts'
import { isIntelligence } from './standard-objects.ts'
import { valueKey } from './value.ts'
import type { StoredValue } from './value.ts'
import { currentValues } from './workspace.ts'
import type { Attribute, ObjectType, StoredRecord } from './workspace.ts'

export function listValues(call: Call): Answer {
  const { workspace } = call
  const object = placeOfCall(call)
  const attribute = attributeOfCall(call, object)
  const showsHistory = queryFlag(call, 'show_historic')
  const offset = queryNumber(call, 'offset', { fallback: 0, min: 0 })
  const limit = queryNumber(call, 'limit', { fallback: Number.MAX_SAFE_INTEGER, min: 1 })
  if (showsHistory) refuseHistory(object, attribute)
  const record = recordToRead(call, object)
  const rows = showsHistory ? historyOf(record, attribute) : valuesIn(viewOf(call), record, attribute.id)
  return data(rows.slice(offset, offset + limit).map((row) => renderValue(workspace, attribute, row)))
}

/** Oldest first; the order of the rows breaks ties. */
const historyOf = (record: StoredRecord, attribute: Attribute): readonly StoredValue[] =>
  [...(record.past.get(attribute.id) ?? []), ...currentValues(record, attribute.id)].toSorted(
    (a, b) => a.fromMs - b.fromMs,
  )

function refuseHistory(object: ObjectType, attribute: Attribute): void {
  if (!object.isStandard || !attribute.isSystem) return
  if (attribute.type === 'interaction' || isIntelligence(attribute.slug)) {
    throw invalid('Cannot set show_historic param to true when querying a COMINT attribute.')
  }
  if (attribute.isEnriched) {
    throw invalid('Cannot set show_historic param to true when querying an enriched attribute.')
  }
}

const instant = z.string().transform((text, context) => {
  const parsed = parseInstant(text)
  if (parsed?.hasTime) return parsed.ms
  context.addIssue({ code: 'custom', message: 'Invalid timestamp' })
  return z.NEVER
})

const replaceSchema = inData(
  z.object({
    replace_history: z.literal(true),
    values: z
      .array(z.object({ active_from: instant, active_until: instant.nullable(), value: z.unknown() }))
      .min(1)
      .max(400),
  }),
)

/** Replaces the whole history of one attribute, and tells nobody: no webhook fires. The answer is a guess. */
export function replaceValues(call: Call): Answer {
  const { workspace, act } = call
  const object = placeOfCall(call)
  const attribute = attributeOfCall(call, object)
  const record = recordToWrite(call, object)
  const body = parseBody(replaceSchema, call.body).data
  if (!attribute.isWritable || attribute.isEnriched || attribute.inverseId) {
    throw systemEdit(`The history of the attribute with slug "${attribute.slug}" cannot be replaced.`)
  }
  const rows = body.values
    .map((each): StoredValue => {
      const isForward = each.active_until === null || each.active_until > each.active_from
      if (each.active_from > act.atMs || (each.active_until ?? 0) > act.atMs || !isForward) {
        throw invalid('Times must not lie in the future, and a value must end after it began.')
      }
      const parsed = parseValue(workspace, attribute, each.value)
      return { data: parsed, fromMs: each.active_from, untilMs: each.active_until, actor: act.actor }
    })
    .toSorted((a, b) => a.fromMs - b.fromMs)
  checkOverlaps(attribute, rows)
  const current = rows.filter((row) => row.untilMs === null)
  checkCurrent(call, { attribute, record, current })
  record.past.set(
    attribute.id,
    rows.filter((row) => row.untilMs !== null),
  )
  setCurrent(workspace, record, attribute, current)
  return data(rows.map((row) => renderValue(workspace, attribute, row)))
}

/** One value at a time for a single-select; never the same value twice at one time. */
function checkOverlaps(attribute: Attribute, rows: readonly StoredValue[]): void {
  const seen: StoredValue[] = []
  for (const row of rows) {
    const meeting = seen.filter((other) => other.untilMs === null || other.untilMs > row.fromMs)
    if (!attribute.isMultiselect && meeting.length > 0) {
      throw new AttioFault(
        400,
        'multiple_values_for_single_value_attribute',
        `The values of attribute "${attribute.slug}" overlap in time.`,
      )
    }
    if (meeting.some((other) => valueKey(other.data) === valueKey(row.data))) {
      throw new AttioFault(
        400,
        'duplicate_values',
        `Attribute "${attribute.slug}" has a value twice at one time.`,
      )
    }
    seen.push(row)
  }
}

function checkCurrent(
  { workspace }: Call,
  options: { attribute: Attribute; record: StoredRecord; current: readonly StoredValue[] },
): void {
  const { attribute, record, current } = options
  if (attribute.isRequired && current.length === 0) throw missingAttribute(attribute.id)
  if (!attribute.isUnique) return
  for (const row of current) {
    for (const holder of recordsHolding(workspace, attribute, row.data)) {
      if (holder !== record) throw uniquenessConflict(attribute, holder)
    }
  }
}
