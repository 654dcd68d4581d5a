/** Parts of dates, and fields that depend on the kind of parent (Salesforce fact sheet 9). */
import { describe, expect, test } from 'vitest'
import { refusal } from './soql-refusal.ts'
import { TestOrg, type Body } from './test-org.ts'

describe('date functions', () => {
  const org = new TestOrg()
  // 2026-03-15 is a Sunday.
  for (const [Name, CloseDate] of [
    ['a', '2026-03-15'],
    ['b', '2026-03-31'],
    ['c', '2026-12-31'],
    ['d', '2025-01-01'],
  ]) {
    org.create('Opportunity', { Name, CloseDate, StageName: 'Prospecting' })
  }
  const found = (condition: string): string[] =>
    org.rows(`SELECT Name FROM Opportunity WHERE ${condition} ORDER BY Name`).map(({ Name }) => Name)

  test.each([
    ['CALENDAR_YEAR(CloseDate) = 2026', ['a', 'b', 'c']],
    ['calendar_quarter(CloseDate) IN (1, 2)', ['a', 'b', 'd']],
    ['CALENDAR_MONTH(CloseDate) > 3', ['c']],
    ['FISCAL_QUARTER(CloseDate) = 4', ['c']],
    ['FISCAL_YEAR(CloseDate) < 2026', ['d']],
    ['DAY_IN_MONTH(CloseDate) = 31', ['b', 'c']],
    ['DAY_IN_WEEK(CloseDate) = 1', ['a']],
    ['DAY_IN_YEAR(CloseDate) = 365', ['c']],
    ['DAY_IN_YEAR(CloseDate) = 1', ['d']],
    ['WEEK_IN_MONTH(CloseDate) = 3', ['a']],
    ['WEEK_IN_YEAR(CloseDate) = 53', ['c']],
  ])('%s', (condition, names) => {
    expect(found(condition)).toEqual(names)
  })

  test('group, and are named like aggregates', () => {
    expect(
      org.rows(
        'SELECT CALENDAR_YEAR(CloseDate), COUNT(Id) FROM Opportunity GROUP BY CALENDAR_YEAR(CloseDate) ORDER BY CALENDAR_YEAR(CloseDate) DESC',
      ),
    ).toEqual([
      { expr0: 2026, expr1: 3 },
      { expr0: 2025, expr1: 1 },
    ])
    expect(
      org.rows(
        'SELECT CALENDAR_MONTH(CloseDate) m FROM Opportunity GROUP BY CALENDAR_MONTH(CloseDate) HAVING COUNT(Id) > 1',
      ),
    ).toEqual([{ m: 3 }])
  })

  test('read instants in UTC unless they are told otherwise', () => {
    // Created at 07:25 UTC, which is 00:25 in Los Angeles.
    expect(found('HOUR_IN_DAY(CreatedDate) = 7')).toHaveLength(4)
    expect(found('HOUR_IN_DAY(convertTimezone(CreatedDate)) = 0')).toHaveLength(4)
    const later = new TestOrg()
    later.advance(-60 * 60_000)
    later.create('Account', { Name: 'evening before' })
    const day = (field: string): Body =>
      later.rows(`SELECT DAY_ONLY(${field}) d FROM Account GROUP BY DAY_ONLY(${field})`)[0].d
    expect(day('CreatedDate')).toBe('2026-05-01')
    expect(day('convertTimezone(CreatedDate)')).toBe('2026-04-30')
    expect(later.rows('SELECT Id FROM Account WHERE DAY_ONLY(CreatedDate) = 2026-05-01')).toHaveLength(1)
  })

  test.each([
    [
      'SELECT CALENDAR_YEAR(CloseDate) FROM Opportunity',
      'MALFORMED_QUERY',
      'Date function CALENDAR_YEAR must also be in the GROUP BY clause',
    ],
    [
      'SELECT Id FROM Opportunity WHERE HOUR_IN_DAY(CloseDate) = 1',
      'INVALID_FIELD',
      "field 'CloseDate' does not support date function HOUR_IN_DAY",
    ],
    [
      'SELECT Id FROM Opportunity WHERE CALENDAR_YEAR(Name) = 1',
      'INVALID_FIELD',
      "field 'Name' does not support date function CALENDAR_YEAR",
    ],
    [
      'SELECT Id FROM Opportunity WHERE CALENDAR_YEAR(CALENDAR_YEAR(CloseDate)) = 1',
      'MALFORMED_QUERY',
      "unexpected token: 'CALENDAR_YEAR'",
    ],
    [
      'SELECT CALENDAR_YEAR(CloseDate), COUNT(Id) FROM Opportunity GROUP BY CALENDAR_MONTH(CloseDate)',
      'MALFORMED_QUERY',
      'Field must be grouped or aggregated: CloseDate',
    ],
  ])('%s', (soql, code, message) => {
    expect(refusal(org, soql)).toEqual([code, message])
  })
})

describe('TYPEOF', () => {
  const org = new TestOrg()
  const account = org.create('Account', { Name: 'Acme', Phone: '1' })
  const opportunity = org.create('Opportunity', {
    Name: 'Deal',
    StageName: 'Prospecting',
    CloseDate: '2026-06-01',
    AccountId: account,
  })
  org.create('Task', { Subject: '1 account', WhatId: account })
  org.create('Task', { Subject: '2 opportunity', WhatId: opportunity })
  org.create('Task', { Subject: '3 nothing' })
  const parents = (typeOf: string): Body[] =>
    org.rows(`SELECT Subject, ${typeOf} FROM Task ORDER BY Subject`).map(({ What }) => What)

  test('answers what belongs to each kind of parent', () => {
    expect(
      parents(
        'TYPEOF What WHEN Account THEN Phone, Owner.Alias WHEN Opportunity THEN Account.Name, StageName END',
      ),
    ).toEqual([
      {
        attributes: { type: 'Account', url: `/services/data/v64.0/sobjects/Account/${account}` },
        Phone: '1',
        Owner: { attributes: expect.objectContaining({ type: 'User' }), Alias: 'integ' },
      },
      {
        attributes: { type: 'Opportunity', url: `/services/data/v64.0/sobjects/Opportunity/${opportunity}` },
        Account: { attributes: expect.objectContaining({ type: 'Account' }), Name: 'Acme' },
        StageName: 'Prospecting',
      },
      null,
    ])
  })

  test('has names for the others, or nothing', () => {
    expect(parents('TYPEOF What WHEN Opportunity THEN StageName END')[0]).toBeNull()
    expect(parents('TYPEOF What WHEN Opportunity THEN StageName ELSE Name, Type END')[0]).toMatchObject({
      attributes: { type: 'Account' },
      Name: 'Acme',
      Type: 'Account',
    })
  })

  test.each([
    ['SELECT TYPEOF Owner WHEN User THEN Name END FROM Account', 'INVALID_FIELD'],
    ['SELECT TYPEOF What WHEN User THEN Name END FROM Task', 'INVALID_TYPE'],
    ['SELECT TYPEOF What WHEN Account THEN Foo END FROM Task', 'INVALID_FIELD'],
    ['SELECT TYPEOF What ELSE Phone2 END FROM Task', 'MALFORMED_QUERY'],
    ['SELECT TYPEOF What WHEN Account THEN Name FROM Task', 'MALFORMED_QUERY'],
    ['SELECT TYPEOF What WHEN Account THEN Name END, COUNT(Id) FROM Task', 'MALFORMED_QUERY'],
  ])('%s', (soql, code) => {
    expect(refusal(org, soql)[0]).toBe(code)
  })

  test('has no place in a bulk query', () => {
    const query = 'SELECT TYPEOF What WHEN Account THEN Name END FROM Task'
    expect(org.post('/jobs/query', { operation: 'query', query }).status).toBe(400)
  })
})
