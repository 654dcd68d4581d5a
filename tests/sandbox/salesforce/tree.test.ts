/** Records with their children in one call (Salesforce fact sheet 7). */
import { describe, expect, test } from 'vitest'
import { problem, TestOrg, type Body } from './test-org.ts'

const record = (type: string, referenceId: string, values: Record<string, unknown>): unknown => ({
  attributes: { type, referenceId },
  ...values,
})

const chain = (depth: number): unknown =>
  record('Account', `r${depth}`, {
    Name: `Level ${depth}`,
    ...(depth > 1 && { ChildAccounts: { records: [chain(depth - 1)] } }),
  })

describe('a tree', () => {
  test('is made level by level, children with their parents', () => {
    const org = new TestOrg()
    const reply = org.post('/composite/tree/Account', {
      records: [
        record('Account', 'acme', {
          Name: 'Acme',
          Contacts: { records: [record('Contact', 'ada', { LastName: 'Lovelace' })] },
          Opportunities: {
            records: [
              record('Opportunity', 'deal', {
                Name: 'Deal',
                StageName: 'Prospecting',
                CloseDate: '2026-06-01',
                Tasks: { records: [record('Task', 'call', { Subject: 'Call' })] },
              }),
            ],
          },
        }),
        record('Account', 'zeta', { Name: 'Zeta' }),
      ],
    })
    expect(reply.status).toBe(201)
    expect(reply.body.hasErrors).toBe(false)
    expect(reply.body.results.map(({ referenceId }: Body) => referenceId)).toEqual([
      'acme',
      'zeta',
      'ada',
      'deal',
      'call',
    ])
    expect(org.rows('SELECT Account.Name FROM Contact')).toMatchObject([{ Account: { Name: 'Acme' } }])
    expect(org.rows('SELECT Id, What.Name FROM Task')).toMatchObject([
      { Id: reply.body.results[4].id, What: { Name: 'Deal' } },
    ])
  })

  test('is refused as a whole, naming those that are to blame', () => {
    const org = new TestOrg()
    const reply = org.post('/composite/tree/Account', {
      records: [
        record('Account', 'good', {
          Name: 'Good',
          Contacts: {
            records: [
              record('Contact', 'bad', { Email: 'nobody' }),
              record('Contact', 'fine', { LastName: 'x' }),
            ],
          },
        }),
      ],
    })
    expect(reply.status).toBe(400)
    expect(reply.body).toMatchObject({
      hasErrors: true,
      results: [
        { referenceId: 'bad', errors: [{ statusCode: expect.any(String), fields: expect.any(Array) }] },
      ],
    })
    expect(reply.body.results).toHaveLength(1)
    expect(org.rows('SELECT Id FROM Account')).toEqual([])
  })

  test('has as many levels and records as are allowed', () => {
    const org = new TestOrg()
    expect(org.post('/composite/tree/Account', { records: [chain(5)] }).status).toBe(201)
    expect(problem(org.post('/composite/tree/Account', { records: [chain(6)] }))[1]).toBe('INVALID_INPUT')
    const many = Array.from({ length: 201 }, (_, index) => record('Account', `r${index}`, { Name: 'x' }))
    expect(problem(org.post('/composite/tree/Account', { records: many }))[1]).toBe('INVALID_INPUT')
    expect(org.rows("SELECT Id FROM Account WHERE Name = 'x'")).toEqual([])
  })

  test('names a reference that comes twice, as recorded', () => {
    const org = new TestOrg()
    const records = ['x', 'y', 'z'].map((Name) => record('Account', 'ref1', { Name }))
    expect(org.post('/composite/tree/Account', { records })).toMatchObject({
      status: 400,
      body: {
        hasErrors: true,
        results: [
          {
            referenceId: 'ref1',
            errors: [
              {
                statusCode: 'INVALID_INPUT',
                message: 'Duplicate ReferenceId provided in the request.',
                fields: [],
              },
              { statusCode: 'PROCESSING_HALTED', message: 'Duplicate ReferenceId found: ref1', fields: [] },
            ],
          },
        ],
      },
    })
    expect(org.rows('SELECT Id FROM Account')).toEqual([])
  })

  test.each([
    ['no records', {}, 'JSON_PARSER_ERROR'],
    ['a record without a reference', { records: [{ attributes: { type: 'Account' } }] }, 'JSON_PARSER_ERROR'],
    ['another object', { records: [record('Contact', 'r', { LastName: 'x' })] }, 'INVALID_INPUT'],
    [
      'an unknown relation',
      { records: [record('Account', 'r', { Name: 'x', Foos: { records: [] } })] },
      'INVALID_FIELD',
    ],
  ])('with %s is refused', (_what, body, code) => {
    expect(problem(new TestOrg().post('/composite/tree/Account', body)).slice(0, 2)).toEqual([400, code])
  })
})
