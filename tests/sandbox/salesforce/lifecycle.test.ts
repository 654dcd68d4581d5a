/** Deletion, recycle bin, merges, conversion, and what replication sees of them (Salesforce fact sheet 11, 12, 20). */
import { describe, expect, test } from 'vitest'
import { EditRefused } from '../../../src/sandbox/model.ts'
import { EXTERNAL_ID, problem, TestOrg, type Body } from './test-org.ts'

const DAY_MS = 86_400_000

function family(org: TestOrg): Record<'account' | 'contact' | 'deal' | 'role' | 'task', string> {
  const account = org.create('Account', { Name: 'Acme' })
  const contact = org.create('Contact', { LastName: 'Ada', AccountId: account })
  const deal = org.create('Opportunity', {
    Name: 'Deal',
    StageName: 'Prospecting',
    CloseDate: '2026-06-01',
    AccountId: account,
  })
  const role = org.create('OpportunityContactRole', { OpportunityId: deal, ContactId: contact })
  const task = org.create('Task', { Subject: 'Call', WhoId: contact })
  return { account, contact, deal, role, task }
}

const states = (org: TestOrg, object: string): Record<string, string> =>
  Object.fromEntries(Object.entries(org.model.dump()[object] ?? {}).map(([id, { state }]) => [id, state]))

describe('what an automation does on its own', () => {
  test('is signed by the user for automated processes', () => {
    const org = new TestOrg()
    const id = org.create('Contact', { LastName: 'Ada', Title: 'Poet' })
    org.model.edit({ action: 'update', object: 'Contact', id, values: { Title: 'POET' }, automated: true })
    const [row] = org.rows(`SELECT Title, LastModifiedBy.UserType FROM Contact WHERE Id = '${id}'`)
    expect(row).toMatchObject({ Title: 'POET', LastModifiedBy: { UserType: 'AutomatedProcess' } })
  })
})

describe('deletion', () => {
  test('takes along what belongs to the record, into the recycle bin', () => {
    const org = new TestOrg()
    const ids = family(org)
    org.advance(60_000)
    expect(org.delete(`/sobjects/Account/${ids.account}`).status).toBe(204)
    for (const object of ['Contact', 'Opportunity', 'OpportunityContactRole', 'Task']) {
      expect(Object.values(states(org, object))).toEqual(['archived'])
    }
    expect(
      org.rows('SELECT IsDeleted, LastName, SystemModstamp, LastModifiedDate FROM Contact', 'queryAll'),
    ).toEqual([
      {
        IsDeleted: true,
        LastName: 'Ada',
        SystemModstamp: '2026-05-01T07:26:37.000+0000',
        LastModifiedDate: '2026-05-01T07:26:37.000+0000',
      },
    ])
    expect(problem(org.get(`/sobjects/Contact/${ids.contact}`))).toEqual([404, 'ENTITY_IS_DELETED', []])
    expect(problem(org.post('/sobjects/Contact', { LastName: 'x', AccountId: ids.account }))[1]).toBe(
      'ENTITY_IS_DELETED',
    )
  })

  test('is undone with everything that went along', () => {
    const org = new TestOrg()
    const ids = family(org)
    org.delete(`/sobjects/Contact/${ids.contact}`)
    org.advance(60_000)
    org.model.edit({ action: 'restore', object: 'Contact', id: ids.contact })
    expect(org.read('Contact', ids.contact, 'IsDeleted', 'SystemModstamp')).toMatchObject({
      IsDeleted: false,
      SystemModstamp: '2026-05-01T07:26:37.000+0000',
    })
    expect(Object.values(states(org, 'Task'))).toEqual(['live'])
    expect(Object.values(states(org, 'OpportunityContactRole'))).toEqual(['live'])
    // Nobody brings a role back by itself.
    org.delete(`/sobjects/OpportunityContactRole/${ids.role}`)
    const edit = { action: 'restore', object: 'OpportunityContactRole', id: ids.role } as const
    expect(() => org.model.edit(edit)).toThrow(EditRefused)
  })

  test('of an account waits for its won opportunities', () => {
    const org = new TestOrg()
    const { account, deal } = family(org)
    org.patch(`/sobjects/Opportunity/${deal}`, { StageName: 'Closed Won' })
    const won = { StageName: 'Closed Won', CloseDate: '2026-06-01', AccountId: account }
    org.create('Opportunity', { Name: 'Another', ...won })
    const batchRequests = [{ method: 'DELETE', url: `v64.0/sobjects/Account/${account}` }]
    expect(org.post('/composite/batch', { batchRequests }).body).toEqual({
      hasErrors: true,
      results: [
        {
          statusCode: 400,
          result: [
            {
              errorCode: 'DELETE_FAILED',
              message:
                'Your attempt to delete Acme could not be completed because some opportunities in that account were closed won. The opportunities that could not be deleted are shown below.: Another, Deal\n',
            },
          ],
        },
      ],
    })
    expect(() => org.model.edit({ action: 'delete', object: 'Account', id: account })).toThrow(EditRefused)
    org.model.settings.wonHoldsAccount = false
    expect(org.delete(`/sobjects/Account/${account}`).status).toBe(204)
  })

  test('is final after 15 days, or when somebody empties the bin', () => {
    const org = new TestOrg()
    const [a, b, c] = ['a', 'b', 'c'].map((LastName) => org.create('Contact', { LastName }))
    org.delete(`/sobjects/Contact/${a}`)
    org.advance(DAY_MS)
    org.delete(`/sobjects/Contact/${b}`)
    org.model.edit({ action: 'delete', object: 'Contact', id: c ?? '' })
    org.model.edit({ action: 'delete', object: 'Contact', id: c ?? '' })
    const left = (): number => org.rows('SELECT Id FROM Contact', 'queryAll').length
    expect(left()).toBe(2)
    expect(problem(org.get(`/sobjects/Contact/${c}`))[1]).toBe('NOT_FOUND')
    org.advance(14 * DAY_MS)
    expect(left()).toBe(1)
    org.advance(DAY_MS)
    expect(left()).toBe(0)
  })
})

describe('merging', () => {
  const prepared = (): { org: TestOrg; master: string; loser: string; deal: string } => {
    const org = new TestOrg()
    org.addField('Contact.Key__c', EXTERNAL_ID)
    const master = org.create('Contact', { LastName: 'Keep', Key__c: 'k' })
    const loser = org.create('Contact', { LastName: 'Go', Title: 'CTO', Key__c: 'l' })
    const deal = org.create('Opportunity', { Name: 'x', StageName: 'Prospecting', CloseDate: '2026-06-01' })
    org.create('OpportunityContactRole', { OpportunityId: deal, ContactId: loser })
    org.create('Contact', { LastName: 'Report', ReportsToId: loser })
    org.advance(60_000)
    org.model.edit({
      action: 'merge',
      object: 'Contact',
      id: master,
      other: { object: 'Contact', id: loser },
    })
    return { org, master, loser, deal }
  }

  test('leaves the loser in the bin with the winner’s id, and its children with the winner', () => {
    const { org, master, loser, deal } = prepared()
    expect(org.rows(`SELECT Id, MasterRecordId FROM Contact WHERE IsDeleted = true`, 'queryAll')).toEqual([
      { Id: loser, MasterRecordId: master },
    ])
    expect(org.read('Contact', master, 'Title', 'Key__c', 'SystemModstamp')).toMatchObject({
      Title: 'CTO',
      Key__c: 'k',
      SystemModstamp: '2026-05-01T07:26:37.000+0000',
    })
    expect(org.rows('SELECT ContactId, OpportunityId FROM OpportunityContactRole')).toEqual([
      { ContactId: master, OpportunityId: deal },
    ])
    expect(org.rows("SELECT ReportsToId FROM Contact WHERE LastName = 'Report'")).toEqual([
      { ReportsToId: master },
    ])
    expect(org.model.dump()['Contact']?.[loser]).toMatchObject({ state: 'merged', into: master })
  })

  test('is not undone by undeleting the loser: its children have moved on', () => {
    const { org, master, loser } = prepared()
    org.model.edit({ action: 'restore', object: 'Contact', id: loser })
    expect(org.read('Contact', loser, 'MasterRecordId').MasterRecordId).toBeNull()
    expect(org.rows('SELECT ContactId FROM OpportunityContactRole')).toEqual([{ ContactId: master }])
  })

  test('is for some objects only', () => {
    const org = new TestOrg()
    const deal = { StageName: 'Prospecting', CloseDate: '2026-06-01' }
    const [a = '', b = ''] = ['a', 'b'].map((Name) => org.create('Opportunity', { ...deal, Name }))
    expect(() =>
      org.model.edit({
        action: 'merge',
        object: 'Opportunity',
        id: a,
        other: { object: 'Opportunity', id: b },
      }),
    ).toThrow(EditRefused)
  })
})

describe('conversion of a lead', () => {
  const lead = {
    FirstName: 'Ada',
    LastName: 'Lovelace',
    Company: 'Analytical Engines',
    Email: 'ada@x.com',
    Title: 'Countess',
    City: 'London',
    Website: 'engines.example',
  }

  test('makes account, contact and deal in one transaction, and freezes the lead', () => {
    const org = new TestOrg()
    const id = org.create('Lead', lead)
    const contact = org.model.edit({ action: 'convert', object: 'Lead', id }).id
    const converted = org.read('Lead', id)
    expect(converted).toMatchObject({
      IsConverted: true,
      Status: 'Closed - Converted',
      ConvertedDate: '2026-05-01',
      ConvertedContactId: contact,
      ConvertedAccountId: expect.stringMatching(/^001/),
      ConvertedOpportunityId: expect.stringMatching(/^006/),
    })
    expect(org.read('Contact', contact)).toMatchObject({
      Name: 'Ada Lovelace',
      Title: 'Countess',
      MailingCity: 'London',
      AccountId: converted.ConvertedAccountId,
    })
    expect(org.read('Account', converted.ConvertedAccountId)).toMatchObject({
      Name: 'Analytical Engines',
      Website: 'engines.example',
    })
    expect(org.rows('SELECT ContactId, IsPrimary FROM OpportunityContactRole')).toEqual([
      { ContactId: contact, IsPrimary: true },
    ])
    expect(problem(org.patch(`/sobjects/Lead/${id}`, { Title: 'x' }))[1]).toBe('CANNOT_UPDATE_CONVERTED_LEAD')
    expect(() => org.model.edit({ action: 'convert', object: 'Lead', id })).toThrow('converted lead')
    expect(org.rows('SELECT Id FROM Lead WHERE IsConverted = true')).toEqual([{ Id: id }])
  })

  test('fills the blanks of existing records and nothing else', () => {
    const org = new TestOrg()
    const accountId = org.create('Account', { Name: 'Engines' })
    const contactId = org.create('Contact', { LastName: 'King', Email: 'old@x.com' })
    const id = org.create('Lead', lead)
    const values = { accountId, contactId, opportunityName: null }
    expect(org.model.edit({ action: 'convert', object: 'Lead', id, values }).id).toBe(contactId)
    expect(org.read('Contact', contactId)).toMatchObject({
      LastName: 'King',
      FirstName: 'Ada',
      Email: 'old@x.com',
      Title: 'Countess',
      AccountId: accountId,
    })
    expect(org.read('Account', accountId, 'Name', 'Website')).toMatchObject({
      Name: 'Engines',
      Website: 'engines.example',
    })
    expect(org.rows('SELECT Id FROM Opportunity')).toEqual([])
  })

  test('happens by no API write', () => {
    const org = new TestOrg()
    const id = org.create('Lead', lead)
    expect(problem(org.patch(`/sobjects/Lead/${id}`, { IsConverted: true }))[1]).toBe(
      'INVALID_FIELD_FOR_INSERT_UPDATE',
    )
    expect(problem(org.post('/sobjects/Lead', { ...lead, IsConverted: true }))[1]).toBe(
      'FIELD_INTEGRITY_EXCEPTION',
    )
    expect(() => org.model.edit({ action: 'convert', object: 'Contact', id })).toThrow(EditRefused)
  })
})

describe('an archived activity', () => {
  test('is in no query any more but queryAll, and no stamp of it moves', () => {
    const org = new TestOrg()
    const contact = org.create('Contact', { LastName: 'x' })
    const [old, recent] = ['Old', 'Recent'].map((Subject) => org.create('Task', { Subject, WhoId: contact }))
    const stamp = org.read('Task', old ?? '').SystemModstamp
    org.advance(5_000)
    org.model.edit({ action: 'update', object: 'Task', id: old ?? '', values: { IsArchived: true } })
    expect(org.rows('SELECT Id FROM Task')).toEqual([{ Id: recent }])
    expect(org.ask('SELECT COUNT() FROM Task').body.totalSize).toBe(1)
    expect(org.rows('SELECT (SELECT Subject FROM Tasks) FROM Contact')[0].Tasks.totalSize).toBe(1)
    expect(org.rows('SELECT Subject, SystemModstamp FROM Task WHERE IsArchived = true', 'queryAll')).toEqual([
      { Subject: 'Old', SystemModstamp: stamp },
    ])
    expect(() =>
      org.model.edit({ action: 'update', object: 'Contact', id: contact, values: { IsArchived: true } }),
    ).toThrow('Contact is never archived')
  })
})

describe('replication', () => {
  const time = (ms: number): string => encodeURIComponent(`${new Date(ms).toISOString().slice(0, 19)}+00:00`)
  const window = (start: number, end: number): string => `start=${time(start)}&end=${time(end)}`

  test('answers ids of what changed, by whole minutes', () => {
    const org = new TestOrg()
    const minute = Math.floor(org.now / 60_000) * 60_000
    const id = org.create('Contact', { LastName: 'x' })
    org.advance(300_000)
    const ask = (start: number, end: number): Body =>
      org.get(`/sobjects/Contact/updated/?${window(start, end)}`).body
    expect(ask(minute, minute + 60_000)).toEqual({
      ids: [id],
      latestDateCovered: '2026-05-01T07:26:00.000+0000',
    })
    expect(ask(minute + 60_000, minute + 120_000).ids).toEqual([])
    // Seconds do not count.
    expect(ask(minute + 50_000, minute + 110_000).ids).toEqual([id])
    expect(ask(minute + 10_000, minute + 50_000)[0].errorCode).toBe('INVALID_REPLICATION_DATE')
    expect(ask(minute - 31 * DAY_MS, minute)[0].errorCode).toBe('INVALID_REPLICATION_DATE')
  })

  test('remembers deletions that nothing else shows any more', () => {
    const org = new TestOrg()
    const [a, b] = ['a', 'b'].map((LastName) => org.create('Contact', { LastName }))
    org.delete(`/sobjects/Contact/${a}`)
    org.delete(`/sobjects/Contact/${b}`)
    org.model.edit({ action: 'delete', object: 'Contact', id: a ?? '' })
    const ask = (): Body =>
      org.get(`/sobjects/Contact/deleted?${window(org.now - 3_600_000, org.now + 60_000)}`).body
    expect(ask().deletedRecords).toEqual([
      { id: a, deletedDate: '2026-05-01T07:25:37.000+0000' },
      { id: b, deletedDate: '2026-05-01T07:25:37.000+0000' },
    ])
    org.model.edit({ action: 'restore', object: 'Contact', id: b ?? '' })
    expect(ask().deletedRecords.map(({ id }: Body) => id)).toEqual([a])
    org.model.settings.deleteLogLosses = 1
    org.delete(`/sobjects/Contact/${b}`)
    expect(ask().deletedRecords.map(({ id }: Body) => id)).toEqual([a])
  })
})

describe('a transaction that takes its time', () => {
  test('stamps rows before anybody can see them', () => {
    const org = new TestOrg({ settings: { commitDelayMs: [90_000, 90_000] } })
    const seen = org.create('Contact', { LastName: 'before', Title: 'old' })
    org.advance(60_000)
    const id = org.model.edit({ action: 'create', object: 'Contact', values: { LastName: 'late' } }).id
    org.model.edit({ action: 'update', object: 'Contact', id: seen, values: { Title: 'new' } })
    const titles = (): Body[] => org.rows('SELECT LastName, Title FROM Contact ORDER BY LastName')
    expect(titles()).toEqual([{ LastName: 'before', Title: 'old' }])
    expect(problem(org.get(`/sobjects/Contact/${id}`))[0]).toBe(404)
    // Readers find what they see, not what is to come.
    expect(org.rows("SELECT Id FROM Contact WHERE Title = 'new'")).toEqual([])
    expect(org.rows(`SELECT Title FROM Contact WHERE Id = '${seen}'`)).toEqual([{ Title: 'old' }])
    // The truth is there already.
    expect(org.model.dump()['Contact']?.[seen]?.values['Title']).toBe('new')
    // Whoever else wants to write has to wait.
    expect(problem(org.patch(`/sobjects/Contact/${seen}`, { Phone: '1' }))[1]).toBe('UNABLE_TO_LOCK_ROW')

    const stamp = '2026-05-01T07:26:37.000+0000'
    const start = encodeURIComponent('2026-05-01T07:25:00+00:00')
    org.advance(60_000)
    const end = encodeURIComponent(new Date(org.now).toISOString())
    expect(org.get(`/sobjects/Contact/updated?start=${start}&end=${end}`).body).toEqual({
      ids: [seen],
      latestDateCovered: stamp,
    })
    org.advance(60_000)
    expect(org.rows('SELECT LastName, Title, SystemModstamp FROM Contact ORDER BY LastName')).toEqual([
      { LastName: 'before', Title: 'new', SystemModstamp: stamp },
      { LastName: 'late', Title: null, SystemModstamp: stamp },
    ])
    expect(org.patch(`/sobjects/Contact/${seen}`, { Phone: '1' }).status).toBe(204)
  })

  test('survives a snapshot', () => {
    const org = new TestOrg({ settings: { commitDelayMs: [90_000, 90_000] } })
    org.model.edit({ action: 'create', object: 'Contact', values: { LastName: 'late' } })
    org.model.restore(org.model.snapshot())
    expect(org.rows('SELECT LastName FROM Contact')).toEqual([])
    org.advance(120_000)
    expect(org.rows('SELECT LastName FROM Contact')).toEqual([{ LastName: 'late' }])
  })
})
