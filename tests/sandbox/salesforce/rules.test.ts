/** What an org's own rules do to a save (Salesforce fact sheet 4, 6, 14, 18, 19). */
import { describe, expect, test } from 'vitest'
import { defaultSettings } from '../../../src/sandbox/salesforce/settings.ts'
import { problem, TestOrg, type Body } from './test-org.ts'

describe('duplicate rules', () => {
  const contact = { LastName: 'Lovelace', Email: 'ada@x.com' }
  const withRule = (action: 'alert' | 'block' | 'report'): TestOrg =>
    new TestOrg({
      settings: {
        duplicateRules: [
          {
            name: 'Same_Email',
            object: 'Contact',
            action,
            matching: [{ object: 'Contact', fields: { Email: 'Email' } }],
          },
        ],
      },
    })

  test('refuse a duplicate and name what it matches, under the vendor’s own spelling', () => {
    const org = withRule('alert')
    const id = org.create('Contact', contact)
    const reply = org.post('/sobjects/Contact', { ...contact, Email: 'ADA@x.com' })
    expect(reply.status).toBe(400)
    expect(reply.body).toMatchObject([
      {
        duplicateResut: {
          allowSave: true,
          duplicateRule: 'Same_Email',
          duplicateRuleEntityType: 'Contact',
          matchResults: [
            { entityType: 'Contact', size: 1, matchRecords: [{ matchConfidence: 100, record: { Id: id } }] },
          ],
        },
        errorCode: 'DUPLICATES_DETECTED',
        message: 'Use one of these records?',
      },
    ])
    const older = org.call('POST', '//services/data/v52.0/sobjects/Contact', contact).body[0]
    expect(older.duplicateResut.matchResults[0].matchRecords[0].record.attributes.url).toBe(
      `/services/data/v52.0/sobjects/Contact/${id}`,
    )
    const rows = org.post('/composite/sobjects', {
      records: [{ attributes: { type: 'Contact' }, ...contact }],
    })
    expect(rows.body[0].errors).toEqual([
      { statusCode: 'DUPLICATES_DETECTED', message: 'Use one of these records?', fields: [] },
    ])
  })

  test('let alerts pass by header, and blocks never', () => {
    const header = { 'sforce-duplicate-rule-header': 'allowSave=true; includeRecordDetails=false' }
    for (const [action, status] of [
      ['alert', 201],
      ['block', 400],
      ['report', 201],
    ] as const) {
      const org = withRule(action)
      org.create('Contact', contact)
      expect(org.post('/sobjects/Contact', contact, header).status).toBe(status)
    }
    const org = withRule('alert')
    org.create('Contact', contact)
    expect(org.model.edit({ action: 'create', object: 'Contact', values: contact }).id).toMatch(/^003/)
  })

  test('look at updates that touch what is compared, and at nothing deleted', () => {
    const org = withRule('block')
    const first = org.create('Contact', contact)
    const second = org.create('Contact', { LastName: 'x' })
    expect(org.patch(`/sobjects/Contact/${second}`, { Title: 'x' }).status).toBe(204)
    expect(problem(org.patch(`/sobjects/Contact/${second}`, { Email: contact.Email }))[1]).toBe(
      'DUPLICATES_DETECTED',
    )
    org.delete(`/sobjects/Contact/${first}`)
    expect(org.patch(`/sobjects/Contact/${second}`, { Email: contact.Email }).status).toBe(204)
  })

  test('of a new org compare leads with contacts as well', () => {
    const { duplicateRules } = defaultSettings()
    const org = new TestOrg({ settings: { duplicateRules } })
    org.create('Contact', contact)
    const lead = org.post('/sobjects/Lead', { ...contact, Company: 'x' })
    expect(lead.body[0].duplicateResut.matchResults).toMatchObject([{ entityType: 'Contact', size: 1 }])
    expect(org.post('/sobjects/Lead', { ...contact, LastName: 'Byron', Company: 'x' }).status).toBe(201)
  })
})

describe('rules that an admin wrote', () => {
  test('refuse with their own words, all of them', () => {
    const org = new TestOrg({
      settings: {
        validationRules: [
          {
            object: 'Opportunity',
            when: 'Amount < 0',
            message: 'Nobody pays less than nothing',
            field: 'Amount',
          },
          { object: 'Opportunity', when: "StageName = 'Closed Won' AND Amount = null", message: 'Won what?' },
          {
            object: 'Opportunity',
            when: "Account.Industry = 'Banking' AND Type = null",
            message: 'Banks have a type',
          },
        ],
      },
    })
    const deal = { Name: 'x', StageName: 'Prospecting', CloseDate: '2026-06-01' }
    const id = org.create('Opportunity', deal)
    expect(org.patch(`/sobjects/Opportunity/${id}`, { Amount: -5 }).body).toEqual([
      {
        errorCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
        message: 'Nobody pays less than nothing',
        fields: ['Amount'],
      },
    ])
    const bank = org.create('Account', { Name: 'Bank', Industry: 'Banking' })
    const both = org.patch(`/sobjects/Opportunity/${id}`, { StageName: 'Closed Won', AccountId: bank })
    expect(both.body.map(({ message, fields }: Body) => [message, fields])).toEqual([
      ['Won what?', []],
      ['Banks have a type', []],
    ])
    expect(org.read('Opportunity', id, 'StageName').StageName).toBe('Prospecting')
  })

  test('change what is saved', () => {
    const org = new TestOrg({
      settings: {
        flows: [{ object: 'Contact', when: "Title LIKE '%ceo%'", set: { Title: 'Chief Executive' } }],
      },
    })
    const id = org.create('Contact', { LastName: 'x', Title: 'The CEO' })
    expect(org.read('Contact', id, 'Title').Title).toBe('Chief Executive')
  })

  test('give new leads to a queue unless the header says no', () => {
    const org = new TestOrg({ settings: { leadQueue: 'New Leads' } })
    const lead = { LastName: 'x', Company: 'y', OwnerId: org.model.identity.userId }
    const assigned = org.create('Lead', lead)
    expect(org.read('Lead', assigned, 'OwnerId').OwnerId).toMatch(/^00G/)
    const kept = org.post('/sobjects/Lead', lead, { 'sforce-auto-assign': 'false' }).body.id
    expect(org.read('Lead', kept, 'OwnerId').OwnerId).toBe(org.model.identity.userId)
    expect(org.rows("SELECT Owner.Name, Owner.Type FROM Lead WHERE Owner.Type = 'Group'")).toMatchObject([
      { Owner: { Name: 'New Leads', Type: 'Group' } },
    ])
  })
})

describe('owners', () => {
  const org = new TestOrg()
  const user = (name: string): string => org.rows(`SELECT Id FROM User WHERE Name = '${name}'`)[0].Id

  test('have to be active', () => {
    expect(problem(org.post('/sobjects/Account', { Name: 'x', OwnerId: user('Farid Lund') }))).toEqual([
      400,
      'INACTIVE_OWNER_OR_USER',
      ['OwnerId'],
    ])
  })

  test('of an account take its contacts and open deals along', () => {
    const [ada, bruno, chidi] = ['Ada Okafor', 'Bruno Keller', 'Chidi Marsh'].map(user)
    const account = org.create('Account', { Name: 'x', OwnerId: ada })
    const deal = { Name: 'x', CloseDate: '2026-06-01', AccountId: account, OwnerId: ada }
    const own = org.create('Contact', { LastName: 'own', AccountId: account, OwnerId: ada })
    const other = org.create('Contact', { LastName: 'other', AccountId: account, OwnerId: chidi })
    const open = org.create('Opportunity', { ...deal, StageName: 'Prospecting' })
    const won = org.create('Opportunity', { ...deal, StageName: 'Closed Won' })
    org.advance(60_000)
    org.patch(`/sobjects/Account/${account}`, { OwnerId: bruno })
    expect(org.read('Contact', own)).toMatchObject({
      OwnerId: bruno,
      SystemModstamp: '2026-05-01T07:26:37.000+0000',
    })
    expect(org.read('Contact', other, 'OwnerId').OwnerId).toBe(chidi)
    expect(org.read('Opportunity', open, 'OwnerId').OwnerId).toBe(bruno)
    expect(org.read('Opportunity', won, 'OwnerId').OwnerId).toBe(ada)
  })
})

describe('opportunities', () => {
  const org = new TestOrg()
  const deal = { Name: 'x', StageName: 'Prospecting', CloseDate: '2026-06-15', Amount: 1_000 }

  test('follow their stage, unless told otherwise', () => {
    const id = org.create('Opportunity', deal)
    const fields = ['Probability', 'ForecastCategoryName', 'IsClosed', 'IsWon', 'ExpectedRevenue', 'Fiscal']
    const read = (): Body => org.read('Opportunity', id, ...fields)
    expect(read()).toMatchObject({
      Probability: 10,
      ForecastCategoryName: 'Pipeline',
      IsClosed: false,
      IsWon: false,
      ExpectedRevenue: 100,
      Fiscal: '2026 2',
    })
    org.patch(`/sobjects/Opportunity/${id}`, { Probability: 33 })
    org.patch(`/sobjects/Opportunity/${id}`, { Amount: 100.005 })
    expect(read()).toMatchObject({ Probability: 33, ExpectedRevenue: 33 })
    org.patch(`/sobjects/Opportunity/${id}`, { StageName: 'Closed Won' })
    expect(read()).toMatchObject({
      Probability: 100,
      IsClosed: true,
      IsWon: true,
      ForecastCategoryName: 'Closed',
    })
    // Any text can be a stage; nobody knows what it means (0.17).
    org.patch(`/sobjects/Opportunity/${id}`, { StageName: 'In Progress' })
    expect(read()).toMatchObject({ Probability: 0, IsClosed: false })
    expect(problem(org.patch(`/sobjects/Opportunity/${id}`, { IsWon: true }))[1]).toBe(
      'INVALID_FIELD_FOR_INSERT_UPDATE',
    )
  })

  test('need name, stage and date', () => {
    expect(problem(org.post('/sobjects/Opportunity', {}))).toEqual([
      400,
      'REQUIRED_FIELD_MISSING',
      ['Name', 'StageName', 'CloseDate'],
    ])
  })

  test('have one primary contact, who may come with the deal', () => {
    const [a, b] = ['a', 'b'].map((LastName) => org.create('Contact', { LastName }))
    const id = org.create('Opportunity', { ...deal, ContactId: a })
    const roles = (): Body[] =>
      org.rows(
        `SELECT ContactId, IsPrimary, LastModifiedDate, SystemModstamp FROM OpportunityContactRole WHERE OpportunityId = '${id}' ORDER BY Contact.LastName`,
      )
    const [first] = roles()
    expect(first).toMatchObject({ ContactId: a, IsPrimary: true })
    org.advance(60_000)
    org.create('OpportunityContactRole', {
      OpportunityId: id,
      ContactId: b,
      IsPrimary: true,
      Role: 'Evaluator',
    })
    const [before, now] = roles()
    expect([before.IsPrimary, now.IsPrimary]).toEqual([false, true])
    // The date of the last edit says nothing about it.
    expect(before.LastModifiedDate).toBe(first.LastModifiedDate)
    expect(before.SystemModstamp > first.SystemModstamp).toBe(true)
    const twice = org.post('/sobjects/OpportunityContactRole', {
      OpportunityId: id,
      ContactId: b,
      Role: 'Evaluator',
    })
    expect(problem(twice)[1]).toBe('DUPLICATE_VALUE')
    expect(problem(org.patch(`/sobjects/Opportunity/${id}`, { ContactId: b }))[1]).toBe(
      'INVALID_FIELD_FOR_INSERT_UPDATE',
    )
  })
})

describe('activities', () => {
  test('move the system stamp of whom they are about, and nothing else', () => {
    const org = new TestOrg()
    const account = org.create('Account', { Name: 'x' })
    const contact = org.create('Contact', { LastName: 'x', AccountId: account })
    const [before] = org.rows('SELECT LastModifiedDate, SystemModstamp FROM Contact')
    org.advance(60_000)
    const task = org.create('Task', {
      Subject: 'Call',
      WhoId: contact,
      ActivityDate: '2026-05-01',
      Status: 'Completed',
    })
    expect(org.read('Task', task)).toMatchObject({
      AccountId: account,
      IsClosed: true,
      Priority: 'Normal',
      TaskSubtype: 'Task',
    })
    const [after] = org.rows('SELECT LastModifiedDate, SystemModstamp, LastActivityDate FROM Contact')
    expect(after.LastModifiedDate).toBe(before.LastModifiedDate)
    expect(after.SystemModstamp > before.SystemModstamp).toBe(true)
    expect(after.LastActivityDate).toBe('2026-05-01')
    const event = org.create('Event', {
      Subject: 'Meeting',
      ActivityDateTime: '2026-05-04T10:00:00Z',
      DurationInMinutes: 30,
    })
    expect(org.read('Event', event, 'EndDateTime').EndDateTime).toBe('2026-05-04T10:30:00.000+0000')
    expect(problem(org.post('/sobjects/Event', { Subject: 'x' }))[1]).toBe('REQUIRED_FIELD_MISSING')
  })
})

describe('locks', () => {
  test('of a record also hold its children', () => {
    const org = new TestOrg()
    const account = org.create('Account', { Name: 'x' })
    const id = org.create('Contact', { LastName: 'x', AccountId: account })
    org.model.settings.lockedRecords = [account]
    expect(org.patch(`/sobjects/Contact/${id}`, { Title: 'x' })).toMatchObject({
      status: 400,
      body: [
        {
          errorCode: 'UNABLE_TO_LOCK_ROW',
          message: `unable to obtain exclusive access to this record or 1 records: ${account}`,
        },
      ],
    })
    org.model.settings.lockedRecords = []
    expect(org.patch(`/sobjects/Contact/${id}`, { Title: 'x' }).status).toBe(204)
  })

  test('are lost now and then', () => {
    const org = new TestOrg({ settings: { lockRate: 0.5 } })
    const records = Array.from({ length: 100 }, () => ({ attributes: { type: 'Contact' }, LastName: 'x' }))
    const { body } = org.post('/composite/sobjects', { records })
    const lost = body.filter(({ success }: Body) => !success).length
    expect(lost).toBeGreaterThan(25)
    expect(lost).toBeLessThan(75)
  })
})
