/** Bulk API 1.0: jobs in XML, batches in CSV (recorded; Salesforce fact sheet 7, 16). */
import { describe, expect, test } from 'vitest'
import { EXTERNAL_ID, TestOrg, VERSION, type Reply } from './test-org.ts'

const JOBS = `//services/async/${VERSION}/job`

class Classic {
  readonly org: TestOrg
  constructor(org = new TestOrg()) {
    this.org = org
  }

  call(method: string, path: string, body?: string, headers: Record<string, string> = {}): Reply {
    // No `Authorization`: this API has a header of its own.
    return this.org.call(method, `${JOBS}${path}`, body, {
      authorization: '',
      'content-type': 'application/xml; charset=UTF-8',
      'x-sfdc-session': this.org.token,
      ...headers,
    })
  }

  open(members: Record<string, string>): string {
    return member(this.call('POST', '', jobInfo({ contentType: 'CSV', ...members })), 'id')
  }

  upload(job: string, text: string): Reply {
    return this.call('POST', `/${job}/batch`, text, { 'content-type': 'text/csv; charset=UTF-8' })
  }

  /** Opens a job, loads one batch, and waits for it. */
  load(members: Record<string, string>, text: string): { job: string; batch: string; info: Reply } {
    const job = this.open(members)
    const batch = member(this.upload(job, text), 'id')
    this.org.advance(60_000)
    return { job, batch, info: this.call('GET', `/${job}/batch/${batch}`) }
  }
}

function jobInfo(members: Record<string, string>): string {
  const inner = Object.entries(members).map(([name, value]) => `<${name}>${value}</${name}>`)
  return `<?xml version="1.0" encoding="UTF-8"?><jobInfo xmlns="http://www.force.com/2009/06/asyncapi/dataload">${inner.join('')}</jobInfo>`
}

function member({ body }: Reply, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1] ?? ''
}

const refusalOf = (reply: Reply): unknown[] => [reply.status, member(reply, 'exceptionCode')]
const INSERT = { operation: 'insert', object: 'Contact' }

describe('a job', () => {
  test('takes batches while it is open, and counts them', () => {
    const classic = new Classic()
    const reply = classic.call('POST', '', jobInfo({ ...INSERT, contentType: 'CSV' }))
    expect(reply.status).toBe(201)
    expect(reply.headers['content-type']).toBe('application/xml')
    expect(member(reply, 'createdDate')).toBe('2026-05-01T07:25:37.000Z')
    const job = member(reply, 'id')
    expect(job).toMatch(/^750/)
    expect(classic.call('GET', `/${job}/batch`).body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><batchInfoList\n   xmlns="http://www.force.com/2009/06/asyncapi/dataload" />',
    )

    const upload = classic.upload(job, 'LastName\nx\n')
    expect([upload.status, member(upload, 'state')]).toEqual([201, 'Queued'])
    classic.upload(job, 'LastName,Foo\nx,y\n')
    expect(member(classic.call('GET', `/${job}`), 'numberBatchesQueued')).toBe('2')
    expect(member(classic.call('POST', `/${job}`, jobInfo({ state: 'Closed' })), 'state')).toBe('Closed')
    expect(refusalOf(classic.upload(job, 'LastName\ny\n'))).toEqual([400, 'InvalidJobState'])

    // Those that it has are still worked on.
    classic.org.advance(60_000)
    const info = classic.call('GET', `/${job}`)
    expect(['Completed', 'Failed', 'Total'].map((name) => member(info, `numberBatches${name}`))).toEqual([
      '1',
      '1',
      '2',
    ])
    expect(classic.call('GET', `/${job}/batch`).body).toContain(
      '<stateMessage>InvalidBatch : Field name not found : Foo</stateMessage>',
    )
    expect(classic.org.rows('SELECT LastName FROM Contact')).toEqual([{ LastName: 'x' }])
  })

  test('that is aborted drops what is still waiting', () => {
    const classic = new Classic()
    const job = classic.open(INSERT)
    const batch = member(classic.upload(job, 'LastName\nx\n'), 'id')
    expect(member(classic.call('POST', `/${job}`, jobInfo({ state: 'Aborted' })), 'state')).toBe('Aborted')
    classic.org.advance(60_000)
    expect(member(classic.call('GET', `/${job}/batch/${batch}`), 'state')).toBe('NotProcessed')
    expect(classic.org.rows('SELECT Id FROM Contact')).toEqual([])
    expect(refusalOf(classic.call('GET', `/${job}/batch/${batch}/result`))).toEqual([400, 'InvalidBatch'])
    expect(refusalOf(classic.call('POST', `/${job}`, jobInfo({ state: 'Closed' })))).toEqual([
      400,
      'InvalidJobState',
    ])
  })

  test.each([
    ['an unknown object', { ...INSERT, object: 'Foo' }, 'InvalidJob'],
    ['an unknown operation', { ...INSERT, operation: 'guess' }, 'InvalidJob'],
    ['an upsert without a key', { ...INSERT, operation: 'upsert' }, 'InvalidJob'],
    ['an unknown mode', { ...INSERT, concurrencyMode: 'Random' }, 'InvalidJob'],
  ])('with %s is refused', (_what, members, code) => {
    const reply = new Classic().call('POST', '', jobInfo({ contentType: 'CSV', ...members }))
    expect(refusalOf(reply)).toEqual([400, code])
  })

  test('is refused in XML whatever is wrong', () => {
    const classic = new Classic()
    const body = jobInfo({ ...INSERT, contentType: 'CSV' })
    expect(refusalOf(classic.call('POST', '', body, { 'x-sfdc-session': 'ended' }))).toEqual([
      400,
      'InvalidSessionId',
    ])
    // A bearer token is no session here.
    const bearer = { authorization: `Bearer ${classic.org.token}` }
    const noSession = { ...bearer, 'content-type': 'application/xml' }
    expect(refusalOf(classic.org.call('POST', JOBS, body, noSession))).toEqual([400, 'InvalidSessionId'])
    expect(refusalOf(classic.call('POST', '', '<jobInfo>'))).toEqual([400, 'InvalidXML'])
    expect(refusalOf(classic.call('POST', '', body, { 'content-type': 'text/plain' }))).toEqual([
      400,
      'ClientInputError',
    ])
    expect(refusalOf(classic.call('GET', '/750000000000000AAA'))).toEqual([400, 'InvalidJob'])
    expect(
      refusalOf(
        classic.org.call('POST', '//services/async/20.0/job', body, {
          'content-type': 'application/xml',
          'x-sfdc-session': classic.org.token,
        }),
      ),
    ).toEqual([400, 'InvalidVersion'])
    expect(classic.call('POST', '', jobInfo({ ...INSERT, contentType: 'JSON' })).status).toBe(501)
    const job = classic.open(INSERT)
    expect(refusalOf(classic.upload(job, ''))).toEqual([400, 'ClientInputError'])
    expect(refusalOf(classic.upload(job, `LastName\n${'x\n'.repeat(10_001)}`))).toEqual([
      400,
      'ClientInputError',
    ])
  })

  test('counts against the allowance of the day', () => {
    const classic = new Classic(new TestOrg({ limits: 'vendor', settings: { dailyApiRequests: 1 } }))
    const job = classic.open(INSERT)
    expect(job).not.toBe('')
    expect(refusalOf(classic.call('GET', `/${job}`))).toEqual([400, 'ExceededQuota'])
  })
})

describe('a batch', () => {
  test('answers its rows in the order of the file', () => {
    const classic = new Classic()
    classic.org.addField('Contact.Key__c', EXTERNAL_ID)
    classic.org.create('Contact', { LastName: 'Old', Key__c: 'k1' })
    const { job, batch, info } = classic.load(
      { ...INSERT, operation: 'upsert', externalIdFieldName: 'Key__c' },
      'Key__c,LastName,Title\r\nk1,New,#N/A\r\nk2,,x\r\nk3,"Two\r\nlines",\r\n',
    )
    expect([member(info, 'state'), member(info, 'numberRecordsFailed')]).toEqual(['Completed', '1'])
    const { body } = classic.call('GET', `/${job}/batch/${batch}/result`)
    expect(body.replaceAll('\r\n', '\n').replaceAll(/"003\w{15}"/g, '"ID"')).toBe(
      [
        '"Id","Success","Created","Error"',
        '"ID","true","false",""',
        '"","false","false","REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"',
        '"ID","true","true",""',
        '',
      ].join('\n'),
    )
    expect(classic.call('GET', `/${job}/batch/${batch}/request`).body).toContain('k3,"Two')
  })

  test('of a query names its result, which is a file or a sentence', () => {
    const classic = new Classic()
    classic.org.create('Contact', { LastName: 'Ada' })
    const find = (soql: string): string => {
      const { job, batch, info } = classic.load({ operation: 'query', object: 'Contact' }, soql)
      if (member(info, 'state') !== 'Completed') return member(info, 'stateMessage')
      const result = member(classic.call('GET', `/${job}/batch/${batch}/result`), 'result')
      return classic.call('GET', `/${job}/batch/${batch}/result/${result}`).body
    }
    expect(find('SELECT LastName FROM Contact')).toBe('"LastName"\n"Ada"\n')
    expect(find("SELECT Id FROM Contact WHERE LastName = 'x'")).toBe('Records not found for this query')
    expect(find('SELECT Foo FROM Contact')).toContain('InvalidBatch : Failed to process query: INVALID_FIELD')
    expect(find('SELECT Id FROM Account')).toContain('InvalidBatch : Failed to process query: INVALID_TYPE')
  })

  test('survives a snapshot, and belongs to its job alone', () => {
    const classic = new Classic()
    const job = classic.open(INSERT)
    const batch = member(classic.upload(job, 'LastName\nx\n'), 'id')
    const saved = classic.org.model.snapshot()
    classic.org.model.restore(saved)
    classic.org.advance(60_000)
    expect(member(classic.call('GET', `/${job}/batch/${batch}`), 'state')).toBe('Completed')
    const other = classic.open(INSERT)
    expect(refusalOf(classic.call('GET', `/${other}/batch/${batch}`))).toEqual([400, 'InvalidBatch'])
    // Neither API lists or finds the jobs of the other.
    expect(classic.org.get('/jobs/ingest').body.records).toEqual([])
    expect(classic.org.get(`/jobs/ingest/${batch}`).status).toBe(404)
  })

  test('changes data or does not, as its job says', () => {
    const { org } = new Classic()
    const mutates = (path: string, body: string): boolean =>
      org.model.isMutating({
        method: 'POST',
        url: `http://salesforce.invalid/services/async/${VERSION}/job${path}`,
        headers: {},
        body,
      })
    expect(mutates('', jobInfo({ operation: 'query' }))).toBe(false)
    expect(mutates('', jobInfo({ operation: 'delete' }))).toBe(true)
    expect(mutates('/750/batch', 'SELECT Id FROM Contact')).toBe(false)
    expect(mutates('/750/batch', 'LastName\nx\n')).toBe(true)
  })
})
