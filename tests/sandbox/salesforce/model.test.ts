/** The model as the sandbox sees it: determinism, snapshots, statistics, people's edits, pages. */
import { describe, expect, test } from 'vitest'
import { EditRefused } from '../../../src/sandbox/model.ts'
import { EXTERNAL_ID, TestOrg, type Body } from './test-org.ts'

/** A little of everything. */
function work(org: TestOrg): void {
  org.addField('Contact.Key__c', EXTERNAL_ID)
  const account = org.create('Account', { Name: 'Acme' })
  const records = Array.from({ length: 30 }, (_, index) => ({
    attributes: { type: 'Contact' },
    LastName: `Row ${index}`,
    Key__c: `k${index}`,
    AccountId: account,
  }))
  org.patch('/composite/sobjects/Contact/Key__c', { records })
  org.advance(61_000)
  const { id } = org.post('/jobs/ingest', { object: 'Lead', operation: 'insert' }).body
  org.call('PUT', `/jobs/ingest/${id}/batches`, 'LastName,Company\na,b\n', { 'content-type': 'text/csv' })
  org.patch(`/jobs/ingest/${id}`, { state: 'UploadComplete' })
  org.ask('SELECT Id FROM Contact')
  org.call('POST', '//services/oauth2/token', '')
  org.model.edit({
    action: 'create',
    object: 'RecordType',
    values: { SobjectType: 'Opportunity', DeveloperName: 'Partner' },
  })
}

describe('a model', () => {
  test('is the same for the same seed and the same requests', () => {
    const [a, b, c] = [7, 7, 8].map((seed) => {
      const org = new TestOrg({ seed })
      work(org)
      return org.model.snapshot()
    })
    expect(b).toBe(a)
    expect(c).not.toBe(a)
  })

  test('goes on from a snapshot as if nothing had happened in between', () => {
    const [left, right] = [new TestOrg(), new TestOrg()]
    for (const org of [left, right]) work(org)
    const saved = left.model.snapshot()
    left.delete(
      `/composite/sobjects?ids=${left
        .rows('SELECT Id FROM Contact')
        .map(({ Id }) => Id)
        .join(',')}`,
    )
    left.model.settings.hiddenFields = ['Contact.Title']
    left.addField('Account.Other__c', EXTERNAL_ID)
    left.model.restore(saved)
    expect(left.model.snapshot()).toBe(saved)
    for (const org of [left, right]) {
      org.advance(60_000)
      org.create('Contact', { LastName: 'later', Key__c: 'later' })
    }
    expect(left.model.dump()).toEqual(right.model.dump())
    const soql = 'SELECT Id, Key__c, Account.Name FROM Contact ORDER BY Department'
    expect(left.ask(soql).body).toEqual(right.ask(soql).body)
    expect(left.model.snapshot()).toBe(right.model.snapshot())
  })

  test('answers the last page of 20,000 contacts about as fast as the first', () => {
    const org = new TestOrg()
    for (let block = 0; block < 100; block++) {
      const records = Array.from({ length: 200 }, (_, index) => ({
        attributes: { type: 'Contact' },
        LastName: `${block}/${index}`,
      }))
      org.post('/composite/sobjects', { records })
      org.advance(500)
    }
    const tookMs: number[] = []
    let [seen, last]: [number, Body] = [0, null]
    for (;;) {
      const stamp = last === null ? '1970-01-01T00:00:00Z' : `${last.SystemModstamp.slice(0, 19)}Z`
      const after = last === null ? '' : `AND (SystemModstamp > ${stamp} OR Id > '${last.Id}')`
      const startedAt = performance.now()
      const rows = org.rows(
        `SELECT Id, LastName, SystemModstamp FROM Contact WHERE SystemModstamp >= ${stamp} ${after} ORDER BY SystemModstamp, Id LIMIT 2000`,
      )
      if (rows.length === 0) break
      tookMs.push(performance.now() - startedAt)
      seen += rows.length
      last = rows.at(-1)
    }
    expect(seen).toBe(20_000)
    // One that goes through all pages before it would cost ten times as much. The best of five, so that a busy machine
    // does not decide.
    expect(Math.min(...tookMs.slice(-5)) / Math.min(...tookMs.slice(0, 5))).toBeLessThan(5)
  })
})

describe('statistics', () => {
  const org = new TestOrg()
  const request = (method: string, path: string, body: unknown = null) => ({
    method,
    url: `http://salesforce.invalid${path}`,
    headers: {},
    body: body === null ? null : JSON.stringify(body),
  })
  const data = '/services/data/v64.0'

  test.each([
    ['GET', `${data}/query?q=x`, null, false, 'GET /services/data/{version}/query'],
    ['POST', `${data}/sobjects/Contact`, {}, true, 'POST /services/data/{version}/sobjects/{object}'],
    [
      'PATCH',
      `${data}/sobjects/Contact/Key__c/a`,
      {},
      true,
      'PATCH /services/data/{version}/sobjects/{object}/{key}/{value}',
    ],
    [
      'POST',
      `${data}/composite/sobjects/Contact`,
      {},
      false,
      'POST /services/data/{version}/composite/sobjects/{object}',
    ],
    [
      'POST',
      `${data}/composite`,
      { compositeRequest: [{ method: 'GET' }] },
      false,
      'POST /services/data/{version}/composite',
    ],
    [
      'POST',
      `${data}/composite`,
      { compositeRequest: [{ method: 'PATCH' }] },
      true,
      'POST /services/data/{version}/composite',
    ],
    ['POST', '/services/oauth2/token', null, false, 'POST /services/oauth2/token'],
    [
      'PUT',
      `/${data}/jobs/ingest/750/batches`,
      null,
      true,
      'PUT /services/data/{version}/jobs/ingest/{job}/batches',
    ],
    ['POST', `${data}/jobs/query`, {}, false, 'POST /services/data/{version}/jobs/query'],
    ['HEAD', `${data}/limits`, null, false, 'HEAD /services/data/{version}/limits'],
  ])('%s %s', (method, path, body, mutates, route) => {
    expect(org.model.isMutating(request(method, path, body))).toBe(mutates)
    expect(org.model.routeOf(request(method, path, body))).toBe(route)
  })

  test('tell SOAP calls that change something from others', () => {
    const soap = (call: string) => ({
      ...request('POST', '/services/Soap/u/64.0'),
      body: `<e:Envelope><e:Body><${call}/></e:Body></e:Envelope>`,
    })
    expect(org.model.isMutating(soap('getServerTimestamp '))).toBe(false)
    expect(org.model.isMutating(soap('m:merge '))).toBe(true)
  })
})

describe('people', () => {
  test('are named by address or id, and have to be active', () => {
    const org = new TestOrg()
    const values = { LastName: 'x' }
    const edit = (actor: string): Body =>
      org.model.edit({ action: 'create', object: 'Contact', values, actor }).id
    const id = edit('Dana.Novak@example.com')
    expect(org.rows(`SELECT CreatedBy.Email FROM Contact WHERE Id = '${id}'`)).toMatchObject([
      { CreatedBy: { Email: 'dana.novak@example.com' } },
    ])
    expect(() => edit('farid.lund@example.com')).toThrow(EditRefused)
    expect(() => edit('nobody@example.com')).toThrow(EditRefused)
  })

  test('meet the same rules', () => {
    const org = new TestOrg()
    const refused = [
      { action: 'create', object: 'Contact', values: {} },
      { action: 'create', object: 'Foo', values: {} },
      { action: 'update', object: 'Contact', id: 'x', values: {} },
      { action: 'delete', object: 'Contact', id: '003000000000001AAA' },
      { action: 'delete', object: 'RecordType', id: 'x' },
      { action: 'merge', object: 'User', id: org.model.identity.userId },
      { action: 'delete', object: 'AuthSession', id: 'nobody' },
      { action: 'create', object: 'CustomField', values: {} },
    ] as const
    for (const edit of refused) expect(() => org.model.edit(edit), JSON.stringify(edit)).toThrow(EditRefused)
  })

  test('give people roles in deals and contacts an account', () => {
    const org = new TestOrg()
    const account = org.create('Account', { Name: 'x' })
    const contact = org.create('Contact', { LastName: 'x' })
    const deal = org.create('Opportunity', { Name: 'x', StageName: 'Prospecting', CloseDate: '2026-06-01' })
    const role = { object: 'Contact', id: contact, label: 'Evaluator' }
    org.model.edit({ action: 'associate', object: 'Opportunity', id: deal, other: role })
    const dumped = org.model.dump()
    expect(dumped['Opportunity']?.[deal]?.associations).toEqual([role])
    expect(dumped['Contact']?.[contact]?.associations).toEqual([
      { object: 'Opportunity', id: deal, label: 'Evaluator' },
    ])
    org.model.edit({ action: 'dissociate', object: 'Opportunity', id: deal, other: role })
    expect(org.model.dump()['Opportunity']?.[deal]?.associations).toEqual([])
    const employer = { object: 'Account', id: account }
    org.model.edit({ action: 'associate', object: 'Contact', id: contact, other: employer })
    expect(org.read('Contact', contact, 'AccountId').AccountId).toBe(account)
    org.model.edit({ action: 'dissociate', object: 'Contact', id: contact, other: employer })
    expect(org.read('Contact', contact, 'AccountId').AccountId).toBeNull()
    expect(() =>
      org.model.edit({ action: 'associate', object: 'Account', id: account, other: role }),
    ).toThrow(EditRefused)
  })

  test('join, change and leave', () => {
    const org = new TestOrg()
    const values = { FirstName: 'New', LastName: 'Comer', Email: 'new@example.com' }
    const { id } = org.model.edit({ action: 'create', object: 'User', values })
    expect(org.rows(`SELECT Name, IsActive FROM User WHERE Id = '${id}'`)).toEqual([
      { Name: 'New Comer', IsActive: true },
    ])
    org.model.edit({ action: 'update', object: 'User', id, values: { LastName: 'Leaver' } })
    org.model.edit({ action: 'delete', object: 'User', id })
    expect(org.rows("SELECT Name FROM User WHERE Id = '" + id + "' AND IsActive = false")).toEqual([
      { Name: 'New Leaver' },
    ])
  })
})

describe('search', () => {
  const org = new TestOrg()
  org.create('Account', { Name: 'Acme Rockets', Website: 'acme.example' })
  org.create('Contact', { LastName: 'Rocket', Email: 'r@acme.example' })
  const search = (sosl: string): Body => org.get(`/search?q=${encodeURIComponent(sosl)}`)

  test('finds words in the fields asked for', () => {
    expect(
      search('FIND {rocket*} IN ALL FIELDS RETURNING Account(Id, Name), Contact(LastName)').body,
    ).toMatchObject({
      searchRecords: [
        { attributes: { type: 'Account' }, Name: 'Acme Rockets' },
        { attributes: { type: 'Contact' }, LastName: 'Rocket' },
      ],
    })
    expect(
      search('FIND {acme.example} IN EMAIL FIELDS RETURNING Account, Contact').body.searchRecords,
    ).toHaveLength(1)
    expect(search('FIND {rocket} RETURNING Account(Id)').body.searchRecords).toEqual([])
    expect(search('FIND {x} RETURNING Account').status).toBe(400)
    expect(search('find nothing').status).toBe(400)
    expect(search('FIND {acme}').status).toBe(501)
    const posted = org.post('/parameterizedSearch', {
      q: 'acme',
      fields: ['Name'],
      sobjects: [{ name: 'Account' }],
    })
    expect(posted.body.searchRecords).toMatchObject([{ Name: 'Acme Rockets' }])
    expect(org.get('/parameterizedSearch?q=acme&sobject=Contact').body.searchRecords).toHaveLength(1)
  })

  test('narrows, sorts and cuts what it finds', () => {
    const org = new TestOrg()
    for (const [Name, Industry] of [
      ['Acme (B)', 'Energy'],
      ['Acme, A', 'Energy'],
      ['Acme C', 'Banking'],
      ['Other', 'Energy'],
    ]) {
      org.create('Account', { Name, Industry })
    }
    const names = (returned: string): Body => {
      const sosl = encodeURIComponent(
        `FIND {acme} IN NAME FIELDS RETURNING Account(Name ${returned}), Contact`,
      )
      const { status, body } = org.get(`/search?q=${sosl}`)
      return status === 200 ? body.searchRecords.map(({ Name }: Body) => Name) : body[0].errorCode
    }
    expect(names("WHERE Industry = 'Energy' ORDER BY Name")).toEqual(['Acme (B)', 'Acme, A'])
    expect(names("WHERE Name IN ('Acme (B)', 'Acme, A', 'Other')")).toHaveLength(2)
    expect(names('ORDER BY Name DESC LIMIT 1 OFFSET 1')).toEqual(['Acme C'])
    expect(names("WHERE Foo = 'x'")).toBe('INVALID_FIELD')
    expect(names("WHERE Industry = 'Energy' GROUP BY Name")).toBe('MALFORMED_QUERY')
  })
})
