/**
 * Every request that jsforce issues, as captured from two of its versions, is answered in the shape that the fact sheet
 * gives. Ids in the captures are made up; they are replaced by those of records that exist here.
 */
import { describe, expect, test } from 'vitest'
import { isPresent, readSpec } from './specs.ts'
import { EXTERNAL_ID, TestOrg, type Body, type Reply } from './test-org.ts'

interface Captured {
  readonly call: string
  readonly requests: readonly {
    readonly method: string
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
    readonly body?: string
  }[]
}

const FILES = ['requests-3.10.16-node20', 'requests-3.10.26-node22']

/** A row of an answer of sObject Collections. */
const SAVED = { id: expect.stringMatching(/^003/), success: true, errors: [] }
const PAGE = { totalSize: expect.any(Number), done: expect.any(Boolean), records: expect.any(Array) }
const TOKEN = {
  access_token: expect.stringMatching(/^00D\w{12}!/),
  instance_url: 'http://salesforce.invalid',
  id: expect.stringMatching(/^http:\/\/salesforce\.invalid\/id\/00D\w{15}\/005\w{15}$/),
  token_type: 'Bearer',
  issued_at: expect.stringMatching(/^\d{13}$/),
}
const JOB = { id: expect.stringMatching(/^750/), object: 'Contact', apiVersion: 60 }

type Expected = readonly [status: number, body: unknown]

/** What each request of each call is answered, in order. */
const ANSWERS: Readonly<Record<string, readonly Expected[]>> = {
  'conn.query(soql)': [[200, PAGE]],
  "conn.query(soql,{headers:{'Sforce-Query-Options':'batchSize=200'}})": [[200, { ...PAGE, done: false }]],
  'conn.query(soql,{autoFetch:true,maxFetch:100000})': [
    [
      200,
      { ...PAGE, nextRecordsUrl: expect.stringMatching(/^\/services\/data\/v60\.0\/query\/0r8\w+-\d+$/) },
    ],
    [200, { ...PAGE, done: true }],
  ],
  'conn.query(soql,{scanAll:true})': [[200, PAGE]],
  "conn.queryMore('/services/data/v60.0/query/<locator>')": [[200, { ...PAGE, done: true }]],
  'sobject.create(one)': [[201, SAVED]],
  'sobject.create(one,{headers})': [[201, SAVED]],
  'sobject.update(one)': [[204, '']],
  // The key is not encoded, so its slash makes another path and its question mark a query (23).
  'sobject.upsert(one,extField)': [
    [404, [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }]],
  ],
  'sobject.upsert(many,extField,{allOrNone:true})': [
    [
      200,
      [
        { ...SAVED, created: true },
        { ...SAVED, created: true },
      ],
    ],
  ],
  'sobject.create(many)': [[200, [SAVED, SAVED]]],
  'sobject.update(many)': [[200, [SAVED]]],
  'sobject.retrieve(id,{fields})': [
    [
      200,
      { attributes: { type: 'Contact', url: expect.any(String) }, Id: expect.any(String), LastName: 'First' },
    ],
  ],
  'sobject.retrieve(ids) without fields': [
    [200, { name: 'Contact', fields: expect.any(Array), childRelationships: expect.any(Array) }],
    [200, [{ LastName: 'First' }, { LastName: 'Second' }]],
  ],
  'sobject.destroy(id)': [[204, '']],
  'sobject.destroy(ids,{allOrNone:true})': [[200, [SAVED, SAVED]]],
  'conn.describe': [[200, { name: 'Contact', keyPrefix: '003' }]],
  'conn.describeGlobal': [[200, { encoding: 'UTF-8', maxBatchSize: 200, sobjects: expect.any(Array) }]],
  'conn.limits': [[200, { DailyApiRequests: { Max: 15_000, Remaining: expect.any(Number) } }]],
  'sobject.updated(start,end)': [[200, { ids: [], latestDateCovered: expect.stringMatching(/\+0000$/) }]],
  'sobject.deleted(start,end)': [
    [
      200,
      {
        deletedRecords: [],
        earliestDateAvailable: expect.stringMatching(/\+0000$/),
        latestDateCovered: expect.stringMatching(/\+0000$/),
      },
    ],
  ],
  'conn.identity': [
    [200, { identity: expect.stringContaining('/id/00D'), sobjects: '/services/data/v60.0/sobjects' }],
    [200, { user_id: expect.stringMatching(/^005/), username: expect.any(String) }],
  ],
  "conn.requestPost('/composite')": [[200, { compositeResponse: [] }]],
  'conn.search': [[200, { searchRecords: [] }]],
  'conn.authorize(code)': [[200, { ...TOKEN, refresh_token: expect.any(String) }]],
  'oauth2.refreshToken': [[200, { ...TOKEN, refresh_token: expect.any(String) }]],
  'conn.authorize({client_credentials})': [[200, TOKEN]],
  'conn.authorize({jwt-bearer})': [[400, { error: 'invalid_grant', error_description: expect.any(String) }]],
  'conn.login (password grant)': [
    [400, { error: 'invalid_grant', error_description: 'authentication failure' }],
  ],
  'conn.login (SOAP)': [[500, expect.stringContaining('<faultstring>INVALID_LOGIN: ')]],
  'conn.logout (oauth)': [[200, '']],
  'bulk2.loadAndWaitForResults(insert)': [
    [200, { ...JOB, state: 'Open', contentUrl: expect.stringContaining('jobs/ingest/750') }],
    [201, ''],
    [200, { ...JOB, state: 'UploadComplete' }],
    [200, { ...JOB, state: 'JobComplete', numberRecordsProcessed: 1, numberRecordsFailed: 0 }],
    [200, expect.stringMatching(/^"sf__Id","sf__Created",LastName,Phone\n"003\w{15}","true","X","#N\/A"\n$/)],
    [200, '"sf__Id","sf__Error",LastName,Phone\n'],
    [200, 'LastName,Phone\n'],
  ],
  'bulk2.query(soql,{scanAll:true})': [
    [200, { ...JOB, state: 'UploadComplete', operation: 'queryAll' }],
    [200, { ...JOB, state: 'JobComplete' }],
    [200, expect.stringMatching(/^"Id"\n("003\w{15}"\n)+$/)],
  ],
}

/** An org in which the captured calls make sense, and the ids that stand for the captured ones. */
class Stage {
  readonly org = new TestOrg({ settings: { queryPageRows: 250 } })
  private readonly ids = new Map<string, string>()
  private code = ''

  constructor() {
    this.org.addField('Contact.External_Id__c', EXTERNAL_ID)
    const [first, second] = ['First', 'Second'].map((LastName) => this.org.create('Contact', { LastName }))
    for (let block = 0; block < 2; block++) {
      const records = Array.from({ length: 150 }, (_, index) => ({
        attributes: { type: 'Contact' },
        LastName: `Row ${block}.${index}`,
      }))
      this.org.post('/composite/sobjects', { records })
    }
    const { identity } = this.org.model
    this.stand('003000000000001AAA', first ?? '')
    this.stand('003000000000002AAA', second ?? '')
    this.stand('00Dxx0000000001EAA', identity.orgId)
    this.stand('005xx0000000001AAA', identity.userId)
    this.stand('00D!abc', this.org.token)
    this.stand('00D!TOK1', this.org.token)
    this.stand('client_id=cid', `client_id=${identity.clientId}`)
    this.stand('client_secret=sec', `client_secret=${identity.clientSecret}`)
    this.stand('refresh_token=R1', `refresh_token=${identity.refreshToken}`)
    this.stand('{instance-encoded}', encodeURIComponent('http://salesforce.invalid'))
    // The captures are from 2024: a window of today instead.
    this.stand('2024-01-01T00', '2026-04-30T00')
    this.stand('2024-01-02T00', '2026-04-30T01')
    this.code = this.authorizationCode()
    this.stand('code=CODE', `code=${this.code}`)
    const page = this.org.ask('SELECT Id FROM Contact').body.nextRecordsUrl as string
    this.stand('01gxx0000000001-2000', page.split('/').at(-1) ?? '')
  }

  send({ method, url, headers, body }: Captured['requests'][number]): Reply {
    const lower = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    )
    const answer = this.org.model.handle({
      method,
      url: `http://salesforce.invalid${this.replaced(url)}`,
      headers: { ...lower, authorization: `Bearer ${this.org.token}` },
      body: body === undefined ? null : this.replaced(body),
    })
    this.org.advance(3_000)
    const isJson = answer.headers['content-type']?.includes('json') ?? false
    const parsed: Body = isJson ? JSON.parse(answer.body) : answer.body
    // A new job or cursor stands for the captured one from here on.
    if (typeof parsed?.id === 'string' && parsed.id.startsWith('750'))
      this.stand('7505g00000AAAAAAA1', parsed.id)
    if (typeof parsed?.nextRecordsUrl === 'string') {
      this.stand('01gxx0000000001-2000', parsed.nextRecordsUrl.split('/').at(-1))
    }
    return { ...answer, body: parsed }
  }

  private stand(captured: string, real: string): void {
    this.ids.set(captured, real)
  }

  private replaced(text: string): string {
    let result = text
    for (const [captured, real] of this.ids) result = result.replaceAll(captured, real)
    return result
  }

  private authorizationCode(): string {
    const { clientId } = this.org.model.identity
    const redirect = encodeURIComponent('http://salesforce.invalid/cb')
    const reply = this.org.get(
      `//services/oauth2/authorize?response_type=code&client_id=${clientId}&redirect_uri=${redirect}`,
    )
    return new URL(reply.headers['location'] ?? '').searchParams.get('code') ?? ''
  }
}

describe.skipIf(!isPresent).each(FILES)('%s', (file) => {
  const calls: readonly Captured[] = isPresent ? readSpec(`jsforce-wire/${file}.json`).calls : []

  test('has an expected answer for each call', () => {
    expect(calls.map(({ call }) => call).filter((call) => !(call in ANSWERS))).toEqual([])
    expect(calls.length).toBeGreaterThan(30)
  })

  test.each(calls.map(({ call, requests }) => [call, requests] as const))('%s', (call, requests) => {
    const stage = new Stage()
    const expected = ANSWERS[call] ?? []
    expect(requests.length).toBe(expected.length)
    for (const [index, request] of requests.entries()) {
      const { status, body } = stage.send(request)
      const [wantedStatus, wanted] = expected[index] ?? []
      expect([request.method, request.url, status, body]).toMatchObject([
        request.method,
        request.url,
        wantedStatus,
        wanted,
      ])
    }
  })
})
