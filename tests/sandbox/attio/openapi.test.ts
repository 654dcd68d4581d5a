/**
 * Holds the model against the vendor's published OpenAPI document (March 2026). The document is reference
 * data outside this repository; where it is absent the tests are skipped, and say so.
 *
 * Its known defects are mended before compiling: `nullable` of OpenAPI 3.0 in a 3.1 document (system actors
 * really have a null id), nullable enumerations that do not list null, times declared as `format: date`, and a
 * `resolved_by` that must be an actor where recordings show null.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import addFormats from 'ajv-formats'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { addThings, attributeBody, newWorld } from './harness.ts'
import type { Body } from './harness.ts'

const file = join(import.meta.dirname, '../../../../shared/specs/attio/openapi.json')
const isPresent = existsSync(file)
if (!isPresent) process.stderr.write(`Skipped: no OpenAPI document at ${file}\n`)

/** Mends the known defects, in place. */
function mend(node: Body): Body {
  if (Array.isArray(node)) node.forEach(mend)
  else if (typeof node === 'object' && node !== null) {
    if (node.nullable === true && typeof node.type === 'string') node.type = [node.type, 'null']
    const isNullable = Array.isArray(node.type) && node.type.includes('null')
    if (isNullable && Array.isArray(node.enum)) node.enum = [...node.enum, null]
    if (node.format === 'date') delete node.format
    if (node.resolved_by?.type === 'object') node.resolved_by.type = ['object', 'null']
    Object.values(node).forEach(mend)
  }
  return node
}

/** Prose and examples allow bare single values; the request schema knows only arrays. */
const inArrays = (values: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(values).map(([slug, each]) => [slug, Array.isArray(each) ? each : [each]]),
  )

const pointer = (text: string): string => text.replaceAll('~', '~0').replaceAll('/', '~1')

describe.skipIf(!isPresent)('the published document', () => {
  const document: Body = isPresent ? mend(JSON.parse(readFileSync(file, 'utf8'))) : {}
  const ajv = new Ajv2020({ strict: false, allErrors: false })
  addFormats.default(ajv)
  if (isPresent) ajv.addSchema(document, 'attio')

  const problems = (path: string, value: unknown): string | null => {
    const validate = ajv.getSchema(`attio#${path}`)
    if (!validate) throw new Error(`No schema at ${path}`)
    return validate(value) ? null : ajv.errorsText(validate.errors)
  }

  /** Path of the published template, method and content below it, as a JSON pointer. */
  const operation = (method: string, template: string): string => {
    const published = template.replace(
      /^\/v2\/(objects\/\{object\}|lists\/\{list\})\/attributes/,
      '/v2/{target}/{identifier}/attributes',
    )
    return `/paths/${pointer(published)}/${method.toLowerCase()}`
  }

  const json = `/content/${pointer('application/json')}/schema`

  const world = newWorld()
  addThings(world)
  const owner = 'ada.okafor@example.com'
  const check = (method: string, path: string, body?: unknown): Body => {
    const reply = world.call(method, path, body)
    const request = { method, url: `https://api.attio.com${path}`, headers: {}, body: null }
    const template = world.model.routeOf(request).split(' ')[1] ?? ''
    const where = operation(method, template)
    if (body !== undefined) expect(problems(`${where}/requestBody${json}`, body)).toBeNull()
    expect(problems(`${where}/responses/${reply.status}${json}`, reply.body), `${method} ${path}`).toBeNull()
    return reply.body.data
  }

  test('self, members, objects', () => {
    check('GET', '/v2/self')
    const [member] = check('GET', '/v2/workspace_members')
    check('GET', `/v2/workspace_members/${member.id.workspace_member_id}`)
    check('GET', '/v2/objects')
    check('POST', '/v2/objects', {
      data: { api_slug: 'cars', singular_noun: 'Car', plural_noun: 'Cars' },
    })
    check('PATCH', '/v2/objects/cars', { data: { plural_noun: 'Many cars' } })
    check('GET', '/v2/objects/cars')
    check('GET', '/v2/objects/nope')
    check('PATCH', '/v2/objects/cars', { data: {} })
  })

  test('attributes, options, statuses', () => {
    for (const object of ['people', 'companies', 'deals', 'things']) {
      check('GET', `/v2/objects/${object}/attributes?show_archived=true`)
    }
    const attributes = '/v2/objects/deals/attributes'
    check('POST', attributes, { data: { ...attributeBody('external', 'text'), is_unique: true } })
    check('POST', attributes, { data: { ...attributeBody('external', 'text') } })
    check('POST', attributes, {
      data: {
        ...attributeBody('sponsor', 'record-reference'),
        relationship: { object: 'people', title: 'Sponsored', api_slug: 'sponsored', is_multiselect: true },
      },
    })
    check('GET', `${attributes}/sponsor`)
    check('PATCH', `${attributes}/external`, { data: { title: 'External ID' } })
    check('PATCH', `${attributes}/name`, { data: { title: 'x' } })
    check('GET', `${attributes}/nope`)
    const options = '/v2/objects/companies/attributes/categories/options'
    check('POST', options, { data: { title: 'Robotics' } })
    check('POST', options, { data: { title: 'Robotics' } })
    check('PATCH', `${options}/Robotics`, { data: { is_archived: true } })
    check('GET', `${options}?show_archived=true`)
    const statuses = `${attributes}/stage/statuses`
    check('POST', statuses, { data: { title: 'Signed', target_time_in_status: 'P7D' } })
    check('PATCH', `${statuses}/Signed`, { data: { celebration_enabled: true } })
    check('GET', statuses)
  })

  test('records of every kind of value', () => {
    const values = {
      text: 'a',
      number: 1,
      checkbox: false,
      currency: 5,
      date: '2024-01-01',
      timestamp: '2024-01-01T00:00:00Z',
      rating: 3,
      select: 'Red',
      tags: ['Red', 'Blue'],
      status: 'Green',
      domain: 'acme.com',
      email_address: 'a@acme.com',
      phone_number: '+14155552671',
      location: '1 Main Street, Springfield, IL 62701, US',
      actor_reference: owner,
      external_id: 'x1',
    }
    const thing = check('POST', '/v2/objects/things/records', { data: { values: inArrays(values) } })
    const person = check('POST', '/v2/objects/people/records', {
      data: {
        values: {
          name: [{ first_name: 'A', last_name: 'B', full_name: 'A B' }],
          email_addresses: ['a@b.com'],
        },
      },
    })
    const path = `/v2/objects/things/records/${thing.id.record_id}`
    check('GET', path)
    const reference = { target_object: 'people', target_record_id: person.id.record_id }
    check('PATCH', path, { data: { values: { friends: [reference], text: ['b'] } } })
    check('PUT', path, { data: { values: { tags: ['Green'] } } })
    check('PUT', '/v2/objects/things/records?matching_attribute=external_id', {
      data: { values: { external_id: ['x1'], text: ['c'] } },
    })
    check('GET', `${path}/attributes/text/values?show_historic=true`)
    check('GET', `${path}/entries`)
    check('POST', '/v2/objects/things/records/query', {
      filter: { text: { $contains: 'c' } },
      sorts: [{ attribute: 'created_at', direction: 'asc' }],
      limit: 10,
      offset: 0,
    })
    check('POST', '/v2/objects/things/records/query', { filter: { status: 'Red' } })
    check('GET', '/v2/objects/things/records/00000000-0000-4000-8000-000000000000')
    check('PUT', '/v2/objects/things/records?matching_attribute=nope', { data: { values: {} } })
    check('DELETE', path)
  })

  test('records the vendor itself has written to', () => {
    Object.assign(world.model.settings, { enrichment: true, createCompanies: true })
    for (let i = 0; i < 8; i++) world.create('people', { email_addresses: [`someone@company-${i}.com`] })
    world.advance(5_000)
    const companies = check('POST', '/v2/objects/companies/records/query', { limit: 100 })
    expect(companies.some((each: Body) => each.values.description.length > 0)).toBe(true)
    check('POST', '/v2/objects/people/records/query', {})
    const deal = { name: 'Big', stage: 'Lead', owner, value: 5, associated_people: ['someone@company-1.com'] }
    check('POST', '/v2/objects/deals/records', { data: { values: inArrays(deal) } })
  })

  test('lists and entries', () => {
    check('POST', '/v2/lists', {
      data: {
        name: 'Pipeline',
        api_slug: 'pipeline',
        parent_object: 'people',
        workspace_access: 'full-access',
        workspace_member_access: [],
      },
    })
    check('GET', '/v2/lists')
    check('PATCH', '/v2/lists/pipeline', { data: { name: 'Pipe' } })
    check('GET', '/v2/lists/pipeline')
    check('GET', '/v2/lists/nope')
    check('POST', '/v2/lists/pipeline/attributes', { data: attributeBody('phase', 'status') })
    check('POST', '/v2/lists/pipeline/attributes/phase/statuses', { data: { title: 'New' } })
    check('GET', '/v2/lists/pipeline/attributes')
    const person = world.create('people', { email_addresses: ['entry@b.com'] })
    const data = {
      parent_record_id: person.id.record_id,
      parent_object: 'people',
      entry_values: { phase: ['New'] },
    }
    const entry = check('POST', '/v2/lists/pipeline/entries', { data })
    const path = `/v2/lists/pipeline/entries/${entry.id.entry_id}`
    check('PUT', '/v2/lists/pipeline/entries', { data })
    check('GET', path)
    check('PATCH', path, { data: { entry_values: { phase: ['New'] } } })
    check('PUT', path, { data: { entry_values: { phase: [] } } })
    check('GET', `${path}/attributes/phase/values?show_historic=true`)
    check('POST', '/v2/lists/pipeline/entries/query', { filter: {}, limit: 10 })
    check('GET', `/v2/objects/people/records/${person.id.record_id}/entries`)
    check('DELETE', path)
    check('GET', path)
  })

  test('notes, tasks, comments, meetings', () => {
    const { record_id: id } = world.create('people', { email_addresses: ['note@b.com'] }).id
    const note = { parent_object: 'people', parent_record_id: id, title: 'T', format: 'markdown' }
    const made = check('POST', '/v2/notes', { data: { ...note, content: '# C' } })
    check('GET', '/v2/notes')
    check('GET', `/v2/notes/${made.id.note_id}`)
    check('DELETE', `/v2/notes/${made.id.note_id}`)
    check('GET', `/v2/notes/${made.id.note_id}`)
    const task = check('POST', '/v2/tasks', {
      data: {
        content: 'C',
        format: 'plaintext',
        deadline_at: '2026-06-01T00:00:00Z',
        is_completed: true,
        linked_records: [{ target_object: 'people', target_record_id: id }],
        assignees: [{ workspace_member_email_address: owner }],
      },
    })
    check('GET', '/v2/tasks')
    check('PATCH', `/v2/tasks/${task.id.task_id}`, { data: { is_completed: false } })
    check('GET', `/v2/tasks/${task.id.task_id}`)
    check('DELETE', `/v2/tasks/${task.id.task_id}`)
    const [member] = check('GET', '/v2/workspace_members')
    const author = { type: 'workspace-member', id: member.id.workspace_member_id }
    const comment = check('POST', '/v2/comments', {
      data: { format: 'plaintext', content: 'C', author, record: { object: 'people', record_id: id } },
    })
    check('GET', `/v2/comments/${comment.id.comment_id}`)
    check('GET', `/v2/threads?object=people&record_id=${id}`)
    check('GET', `/v2/threads/${comment.thread_id}`)
    check('DELETE', `/v2/comments/${comment.id.comment_id}`)
    check('GET', `/v2/threads/${comment.thread_id}`)
    check('GET', '/v2/meetings')
  })

  test('search', () => {
    world.advance(5_000)
    const hits = check('POST', '/v2/objects/records/search', {
      query: 'someone',
      limit: 25,
      objects: ['people', 'companies'],
      request_as: { type: 'workspace' },
    })
    expect(hits.length).toBeGreaterThan(0)
  })

  test('webhooks', () => {
    const filter = { $and: [{ field: 'id.object_id', operator: 'equals', value: 'x' }] }
    const { webhook_id: id } = check('POST', '/v2/webhooks', {
      data: {
        target_url: 'https://example.com/hook',
        subscriptions: [
          { event_type: 'record.created', filter: null },
          { event_type: 'record.updated', filter },
        ],
      },
    }).id
    check('GET', '/v2/webhooks')
    check('GET', `/v2/webhooks/${id}`)
    check('PATCH', `/v2/webhooks/${id}`, { data: { target_url: 'https://example.com/other' } })
    check('DELETE', `/v2/webhooks/${id}`)
    check('GET', `/v2/webhooks/${id}`)
  })

  test('our errors have the published shape even where the document declares none', () => {
    const reply = world.call('POST', '/v2/webhooks', { data: {} })
    expect(problems(`/paths/~1v2~1webhooks/post/responses/400${json}`, reply.body)).toBeNull()
  })
})
