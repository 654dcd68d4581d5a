/** Composite, Batch and Graph (Salesforce fact sheet 7, 15). */
import { describe, expect, test } from 'vitest'
import { problem, TestOrg, type Body, type Reply } from './test-org.ts'

const contact = (values: Record<string, unknown>): Record<string, unknown> => ({
  attributes: { type: 'Contact' },
  ...values,
})

const lastNames = (org: TestOrg): string[] =>
  org.rows('SELECT LastName FROM Contact ORDER BY LastName').map(({ LastName }: Body) => LastName)

const part = (referenceId: string, method: string, url: string, more = {}): Body => ({
  referenceId,
  method,
  url: `/services/data/v64.0${url}`,
  ...more,
})

describe('Composite', () => {
  test('refers to earlier results, and is one call', () => {
    const org = new TestOrg({ limits: 'vendor' })
    const reply = org.post('/composite', {
      compositeRequest: [
        part('acme', 'POST', '/sobjects/Account', { body: { Name: 'Acme' } }),
        part('ada', 'POST', '/sobjects/Contact', { body: { LastName: 'Ada', AccountId: '@{acme.id}' } }),
        part('found', 'GET', "/query?q=SELECT+Id,Name+FROM+Account+WHERE+Id='@{acme.id}'"),
        part('read', 'GET', '/sobjects/Account/@{found.records[0].Id}?fields=Name'),
      ],
    })
    const [acme, ada, found, read] = reply.body.compositeResponse
    expect(acme).toMatchObject({
      httpStatusCode: 201,
      referenceId: 'acme',
      httpHeaders: { Location: `/services/data/v64.0/sobjects/Account/${acme.body.id}` },
    })
    expect(ada.httpStatusCode).toBe(201)
    expect(found.body.records).toMatchObject([{ Name: 'Acme' }])
    expect(read.body.Name).toBe('Acme')
    expect(reply.headers['sforce-limit-info']).toBe('api-usage=1/15000')
  })

  test('halts what depends on a failure, and nothing else', () => {
    const org = new TestOrg()
    const { body } = org.post('/composite', {
      compositeRequest: [
        part('bad', 'POST', '/sobjects/Account', { body: {} }),
        part('child', 'POST', '/sobjects/Contact', { body: { LastName: 'x', AccountId: '@{bad.id}' } }),
        part('free', 'POST', '/sobjects/Contact', { body: { LastName: 'y' } }),
        part('lost', 'GET', '/sobjects/Foo'),
      ],
    })
    expect(
      body.compositeResponse.map((each: Body) => [each.httpStatusCode, each.body[0]?.errorCode]),
    ).toEqual([
      [400, 'REQUIRED_FIELD_MISSING'],
      [400, 'PROCESSING_HALTED'],
      [201, undefined],
      [404, 'NOT_FOUND'],
    ])
    expect(body.compositeResponse[1].body[0].message).toBe(
      'Invalid reference specified. No value for bad.id found in bad.',
    )
  })

  test('takes a blank field for a value from version 52.0 on, and for none before', () => {
    const org = new TestOrg()
    const id = org.create('Contact', { LastName: 'x' })
    const copy = (version: string): Body =>
      org.call('POST', `//services/data/v${version}/composite`, {
        compositeRequest: [
          part('old', 'GET', `/sobjects/Contact/${id}?fields=FirstName,LastName`),
          part('copy', 'POST', '/sobjects/Contact', {
            body: { FirstName: '@{old.FirstName}', LastName: '@{old.LastName}' },
          }),
        ],
      }).body.compositeResponse[1]
    expect(copy('52.0')).toMatchObject({ httpStatusCode: 201 })
    expect(copy('51.0')).toMatchObject({
      httpStatusCode: 400,
      body: [
        {
          errorCode: 'PROCESSING_HALTED',
          message: 'Invalid reference specified. No value for old.FirstName found in old.',
        },
      ],
    })
  })

  test('lists its neighbours', () => {
    expect(new TestOrg().get('/composite')).toMatchObject({
      status: 200,
      body: {
        tree: '/services/data/v64.0/composite/tree',
        batch: '/services/data/v64.0/composite/batch',
        sobjects: '/services/data/v64.0/composite/sobjects',
        graph: '/services/data/v64.0/composite/graph',
      },
    })
  })

  test('takes everything back when it is all or nothing', () => {
    const org = new TestOrg()
    const { body } = org.post('/composite', {
      allOrNone: true,
      compositeRequest: [
        part('a', 'POST', '/composite/sobjects', { body: { records: [contact({ LastName: 'a' })] } }),
        part('b', 'POST', '/sobjects/Contact', { body: { FirstName: 'b' } }),
        part('c', 'POST', '/sobjects/Foo', { body: {} }),
      ],
    })
    expect(body.compositeResponse).toMatchObject([
      {
        httpStatusCode: 400,
        body: [
          {
            errorCode: 'PROCESSING_HALTED',
            message:
              'The transaction was rolled back since another operation in the same transaction failed.',
          },
        ],
      },
      { httpStatusCode: 400, body: [{ errorCode: 'REQUIRED_FIELD_MISSING' }] },
      { httpStatusCode: 400, body: [{ errorCode: 'PROCESSING_HALTED' }] },
    ])
    expect(lastNames(org)).toEqual([])
  })

  test('hands conditions and other headers to its parts', () => {
    const org = new TestOrg({ settings: { leadQueue: 'New Leads' } })
    const id = org.create('Contact', { LastName: 'x' })
    org.advance(5_000)
    const read = new Date(org.now - 6_000).toUTCString()
    const { body } = org.post('/composite', {
      compositeRequest: [
        part('stale', 'PATCH', `/sobjects/Contact/${id}`, {
          body: { Title: 'x' },
          httpHeaders: { 'If-Unmodified-Since': read },
        }),
        part('known', 'GET', `/sobjects/Contact/${id}`, {
          httpHeaders: { 'If-Modified-Since': new Date(org.now).toUTCString() },
        }),
        part('lead', 'POST', '/sobjects/Lead', {
          body: { LastName: 'x', Company: 'x' },
          httpHeaders: { 'Sforce-Auto-Assign': 'FALSE' },
        }),
      ],
    })
    expect(body.compositeResponse).toMatchObject([
      { httpStatusCode: 412 },
      { httpStatusCode: 304, body: null },
      { httpStatusCode: 201 },
    ])
    expect(org.rows('SELECT Owner.Name FROM Lead')).toMatchObject([{ Owner: { Name: 'Integration User' } }])
  })

  test('hands nothing else to its parts: what they want they have to say themselves', () => {
    const org = new TestOrg({ settings: { leadQueue: 'New Leads' } })
    const headers = {
      'sforce-auto-assign': 'FALSE',
      'if-modified-since': new Date(org.now).toUTCString(),
      'sforce-call-options': 'client=acme',
    }
    const id = org.create('Contact', { LastName: 'x' })
    const lead = part('lead', 'POST', '/sobjects/Lead', { body: { LastName: 'x', Company: 'x' } })
    const { body } = org.post(
      '/composite',
      { compositeRequest: [lead, part('contact', 'GET', `/sobjects/Contact/${id}`)] },
      headers,
    )
    expect(body.compositeResponse).toMatchObject([{ httpStatusCode: 201 }, { httpStatusCode: 200 }])
    expect(org.rows('SELECT Owner.Name FROM Lead')).toMatchObject([{ Owner: { Name: 'New Leads' } }])
  })

  test('has limits', () => {
    const org = new TestOrg()
    const parts = (count: number, url: string): Body[] =>
      Array.from({ length: count }, (_, index) => part(`r${index}`, 'GET', url))
    const send = (compositeRequest: Body[]): number => org.post('/composite', { compositeRequest }).status
    expect(send(parts(25, '/limits'))).toBe(200)
    expect(send(parts(26, '/limits'))).toBe(400)
    expect(send(parts(6, '/query?q=SELECT+Id+FROM+Account'))).toBe(400)
    expect(send([part('a', 'GET', '/limits'), part('a', 'GET', '/limits')])).toBe(400)
    const inner = { compositeRequest: [] }
    const nested = org.post('/composite', {
      compositeRequest: [part('a', 'POST', '/composite', { body: inner })],
    })
    expect(nested.body.compositeResponse[0].httpStatusCode).toBe(400)
  })
})

describe('Batch and Graph', () => {
  test('a batch runs its parts independently, counts each, and can halt', () => {
    const org = new TestOrg({ limits: 'vendor' })
    const batchRequests = [
      { method: 'GET', url: 'v64.0/sobjects/Contact/describe' },
      { method: 'POST', url: 'v64.0/sobjects/Contact', richInput: {} },
      { method: 'POST', url: 'v64.0/sobjects/Contact', richInput: { LastName: 'x' } },
    ]
    const reply = org.post('/composite/batch', { batchRequests })
    expect(reply.body.hasErrors).toBe(true)
    expect(reply.body.results.map(({ statusCode }: Body) => statusCode)).toEqual([200, 400, 201])
    expect(reply.headers['sforce-limit-info']).toBe('api-usage=3/15000')
    const halted = org.post('/composite/batch', { haltOnError: true, batchRequests })
    expect(halted.body.results[2]).toMatchObject({
      statusCode: 412,
      result: [{ errorCode: 'BATCH_PROCESSING_HALTED' }],
    })
  })

  test('each graph is a transaction of its own', () => {
    const org = new TestOrg()
    const graph = (graphId: string, LastName: string): Body => ({
      graphId,
      compositeRequest: [
        part('acme', 'POST', '/sobjects/Account', { body: { Name: graphId } }),
        part('ada', 'POST', '/sobjects/Contact', { body: { LastName, AccountId: '@{acme.id}' } }),
      ],
    })
    const { body } = org.post('/composite/graph', { graphs: [graph('one', 'x'), graph('two', '')] })
    expect(body.graphs.map(({ graphId, isSuccessful }: Body) => [graphId, isSuccessful])).toEqual([
      ['one', true],
      ['two', false],
    ])
    expect(org.rows('SELECT Name FROM Account')).toEqual([{ Name: 'one' }])
  })

  describe('graphs have limits', () => {
    const account = (referenceId: string, body: Body = { Name: referenceId }): Body =>
      part(referenceId, 'POST', '/sobjects/Account', { body })
    const send = (...graphs: Body[][]): Reply =>
      new TestOrg().post('/composite/graph', {
        graphs: graphs.map((compositeRequest, index) => ({ graphId: `g${index}`, compositeRequest })),
      })

    test('of nodes, of a graph and of all together', () => {
      const nodes = (count: number): Body[] => Array.from({ length: count }, (_, n) => account(`a${n}`))
      expect(send(nodes(250), nodes(250)).status).toBe(200)
      expect(problem(send(nodes(251), nodes(250)))).toEqual([400, 'LIMIT_EXCEEDED', undefined])
      expect(send(...Array.from({ length: 76 }, () => nodes(1))).status).toBe(400)
    })

    test('of depth', () => {
      const chain = (length: number): Body[] =>
        Array.from({ length }, (_, n) =>
          account(`a${n}`, { Name: 'x', ...(n > 0 && { ParentId: `@{a${n - 1}.id}` }) }),
        )
      expect(send(chain(15)).body.graphs[0].isSuccessful).toBe(true)
      expect(problem(send(chain(16)))).toEqual([400, 'LIMIT_EXCEEDED', undefined])
    })

    test('of kinds of nodes', () => {
      const kinds = (count: number): Body[] =>
        Array.from({ length: count }, (_, n) => part(`r${n}`, 'POST', `/sobjects/Kind${n}`, { body: {} }))
      expect(send(kinds(15)).status).toBe(200)
      expect(problem(send(kinds(16)))).toEqual([400, 'LIMIT_EXCEEDED', undefined])
    })

    test('of failures', () => {
      const bad = Array.from({ length: 14 }, () => [account('a', {})])
      const { body } = send(...bad.slice(1), [account('a')], ...bad.slice(0, 1), [account('a')])
      expect(body.graphs.map(({ isSuccessful }: Body) => isSuccessful).slice(12)).toEqual([
        false,
        true,
        false,
        false,
      ])
      expect(body.graphs[15].graphResponse.compositeResponse[0].body[0].errorCode).toBe('PROCESSING_HALTED')
    })
  })
})
