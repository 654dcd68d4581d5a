/**
 * Bulk API 1.0, which jsforce takes for queries that update or delete more than 200 records (recorded; Salesforce fact
 * sheet 7, 16): jobs in XML, batches in CSV. What its other formats are is not modelled.
 */
import { header, param, type Call, type Route } from '../call.ts'
import { keyField } from '../rows/key-field.ts'
import { notModelled, refusal, type Answer } from '../wire.ts'
import { childrenOf, parseXml, textOf } from '../xml.ts'
import { batchRoutes } from './classic-batches-api.ts'
import { classicAnswer } from './classic-xml.ts'
import { jobObject } from './job-answers.ts'
import type { ClassicJob, IngestOperation, QueryOperation } from './jobs.ts'
import { classicJobParam, jobInfo } from './classic-info.ts'

const ROOT = '/services/async/{version}/job'

export const classicRoutes: readonly Route[] = [
  // A query job changes nothing that anybody else could see.
  {
    method: 'POST',
    template: ROOT,
    mutates: ({ body }) => !/<operation>\s*query/i.test(body ?? ''),
    access: 'classic',
    handle: create,
  },
  {
    method: 'GET',
    template: `${ROOT}/{job}`,
    mutates: false,
    access: 'classic',
    handle: (call) => classicAnswer(200, 'jobInfo', jobInfo(call, classicJobParam(call))),
  },
  { method: 'POST', template: `${ROOT}/{job}`, mutates: true, access: 'classic', handle: changeState },
  ...batchRoutes,
]

const OPERATIONS = new Set(['insert', 'update', 'upsert', 'delete', 'hardDelete', 'query', 'queryAll'])

function create(call: Call): Answer {
  const { org, actor } = call
  const asked = members(call)
  const version = versionOf(call)
  const type = jobObject(call, asked.get('object') ?? '', (reason) => refusal('InvalidJob', reason))
  const operation = operationOf(call, asked.get('operation') ?? '')
  const externalIdFieldName = asked.get('externalIdFieldName') ?? null
  if (operation === 'upsert') {
    if (externalIdFieldName === null) throw refusal('InvalidJob', 'External ID was blank')
    keyField(org, actor, { type, name: externalIdFieldName })
  }
  const contentType = asked.get('contentType') ?? 'XML'
  if (contentType !== 'CSV') throw notModelled(`Bulk API 1.0 with ${contentType}`)
  const concurrencyMode = asked.get('concurrencyMode') ?? 'Parallel'
  if (concurrencyMode !== 'Parallel' && concurrencyMode !== 'Serial') {
    throw refusal('InvalidJob', `Invalid concurrency mode: ${concurrencyMode}`)
  }
  const now = org.now()
  const job: ClassicJob = {
    kind: 'classic',
    id: org.ids.next('750'),
    object: type.name,
    operation,
    externalIdFieldName,
    assigns: asked.has('assignmentRuleId'),
    concurrencyMode,
    createdById: actor.userId,
    createdAt: now,
    version,
    origin: actor.origin,
    state: 'Open',
    changedAt: now,
  }
  org.jobs.add(job)
  return classicAnswer(201, 'jobInfo', jobInfo(call, job))
}

/** The version has no `v` here. */
function versionOf(call: Call): string {
  const version = param(call, 'version')
  const { oldestVersion, newestVersion } = call.org.settings
  const number = /^\d{2,3}\.0$/.test(version) ? Number(version) : Number.NaN
  if (number >= oldestVersion && number <= newestVersion) return version
  throw refusal('InvalidVersion', `Invalid version: ${version}`)
}

/** What the client's `jobInfo` says. */
function members(call: Call): ReadonlyMap<string, string> {
  const type = header(call, 'content-type') ?? ''
  if (type.includes('json')) throw notModelled('Bulk API 1.0 with JSON')
  if (!type.includes('xml')) throw refusal('ClientInputError', `Unexpected content type: ${type}`)
  const root = parseXml(call.request.body ?? '')
  if (root.name !== 'jobInfo') throw refusal('InvalidXML', `Unexpected element: ${root.name}`)
  return new Map(childrenOf(root).map((child) => [child.name, textOf(child).trim()]))
}

function operationOf(call: Call, operation: string): IngestOperation | QueryOperation {
  if (!OPERATIONS.has(operation)) throw refusal('InvalidJob', `Unknown operation: ${operation}`)
  if (operation === 'hardDelete' && !call.org.settings.permissions.includes('BulkApiHardDelete')) {
    throw refusal(
      'FeatureNotEnabled',
      'hardDelete operation requires special user profile permission, please contact your system administrator',
    )
  }
  return operation as IngestOperation | QueryOperation
}

/** A closed job takes no batches and finishes those it has; an aborted one drops what is still waiting. */
function changeState(call: Call): Answer {
  const job = classicJobParam(call)
  const state = members(call).get('state')
  if (state !== 'Closed' && state !== 'Aborted') {
    throw refusal('InvalidJobState', `The state ${state ?? ''} cannot be set`)
  }
  if (job.state !== 'Open' && !(job.state === 'Closed' && state === 'Aborted')) {
    throw refusal('InvalidJobState', `Changing state of job from ${job.state} to ${state} is not allowed`)
  }
  const now = call.org.now()
  job.state = state
  job.changedAt = now
  if (state === 'Aborted') {
    for (const batch of call.org.jobs.batchesOf(job.id)) {
      if (batch.state !== 'UploadComplete') continue
      batch.state = 'Aborted'
      batch.changedAt = now
    }
  }
  return classicAnswer(200, 'jobInfo', jobInfo(call, job))
}
