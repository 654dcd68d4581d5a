/** What is wrong with a query, and where (Salesforce fact sheet 6.2, 7, 9). */
import { describe, expect, test } from 'vitest'
import { refusal } from './soql-refusal.ts'
import { TestOrg } from './test-org.ts'

describe('errors show the place', () => {
  const org = new TestOrg()

  test('as recorded', () => {
    expect(org.ask('select count() from XYZZY').body).toEqual([
      {
        errorCode: 'INVALID_TYPE',
        message:
          "\nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\nsObject type 'XYZZY' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.",
      },
    ])
    expect(org.ask('SELECT Id,\n  Foo FROM Account').body[0].message).toMatch(
      /^\n {2}Foo FROM Account\n {2}\^\nERROR at Row:2:Column:3\nNo such column 'Foo' on entity 'Account'\./,
    )
  })

  test('of a field selected twice without it, as documented', () => {
    for (const soql of ['SELECT Id, Id FROM Contact', 'SELECT Id, FIELDS(ALL) FROM Contact LIMIT 200']) {
      expect(org.ask(soql).body).toEqual([
        { errorCode: 'INVALID_FIELD', message: 'duplicate field selected: Id' },
      ])
    }
  })

  test.each([
    ["SELECT Id FROM Contact WHERE Id = 'x'", 30],
    ['SELECT Id FROM Contact WHERE LastName != null AND Title = 5', 51],
    ["SELECT Id FROM Contact WHERE AccountId LIKE 'x'", 30],
    ['SELECT Id, (SELECT Id FROM Foos) FROM Account', 28],
    ['SELECT Id FROM Contact WHERE Account.Foo = 1', 30],
  ])('%s: at column %i', (soql, column) => {
    expect(org.ask(soql).body[0].message).toContain(`\n${soql}\n`)
    expect(org.ask(soql).body[0].message).toContain(`\n${' '.repeat(column - 1)}^\n`)
    expect(org.ask(soql).body[0].message).toContain(`ERROR at Row:1:Column:${column}\n`)
  })

  test('of more relationships than one query may follow', () => {
    const users = ['Owner', 'CreatedBy', 'LastModifiedBy']
    const links = [
      ...users.map((user) => `Account.${user}`),
      ...users.flatMap((user) => [`${user}.CreatedBy`, `${user}.LastModifiedBy`]),
    ]
    // 13 relationships of each of four people, and three that lead from one to the next.
    const paths = ['', 'ReportsTo.', 'ReportsTo.ReportsTo.', 'ReportsTo.ReportsTo.ReportsTo.'].flatMap(
      (person) => links.map((link) => `${person}${link}.Name`),
    )
    expect(org.ask(`SELECT ${paths.join(', ')} FROM Contact`).status).toBe(200)
    expect(refusal(org, `SELECT ${paths.join(', ')}, Account.Parent.Name FROM Contact`)[0]).toBe(
      'MALFORMED_QUERY',
    )
    const children = Array.from({ length: 21 }, () => '(SELECT Id FROM Contacts)')
    expect(refusal(org, `SELECT ${children.join(', ')} FROM Account`)[0]).toBe('MALFORMED_QUERY')
  })

  test.each([
    ['SELECT Id id FROM Contact', 'MALFORMED_QUERY', 'only aggregate expressions use field aliasing'],
    ['SELECT * FROM Contact', 'MALFORMED_QUERY', "unexpected token: '*'"],
    ['SELECT Id FROM Contact LIMIT -1', 'MALFORMED_QUERY', "unexpected token: '-1'"],
    ['SELECT Id FROM Contact extra stuff', 'MALFORMED_QUERY', "unexpected token: 'stuff'"],
    [
      'SELECT FIELDS(ALL) FROM Contact',
      'MALFORMED_QUERY',
      'The SOQL FIELDS function must have a LIMIT of at most 200',
    ],
    [
      'SELECT Id, (SELECT COUNT() FROM Contacts) FROM Account',
      'MALFORMED_QUERY',
      'Only root queries support aggregate expressions',
    ],
    [
      'SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact GROUP BY AccountId)',
      'MALFORMED_QUERY',
      'Only root queries support aggregate expressions',
    ],
    ['SELECT Id FROM Contact HAVING COUNT(Id) > 1', 'MALFORMED_QUERY', "unexpected token: 'HAVING'"],
    [
      'SELECT Id FROM Contact OFFSET 2001',
      'NUMBER_OUTSIDE_VALID_RANGE',
      'Maximum SOQL offset allowed is 2000',
    ],
    [
      'SELECT Id FROM Contact ORDER BY Description',
      'INVALID_FIELD',
      "field 'Description' can not be sorted in a query call",
    ],
  ])('%s', (soql, code, message) => {
    expect(refusal(org, soql)).toEqual([code, message])
  })

  test.each([
    ['SELECT Foo.Name FROM Contact', 'INVALID_FIELD', "Didn't understand relationship 'Foo' in field path."],
    [
      'SELECT (SELECT Id FROM Foos) FROM Contact',
      'INVALID_TYPE',
      "Didn't understand relationship 'Foos' in FROM part of query call.",
    ],
  ])('%s', (soql, code, beginning) => {
    const [found, message] = refusal(org, soql)
    expect([found, message.slice(0, beginning.length)]).toEqual([code, beginning])
  })
})
