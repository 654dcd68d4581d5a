/** What the user has looked at: the lists of the API, and the dates on the records. */
import { describe, expect, test } from 'vitest'
import { problem, STAMP, TestOrg, VERSION, type Body } from './test-org.ts'

const names = (items: Body[]): string[] => items.map(({ Name }) => Name)

describe('recently viewed records', () => {
  test('are those that a query was for viewing or for reference, the newest first', () => {
    const org = new TestOrg()
    const acme = org.create('Account', { Name: 'Acme' })
    org.create('Account', { Name: 'Zeta' })
    org.create('Contact', { FirstName: 'Ada', LastName: 'Lovelace' })
    org.ask('SELECT Id FROM Account')
    expect(org.get('/recent').body).toEqual([])

    org.ask("SELECT Id FROM Account WHERE Name = 'Acme' FOR VIEW")
    org.advance(1_000)
    org.ask('SELECT Id FROM Contact FOR REFERENCE')
    expect(names(org.get('/recent').body)).toEqual(['Ada Lovelace', 'Acme'])
    expect(names(org.get('/recent?limit=1').body)).toEqual(['Ada Lovelace'])
    expect(org.get('/sobjects/Account').body).toMatchObject({
      objectDescribe: { name: 'Account' },
      recentItems: [
        {
          attributes: { type: 'Account', url: `/services/data/v${VERSION}/sobjects/Account/${acme}` },
          Id: acme,
          Name: 'Acme',
        },
      ],
    })
    org.delete(`/sobjects/Account/${acme}`)
    expect(names(org.get('/recent').body)).toEqual(['Ada Lovelace'])
  })

  test('leave the stamps of the record alone, and publish nothing', () => {
    const org = new TestOrg()
    const id = org.create('Account', { Name: 'Acme' })
    org.advance(60_000)
    org.ask('SELECT Id FROM Account FOR VIEW')
    expect(org.read('Account', id, 'SystemModstamp', 'LastViewedDate', 'LastReferencedDate')).toMatchObject({
      SystemModstamp: STAMP,
      LastViewedDate: '2026-05-01T07:26:37.000+0000',
      LastReferencedDate: '2026-05-01T07:26:37.000+0000',
    })
  })

  test('also come from single calls that ask for it', () => {
    const org = new TestOrg()
    const id = org.create('Account', { Name: 'Acme' })
    org.get(`/sobjects/Account/${id}`, { 'sforce-mru': 'updateMru=false' })
    expect(org.get('/recent').body).toEqual([])
    org.patch(`/sobjects/Account/${id}`, { Name: 'Acme 2' }, { 'sforce-mru': 'updateMru=true' })
    expect(names(org.get('/recent').body)).toEqual(['Acme 2'])
  })

  test('are as many as a sensible limit says', () => {
    expect(problem(new TestOrg().get('/recent?limit=0'))).toEqual([
      400,
      'NUMBER_OUTSIDE_VALID_RANGE',
      undefined,
    ])
  })
})
