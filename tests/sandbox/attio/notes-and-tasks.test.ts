/** Notes, tasks, comments and threads. Fact sheet 6, 15.2 to 15.4 and 16.4. */
import { describe, expect, test } from 'vitest'
import { newWorld } from './harness.ts'
import type { Body, World } from './harness.ts'

const NOWHERE = '00000000-0000-4000-8000-000000000000'

function withPerson(): { world: World; person: Body; id: string; member: string } {
  const world = newWorld()
  const person = world.create('people', { email_addresses: ['ada@acme.com'] })
  const member = world.call('GET', '/v2/workspace_members').body.data[0].id.workspace_member_id
  return { world, person, id: person.id.record_id, member }
}

const merge = (world: World, primary: string, secondary: string): string =>
  world.call('POST', '/v2/objects/people/records/merge', {
    data: { primary_record_id: primary, secondary_record_id: secondary },
  }).body.data.new_record_id

describe('notes', () => {
  const noteData = (id: string, more: object = {}): object => ({
    data: {
      parent_object: 'people',
      parent_record_id: id,
      title: 'Call',
      format: 'plaintext',
      content: 'Hi',
      ...more,
    },
  })

  test('are made, read, listed by record, and deleted', () => {
    const { world, id } = withPerson()
    const note = world.call('POST', '/v2/notes', noteData(id)).body.data
    expect(note).toMatchObject({
      parent_object: 'people',
      parent_record_id: id,
      title: 'Call',
      meeting_id: null,
      content_plaintext: 'Hi',
      content_markdown: 'Hi',
      tags: [],
      created_by_actor: { type: 'api-token' },
    })
    const path = `/v2/notes/${note.id.note_id}`
    expect(world.call('GET', path).body.data).toEqual(note)
    const of = (record: string): Body =>
      world.call('GET', `/v2/notes?parent_object=people&parent_record_id=${record}`)
    expect(of(id).body.data).toEqual([note])
    expect(of(NOWHERE).body.data).toEqual([])
    expect(of(id).headers).toHaveProperty('x-accurate-at')
    expect(world.call('PATCH', path, { data: { title: 'x' } }).status).toBe(404)
    expect(world.call('DELETE', path).body).toEqual({})
    expect(world.call('GET', path)).toMatchObject({ status: 404, body: { code: 'not_found' } })
  })

  test('of markdown read as plain text too', () => {
    const { world, id } = withPerson()
    const content = '# Plan\n- **buy** [anvils](https://acme.com)\n- ==now==, ~~later~~ snake_case_name'
    const note = world.call('POST', '/v2/notes', noteData(id, { format: 'markdown', content })).body.data
    expect(note.content_markdown).toBe(content)
    expect(note.content_plaintext).toBe('Plan\nbuy anvils\nnow, later snake_case_name')
  })

  test('come ten a page, fifty at most, and may be dated back but not forward', () => {
    const { world, id } = withPerson()
    for (let i = 0; i < 12; i++) world.call('POST', '/v2/notes', noteData(id))
    expect(world.call('GET', '/v2/notes').body.data).toHaveLength(10)
    expect(world.call('GET', '/v2/notes?limit=50&offset=10').body.data).toHaveLength(2)
    const old = world.call('POST', '/v2/notes', noteData(id, { created_at: '2001-02-03' }))
    expect(old.body.data.created_at).toBe('2001-02-03T00:00:00.000000000Z')
    for (const time of ['2999-01-01T00:00:00Z', '1969-12-31', 'soon'])
      expect(world.call('POST', '/v2/notes', noteData(id, { created_at: time })).body.code).toBe(
        'validation_type',
      )
  })

  test.each([
    [{ parent_object: 'nope' }, 404, 'not_found'],
    [{ parent_record_id: NOWHERE }, 404, 'not_found'],
    [{ format: 'html' }, 400, 'validation_type'],
    [{ content: undefined }, 400, 'validation_type'],
    [{ content: 'x'.repeat(2 ** 20 + 1) }, 413, 'validation_type'],
    [{ meeting_id: NOWHERE }, 400, 'value_not_found'],
  ])('are refused: %#', (more, status, code) => {
    const { world, id } = withPerson()
    const reply = world.call('POST', '/v2/notes', noteData(id, more))
    expect(reply).toMatchObject({ status, body: { status_code: status, code } })
  })

  test('follow their record through a merge', () => {
    const { world, id } = withPerson()
    world.call('POST', '/v2/notes', noteData(id))
    const merged = merge(world, world.create('people', {}).id.record_id, id)
    const [note] = world.call('GET', `/v2/notes?parent_object=people&parent_record_id=${merged}`).body.data
    expect(note.parent_record_id).toBe(merged)
  })
})

describe('tasks', () => {
  const task = (more: object = {}): object => ({
    data: {
      content: 'Call back',
      format: 'plaintext',
      deadline_at: null,
      is_completed: false,
      linked_records: [],
      assignees: [],
      ...more,
    },
  })

  test('are made with all six keys, and read with target_object_id', () => {
    const { world, person, id, member } = withPerson()
    const body = task({
      deadline_at: '2026-06-01T12:00:00Z',
      linked_records: [{ target_object: 'people', target_record_id: id }],
      assignees: [{ workspace_member_email_address: 'ADA.okafor@example.com' }],
    })
    const made = world.call('POST', '/v2/tasks', body).body.data
    expect(made).toMatchObject({
      content_plaintext: 'Call back',
      deadline_at: '2026-06-01T12:00:00.000000000Z',
      is_completed: false,
      completed_at: null,
      linked_records: [{ target_object_id: person.id.object_id, target_record_id: id }],
      assignees: [{ referenced_actor_type: 'workspace-member', referenced_actor_id: member }],
    })
    expect(world.call('GET', `/v2/tasks/${made.id.task_id}`).body.data).toEqual(made)
    for (const key of ['content', 'format', 'deadline_at', 'is_completed', 'linked_records', 'assignees'])
      expect(world.call('POST', '/v2/tasks', task({ [key]: undefined })).body.code).toBe('validation_type')
  })

  test.each([
    [{ target_object: 'people', email_addresses: ['ada@acme.com'] }],
    [{ target_object: 'people', email_addresses: [{ email_address: 'Ada@Acme.com' }] }],
    ['ada@acme.com'],
  ])('name the record they are about by %j', (link) => {
    const { world, id } = withPerson()
    const made = world.call('POST', '/v2/tasks', task({ linked_records: [link] })).body.data
    expect(made.linked_records[0].target_record_id).toBe(id)
  })

  test.each([
    [{ content: 'x'.repeat(2001) }, 400, 'validation_type'],
    [{ format: 'markdown' }, 400, 'validation_type'],
    [{ deadline_at: 'soon' }, 400, 'validation_type'],
    [{ linked_records: [{ target_object: 'nope', target_record_id: NOWHERE }] }, 404, 'not_found'],
    [{ linked_records: ['nobody@acme.com'] }, 400, 'value_not_found'],
    [{ linked_records: [{ target_object: 'people', name: ['Ada'] }] }, 400, 'validation_type'],
    [{ assignees: [{ workspace_member_email_address: 'x@y.com' }] }, 400, 'value_not_found'],
  ])('are refused: %#', (more, status, code) => {
    expect(newWorld().call('POST', '/v2/tasks', task(more))).toMatchObject({ status, body: { code } })
  })

  test('are completed and re-opened, but their content never changes', () => {
    const { world } = withPerson()
    const path = `/v2/tasks/${world.call('POST', '/v2/tasks', task()).body.data.id.task_id}`
    const done = world.call('PATCH', path, { data: { is_completed: true } }).body.data
    expect(done).toMatchObject({ is_completed: true, completed_at: done.created_at })
    expect(world.call('PATCH', path, { data: { is_completed: false } }).body.data.completed_at).toBeNull()
    expect(world.call('PATCH', path, { data: { content: 'x' } }).body.code).toBe('validation_type')
    expect(world.call('PATCH', path, { data: {} }).body.code).toBe('validation_type')
    expect(world.call('DELETE', path).body).toEqual({})
    expect(world.call('GET', path).status).toBe(404)
  })

  test('are listed oldest first, by record, assignee and state', () => {
    const { world, id, member } = withPerson()
    const add = (content: string, more: object): void => {
      world.call('POST', '/v2/tasks', task({ content, ...more }))
      world.advance(1_000)
    }
    const assignees = [{ referenced_actor_type: 'workspace-member', referenced_actor_id: member }]
    add('a', { linked_records: [{ target_object: 'people', target_record_id: id }] })
    add('b', { assignees })
    add('c', { is_completed: true })
    const found = (query: string): string =>
      world
        .call('GET', `/v2/tasks?${query}`)
        .body.data.map((each: Body) => each.content_plaintext)
        .join('')
    expect(found('')).toBe('abc')
    expect(found('sort=created_at:desc')).toBe('cba')
    expect(found('sort=completed_at:desc')).toBe('cba')
    expect(found('sort=completed_at:asc')).toBe('abc')
    expect(found(`linked_object=people&linked_record_id=${id}`)).toBe('a')
    expect(found('assignee=ada.okafor@example.com')).toBe('b')
    expect(found(`assignee=${member}`)).toBe('b')
    expect(found('assignee=')).toBe('ac')
    expect(found('assignee=null')).toBe('ac')
    expect(found('is_completed=true')).toBe('c')
    expect(found('limit=1&offset=1')).toBe('b')
    for (const query of ['linked_object=people', 'is_completed=maybe', 'sort=content:asc', 'limit=0'])
      expect(world.call('GET', `/v2/tasks?${query}`).body.code).toBe('validation_type')
  })

  test('lose a deleted record and keep a merged one', () => {
    const { world, id } = withPerson()
    const links = [{ target_object: 'people', target_record_id: id }]
    const made = world.call('POST', '/v2/tasks', task({ linked_records: links })).body.data
    const linked = (): Body => world.call('GET', `/v2/tasks/${made.id.task_id}`).body.data.linked_records
    const merged = merge(world, world.create('people', {}).id.record_id, id)
    expect(linked()[0].target_record_id).toBe(merged)
    world.call('DELETE', `/v2/objects/people/records/${merged}`)
    expect(linked()).toEqual([])
  })
})

describe('comments', () => {
  const comment = (member: string, more: object): object => ({
    data: { format: 'plaintext', content: 'Nice', author: { type: 'workspace-member', id: member }, ...more },
  })

  test('have the recorded shape; the first makes the thread, and takes it away', () => {
    const { world, person, id, member } = withPerson()
    const record = { object: 'people', record_id: id }
    const first = world.call('POST', '/v2/comments', comment(member, { record })).body.data
    expect(Object.keys(first)).toEqual([
      'id',
      'thread_id',
      'created_at',
      'resolved_at',
      'record',
      'entry',
      'content_plaintext',
      'resolved_by',
      'author',
    ])
    expect(first).toMatchObject({
      thread_id: first.id.comment_id,
      record: { record_id: id, object_id: person.id.object_id },
      entry: null,
      resolved_by: null,
      author: { type: 'workspace-member', id: member },
    })
    const reply = world.call('POST', '/v2/comments', comment(member, { thread_id: first.thread_id }))
    const second = reply.body.data
    expect(second).toMatchObject({ thread_id: first.thread_id, record: first.record })
    const [thread] = world.call('GET', `/v2/threads?object=people&record_id=${id}`).body.data
    expect(thread.comments).toEqual([first, second])
    expect(world.call('GET', `/v2/threads/${first.thread_id}`).body.data).toEqual(thread)
    expect(world.call('GET', `/v2/threads/${second.id.comment_id}`).status).toBe(404)
    expect(world.call('DELETE', `/v2/comments/${first.id.comment_id}`).body).toEqual({})
    expect(world.call('GET', `/v2/comments/${second.id.comment_id}`).status).toBe(404)
  })

  test('on an entry name the entry and its parent', () => {
    const { world, id, member } = withPerson()
    const access = { workspace_access: 'full-access', workspace_member_access: [] }
    const list = { name: 'Leads', api_slug: 'leads', parent_object: 'people', ...access }
    world.call('POST', '/v2/lists', { data: list })
    const data = { parent_record_id: id, parent_object: 'people', entry_values: {} }
    const entry = world.call('POST', '/v2/lists/leads/entries', { data }).body.data.id
    const about = { entry: { list: 'leads', entry_id: entry.entry_id } }
    const made = world.call('POST', '/v2/comments', comment(member, about)).body.data
    expect(made).toMatchObject({
      entry: { entry_id: entry.entry_id, list_id: entry.list_id },
      record: { record_id: id },
    })
    const threads = world.call('GET', `/v2/threads?list=leads&entry_id=${entry.entry_id}`).body.data
    expect(threads).toHaveLength(1)
    expect(world.call('GET', `/v2/threads?object=people&record_id=${id}`).body.data).toEqual([])
  })

  test.each([
    [{ record: { object: 'people', record_id: NOWHERE } }, 'value_not_found'],
    [{ thread_id: NOWHERE }, 'value_not_found'],
    [{}, 'validation_type'],
    [{ thread_id: NOWHERE, record: { object: 'people', record_id: NOWHERE } }, 'validation_type'],
    [{ thread_id: NOWHERE, author: undefined }, 'validation_type'],
  ])('about %j are refused with %s', (more, code) => {
    const { world, member } = withPerson()
    const reply = world.call('POST', '/v2/comments', comment(member, more))
    expect(reply).toMatchObject({ status: 400, body: { code } })
  })

  test('need the scopes of what they are about, and threads what they are asked for', () => {
    const { world, id } = withPerson()
    world.model.settings.scopes = ['comment:read']
    expect(world.call('GET', `/v2/threads?object=people&record_id=${id}`).status).toBe(403)
    world.model.settings.scopes = null
    expect(world.call('GET', '/v2/threads').body).toEqual({ data: [] })
    expect(world.call('GET', `/v2/threads?record_id=${id}`).body.code).toBe('validation_type')
  })
})

test('what is written around records survives a snapshot and rings webhooks', () => {
  const { world, person, id, member } = withPerson()
  const types = ['note', 'task', 'comment'].flatMap((each) => [`${each}.created`, `${each}.deleted`])
  world.call('POST', '/v2/webhooks', {
    data: {
      target_url: 'https://example.com/hook',
      subscriptions: types.map((each) => ({ event_type: each, filter: null })),
    },
  })
  const post = (path: string, data: object): Body => world.call('POST', path, { data }).body.data.id
  const parent = { parent_object: 'people', parent_record_id: id }
  const note = post('/v2/notes', { ...parent, title: 't', format: 'plaintext', content: 'c' }).note_id
  const author = { type: 'workspace-member', id: member }
  const comment = post('/v2/comments', {
    format: 'plaintext',
    content: 'c',
    author,
    record: { object: 'people', record_id: id },
  }).comment_id
  const other = newWorld({ seed: 99 })
  other.model.restore(world.model.snapshot())
  expect(other.call('GET', `/v2/notes/${note}`).status).toBe(200)
  expect(other.call('GET', `/v2/threads/${comment}`).status).toBe(200)
  world.call('DELETE', `/v2/notes/${note}`)
  world.call('DELETE', `/v2/comments/${comment}`)
  world.advance(60_000)
  const events: Body[] = world.model.takeDeliveries().flatMap(({ body }) => JSON.parse(body).events)
  const object = person.id.object_id
  for (const type of ['note.created', 'note.deleted'])
    expect(events.find((each) => each.event_type === type)).toMatchObject({
      id: { note_id: note },
      parent_object_id: object,
      parent_record_id: id,
    })
  for (const type of ['comment.created', 'comment.deleted'])
    expect(events.find((each) => each.event_type === type)).toMatchObject({
      id: { comment_id: comment },
      thread_id: comment,
      object_id: object,
      record_id: id,
      list_id: null,
      entry_id: null,
    })
})
