/** What the answer to a SOQL query looks like, and how it comes in pages (Salesforce fact sheet 9, 10). */
import { describe, expect, test } from 'vitest'
import { refusal } from './soql-refusal.ts'
import { problem, TestOrg, type Body } from './test-org.ts'

describe('answers', () => {
  const org = new TestOrg()
  const acme = org.create('Account', { Name: 'acme' })
  const zeta = org.create('Account', { Name: 'Zeta', Industry: 'Energy' })
  for (const [LastName, AccountId] of [
    ['b', acme],
    ['C', acme],
    ['a', null],
  ]) {
    org.create('Contact', { LastName, ...(AccountId && { AccountId }) })
  }

  test('sort text without case and blanks first', () => {
    const order = (by: string): Body[] =>
      org.rows(`SELECT LastName FROM Contact ORDER BY ${by}`).map(({ LastName }) => LastName)
    expect(order('LastName')).toEqual(['a', 'b', 'C'])
    expect(order('LastName DESC')).toEqual(['C', 'b', 'a'])
    expect(order('Account.Name, LastName')).toEqual(['a', 'b', 'C'])
    expect(order('Account.Name DESC, LastName DESC')).toEqual(['a', 'C', 'b'])
    expect(order('Account.Name NULLS LAST, LastName DESC')).toEqual(['C', 'b', 'a'])
  })

  test('limit and skip', () => {
    expect(org.rows('SELECT LastName FROM Contact ORDER BY LastName LIMIT 1 OFFSET 1')).toEqual([
      { LastName: 'b' },
    ])
    expect(org.ask('SELECT Id FROM Contact LIMIT 0').body).toEqual({ totalSize: 0, done: true, records: [] })
  })

  test('show what was selected, blanks included and nothing else', () => {
    const { body } = org.ask("SELECT Email, Account.Industry FROM Contact WHERE LastName = 'b'")
    expect(body.records).toEqual([
      {
        attributes: {
          type: 'Contact',
          url: expect.stringMatching(/^\/services\/data\/v64.0\/sobjects\/Contact\/003/),
        },
        Email: null,
        Account: {
          attributes: { type: 'Account', url: `/services/data/v64.0/sobjects/Account/${acme}` },
          Industry: null,
        },
      },
    ])
    expect(org.rows("SELECT Account.Name, Account.Owner.Name FROM Contact WHERE LastName = 'a'")).toEqual([
      { Account: null },
    ])
  })

  test('nest children, or null where there are none', () => {
    const rows = org.rows(
      "SELECT Name, (SELECT LastName FROM Contacts WHERE LastName != 'zz' ORDER BY LastName DESC LIMIT 1) FROM Account ORDER BY Name",
    )
    expect(rows).toEqual([
      {
        Name: 'acme',
        Contacts: {
          totalSize: 1,
          done: true,
          records: [{ attributes: expect.anything(), LastName: 'C' }],
        },
      },
      { Name: 'Zeta', Contacts: null },
    ])
  })

  test('count and group', () => {
    expect(org.ask('SELECT COUNT() FROM Contact').body).toEqual({ totalSize: 3, done: true, records: [] })
    expect(org.ask('SELECT COUNT() FROM Contact LIMIT 2').body.totalSize).toBe(2)
    expect(
      org.rows(
        'SELECT Account.Name who, COUNT(Id), COUNT_DISTINCT(AccountId) n, MAX(LastName) FROM Contact GROUP BY Account.Name ORDER BY COUNT(Id) DESC',
      ),
    ).toEqual([
      { who: 'acme', expr0: 2, n: 1, expr1: 'C' },
      { who: null, expr0: 1, n: 0, expr1: 'a' },
    ])
    expect(
      org.rows('SELECT AccountId FROM Contact GROUP BY AccountId HAVING COUNT(Id) > 1 AND AccountId != null'),
    ).toEqual([{ AccountId: acme }])
    expect(org.rows('SELECT MAX(SystemModstamp) newest, SUM(NumberOfEmployees) n FROM Account')).toEqual([
      { newest: '2026-05-01T07:25:37.000+0000', n: null },
    ])
    expect(refusal(org, 'SELECT LastName, COUNT(Id) FROM Contact')).toEqual([
      'MALFORMED_QUERY',
      'Field must be grouped or aggregated: LastName',
    ])
    expect(refusal(org, 'SELECT COUNT(Id) FROM Contact GROUP BY CreatedDate')[0]).toBe('INVALID_FIELD')
  })

  test('select groups of fields', () => {
    const [all] = org.rows("SELECT FIELDS(ALL) FROM Account WHERE Industry = 'Energy' LIMIT 200")
    expect(all).toMatchObject({ Id: zeta, Name: 'Zeta', BillingAddress: null })
    expect(org.rows('SELECT FIELDS(STANDARD) FROM Account LIMIT 1')[0]).toHaveProperty('Website')
  })

  test('know deleted rows only when asked for all', () => {
    const org = new TestOrg()
    const [kept, gone] = ['kept', 'gone'].map((LastName) => org.create('Contact', { LastName }))
    org.delete(`/sobjects/Contact/${gone}`)
    expect(org.rows('SELECT Id FROM Contact')).toEqual([{ Id: kept }])
    expect(org.rows('SELECT LastName FROM Contact WHERE IsDeleted = true', 'queryAll')).toEqual([
      { LastName: 'gone' },
    ])
    expect(org.rows('SELECT Id FROM Contact WHERE IsDeleted = true')).toEqual([])
  })

  test('come from objects that are called like keywords, locks and all', () => {
    expect(org.rows("SELECT Name FROM Group WHERE Type = 'Queue' FOR VIEW")).toEqual([])
    expect(org.rows("SELECT Name FROM Account WHERE Name = 'Zeta' FOR UPDATE")).toEqual([{ Name: 'Zeta' }])
    expect(refusal(org, 'SELECT Name FROM Account FOR PARENTS')[0]).toBe('MALFORMED_QUERY')
  })

  test('are restricted to what one owns', () => {
    expect(org.rows('SELECT Id FROM Account USING SCOPE mine')).toHaveLength(2)
    expect(refusal(org, 'SELECT Id FROM Account USING SCOPE nobody')[0]).toBe('INVALID_QUERY_SCOPE')
  })

  test('tell the plans instead, the cheapest first', () => {
    const org = new TestOrg()
    for (let index = 0; index < 20; index++) org.create('Account', { Name: `a${index}`, Industry: 'Energy' })
    const plansOf = (soql: string): Body => org.get(`/query?explain=${encodeURIComponent(soql)}`).body.plans
    expect(plansOf("SELECT Id FROM Account WHERE Name = 'a1' AND Industry = 'Energy'")).toMatchObject([
      {
        leadingOperationType: 'Index',
        fields: ['Name'],
        cardinality: 1,
        relativeCost: 0.5,
        sobjectCardinality: 20,
        sobjectType: 'Account',
        notes: [{ fields: ['Industry'], tableEnumOrId: 'Account' }, { fields: ['IsDeleted'] }],
      },
      { leadingOperationType: 'TableScan', fields: [], cardinality: 20 },
    ])
    const leading = (condition: string): string =>
      plansOf(`SELECT Id FROM Account WHERE ${condition}`)[0].leadingOperationType
    expect(leading("Name LIKE 'a1%'")).toBe('TableScan')
    expect(leading("Name LIKE 'a19%'")).toBe('Index')
    expect(leading("Name LIKE '%19'")).toBe('TableScan')
    expect(leading("Name != 'a19'")).toBe('TableScan')
    expect(leading("Name = 'a19' OR Industry = 'Energy'")).toBe('TableScan')
    expect(leading('LastModifiedDate > TODAY')).toBe('TableScan')
    expect(org.get('/query?explain=SELECT+Foo+FROM+Account').body[0].errorCode).toBe('INVALID_FIELD')
  })

  test('tell the columns instead, for the vendor’s command line', () => {
    const soql = encodeURIComponent('SELECT Id, Account.Name, (SELECT Id FROM Tasks) FROM Contact')
    const { body } = org.get(`/query?q=${soql}&columns=true`)
    expect(body).toMatchObject({ entityName: 'Contact', idSelected: true, keyPrefix: '003', groupBy: false })
    expect(body.columnMetadata).toMatchObject([
      { columnName: 'Id', apexType: 'Id', joinColumns: [] },
      { columnName: 'Tasks', joinColumns: [{ columnName: 'Id' }] },
      { columnName: 'Account', joinColumns: [{ columnName: 'Name' }] },
    ])
    const groups = encodeURIComponent(
      'SELECT Industry, COUNT(Id), MAX(Name) last FROM Account GROUP BY Industry',
    )
    expect(org.get(`/query?q=${groups}&columns=true`).body.columnMetadata).toMatchObject([
      { columnName: 'Industry', aggregate: false },
      { columnName: 'expr0', aggregate: true, displayName: 'count(Id)' },
      { columnName: 'last', aggregate: true, displayName: 'max(Name)' },
    ])
  })
})

describe('pages', () => {
  function filled(count: number, settings = {}): TestOrg {
    const org = new TestOrg({ settings: { queryPageRows: 300, ...settings } })
    for (let from = 0; from < count; from += 200) {
      const records = Array.from({ length: Math.min(200, count - from) }, (_, index) => ({
        attributes: { type: 'Contact' },
        LastName: String(from + index).padStart(4, '0'),
      }))
      org.post('/composite/sobjects', { records })
    }
    return org
  }

  const next = (org: TestOrg, url: string) => org.get(url)
  const rest = (url: string): string => `/${url}`

  test('follow each other by a locator, and count everything on each', () => {
    const org = filled(700)
    const first = org.ask('SELECT LastName FROM Contact ORDER BY LastName').body
    expect([first.totalSize, first.done, first.records.length]).toEqual([700, false, 300])
    expect(first.nextRecordsUrl).toMatch(/^\/services\/data\/v64\.0\/query\/0r8\w{15}-300$/)
    const second = next(org, rest(first.nextRecordsUrl)).body
    const third = next(org, rest(second.nextRecordsUrl)).body
    expect([third.totalSize, third.done, third.records.length]).toEqual([700, true, 100])
    const all = [first, second, third].flatMap(({ records }) => records).map(({ LastName }) => LastName)
    expect(new Set(all).size).toBe(700)
    expect(all).toEqual(all.toSorted((a: string, b: string) => (a < b ? -1 : 1)))
  })

  test('are smaller when asked, when long text is selected, and sometimes just so', () => {
    const org = filled(2_100, { queryPageRows: 2_000 })
    const size = (soql: string, headers = {}): number =>
      org.get(`/query?q=${encodeURIComponent(soql)}`, headers).body.records.length
    expect(size('SELECT Id FROM Contact')).toBe(2_000)
    expect(size('SELECT Id FROM Contact', { 'sforce-query-options': 'batchSize=250' })).toBe(250)
    expect(size('SELECT Id FROM Contact', { 'sforce-query-options': 'batchSize=5' })).toBe(200)
    expect(size('SELECT Id, Description FROM Contact')).toBe(1_000)
    org.model.settings.shortQueryPages = 1
    expect(size('SELECT Id FROM Contact')).toBeLessThan(2_000)
  })

  test('show rows as they are now, without those that went', () => {
    const org = filled(400)
    const first = org.ask('SELECT Id, Title FROM Contact ORDER BY LastName').body
    const later = org.rows("SELECT Id FROM Contact WHERE LastName >= '0398' ORDER BY LastName")
    org.delete(`/sobjects/Contact/${later[0].Id}`)
    org.patch(`/sobjects/Contact/${later[1].Id}`, { Title: 'new' })
    const second = next(org, rest(first.nextRecordsUrl)).body
    expect([second.totalSize, second.records.length]).toEqual([400, 99])
    expect(second.records.at(-1)).toMatchObject({ Title: 'new' })
  })

  test('end with the cursor: by idling, and when there are too many', () => {
    const org = filled(400)
    const open = (): string => rest(org.ask('SELECT Id FROM Contact').body.nextRecordsUrl)
    const lost = [400, 'INVALID_QUERY_LOCATOR', undefined]
    const first = open()
    org.advance(16 * 60_000)
    expect(problem(next(org, first))).toEqual(lost)
    const second = open()
    for (let count = 0; count < 10; count++) open()
    expect(problem(next(org, second))).toEqual(lost)
    expect(problem(org.get('/query/0r8xx0000000000AAA-200'))).toEqual(lost)
  })

  test('children that do not fit into their parent have pages of their own', () => {
    const org = new TestOrg()
    const account = org.create('Account', { Name: 'Large' })
    for (let block = 0; block < 2; block++) {
      const records = Array.from({ length: 150 }, (_, index) => ({
        attributes: { type: 'Contact' },
        LastName: `${block}/${index}`,
        AccountId: account,
      }))
      org.post('/composite/sobjects', { records })
    }
    const [{ Contacts }] = org.rows('SELECT (SELECT LastName FROM Contacts) FROM Account')
    expect([Contacts.totalSize, Contacts.done, Contacts.records.length]).toEqual([300, false, 200])
    const second = next(org, rest(Contacts.nextRecordsUrl)).body
    expect([second.records.length, second.done]).toEqual([100, true])
    const names = [...Contacts.records, ...second.records].map(({ LastName }) => LastName)
    expect(new Set(names).size).toBe(300)
  })

  test('polling by stamp and id sees every row once, whatever the page size', () => {
    const org = filled(600)
    org.advance(1_000)
    for (const { Id } of org.rows('SELECT Id FROM Contact LIMIT 300'))
      org.patch(`/sobjects/Contact/${Id}`, {})
    const seen: string[] = []
    let [stamp, id] = ['1970-01-01T00:00:00Z', '']
    for (;;) {
      const after =
        id === '' ? '' : `AND (SystemModstamp > ${stamp} OR (SystemModstamp = ${stamp} AND Id > '${id}'))`
      const rows = org.rows(
        `SELECT Id, SystemModstamp FROM Contact WHERE SystemModstamp >= ${stamp} ${after} ORDER BY SystemModstamp, Id LIMIT 70`,
        'queryAll',
      )
      const last = rows.at(-1)
      if (last === undefined) break
      seen.push(...rows.map(({ Id }) => Id))
      ;[stamp, id] = [`${last.SystemModstamp.slice(0, 19)}Z`, last.Id]
    }
    expect(seen).toHaveLength(600)
    expect(new Set(seen).size).toBe(600)
  })
})
