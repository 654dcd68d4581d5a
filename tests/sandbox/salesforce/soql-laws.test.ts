/** Laws of queries: what an index finds is what looking at every row finds; pages put together are the whole. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EXTERNAL_ID, TestOrg } from './test-org.ts'

/** A few rows that share values, so that conditions are true of some. */
function populated(): { org: TestOrg; ids: string[]; accounts: string[] } {
  const org = new TestOrg()
  org.addField('Contact.Key__c', EXTERNAL_ID)
  org.addField('Contact.Score__c', { type: 'Number', precision: 6, scale: 0 })
  const accounts = ['a', 'b'].map((Name) => org.create('Account', { Name }))
  const ids = Array.from({ length: 24 }, (_, index) => {
    if (index % 3 === 0) org.advance(1_000)
    return org.create('Contact', {
      LastName: `L${index % 5}`,
      ...(index % 2 === 0 && { Email: `p${index % 7}@x.com` }),
      ...(index % 4 < 2 && { AccountId: accounts[index % 2] }),
      ...(index % 6 < 4 && { Key__c: `k${index}` }),
      Score__c: index % 4,
    })
  })
  for (const id of ids.slice(0, 6)) {
    org.advance(1_000)
    org.patch(`/sobjects/Contact/${id}`, { LastName: 'moved' })
  }
  org.delete(`/sobjects/Contact/${ids.at(-1)}`)
  return { org, ids, accounts }
}

const { org, ids, accounts } = populated()

const quoted = (values: readonly string[]) => fc.constantFrom(...values).map((value) => `'${value}'`)

const stamps = fc
  .integer({ min: -2, max: 18 })
  .map((seconds) => new Date(Date.UTC(2026, 4, 1, 7, 25, 37) + seconds * 1_000).toISOString())

const comparison = fc.constantFrom('=', '!=', '<', '<=', '>', '>=')

const simple = fc.oneof(
  fc
    .tuple(fc.constantFrom('=', '!='), quoted(['L1', 'l2', 'moved', 'nobody']))
    .map(([o, v]) => `LastName ${o} ${v}`),
  fc.tuple(comparison, quoted(ids.flatMap((id) => [id, id.slice(0, 15)]))).map(([o, v]) => `Id ${o} ${v}`),
  fc.tuple(comparison, stamps).map(([o, v]) => `SystemModstamp ${o} ${v}`),
  fc.tuple(comparison, fc.integer({ min: -1, max: 5 })).map(([o, v]) => `Score__c ${o} ${v}`),
  fc
    .tuple(
      fc.constantFrom('Key__c', 'Email', 'AccountId', 'Id'),
      fc.constantFrom('IN', 'NOT IN'),
      fc.array(fc.integer({ min: 0, max: 23 }), { minLength: 1, maxLength: 4 }),
    )
    .map(([field, operator, picks]) => {
      const value = (pick: number): string =>
        ({ Key__c: `K${pick}`, Email: `p${pick % 7}@X.com`, AccountId: accounts[pick % 2], Id: ids[pick] })[
          field
        ] ?? ''
      return `${field} ${operator} (${picks.map((pick) => `'${value(pick)}'`).join(', ')})`
    }),
  fc.constantFrom('Email = null', 'AccountId != null', "Account.Name = 'A'", "Key__c = ''"),
)

const { condition } = fc.letrec<{ condition: string }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    simple,
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `(${a} AND ${b})`),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => `(${a} OR ${b})`),
    tie('condition').map((inner) => `(NOT ${inner})`),
  ),
}))

describe('a query', () => {
  const select = 'SELECT Id, SystemModstamp FROM Contact WHERE'

  test('finds through its indexes what looking at every row finds', () => {
    fc.assert(
      fc.property(condition, fc.constantFrom('query', 'queryAll'), (where, resource) => {
        const found = org.rows(`${select} ${where}`, resource)
        // No index is used within a negation.
        expect(found).toEqual(org.rows(`${select} NOT (NOT ${where})`, resource))
      }),
      { numRuns: 400 },
    )
  })

  test('ordered by stamp and cut off answers the beginning of the whole', () => {
    fc.assert(
      fc.property(condition, fc.nat({ max: 10 }), fc.nat({ max: 4 }), (where, limit, offset) => {
        const order = 'ORDER BY SystemModstamp, Id'
        const whole = org.rows(`${select} ${where} ${order}`)
        const part = org.rows(`${select} ${where} ${order} LIMIT ${limit} OFFSET ${offset}`)
        expect(part).toEqual(whole.slice(offset, offset + limit))
        const sorted = whole.toSorted((a, b) => {
          const [left, right] = [`${a.SystemModstamp}${a.Id}`, `${b.SystemModstamp}${b.Id}`]
          return left < right ? -1 : 1
        })
        expect(whole).toEqual(sorted)
      }),
      { numRuns: 200 },
    )
  })

  test('counts what it finds', () => {
    fc.assert(
      fc.property(condition, (where) => {
        const { totalSize } = org.ask(`SELECT COUNT() FROM Contact WHERE ${where}`).body
        expect(totalSize).toBe(org.rows(`${select} ${where}`).length)
      }),
      { numRuns: 100 },
    )
  })
})
