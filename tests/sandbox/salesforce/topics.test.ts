/** The older streaming API: topics of stored queries, and channels that anybody pushes into (Salesforce fact sheet 21.3). */
import { describe, expect, test } from 'vitest'
import { listening } from './listener.ts'
import { problem, TestOrg, type Body } from './test-org.ts'

function topic(org: TestOrg, values: Record<string, unknown> = {}): void {
  org.create('PushTopic', {
    Name: 'Acme',
    Query: "SELECT Id, Name FROM Account WHERE Industry = 'Energy'",
    ApiVersion: 64,
    ...values,
  })
}

const data = (events: Body[]): Body[] =>
  events.filter(({ channel }) => !channel.startsWith('/meta/')).map((event) => event.data)

describe('a topic', () => {
  test('tells of rows that its query finds, and of the fields it names', () => {
    const org = new TestOrg()
    topic(org)
    const listener = listening(org, '/topic/Acme')
    org.create('Account', { Name: 'Elsewhere' })
    const id = org.create('Account', { Name: 'Here', Industry: 'Energy' })
    expect(data(listener.connect())).toEqual([
      {
        event: { createdDate: '2026-05-01T07:25:37.000Z', replayId: 1, type: 'created' },
        sobject: { Id: id, Name: 'Here' },
      },
    ])
    org.patch(`/sobjects/Account/${id}`, { Phone: '1' })
    org.patch(`/sobjects/Account/${id}`, { Name: 'There' })
    org.delete(`/sobjects/Account/${id}`)
    org.model.edit({ action: 'restore', object: 'Account', id })
    expect(data(listener.connect())).toMatchObject([
      { event: { type: 'updated', replayId: 2 }, sobject: { Name: 'There' } },
      { event: { type: 'deleted', replayId: 3 }, sobject: { Id: id } },
      { event: { type: 'undeleted', replayId: 4 }, sobject: { Name: 'There' } },
    ])
  })

  test('tells what it was told to tell', () => {
    const org = new TestOrg()
    topic(org, { NotifyForFields: 'All', NotifyForOperationCreate: false })
    const listener = listening(org, '/topic/Acme')
    const id = org.create('Account', { Name: 'x', Industry: 'Energy' })
    org.patch(`/sobjects/Account/${id}`, { Phone: '1' })
    expect(data(listener.connect())).toMatchObject([{ event: { type: 'updated' } }])
  })

  test('does not tell what was rolled back, and waits for a transaction to commit', () => {
    const org = new TestOrg({ settings: { commitDelayMs: [5_000, 5_000] } })
    topic(org)
    const listener = listening(org, '/topic/Acme')
    const account = { attributes: { type: 'Account' }, Name: 'x', Industry: 'Energy' }
    org.post('/composite/sobjects', { allOrNone: true, records: [account, { ...account, Name: null }] })
    org.model.edit({ action: 'create', object: 'Account', values: { Name: 'y', Industry: 'Energy' } })
    expect(data(listener.connect())).toEqual([])
    org.advance(6_000)
    expect(data(listener.connect())).toMatchObject([{ sobject: { Name: 'y' } }])
  })

  test('keeps what it told for a day, across a snapshot', () => {
    const org = new TestOrg()
    topic(org)
    const id = org.create('Account', { Name: 'x', Industry: 'Energy' })
    const listener = listening(org, '/topic/Acme')
    org.model.restore(org.model.snapshot())
    listener.subscribe('/topic/Acme', -2)
    expect(data(listener.connect())).toMatchObject([{ sobject: { Id: id } }])
    org.advance(25 * 3_600_000)
    const late = listening(org, '/topic/Acme')
    expect(late.subscribe('/topic/Acme', 0).error).toMatch(
      /^400::The replayId \{0\} you provided was invalid/,
    )
  })

  test.each([
    ['SELECT Id, Foo FROM', 'MALFORMED_QUERY'],
    ['SELECT Name FROM Account', 'INVALID_FIELD'],
    ['SELECT Id FROM Account LIMIT 1', 'INVALID_FIELD'],
    ['SELECT Id, Owner.Name FROM Account', 'INVALID_FIELD'],
  ])('cannot be about %s', (Query, code) => {
    const org = new TestOrg()
    expect(problem(org.post('/sobjects/PushTopic', { Name: 'x', Query, ApiVersion: 64 }))[1]).toBe(code)
  })

  test('can be listened to while it is there', () => {
    const org = new TestOrg()
    const listener = listening(org)
    expect(listener.subscribe('/topic/Acme')).toMatchObject({ successful: false })
    topic(org, { IsActive: false })
    expect(listener.subscribe('/topic/Acme')).toMatchObject({ successful: false })
  })
})

describe('a channel', () => {
  test('carries what is pushed into it, to all or to some', () => {
    const org = new TestOrg()
    const id = org.create('StreamingChannel', { Name: '/u/news' })
    const listener = listening(org, '/u/news')
    const others = org.rows("SELECT Id FROM User WHERE Id != '" + org.model.identity.userId + "'")[0].Id
    const { body } = org.post(`/sobjects/StreamingChannel/${id}/push`, {
      pushEvents: [
        { payload: 'for all', userIds: [] },
        { payload: 'for us', userIds: [org.model.identity.userId] },
        { payload: 'for others', userIds: [others] },
      ],
    })
    expect(body).toEqual([
      { fanoutCount: -1, userOnlineStatus: {} },
      { fanoutCount: 1, userOnlineStatus: { [org.model.identity.userId]: true } },
      { fanoutCount: 0, userOnlineStatus: { [others]: false } },
    ])
    expect(data(listener.connect())).toMatchObject([
      { payload: 'for all', event: { replayId: 1 } },
      { payload: 'for us', event: { replayId: 2 } },
    ])
  })

  test('has a name of its own kind', () => {
    const org = new TestOrg()
    expect(problem(org.post('/sobjects/StreamingChannel', { Name: 'news' }))[1]).toBe(
      'FIELD_INTEGRITY_EXCEPTION',
    )
    const push = org.post('/sobjects/StreamingChannel/0M6000000000000/push', { pushEvents: [] })
    expect(problem(push).slice(0, 2)).toEqual([404, 'NOT_FOUND'])
  })
})
