/** sObject Collections (Salesforce fact sheet 14). */
import { describe, expect, test } from 'vitest'
import { EXTERNAL_ID, problem, TestOrg, type Body } from './test-org.ts'

const contact = (values: Record<string, unknown>): Record<string, unknown> => ({
  attributes: { type: 'Contact' },
  ...values,
})

const lastNames = (org: TestOrg): string[] =>
  org.rows('SELECT LastName FROM Contact ORDER BY LastName').map(({ LastName }: Body) => LastName)

describe('sObject Collections', () => {
  test('apply the good rows and tell the bad ones apart, in order', () => {
    const org = new TestOrg()
    const records = Array.from({ length: 200 }, (_, index) =>
      contact(index % 30 === 7 ? { FirstName: 'nameless' } : { LastName: `Row ${index}` }),
    )
    const { status, body } = org.post('/composite/sobjects', { allOrNone: false, records })
    expect([status, body.length]).toEqual([200, 200])
    const bad = body.flatMap((row: Body, index: number) => (row.success ? [] : [index]))
    expect(bad).toEqual([7, 37, 67, 97, 127, 157, 187])
    expect(body[7]).toEqual({
      success: false,
      errors: [
        {
          statusCode: 'REQUIRED_FIELD_MISSING',
          message: 'Required fields are missing: [LastName]',
          fields: ['LastName'],
        },
      ],
    })
    expect(lastNames(org)).toHaveLength(193)
  })

  test('are rolled back as a whole when they are all or nothing', () => {
    const org = new TestOrg()
    const { body } = org.post('/composite/sobjects', {
      allOrNone: true,
      records: [contact({ LastName: 'good' }), contact({}), contact({ LastName: 'better' })],
    })
    expect(body.map(({ success, errors }: Body) => [success, errors[0].statusCode])).toEqual([
      [false, 'ALL_OR_NONE_OPERATION_ROLLED_BACK'],
      [false, 'REQUIRED_FIELD_MISSING'],
      [false, 'ALL_OR_NONE_OPERATION_ROLLED_BACK'],
    ])
    expect(lastNames(org)).toEqual([])
    expect(org.rows('SELECT Id FROM Contact', 'queryAll')).toEqual([])
  })

  test('refuse a call without rows, as recorded', () => {
    const org = new TestOrg()
    for (const method of ['POST', 'PATCH']) {
      expect(org.call(method, '/composite/sobjects', { records: [] })).toMatchObject({
        status: 400,
        body: [{ message: 'At least 1 record is required', errorCode: 'REQUIRED_FIELD_MISSING' }],
      })
    }
  })

  test('refuse a row without a type by itself, and the call for too many rows', () => {
    const org = new TestOrg()
    const { body } = org.post('/composite/sobjects', {
      records: [{ LastName: 'x' }, contact({ LastName: 'y' })],
    })
    expect(body.map(({ success }: Body) => success)).toEqual([false, true])
    expect(body[0].errors[0].statusCode).toBe('JSON_PARSER_ERROR')
    const records = Array.from({ length: 201 }, () => contact({ LastName: 'x' }))
    expect(problem(org.post('/composite/sobjects', { records }))[1]).toBe('EXCEEDED_ID_LIMIT')
    const mixed = Array.from({ length: 11 }, (_, index) => ({
      attributes: { type: index % 2 === 0 ? 'Contact' : 'Account' },
    }))
    expect(org.post('/composite/sobjects', { records: mixed }).status).toBe(400)
  })

  test('update by id, whichever way it is written', () => {
    const org = new TestOrg()
    const [a, b] = ['a', 'b'].map((LastName) => org.create('Contact', { LastName }))
    const { body } = org.patch('/composite/sobjects', {
      records: [
        contact({ id: a, Title: '1' }),
        contact({ Id: b, Title: '2' }),
        contact({ id: '003000000000001AAA', Title: '3' }),
        contact({ Title: '4' }),
      ],
    })
    expect(body).toMatchObject([
      { id: a, success: true, errors: [] },
      { id: b, success: true, errors: [] },
      {
        success: false,
        errors: [{ statusCode: 'INVALID_CROSS_REFERENCE_KEY', message: 'invalid cross reference id' }],
      },
      { success: false, errors: [{ statusCode: 'MISSING_ARGUMENT' }] },
    ])
  })

  test('upsert by a key, and refuse the same key twice in one call', () => {
    const org = new TestOrg()
    org.addField('Contact.Key__c', EXTERNAL_ID)
    const { body } = org.patch('/composite/sobjects/Contact/Key__c', {
      records: [
        contact({ Key__c: 'a', LastName: 'A' }),
        contact({ Key__c: 'b', LastName: 'B' }),
        contact({ Key__c: 'B', LastName: 'B again' }),
        contact({ LastName: 'keyless' }),
      ],
    })
    expect(body).toMatchObject([
      { success: true, created: true },
      { success: false, created: false, errors: [{ statusCode: 'DUPLICATE_VALUE' }] },
      { success: false, created: false, errors: [{ statusCode: 'DUPLICATE_VALUE' }] },
      { success: false, created: false, errors: [{ statusCode: 'MISSING_ARGUMENT' }] },
    ])
    const again = org.patch('/composite/sobjects/Contact/Key__c', {
      records: [contact({ Key__c: 'a', Title: 'x' })],
    })
    expect(again.body).toEqual([{ id: body[0].id, success: true, errors: [], created: false }])
    // Recorded: rows whose `Id` is null are created.
    const byId = org.patch('/composite/sobjects/Contact/Id', {
      records: [contact({ Id: null, LastName: 'new' }), contact({ Id: body[0].id, LastName: 'old' })],
    })
    expect(byId.body).toMatchObject([{ created: true }, { id: body[0].id, created: false }])
  })

  test('read in the order asked for, null for what is not there', () => {
    const org = new TestOrg()
    const [a, b] = ['a', 'b'].map((LastName) => org.create('Contact', { LastName }))
    org.delete(`/sobjects/Contact/${b}`)
    const ids = [b, a, '003000000000001AAA']
    const expected = [null, { attributes: expect.anything(), LastName: 'a' }, null]
    expect(org.post('/composite/sobjects/Contact', { ids, fields: ['LastName'] }).body).toEqual(expected)
    expect(org.get(`/composite/sobjects/Contact?ids=${ids.join(',')}&fields=LastName`).body).toEqual(expected)
  })

  test('delete several objects at once', () => {
    const org = new TestOrg()
    const ids = [org.create('Contact', { LastName: 'a' }), org.create('Account', { Name: 'b' })]
    const { body } = org.delete(`/composite/sobjects?ids=${[...ids, 'xyz'].join(',')}&allOrNone=false`)
    expect(body.map(({ success }: Body) => success)).toEqual([true, true, false])
  })

  test('fail chunk by chunk when a trigger fails, and pass one by one', () => {
    const org = new TestOrg({ settings: { chunkFailure: 'Apex CPU time limit exceeded' } })
    const records = [contact({ LastName: 'a' }), contact({ LastName: 'b' })]
    const { body } = org.post('/composite/sobjects', { records })
    expect(body.map(({ errors }: Body) => errors[0])).toEqual([
      {
        statusCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
        message: 'Apex CPU time limit exceeded',
        fields: [],
      },
      {
        statusCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
        message: 'Apex CPU time limit exceeded',
        fields: [],
      },
    ])
    expect(org.post('/composite/sobjects', { records: records.slice(0, 1) }).body[0].success).toBe(true)
  })
})
