/** Change events and CometD (Salesforce fact sheet 21). */
import { describe, expect, test } from 'vitest'
import { virtualTime } from '../../connectors/virtual-time.ts'
import { modelTransport } from '../../../src/sandbox/model-transport.ts'
import { CONTACTS, Listener, listening } from './listener.ts'
import { TestOrg, type Body } from './test-org.ts'

describe('a change event', () => {
  test('says what was made, by whom and how', () => {
    const org = new TestOrg()
    const listener = listening(org)
    const headers = { 'sforce-call-options': 'client=acme-sync, defaultNamespace=x' }
    const { id } = org.post('/sobjects/Contact', { LastName: 'Ada', MailingCity: 'Rome' }, headers).body
    const [event, meta] = listener.connect()
    expect(event).toMatchObject({ channel: CONTACTS, data: { event: { replayId: expect.any(Number) } } })
    expect(event.data.payload).toMatchObject({
      ChangeEventHeader: {
        entityName: 'Contact',
        recordIds: [id],
        changeType: 'CREATE',
        changeOrigin: 'com/salesforce/api/rest/64.0;client=acme-sync',
        sequenceNumber: 1,
        commitTimestamp: org.now,
        commitUser: org.model.identity.userId,
        changedFields: [],
        nulledFields: [],
        diffFields: [],
      },
      Name: { LastName: 'Ada' },
      MailingAddress: { City: 'Rome' },
      LastModifiedDate: '2026-05-01T07:25:37.000Z',
    })
    expect(event.data.payload).not.toHaveProperty('Phone')
    expect(meta).toMatchObject({ channel: '/meta/connect', successful: true, id: '3' })
  })

  test('tells only what changed, and null for what was cleared', () => {
    const org = new TestOrg()
    const id = org.create('Contact', { LastName: 'Ada', Title: 'CTO', MailingCity: 'Rome' })
    const listener = listening(org)
    org.advance(5_000)
    org.patch(`/sobjects/Contact/${id}`, { Title: null, FirstName: 'A', MailingCity: 'Bari' })
    const [event] = listener.connect()
    expect(event.data.payload.ChangeEventHeader).toMatchObject({
      changeType: 'UPDATE',
      changedFields: ['Name.FirstName', 'MailingAddress.City', 'Title', 'LastModifiedDate'],
      nulledFields: ['Title'],
    })
    expect(event.data.payload).toMatchObject({
      Title: null,
      Name: { FirstName: 'A' },
      MailingAddress: { City: 'Bari' },
    })
    expect(event.data.payload).not.toHaveProperty('Email')
  })

  test('comes for people’s work, deletion and return', () => {
    const org = new TestOrg()
    const listener = listening(org)
    const actor = 'bruno.keller@example.com'
    const { id } = org.model.edit({ action: 'create', object: 'Contact', values: { LastName: 'x' }, actor })
    org.model.edit({ action: 'delete', object: 'Contact', id })
    org.model.edit({ action: 'restore', object: 'Contact', id })
    const changes = listener.changes()
    expect(changes.map(({ changeType }) => changeType)).toEqual(['CREATE', 'DELETE', 'UNDELETE'])
    const [user] = org.rows(`SELECT Id FROM User WHERE Email = '${actor}'`)
    expect(changes[0]).toMatchObject({ commitUser: user.Id, changeOrigin: '' })
  })

  test('of several rows that change alike is one, with all their ids', () => {
    const org = new TestOrg()
    const ids = ['a', 'b', 'c'].map((LastName) => org.create('Contact', { LastName }))
    const listener = listening(org)
    org.advance(5_000)
    const rows = (Title: string, some: string[]): Body[] =>
      some.map((id) => ({ attributes: { type: 'Contact' }, id, Title }))
    org.patch('/composite/sobjects', {
      records: [...rows('same', ids.slice(0, 2)), ...rows('other', ids.slice(2))],
    })
    const changes = listener.changes()
    expect(changes.map(({ recordIds }) => recordIds)).toEqual([ids.slice(0, 2), ids.slice(2)])
    expect(new Set(changes.map(({ transactionKey }) => transactionKey)).size).toBe(1)
    expect(changes.map(({ sequenceNumber }) => sequenceNumber)).toEqual([1, 2])
  })

  test('does not come for what was rolled back, and once for a row changed twice', () => {
    const org = new TestOrg()
    const listener = listening(org, '/data/ChangeEvents')
    const contact = { attributes: { type: 'Contact' } }
    org.post('/composite/sobjects', { allOrNone: true, records: [{ ...contact, LastName: 'x' }, contact] })
    expect(listener.changes()).toEqual([])
    const lead = org.create('Lead', { LastName: 'x', Company: 'y' })
    expect(listener.changes()).toHaveLength(1)
    org.model.edit({ action: 'convert', object: 'Lead', id: lead })
    const changes = listener.changes()
    expect(changes.map(({ entityName, changeType }) => `${entityName} ${changeType}`)).toEqual([
      'Account CREATE',
      'Contact CREATE',
      'Opportunity CREATE',
      'OpportunityContactRole CREATE',
      'Lead UPDATE',
    ])
    expect(new Set(changes.map(({ transactionKey }) => transactionKey)).size).toBe(1)
  })

  test('waits for a transaction to commit', () => {
    const org = new TestOrg({ settings: { commitDelayMs: [30_000, 30_000] } })
    const listener = listening(org)
    org.model.edit({ action: 'create', object: 'Contact', values: { LastName: 'late' } })
    expect(listener.changes()).toEqual([])
    org.advance(30_001)
    expect(listener.changes()).toHaveLength(1)
  })

  test('may say that something happened and not what, or come twice', () => {
    const org = new TestOrg({ settings: { gapEvents: 1, eventDuplicates: 1 } })
    const listener = listening(org)
    const id = org.create('Contact', { LastName: 'x' })
    const events = listener.connect().filter(({ channel }) => channel === CONTACTS)
    expect(events).toHaveLength(2)
    expect(events[0].data.event).toEqual(events[1].data.event)
    expect(events[0].data.payload).toEqual({
      ChangeEventHeader: expect.objectContaining({
        changeType: 'GAP_CREATE',
        recordIds: [id],
        changedFields: [],
      }),
    })
  })

  test('says nothing of what an archived activity held', () => {
    const org = new TestOrg({ settings: { changeEvents: ['Task'] } })
    const id = org.create('Task', { Subject: 'Call' })
    const listener = listening(org, '/data/TaskChangeEvent')
    org.model.edit({ action: 'update', object: 'Task', id, values: { IsArchived: true } })
    expect(listener.changes()).toMatchObject([
      { changeType: 'GAP_UPDATE', recordIds: [id], changedFields: [] },
    ])
  })

  test('is published for selected objects only', () => {
    const org = new TestOrg({ settings: { changeEvents: ['Account'] } })
    const listener = listening(org, '/data/ChangeEvents')
    org.create('Contact', { LastName: 'x' })
    org.create('Account', { Name: 'x' })
    expect(listener.changes().map(({ entityName }) => entityName)).toEqual(['Account'])
    expect(listener.subscribe(CONTACTS)).toMatchObject({
      successful: false,
      error: expect.stringMatching(/^404::/),
    })
  })
})

describe('the endpoint', () => {
  test('refuses a web socket, a body without messages, and a client without its cookie', () => {
    const org = new TestOrg()
    expect(org.get('//cometd/64.0').status).toBe(400)
    expect(org.call('POST', '//cometd/64.0', 'nonsense').status).toBe(400)
    const listener = new Listener(org)
    listener.handshake()
    const stranger = new Listener(org)
    stranger.clientId = listener.clientId
    expect(stranger.post([{ channel: '/meta/connect', clientId: listener.clientId, id: '1' }]).status).toBe(
      400,
    )
  })

  test('is not counted against the allowance of requests', () => {
    const org = new TestOrg({ limits: 'vendor' })
    listening(org).connect()
    expect(org.get('/sobjects').headers['sforce-limit-info']).toBe('api-usage=1/15000')
  })

  test('denies a handshake without a session, and ends connections with it', () => {
    const org = new TestOrg()
    const listener = listening(org)
    org.token = 'nonsense'
    expect(new Listener(org).handshake()).toMatchObject({
      successful: false,
      error: '403::Handshake denied',
      ext: { sfdc: { failureReason: '401::Authentication invalid' } },
    })
    expect(listener.connect()).toMatchObject([
      { error: '401::Authentication invalid', advice: { reconnect: 'none' }, successful: false },
    ])
  })

  test('forgets a client that stays away', () => {
    const org = new TestOrg()
    const listener = listening(org)
    org.advance(39_000)
    expect(listener.connect()[0].successful).toBe(true)
    org.advance(41_000)
    expect(listener.connect()).toMatchObject([
      { error: '403::Unknown client', advice: { reconnect: 'handshake' } },
    ])
  })

  test('has room for 20 clients', () => {
    const org = new TestOrg()
    const handshakes = Array.from({ length: 21 }, () => new Listener(org).handshake())
    expect(handshakes.filter(({ successful }) => successful)).toHaveLength(20)
    expect(handshakes.at(-1).error).toBe('403::Organization concurrent user limit exceeded')
  })

  test('stops at the daily allowance of events', () => {
    const org = new TestOrg({ limits: 'vendor', settings: { dailyEvents: 2 } })
    const listener = listening(org)
    for (const LastName of ['a', 'b']) org.create('Contact', { LastName })
    expect(listener.changes()).toHaveLength(2)
    expect(listener.connect()).toMatchObject([
      { error: '403::Organization total events daily limit exceeded', successful: false },
    ])
  })

  test('ends a subscription and a connection', () => {
    const org = new TestOrg()
    const listener = listening(org)
    const { clientId } = listener
    listener.post([{ channel: '/meta/unsubscribe', clientId, subscription: CONTACTS, id: '4' }])
    org.create('Contact', { LastName: 'x' })
    expect(listener.changes()).toEqual([])
    expect(listener.post([{ channel: '/meta/disconnect', clientId, id: '5' }]).body[0].successful).toBe(true)
    expect(listener.connect()[0].successful).toBe(false)
  })
})

describe('replay', () => {
  test('begins after an id, at the beginning, or now', () => {
    const org = new TestOrg()
    org.create('Contact', { LastName: 'a' })
    org.create('Contact', { LastName: 'b' })
    const listener = new Listener(org)
    listener.handshake()
    listener.subscribe(CONTACTS, -2)
    const events = listener.connect().filter(({ channel }) => channel === CONTACTS)
    const ids = events.map(({ data }) => data.event.replayId)
    expect(ids).toHaveLength(2)
    // Not contiguous, and growing.
    expect(ids).toEqual(ids.toSorted((a: number, b: number) => a - b))
    listener.subscribe(CONTACTS, ids[0])
    expect(listener.changes()).toHaveLength(1)
    listener.subscribe(CONTACTS, -1)
    expect(listener.changes()).toEqual([])
  })

  test('is refused when the events in between are gone', () => {
    const org = new TestOrg()
    org.create('Contact', { LastName: 'a' })
    org.create('Contact', { LastName: 'b' })
    const listener = new Listener(org)
    listener.handshake()
    listener.subscribe(CONTACTS, -2)
    const [first, second] = listener
      .connect()
      .filter(({ channel }) => channel === CONTACTS)
      .map(({ data }) => data.event.replayId)
    org.advance(4 * 86_400_000)
    org.create('Contact', { LastName: 'c' })
    listener.handshake()
    expect(listener.subscribe(CONTACTS, first)).toMatchObject({
      successful: false,
      error: `400::The replayId {${first}} you provided was invalid. Please provide a valid ID, -2 to replay all events, or -1 to replay only new events.`,
    })
    expect(listener.subscribe(CONTACTS, second)).toMatchObject({ successful: true })
    expect(listener.changes()).toHaveLength(1)
    expect(listener.subscribe(CONTACTS, second + 1_000).successful).toBe(false)
  })

  test('survives a snapshot', () => {
    const org = new TestOrg()
    const listener = listening(org)
    org.create('Contact', { LastName: 'a' })
    org.model.restore(org.model.snapshot())
    expect(listener.changes()).toHaveLength(1)
  })
})

describe('a connect', () => {
  const connect = (org: TestOrg, listener: Listener, timeout?: number): Body => ({
    method: 'POST',
    url: 'http://salesforce.invalid/cometd/64.0',
    headers: { authorization: `Bearer ${org.token}`, cookie: 'BAYEUX_BROWSER=x' },
    body: JSON.stringify([
      {
        channel: '/meta/connect',
        clientId: listener.clientId,
        id: '3',
        ...(timeout !== undefined && { advice: { timeout } }),
      },
    ]),
  })

  test('is kept open until something happens or its time is over', async () => {
    const time = virtualTime()
    const org = new TestOrg({ settings: { eventWaitMs: 110_000 } })
    const began = time.runtime.now()
    Object.defineProperty(org, 'now', { get: () => time.runtime.now() })
    const listener = listening(org)
    const send = modelTransport(org.model, { runtime: time.runtime, now: () => time.runtime.now() })
    const idle = await time.run(send(connect(org, listener)))
    expect(time.runtime.now() - began).toBeGreaterThanOrEqual(110_000)
    expect(JSON.parse(idle.body)).toHaveLength(1)

    const asked = time.runtime.now()
    const waiting = send(connect(org, listener))
    const later = time.runtime.sleep(7_000).then(() => org.create('Contact', { LastName: 'x' }))
    const [answer] = await time.run(Promise.all([waiting, later]))
    expect(JSON.parse(answer.body)).toHaveLength(2)
    expect(time.runtime.now() - asked).toBeLessThan(8_000)
  })

  test('is answered at once when the client asks for that, or is unknown', () => {
    const org = new TestOrg()
    const listener = listening(org)
    expect(org.model.waits(connect(org, listener), org.now)).toBe(110_000)
    expect(org.model.waits(connect(org, listener, 0), org.now)).toBe(0)
    listener.clientId = 'nobody'
    expect(org.model.waits(connect(org, listener), org.now)).toBe(0)
    expect(org.model.waits({ ...connect(org, listener), url: 'http://x.invalid/other' }, org.now)).toBe(0)
  })
})
