/** Which rows a SOQL condition finds (Salesforce fact sheet 9, 10). */
import { beforeAll, describe, expect, test } from 'vitest'
import { refusal } from './soql-refusal.ts'
import { TestOrg, type Body } from './test-org.ts'

/** Names of the contacts that a condition finds, in order. */
function names(org: TestOrg, condition: string): string[] {
  return org
    .rows(`SELECT LastName FROM Contact WHERE ${condition} ORDER BY LastName`)
    .map(({ LastName }: Body) => LastName)
}

describe('conditions', () => {
  const org = new TestOrg()
  let acme = ''

  beforeAll(() => {
    org.addField('Contact.Tags__c', {
      type: 'MultiselectPicklist',
      valueSet: { valueSetDefinition: { value: [{ fullName: 'A' }, { fullName: 'B' }, { fullName: 'C' }] } },
    })
    org.addField('Contact.Score__c', { type: 'Number', precision: 6, scale: 1 })
    acme = org.create('Account', { Name: 'Acme', NumberOfEmployees: 5 })
    org.create('Contact', {
      LastName: 'Ada',
      Email: 'ada@x.com',
      AccountId: acme,
      Score__c: 10,
      Tags__c: 'A;B',
      Birthdate: '1990-01-02',
      DoNotCall: true,
    })
    org.advance(3_600_000)
    org.create('Contact', { LastName: "O'Brien \\ 50%", Score__c: 0, Tags__c: 'C', Birthdate: '2026-05-01' })
    org.advance(3_600_000)
    org.create('Contact', { LastName: 'Zoë', Score__c: -1.5 })
  })

  test.each([
    ["LastName = 'ADA'", ['Ada']],
    ["LastName != 'ada'", ["O'Brien \\ 50%", 'Zoë']],
    ["LastName <> 'ada'", ["O'Brien \\ 50%", 'Zoë']],
    ["LastName > 'b'", ["O'Brien \\ 50%", 'Zoë']],
    ["LastName LIKE 'a%'", ['Ada']],
    ["LastName LIKE '_d_'", ['Ada']],
    ["LastName LIKE '%\\%'", ["O'Brien \\ 50%"]],
    ["LastName LIKE '%\\\\%'", ["O'Brien \\ 50%"]],
    ["LastName = 'O\\'Brien \\\\ 50%'", ["O'Brien \\ 50%"]],
    ["LastName = 'Zo\\u00eb'", ['Zoë']],
    ["NOT LastName LIKE 'a%'", ["O'Brien \\ 50%", 'Zoë']],
    ["NOT (LastName = 'Ada' OR LastName = 'Zoë')", ["O'Brien \\ 50%"]],
    ["LastName IN ('ada', 'zoë')", ['Ada', 'Zoë']],
    ["LastName NOT IN ('ada')", ["O'Brien \\ 50%", 'Zoë']],
    ['Email = null', ["O'Brien \\ 50%", 'Zoë']],
    ["Email = ''", ["O'Brien \\ 50%", 'Zoë']],
    ['Email != null', ['Ada']],
    ["Email != 'other@x.com'", ['Ada', "O'Brien \\ 50%", 'Zoë']],
    ['Score__c = 0', ["O'Brien \\ 50%"]],
    ['Score__c >= -1.5 AND Score__c < 10', ["O'Brien \\ 50%", 'Zoë']],
    ['Score__c IN (10, -1.5)', ['Ada', 'Zoë']],
    ['Birthdate < 2000-01-01', ['Ada']],
    ['Birthdate = TODAY', ["O'Brien \\ 50%"]],
    ['Birthdate > 1990-01-02', ["O'Brien \\ 50%"]],
    ['DoNotCall = TRUE', ['Ada']],
    ['DoNotCall = false', ["O'Brien \\ 50%", 'Zoë']],
    ["Account.Name = 'acme'", ['Ada']],
    ['Account.Name = null', ["O'Brien \\ 50%", 'Zoë']],
    ['Account.NumberOfEmployees > 3', ['Ada']],
    ["Contact.Account.Owner.Name LIKE 'integration%'", ['Ada']],
    ["AccountId IN (SELECT Id FROM Account WHERE Name = 'Acme')", ['Ada']],
    ['Id NOT IN (SELECT ReportsToId FROM Contact)', ['Ada', "O'Brien \\ 50%", 'Zoë']],
    ["Tags__c INCLUDES ('A;B')", ['Ada']],
    ["Tags__c INCLUDES ('A;C', 'C')", ["O'Brien \\ 50%"]],
    ["Tags__c EXCLUDES ('A')", ["O'Brien \\ 50%", 'Zoë']],
    ['CreatedDate > 2026-05-01T08:00:00Z', ["O'Brien \\ 50%", 'Zoë']],
    ['CreatedDate > 2026-05-01T10:00:00+02:00', ["O'Brien \\ 50%", 'Zoë']],
    [
      'SystemModstamp >= 2026-05-01T08:25:37.000Z AND SystemModstamp < 2026-05-01T09:25:37Z',
      ["O'Brien \\ 50%"],
    ],
  ])('%s', (condition, found) => {
    expect(names(org, condition)).toEqual(found)
  })

  test('days are those of the org’s time zone', () => {
    // 09:25 UTC is 02:25 in Los Angeles: all three were made on one day there.
    expect(names(org, 'CreatedDate = TODAY')).toHaveLength(3)
    expect(names(org, 'CreatedDate = YESTERDAY')).toHaveLength(0)
    org.advance(-6 * 3_600_000)
    // The evening before, there.
    expect(names(org, 'CreatedDate = TOMORROW')).toHaveLength(3)
    org.advance(6 * 3_600_000)
    expect(names(org, 'CreatedDate = LAST_N_DAYS:1')).toHaveLength(3)
    expect(names(org, 'CreatedDate = THIS_MONTH')).toHaveLength(3)
    expect(names(org, 'CreatedDate < LAST_MONTH')).toHaveLength(0)
    expect(names(org, 'Birthdate = LAST_N_YEARS:40')).toEqual(['Ada'])
    expect(names(org, 'Birthdate = THIS_QUARTER')).toHaveLength(1)
    expect(names(org, 'Birthdate = THIS_FISCAL_QUARTER')).toHaveLength(1)
    expect(names(org, 'CreatedDate = LAST_FISCAL_YEAR')).toHaveLength(0)
    expect(names(org, 'Birthdate < N_QUARTERS_AGO:1')).toEqual(['Ada'])
    expect(names(org, 'Birthdate = LAST_N_FISCAL_YEARS:40')).toEqual(['Ada'])
  })

  test('an alias and lower-case keywords mean the same', () => {
    const rows = org.rows("select c.lastname, c.account.NAME from contact c where c.LASTNAME like 'a%'")
    expect(rows).toEqual([{ LastName: 'Ada', Account: { attributes: expect.anything(), Name: 'Acme' } }])
  })

  test.each([
    ["LastName = 'a' OR LastName = 'b' AND Email = 'c'", 'MALFORMED_QUERY', "unexpected token: 'AND'"],
    ['LastName = a', 'MALFORMED_QUERY', "unexpected token: 'a'"],
    ["LastName = 'a", 'MALFORMED_QUERY', 'unclosed string literal'],
    ["LastName = '\\q'", 'MALFORMED_QUERY', "Illegal escape sequence '\\q'"],
    ['Birthdate > null', 'MALFORMED_QUERY', "unexpected token: 'null'"],
    [
      'LastName = 5',
      'INVALID_FIELD',
      "value of filter criterion for field 'LastName' must be of type string and should be enclosed in quotes",
    ],
    [
      "Birthdate = '2026-01-01'",
      'INVALID_FIELD',
      "value of filter criterion for field 'Birthdate' must be of type date and should not be enclosed in quotes",
    ],
    [
      'CreatedDate > 2026-01-01',
      'INVALID_FIELD',
      "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed in quotes",
    ],
    ["Description LIKE 'x%'", 'INVALID_FIELD', "field 'Description' can not be filtered in a query call"],
    ["AccountId = 'acme'", 'INVALID_QUERY_FILTER_OPERATOR', 'invalid ID field: acme'],
    ["Birthdate LIKE '2%'", 'INVALID_QUERY_FILTER_OPERATOR', 'invalid operator on date field'],
    ["AccountId LIKE '001%'", 'INVALID_QUERY_FILTER_OPERATOR', 'invalid operator on id field'],
    [
      "Title INCLUDES ('x')",
      'INVALID_QUERY_FILTER_OPERATOR',
      'includes or excludes operator only valid on multipicklist field',
    ],
  ])('%s is refused', (condition, code, message) => {
    expect(refusal(org, `SELECT Id FROM Contact WHERE ${condition}`)).toEqual([code, message])
  })

  test('the security of Apex cannot be asked for over the API', () => {
    expect(refusal(org, 'SELECT Id FROM Contact WITH SECURITY_ENFORCED')).toEqual([
      'MALFORMED_QUERY',
      'SECURITY_ENFORCED not allowed in this context',
    ])
  })

  test('what is not modelled says so', () => {
    for (const soql of [
      'SELECT Id FROM Campaign',
      'SELECT FORMAT(CreatedDate) FROM Contact',
      'SELECT TYPEOF What WHEN Campaign THEN Id END FROM Task',
      'SELECT Id FROM Contact WITH USER_MODE',
    ]) {
      expect([soql, org.ask(soql).status]).toEqual([soql, 501])
    }
  })
})
