/** Pipelines and stages: read and change (HubSpot fact sheet 13). */
import {
  body,
  objectsOf,
  objectType,
  param,
  queryFlag,
  stringOf,
  type Call,
  type Json,
  type Route,
} from './call.ts'
import type { ObjectType } from './object-types.ts'
import { inUse, printPipeline, printStage, type Pipeline, type Stage } from './pipelines.ts'
import { missingFields, NO_CONTENT, notFound, notModelled, ok, Problem, type Answer } from './wire.ts'

const ROOT = '/crm/v3/pipelines/{objectType}'
const ONE = `${ROOT}/{pipelineId}`
const STAGES = `${ONE}/stages`
const STAGE = `${STAGES}/{stageId}`

export const pipelineRoutes: readonly Route[] = [
  { method: 'GET', template: ROOT, mutates: false, scopes: reads, handle: list },
  { method: 'POST', template: ROOT, mutates: true, scopes: writes, handle: create },
  { method: 'GET', template: ONE, mutates: false, scopes: reads, handle: read },
  { method: 'PATCH', template: ONE, mutates: true, scopes: writes, handle: update },
  { method: 'PUT', template: ONE, mutates: true, scopes: writes, handle: replace },
  { method: 'DELETE', template: ONE, mutates: true, scopes: writes, handle: remove },
  { method: 'GET', template: STAGES, mutates: false, scopes: reads, handle: listStages },
  { method: 'POST', template: STAGES, mutates: true, scopes: writes, handle: createStage },
  { method: 'GET', template: STAGE, mutates: false, scopes: reads, handle: readStage },
  { method: 'PATCH', template: STAGE, mutates: true, scopes: writes, handle: writeStage },
  { method: 'PUT', template: STAGE, mutates: true, scopes: writes, handle: writeStage },
  { method: 'DELETE', template: STAGE, mutates: true, scopes: writes, handle: removeStage },
]

function reads(call: Call): readonly string[] {
  return [objectType(call).scopes.read]
}

function writes(call: Call): readonly string[] {
  return [objectType(call).scopes.write]
}

function list(call: Call): Answer {
  return ok({ results: call.portal.pipelines.list(objectType(call).typeId).map(printPipeline) })
}

function read(call: Call): Answer {
  return ok(printPipeline(pipelineOf(call)))
}

function create(call: Call): Answer {
  const type = changeable(call)
  const fields = body(call)
  const now = call.portal.clock()
  const pipeline = call.portal.pipelines.put(type.typeId, {
    id: typeof fields['pipelineId'] === 'string' ? fields['pipelineId'] : nextId(call),
    label: stringOf(fields['label'], 'label'),
    displayOrder: orderOf(fields, 0),
    stages: newStages(call, type, fields['stages']),
    createdAt: now,
    updatedAt: now,
    archived: false,
  })
  return { status: 201, body: printPipeline(pipeline) }
}

function update(call: Call): Answer {
  const pipeline = pipelineOf(call)
  const fields = body(call)
  return put(call, {
    ...pipeline,
    ...(typeof fields['label'] === 'string' && { label: fields['label'] }),
    displayOrder: orderOf(fields, pipeline.displayOrder),
  })
}

/** All stages are replaced. */
function replace(call: Call): Answer {
  const type = changeable(call)
  const fields = body(call)
  const pipeline = pipelineOf(call)
  const stages = newStages(call, type, fields['stages'])
  const kept = new Set(stages.map((stage) => stage.id))
  const lost = pipeline.stages.find((stage) => !kept.has(stage.id) && isStageUsed(call, type, stage.id))
  if (lost !== undefined && validates(call)) throw inUse('STAGE', lost.id)
  return put(call, {
    ...pipeline,
    label: stringOf(fields['label'], 'label'),
    displayOrder: orderOf(fields, pipeline.displayOrder),
    stages,
  })
}

function remove(call: Call): Answer {
  const type = changeable(call)
  const pipeline = pipelineOf(call)
  const used = pipeline.stages.some((stage) => isStageUsed(call, type, stage.id))
  if (used && validates(call)) throw inUse('PIPELINE', pipeline.id)
  call.portal.pipelines.remove(type.typeId, pipeline.id)
  return NO_CONTENT
}

function listStages(call: Call): Answer {
  return ok({ results: pipelineOf(call).stages.map(printStage) })
}

function readStage(call: Call): Answer {
  return ok(printStage(stageOf(call)))
}

function createStage(call: Call): Answer {
  const type = changeable(call)
  const pipeline = pipelineOf(call)
  const stage = newStage(call, type, body(call), pipeline.stages.length)
  put(call, { ...pipeline, stages: [...pipeline.stages, stage] })
  return { status: 201, body: printStage(stage) }
}

function writeStage(call: Call): Answer {
  changeable(call)
  const stage = stageOf(call)
  const fields = body(call)
  const next: Stage = {
    ...stage,
    ...(typeof fields['label'] === 'string' && { label: fields['label'] }),
    displayOrder: orderOf(fields, stage.displayOrder),
    metadata: { ...stage.metadata, ...metadataOf(fields['metadata']) },
    updatedAt: call.portal.clock(),
  }
  const pipeline = pipelineOf(call)
  const stages = pipeline.stages.map((entry) => (entry.id === stage.id ? next : entry))
  put(call, { ...pipeline, stages })
  return ok(printStage(next))
}

function removeStage(call: Call): Answer {
  const type = changeable(call)
  const stage = stageOf(call)
  // A stage in use is refused whether or not the caller asks for validation: the stricter reading of 5.2.
  if (isStageUsed(call, type, stage.id)) throw inUse('STAGE', stage.id)
  const pipeline = pipelineOf(call)
  put(call, { ...pipeline, stages: pipeline.stages.filter((entry) => entry.id !== stage.id) })
  return NO_CONTENT
}

function put(call: Call, pipeline: Pipeline): Answer {
  const type = changeable(call)
  const next = { ...pipeline, updatedAt: call.portal.clock() }
  return ok(printPipeline(call.portal.pipelines.put(type.typeId, next)))
}

/** Lifecycle pipelines exist and are changed in the settings of the portal only. */
function changeable(call: Call): ObjectType {
  const type = objectType(call)
  if (type.pipelineProperty === null) throw notModelled(`Changing pipelines of ${type.plural}`)
  return type
}

function pipelineOf(call: Call): Pipeline {
  return call.portal.pipelines.get(objectType(call).typeId, param(call, 'pipelineId'))
}

function stageOf(call: Call): Stage {
  const stage = pipelineOf(call).stages.find((entry) => entry.id === param(call, 'stageId'))
  if (stage === undefined) throw notFound()
  return stage
}

function validates(call: Call): boolean {
  return (
    queryFlag(call, 'validateReferencesBeforeDelete') ||
    queryFlag(call, 'validateDealStageUsagesBeforeDelete')
  )
}

function isStageUsed(call: Call, type: ObjectType, stageId: string): boolean {
  for (const record of call.portal.records.all(type)) {
    if (record.state === 'live' && record.values[type.stageProperty ?? ''] === stageId) return true
  }
  return false
}

function newStages(call: Call, type: ObjectType, raw: unknown): Stage[] {
  if (raw === undefined || raw === null) throw missingFields('stages')
  return objectsOf(raw).map((entry, order) => newStage(call, type, entry, order))
}

function newStage(call: Call, type: ObjectType, fields: Json, order: number): Stage {
  const metadata = metadataOf(fields['metadata'])
  const isDeal = type.plural === 'deals'
  const probability = metadata['probability']
  if (isDeal && probability === undefined) {
    throw new Problem(400, 'Deal stages need a probability in their metadata', {
      category: 'VALIDATION_ERROR',
    })
  }
  const isClosed = isDeal
    ? Number(probability) === 0 || Number(probability) === 1
    : metadata['ticketState'] === 'CLOSED'
  const now = call.portal.clock()
  return {
    id: typeof fields['stageId'] === 'string' ? fields['stageId'] : nextId(call),
    label: stringOf(fields['label'], 'label'),
    displayOrder: orderOf(fields, order),
    metadata: { isClosed: String(isClosed), ...metadata },
    createdAt: now,
    updatedAt: now,
    archived: false,
  }
}

/** Metadata are texts, whatever was sent. */
function metadataOf(raw: unknown): Record<string, string> {
  if (typeof raw !== 'object' || raw === null) return {}
  return Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, String(value)]))
}

function orderOf(fields: Json, fallback: number): number {
  return typeof fields['displayOrder'] === 'number' ? fields['displayOrder'] : fallback
}

function nextId(call: Call): string {
  return String(++call.portal.counters.pipeline)
}
