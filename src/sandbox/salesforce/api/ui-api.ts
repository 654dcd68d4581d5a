/** Picklist values per record type, which a describe does not tell (Salesforce fact sheet 8). */
import { createHash } from 'node:crypto'
import { visibleField } from '../actor.ts'
import { base, objectParam, param, type Call, type Route } from '../call.ts'
import type { Field } from '../catalogue/field.ts'
import { STAGES } from '../catalogue/opportunity.ts'
import { normalId } from '../ids.ts'
import { MASTER_ID } from '../record-types.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { notFound, ok, type Answer } from '../wire.ts'

const ROOT = '/services/data/{version}/ui-api/object-info/{object}/picklist-values/{recordType}'

export const uiRoutes: readonly Route[] = [
  { method: 'GET', template: ROOT, mutates: false, handle: allFields },
  { method: 'GET', template: `${ROOT}/{field}`, mutates: false, handle: oneField },
]

function allFields(call: Call): Answer {
  const type = objectParam(call)
  const recordTypeId = recordTypeParam(call, type)
  const fields = type.fields.filter(
    (field) =>
      (field.type === 'picklist' || field.type === 'multipicklist') &&
      visibleField(call.org, call.actor, type, field.name) !== undefined,
  )
  const entries = fields.map((field) => [field.name, values(call, { type, field, recordTypeId })] as const)
  const picklistFieldValues = Object.fromEntries(entries)
  return ok({ eTag: etag(picklistFieldValues), picklistFieldValues })
}

function oneField(call: Call): Answer {
  const type = objectParam(call)
  const recordTypeId = recordTypeParam(call, type)
  const field = visibleField(call.org, call.actor, type, param(call, 'field'))
  if (field === undefined || field.picklistValues.length === 0) throw notFound()
  return ok(values(call, { type, field, recordTypeId }))
}

function recordTypeParam(call: Call, type: ObjectType): string {
  const id = normalId(param(call, 'recordType'))
  const isKnown = id === MASTER_ID || call.org.recordTypes.find(id ?? '')?.object === type.name
  if (id === null || !isKnown) throw notFound()
  return id
}

function values(
  call: Call,
  { type, field, recordTypeId }: { type: ObjectType; field: Field; recordTypeId: string },
): unknown {
  const offered = call.org.recordTypes.find(recordTypeId)?.picklists[field.name]
  const shown = field.picklistValues.filter(
    ({ active, value }) => active && (offered === undefined || offered.includes(value)),
  )
  const body = {
    controllerValues: {},
    defaultValue: null,
    url: `${base(call)}/ui-api/object-info/${type.name}/picklist-values/${recordTypeId}/${field.name}`,
    values: shown.map(({ label, value }) => ({
      attributes: field.name === 'StageName' ? stageAttributes(value) : null,
      label,
      validFor: [],
      value,
    })),
  }
  return { ...body, eTag: etag(body) }
}

/** What a stage means comes along with it. */
function stageAttributes(name: string): unknown {
  const stage = STAGES.find((each) => each.name === name)
  if (stage === undefined) return null
  const { isClosed: closed, isWon: won, probability: defaultProbability, forecast } = stage
  return {
    picklistAtrributesValueType: 'OpportunityStage',
    closed,
    won,
    defaultProbability,
    forecastCategoryName: forecast,
  }
}

function etag(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32)
}
