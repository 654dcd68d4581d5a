/** Upsert by external id, and references by it (Salesforce fact sheet 13, 17). */
import { describe, expect, test } from 'vitest'
import { EXTERNAL_ID, problem, TestOrg } from './test-org.ts'

describe('upsert by external id', () => {
  const KEY = 'Attio_Record_Id__c'
  const prepared = (): TestOrg => {
    const org = new TestOrg()
    org.addField(`Contact.${KEY}`, EXTERNAL_ID)
    return org
  }

  test('creates with 201 and updates with 200; case does not count', () => {
    const org = prepared()
    const created = org.patch(`/sobjects/Contact/${KEY}/ab-1`, { LastName: 'x' })
    expect(created).toMatchObject({ status: 201, body: { success: true, errors: [], created: true } })
    const updated = org.patch(`/sobjects/Contact/${KEY}/AB-1`, { Title: 'y' })
    expect(updated).toMatchObject({ status: 200, body: { id: created.body.id, created: false } })
    expect(org.get(`/sobjects/Contact/${KEY}/ab-1?fields=Title,${KEY}`).body).toMatchObject({
      Title: 'y',
      [KEY]: 'ab-1',
    })
    const old = org.call('PATCH', `//services/data/v45.0/sobjects/Contact/${KEY}/ab-1`, { Title: 'z' })
    expect(old).toMatchObject({ status: 204, body: '' })
  })

  test('takes any key when it is encoded', () => {
    const org = prepared()
    const key = 'a b/c?d#é'
    expect(org.patch(`/sobjects/Contact/${KEY}/${encodeURIComponent(key)}`, { LastName: 'x' }).status).toBe(
      201,
    )
    expect(org.rows(`SELECT ${KEY} FROM Contact`)).toEqual([{ [KEY]: key }])
    expect(org.patch(`/sobjects/Contact/${KEY}/a b/c?d`, { LastName: 'x' }).status).toBe(404)
    expect(problem(org.patch(`/sobjects/Contact/Email/x@y.inc`, { LastName: 'x' }))[1]).toBe('NOT_FOUND')
  })

  test('does not take the key twice, nor an unindexed field as key', () => {
    const org = prepared()
    expect(problem(org.patch(`/sobjects/Contact/${KEY}/k`, { LastName: 'x', [KEY]: 'k' }))[1]).toBe(
      'INVALID_FIELD',
    )
    expect(problem(org.patch('/sobjects/Contact/Title/CTO', { LastName: 'x' }))[0]).toBe(404)
  })

  test('answers 300 with the places when several records match', () => {
    const org = prepared()
    const ids = ['a', 'b'].map((LastName) => org.create('Contact', { LastName, Email: 'twin@x.com' }))
    expect(org.patch('/sobjects/Contact/Email/TWIN@x.com', { Title: 'x' })).toMatchObject({
      status: 300,
      body: ids.map((id) => `/services/data/v64.0/sobjects/Contact/${id}`),
    })
  })

  test('can be told to update only', () => {
    const org = prepared()
    const path = `/sobjects/Contact/${KEY}/k?updateOnly=true`
    expect(problem(org.patch(path, { LastName: 'x' }))).toEqual([404, 'NOT_FOUND', undefined])
    org.patch(`/sobjects/Contact/${KEY}/k`, { LastName: 'x' })
    expect(org.patch(path, { LastName: 'y' }).status).toBe(200)
  })

  test('a deleted record does not match and still holds its key', () => {
    const org = prepared()
    const { id } = org.patch(`/sobjects/Contact/${KEY}/k`, { LastName: 'x' }).body
    org.delete(`/sobjects/Contact/${KEY}/k`)
    expect(org.get(`/sobjects/Contact/${KEY}/k`).status).toBe(404)
    const again = org.patch(`/sobjects/Contact/${KEY}/k`, { LastName: 'x' })
    expect(again.body).toEqual([
      {
        errorCode: 'DUPLICATE_VALUE',
        message: `duplicate value found: ${KEY} duplicates value on record with id: ${id.slice(0, 15)}`,
        fields: [],
      },
    ])
  })

  test('by Id updates what exists and creates without one', () => {
    const org = prepared()
    const id = org.create('Account', { Name: 'x' })
    expect(org.patch(`/sobjects/Account/Id/${id}`, { Name: 'y' })).toMatchObject({
      status: 200,
      body: { id, created: false },
    })
    expect(org.post('/sobjects/Account/Id', { Name: 'z' }).status).toBe(201)
  })
})

describe('references by external id', () => {
  const org = new TestOrg()
  org.addField('Account.Ext__c', EXTERNAL_ID)
  const account = org.create('Account', { Name: 'Acme', Ext__c: 'A-1' })

  test('find the parent', () => {
    const id = org.create('Contact', { LastName: 'x', Account: { Ext__c: 'a-1' } })
    expect(org.read('Contact', id, 'AccountId').AccountId).toBe(account)
    org.patch(`/sobjects/Contact/${id}`, { AccountId: null })
    expect(org.read('Contact', id, 'AccountId').AccountId).toBeNull()
  })

  test('that lead nowhere are refused', () => {
    const { body } = org.post('/sobjects/Contact', { LastName: 'x', Account: { Ext__c: 'A-2' } })
    expect(body[0]).toMatchObject({
      errorCode: 'INVALID_FIELD',
      message: 'Foreign key external ID: A-2 not found for field Ext__c in entity Account',
    })
  })

  test('to one of several objects have to say which', () => {
    const contact = org.create('Contact', { LastName: 'Who', Email: 'who@x.com' })
    const nameless = org.post('/sobjects/Task', { Subject: 'Call', Who: { Email: 'who@x.com' } })
    expect(problem(nameless)[1]).toBe('JSON_PARSER_ERROR')
    const id = org.create('Task', {
      Subject: 'Call',
      Who: { attributes: { type: 'Contact' }, Email: 'who@x.com' },
    })
    expect(org.rows(`SELECT WhoId, Who.Name, Who.Type FROM Task WHERE Id = '${id}'`)).toMatchObject([
      { WhoId: contact, Who: { Name: 'Who', Type: 'Contact' } },
    ])
  })
})
