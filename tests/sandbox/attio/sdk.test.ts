/**
 * An independent client drives the model: `attio-ts-sdk` validates every answer against schemas generated from
 * the vendor's document, so what it accepts is what a stranger's code would accept.
 *
 * Its schemas share defects of that document, which set the stage here: an actor without an id (`system`) and
 * the null currency of an attribute that is none are rejected, although recordings show that the vendor sends
 * both. So nothing acts as `system` here, and attributes are listed without that validation.
 */
import { createAttioClient, createAttioSdk, filters, value } from 'attio-ts-sdk'
import * as endpoints from 'attio-ts-sdk'
import { describe, expect, test } from 'vitest'
import { createAttioModel } from '../../../src/sandbox/attio/model.ts'
import { START_MS } from './harness.ts'
import type { Body } from './harness.ts'

function connect() {
  const model = createAttioModel({
    clock: () => START_MS,
    seed: 3,
    limits: 'off',
    settings: { createCompanies: false, enrichment: false, mirrorActor: 'writer' },
  })
  const inProcess: typeof fetch = async (input, init) => {
    const request = new Request(input, init)
    const answer = model.handle({
      method: request.method,
      url: request.url,
      headers: Object.fromEntries(request.headers),
      body: request.body === null ? null : await request.text(),
    })
    return new Response(answer.body, { status: answer.status, headers: answer.headers })
  }
  const client = createAttioClient({ apiKey: model.token, fetch: inProcess, retry: { maxRetries: 0 } })
  return { model, client, sdk: createAttioSdk({ client }) as Body }
}

describe('attio-ts-sdk', () => {
  test('reads the account and the schema', async () => {
    const { sdk, client } = connect()
    const self: Body = await endpoints.getV2Self({ client })
    expect(self.data.active).toBe(true)
    const objects = await sdk.objects.list()
    expect(objects.map((each: Body) => each.api_slug)).toEqual(['people', 'companies', 'deals'])
    const attributes: Body = await endpoints.getV2ByTargetByIdentifierAttributes({
      client,
      path: { target: 'objects', identifier: 'people' },
      responseValidator: async (answer) => answer,
    })
    const slugs = (attributes.data.data ?? attributes.data).map((each: Body) => each.api_slug)
    expect(slugs).toContain('email_addresses')
    expect(await sdk.workspaceMembers.list()).toHaveLength(6)
    const statuses = await sdk.metadata.getAttributeStatuses({
      target: 'objects',
      identifier: 'deals',
      attribute: 'stage',
    })
    expect(statuses).toHaveLength(4)
  })

  test('creates, updates, upserts, queries and deletes records', async () => {
    const { sdk } = connect()
    const company: Body = await sdk.records.create({
      object: 'companies',
      values: { name: value.string('Acme'), domains: value.domain('acme.com') },
    })
    const person: Body = await sdk.records.create({
      object: 'people',
      values: {
        name: [{ first_name: 'Ada', last_name: 'Lovelace', full_name: 'Ada Lovelace' }],
        email_addresses: value.email('ada@acme.com'),
        company: [{ target_object: 'companies', target_record_id: company.id.record_id }],
      },
    })
    const updated: Body = await sdk.records.update({
      object: 'people',
      recordId: person.id.record_id,
      values: { job_title: value.string('Countess') },
    })
    expect(updated.values.job_title[0].value).toBe('Countess')
    const upserted: Body = await sdk.records.upsert({
      object: 'companies',
      matchingAttribute: 'domains',
      values: { domains: value.domain('ACME.com'), description: value.string('Anvils') },
    })
    expect(upserted.id.record_id).toBe(company.id.record_id)
    const found: Body[] = await sdk.records.query({
      object: 'companies',
      filter: filters.contains('name', 'acme'),
    })
    expect(found).toHaveLength(1)
    expect(found[0].values.team[0].target_record_id).toBe(person.id.record_id)
    await sdk.records.delete({ object: 'people', recordId: person.id.record_id })
    await expect(sdk.records.get({ object: 'people', recordId: person.id.record_id })).rejects.toMatchObject({
      status: 404,
    })
  })

  test('pages through all records and fetches many by id', async () => {
    const { sdk, model } = connect()
    const ids = Array.from({ length: 25 }, () => model.edit({ action: 'create', object: 'companies' }).id)
    const all: Body[] = await sdk.records.query({ object: 'companies', paginate: true, pageSize: 10 })
    expect(new Set(all.map((each) => each.id.record_id))).toEqual(new Set(ids))
    const many: Body = await sdk.records.getMany({ object: 'companies', recordIds: ids.slice(0, 3) })
    expect(JSON.stringify(many)).toContain(ids[0])
  })

  test('sees refusals as the errors it knows', async () => {
    const { sdk } = connect()
    await sdk.records.create({ object: 'people', values: { email_addresses: value.email('ada@acme.com') } })
    const again = sdk.records.create({
      object: 'people',
      values: { email_addresses: value.email('ADA@acme.com') },
    })
    await expect(again).rejects.toMatchObject({ status: 400, code: 'uniqueness_conflict' })
    const wrong = sdk.records.query({ object: 'deals', filter: { stage: { $in: ['Lead'] } } })
    await expect(wrong).rejects.toMatchObject({ code: 'invalid_filter_operator' })
    await expect(sdk.objects.get({ object: 'nope' })).rejects.toMatchObject({
      status: 404,
      code: 'not_found',
    })
  })

  test('manages webhooks and searches', async () => {
    const { client, sdk } = connect()
    const created: Body = await endpoints.postV2Webhooks({
      client,
      body: {
        data: {
          target_url: 'https://example.com/hook',
          subscriptions: [{ event_type: 'record.created', filter: null }],
        },
      },
    })
    expect(created.data.data.secret).toHaveLength(64)
    const listed: Body = await endpoints.getV2Webhooks({ client })
    expect(listed.data.data).toHaveLength(1)
    const hits = await sdk.search.records({
      query: 'x',
      objects: ['people'],
      request_as: { type: 'workspace' },
    } as Body)
    expect(hits).toEqual([])
  })

  test('fills a list, and writes notes, tasks and comments', async () => {
    const { client, sdk } = connect()
    const company: Body = await sdk.records.create({
      object: 'companies',
      values: { name: value.string('Acme') },
    })
    const recordId = company.id.record_id
    await endpoints.postV2Lists({
      client,
      body: {
        data: {
          name: 'Sales',
          api_slug: 'sales',
          parent_object: 'companies',
          workspace_access: 'full-access',
          workspace_member_access: [],
        },
      },
    })
    expect(await sdk.lists.list()).toHaveLength(1)
    const entry: Body = await sdk.lists.addEntry({
      list: 'sales',
      parentObject: 'companies',
      parentRecordId: recordId,
      entryValues: {},
    })
    expect(entry.parent_record_id).toBe(recordId)
    expect(await sdk.lists.queryEntries({ list: 'sales' })).toHaveLength(1)
    await sdk.lists.removeEntry({ list: 'sales', entryId: entry.id.entry_id })
    const note: Body = await sdk.notes.create({
      parentObject: 'companies',
      parentRecordId: recordId,
      title: 'Call',
      format: 'plaintext',
      content: 'They like anvils.',
    })
    expect(await sdk.notes.get({ noteId: note.id.note_id })).toMatchObject({ title: 'Call' })
    const data = {
      content: 'Call back',
      format: 'plaintext',
      deadline_at: null,
      is_completed: false,
    } as const
    const task: Body = await sdk.tasks.create({ data: { ...data, linked_records: [], assignees: [] } })
    const done: Body = await sdk.tasks.update({ taskId: task.id.task_id, data: { is_completed: true } })
    expect(done.is_completed).toBe(true)
    const [member]: Body[] = await sdk.workspaceMembers.list()
    const comment: Body = await endpoints.postV2Comments({
      client,
      body: {
        data: {
          format: 'plaintext',
          content: 'Nice',
          author: { type: 'workspace-member', id: member.id.workspace_member_id },
          record: { object: 'companies', record_id: recordId },
        },
      },
      // Its schema wants an actor in `resolved_by`, where recordings show null.
      responseValidator: async (answer) => answer,
    })
    expect(comment.data.data.thread_id).toBe(comment.data.data.id.comment_id)
  })
})
