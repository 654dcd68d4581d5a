/** The vendor's own client, unmodified, over HTTP: what it insists on is what the model must answer. */
import { Connection } from 'jsforce'
// A directory import, which type checks and fails at run time (Salesforce fact sheet 1).
import { StreamingExtension } from 'jsforce/lib/api/streaming.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemRuntime } from '../../../src/runtime.ts'
import { startSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts'
import type { SalesforceModel } from '../../../src/sandbox/salesforce/model.ts'
import { EXTERNAL_ID } from './test-org.ts'

let sandbox: Sandbox
let model: SalesforceModel
let connection: Connection

beforeAll(async () => {
  sandbox = await startSandbox({ runtime: systemRuntime, crms: ['salesforce'], empty: true, limits: 'off' })
  model = sandbox.vendors.get('salesforce')?.model as SalesforceModel
  Object.assign(model.settings, {
    duplicateRules: [],
    leadQueue: null,
    shortQueryPages: 0,
    bulkQueueMs: [1, 5],
    queryPageRows: 200,
  })
  model.edit({
    action: 'create',
    object: 'CustomField',
    values: { FullName: 'Contact.Attio_Record_Id__c', Metadata: { label: 'Attio record', ...EXTERNAL_ID } },
  })
  const { url, token } = sandbox.salesforce
  connection = new Connection({ instanceUrl: url, accessToken: token, version: '64.0' })
})

afterAll(() => sandbox.close())

/** What jsforce answers is typed loosely; a saved record has these. */
interface Saved {
  readonly id: string
  readonly success: boolean
}

async function create(object: string, values: Record<string, unknown>): Promise<string> {
  const saved = (await connection.sobject(object).create(values)) as Saved
  expect(saved).toMatchObject({ success: true, errors: [] })
  return saved.id
}

describe('a session', () => {
  test('knows who it is and what the org has', async () => {
    expect(await connection.identity()).toMatchObject({
      user_id: model.identity.userId,
      organization_id: model.identity.orgId,
      username: model.identity.username,
      photos: { picture: expect.stringContaining(sandbox.salesforce.url) },
    })
    expect(await connection.soap.getUserInfo()).toMatchObject({
      userId: model.identity.userId,
      userName: model.identity.username,
      organizationMultiCurrency: false,
      roleId: null,
    })
    expect(await connection.soap.describeTabs()).toMatchObject([
      {
        label: 'Sales',
        selected: true,
        tabs: expect.arrayContaining([expect.objectContaining({ custom: false })]),
      },
    ])
    expect(Date.parse((await connection.soap.getServerTimestamp()).timestamp)).toBeGreaterThan(0)
    const { sobjects } = await connection.describeGlobal()
    expect(sobjects.map(({ name }) => name)).toContain('Contact')
    const { fields } = await connection.sobject('Contact').describe()
    expect(fields.find(({ name }) => name === 'Attio_Record_Id__c')).toMatchObject({ externalId: true })
    expect(await connection.limits()).toHaveProperty('DailyApiRequests')
    expect(connection.limitInfo.apiUsage?.limit).toBe(15_000)
  })

  test('that has ended is refreshed once, and the new refresh token comes along', async () => {
    const { refreshToken, clientId, clientSecret } = model.identity
    const { url } = sandbox.salesforce
    const stale = new Connection({
      instanceUrl: url,
      accessToken: '00D000000000000!ended',
      refreshToken,
      version: '64.0',
      oauth2: { clientId, clientSecret, loginUrl: url, redirectUri: `${url}/cb` },
    })
    const refreshed: { refresh_token?: string }[] = []
    stale.on('refresh', (_token: string, response: { refresh_token?: string }) => refreshed.push(response))
    await Promise.all([1, 2, 3].map(() => stale.query('SELECT Id FROM User')))
    expect(refreshed).toHaveLength(1)
    expect(refreshed[0]?.refresh_token).not.toBe(refreshToken)
    // The old one is dead now, and jsforce has kept it (fact sheet 0.7).
    model.edit({ action: 'delete', object: 'AuthSession', id: stale.accessToken ?? '' })
    await expect(stale.query('SELECT Id FROM User')).rejects.toThrow('expired access/refresh token')
  })

  test('comes from a password over SOAP where that is allowed, and ends with the client’s good-bye', async () => {
    model.settings.passwordLogins = true
    const { username, password, userId } = model.identity
    // The version that jsforce takes when nobody says; login() is gone from newer ones (2.2).
    const connection = new Connection({ loginUrl: sandbox.salesforce.url })
    expect(await connection.login(username, password)).toMatchObject({ id: userId })
    const { accessToken, instanceUrl } = connection
    await connection.logout()
    const again = new Connection({ accessToken: accessToken ?? '', instanceUrl })
    await expect(again.query('SELECT Id FROM User')).rejects.toMatchObject({
      errorCode: 'INVALID_SESSION_ID',
    })
    model.settings.passwordLogins = false
  })

  test('comes from client credentials', async () => {
    const { clientId, clientSecret } = model.identity
    const { url } = sandbox.salesforce
    const fresh = new Connection({ version: '64.0', oauth2: { clientId, clientSecret, loginUrl: url } })
    const user = await fresh.authorize({ grant_type: 'client_credentials' })
    expect(user.id).toBe(model.identity.userId)
    expect((await fresh.query('SELECT COUNT() FROM User')).totalSize).toBeGreaterThan(5)
    await fresh.logout()
    await expect(fresh.query('SELECT Id FROM User')).rejects.toThrow()
  })
})

describe('records', () => {
  test('are created, read, updated and deleted', async () => {
    const account = await create('Account', { Name: 'Acme' })
    const id = await create('Contact', { LastName: 'Lovelace', Email: 'Ada@Example.com', AccountId: account })
    expect(await connection.sobject('Contact').retrieve(id)).toMatchObject({
      Name: 'Lovelace',
      Email: 'ada@example.com',
      Phone: null,
    })
    await connection.sobject('Contact').update({ Id: id, FirstName: 'Ada', Email: null })
    expect(
      await connection
        .sobject('Contact')
        .find({ AccountId: account }, ['Name', 'Email', 'Account.Name'])
        .limit(1),
    ).toMatchObject([{ Name: 'Ada Lovelace', Email: null, Account: { Name: 'Acme' } }])
    await connection.sobject('Contact').destroy(id)
    await expect(connection.sobject('Contact').retrieve(id)).rejects.toMatchObject({
      errorCode: 'ENTITY_IS_DELETED',
    })
    const { records } = await connection.query(`SELECT IsDeleted FROM Contact WHERE Id = '${id}'`, {
      scanAll: true,
    })
    expect(records).toMatchObject([{ IsDeleted: true }])
  })

  test('that were looked at are listed', async () => {
    await create('Account', { Name: 'Looked at' })
    await connection.query("SELECT Id FROM Account WHERE Name = 'Looked at' FOR VIEW")
    expect(await connection.recent(1)).toMatchObject([{ Name: 'Looked at' }])
    expect(await connection.sobject('Account').recent()).toMatchObject([{ Name: 'Looked at' }])
  })

  test('refusals carry code and fields', async () => {
    await expect(create('Contact', { FirstName: 'Ada' })).rejects.toMatchObject({
      errorCode: 'REQUIRED_FIELD_MISSING',
      data: { fields: ['LastName'] },
    })
    const tooLong = { LastName: 'x'.repeat(81), FirstName: 'y'.repeat(41) }
    await expect(create('Contact', tooLong)).rejects.toMatchObject({ errorCode: 'MULTIPLE_API_ERRORS' })
  })

  test('are upserted by an external id, one by one and many at once', async () => {
    const contacts = connection.sobject('Contact')
    const key = 'Attio_Record_Id__c'
    expect(await contacts.upsert({ [key]: 'u1', LastName: 'One' }, key)).toMatchObject({ created: true })
    expect(await contacts.upsert({ [key]: 'u1', LastName: 'Uno' }, key)).toMatchObject({ created: false })
    const many = [{ [key]: 'U1', LastName: 'Eins' }, { [key]: 'u2', LastName: 'Two' }, { [key]: 'u3' }]
    expect(await contacts.upsert(many, key)).toMatchObject([
      { success: true, created: false },
      { success: true, created: true },
      { success: false, created: false, errors: [{ statusCode: 'REQUIRED_FIELD_MISSING' }] },
    ])
    await contacts.create([
      { LastName: 'Twin', Email: 'twin@example.com' },
      { LastName: 'Twin', Email: 'twin@example.com' },
    ])
    await expect(
      contacts.upsert({ Email: 'twin@example.com', LastName: 'x' }, 'Email'),
    ).rejects.toMatchObject({
      errorCode: 'MULTIPLE_CHOICES',
    })
  })

  test('travel 200 at a time, and more when told to', async () => {
    const rows = Array.from({ length: 450 }, (_, index) => ({ LastName: `Row ${index}`, Department: 'Rows' }))
    const contacts = connection.sobject('Contact')
    await expect(contacts.create(rows)).rejects.toMatchObject({ errorCode: 'EXCEEDED_ID_LIMIT' })
    const saved = (await contacts.create(rows, { allowRecursive: true })) as Saved[]
    expect(saved.filter(({ success }) => success)).toHaveLength(450)
    const soql = "SELECT Id, LastName FROM Contact WHERE Department = 'Rows' ORDER BY LastName"
    const first = await connection.query(soql)
    expect([first.totalSize, first.records.length, first.done]).toEqual([450, 200, false])
    const second = await connection.queryMore(first.nextRecordsUrl ?? '')
    expect([second.totalSize, second.records.length]).toEqual([450, 200])
    const all = await connection.query(soql, { autoFetch: true, maxFetch: 1_000 })
    expect(new Set(all.records.map(({ Id }) => Id)).size).toBe(450)
    const ids = saved.slice(0, 3).map(({ id }) => id)
    expect(await contacts.retrieve(ids)).toMatchObject([
      { LastName: 'Row 0' },
      { LastName: 'Row 1' },
      { LastName: 'Row 2' },
    ])
    expect(await contacts.destroy(ids)).toHaveLength(3)
  })

  test('refer to each other within a composite request', async () => {
    const answer = await connection.requestPost<{ compositeResponse: { httpStatusCode: number }[] }>(
      '/composite',
      {
        allOrNone: true,
        compositeRequest: [
          {
            method: 'POST',
            url: '/services/data/v64.0/sobjects/Account',
            referenceId: 'acme',
            body: { Name: 'Composite' },
          },
          {
            method: 'POST',
            url: '/services/data/v64.0/sobjects/Contact',
            referenceId: 'ada',
            body: { LastName: 'Composite', AccountId: '@{acme.id}' },
          },
        ],
      },
    )
    expect(answer.compositeResponse.map(({ httpStatusCode }) => httpStatusCode)).toEqual([201, 201])
    const { records } = await connection.query(
      "SELECT Account.Name FROM Contact WHERE LastName = 'Composite'",
    )
    expect(records).toMatchObject([{ Account: { Name: 'Composite' } }])
  })

  test('merged, undeleted and converted over SOAP', async () => {
    const [master, loser] = [
      await create('Contact', { LastName: 'Keep' }),
      await create('Contact', { LastName: 'Go' }),
    ]
    // The declared type knows no fields.
    const winner = { type: 'Contact', Id: master, Title: 'Merged' }
    const merged = await connection.soap.merge({ masterRecord: winner, recordToMergeIds: [loser] })
    expect(merged).toMatchObject({ success: true, id: master })
    const { records } = await connection.query(
      `SELECT Title, MasterRecordId FROM Contact WHERE Id IN ('${master}', '${loser}') ORDER BY IsDeleted`,
      { scanAll: true },
    )
    expect(records).toMatchObject([{ Title: 'Merged' }, { MasterRecordId: master }])
    expect(await connection.soap.undelete([loser])).toMatchObject([{ success: true, id: loser }])
    const lead = await create('Lead', { LastName: 'Lead', Company: 'Leads & Co' })
    const converted = await connection.soap.convertLead({
      leadId: lead,
      convertedStatus: 'Closed - Converted',
      doNotCreateOpportunity: true,
    })
    expect(converted).toMatchObject({ success: true, leadId: lead, contactId: expect.stringMatching(/^003/) })
  })
})

describe('Bulk API 2.0', () => {
  test('loads a file, row by row', async () => {
    const { successfulResults, failedResults, unprocessedRecords } =
      await connection.bulk2.loadAndWaitForResults({
        object: 'Contact',
        operation: 'upsert',
        externalIdFieldName: 'Attio_Record_Id__c',
        input: [
          { Attio_Record_Id__c: 'b1', LastName: 'Bulk', Title: null },
          { Attio_Record_Id__c: 'b2', LastName: '', Title: 'x' },
          { Attio_Record_Id__c: 'b3', LastName: 'Bulk', Title: 'a,b "c"\nd' },
        ],
        pollInterval: 20,
      })
    expect(successfulResults).toHaveLength(2)
    expect(successfulResults[0]).toMatchObject({ sf__Created: 'true', LastName: 'Bulk' })
    expect(failedResults).toMatchObject([
      { sf__Error: 'REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --' },
    ])
    expect(unprocessedRecords).toEqual([])
    const { records } = await connection.query(
      "SELECT Title FROM Contact WHERE LastName = 'Bulk' ORDER BY Attio_Record_Id__c",
    )
    expect(records).toMatchObject([{ Title: null }, { Title: 'a,b "c"\nd' }])
  })

  test('answers a query as a file', async () => {
    const stream = await connection.bulk2.query(
      "SELECT LastName, Account.Name FROM Contact WHERE LastName = 'Bulk'",
      {
        pollInterval: 20,
      },
    )
    expect(await stream.toArray()).toEqual([
      { LastName: 'Bulk', 'Account.Name': '' },
      { LastName: 'Bulk', 'Account.Name': '' },
    ])
  })
})

describe('Bulk API 1.0', () => {
  test('loads rows and queries them', async () => {
    const { bulk } = connection
    bulk.pollInterval = 20
    const [good, bad] = await bulk.load('Contact', 'insert', [
      { LastName: 'Classic', Title: 'x' },
      { LastName: null, Title: 'y' },
    ])
    expect(good).toMatchObject({ success: true, created: true, errors: [] })
    expect(bad).toMatchObject({
      id: null,
      success: false,
      errors: [expect.stringMatching(/^REQUIRED_FIELD_MISSING/)],
    })
    const found = await bulk.query("SELECT LastName FROM Contact WHERE LastName = 'Classic'")
    expect(await found.toArray()).toEqual([{ LastName: 'Classic' }])
    await expect(async () => bulk.load('Contact', 'insert', [])).rejects.toMatchObject({
      errorCode: 'ClientInputError',
    })
  })

  test('is what a client takes to change all that a query finds', async () => {
    const leads = connection.sobject('Lead')
    const rows = Array.from({ length: 201 }, (_, index) => ({ LastName: `${index}`, Company: 'Many' }))
    await leads.create(rows, { allowRecursive: true })
    const changed = await leads.find({ Company: 'Many' }).update({ Title: '${LastName}', City: null })
    expect(changed.filter(({ success }) => success)).toHaveLength(201)
    expect(await leads.findOne({ Company: 'Many', LastName: '7' }, ['Title'])).toMatchObject({ Title: '7' })
    expect(await leads.find({ Company: 'Many' }).destroy()).toHaveLength(201)
    expect(await leads.count({ Company: 'Many' })).toBe(0)
  })
})

/** Missing from the declared type of the client. */
function disconnect(client: object): void {
  ;(client as { disconnect(): void }).disconnect()
}

describe('streaming', () => {
  test('tells a subscriber what changes, and replays what it has missed', async () => {
    const channel = '/data/ContactChangeEvent'
    const received: {
      event: { replayId: number }
      payload: { ChangeEventHeader: { changeType: string } }
    }[] = []
    const client = connection.streaming.createClient([new StreamingExtension.Replay(channel, -1)])
    await client.subscribe(channel, (message: (typeof received)[number]) => received.push(message))
    const id = await create('Contact', { LastName: 'Streamed' })
    await expect.poll(() => received.length, { timeout: 5_000 }).toBe(1)
    expect(received[0]?.payload.ChangeEventHeader).toMatchObject({ changeType: 'CREATE', recordIds: [id] })
    await connection.sobject('Contact').update({ Id: id, Title: 'CTO' })
    await expect.poll(() => received.length, { timeout: 5_000 }).toBe(2)
    disconnect(client)

    await connection.sobject('Contact').destroy(id)
    const last = received[0]?.event.replayId ?? 0
    const replayed: typeof received = []
    const again = connection.streaming.createClient([new StreamingExtension.Replay(channel, last)])
    await again.subscribe(channel, (message: (typeof received)[number]) => replayed.push(message))
    await expect.poll(() => replayed.length, { timeout: 5_000 }).toBe(2)
    expect(replayed.map(({ payload }) => payload.ChangeEventHeader.changeType)).toEqual(['UPDATE', 'DELETE'])
    disconnect(again)
  })

  test('tells a topic what its query finds, and a channel what is pushed', async () => {
    await create('PushTopic', { Name: 'Accounts', Query: 'SELECT Id, Name FROM Account', ApiVersion: 64 })
    await create('StreamingChannel', { Name: '/u/greetings' })
    const received: unknown[] = []
    const greetings: unknown[] = []
    const client = connection.streaming.createClient([])
    await client.subscribe('/topic/Accounts', (message: unknown) => received.push(message))
    await client.subscribe('/u/greetings', (message: unknown) => greetings.push(message))
    const channel = connection.streaming.channel('/u/greetings')
    await create('Account', { Name: 'Told' })
    expect(await channel.push({ payload: 'hello, world', userIds: [] })).toEqual({
      fanoutCount: -1,
      userOnlineStatus: {},
    })
    await expect.poll(() => [received.length, greetings.length], { timeout: 5_000 }).toEqual([1, 1])
    expect(received[0]).toMatchObject({ event: { type: 'created' }, sobject: { Name: 'Told' } })
    expect(greetings[0]).toMatchObject({ payload: 'hello, world' })
    disconnect(client)
  })
})
