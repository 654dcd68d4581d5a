/** Bulk API 2.0 (Salesforce fact sheet 16). */
import { describe, expect, test } from 'vitest'
import { EXTERNAL_ID, problem, TestOrg, type Body } from './test-org.ts'

const CSV = { 'content-type': 'text/csv' }

/** Loads a file and answers the state of its job when it is over. */
function load(org: TestOrg, job: Record<string, unknown>, csv: string): { id: string; info: Body } {
  const { id } = org.post('/jobs/ingest', { object: 'Contact', operation: 'insert', ...job }).body
  expect(org.call('PUT', `/jobs/ingest/${id}/batches`, csv, CSV)).toMatchObject({ status: 201, body: '' })
  expect(org.patch(`/jobs/ingest/${id}`, { state: 'UploadComplete' }).body.state).toBe('UploadComplete')
  org.advance(60_000)
  return { id, info: org.get(`/jobs/ingest/${id}`).body }
}

const results = (org: TestOrg, id: string, which: string): string =>
  org.get(`/jobs/ingest/${id}/${which}`).body

const lines = (csv: string): string[] => csv.trimEnd().split('\n')

describe('an ingest job', () => {
  test('goes through its states, and only then has results', () => {
    const org = new TestOrg({ settings: { bulkQueueMs: [1_000, 1_000], bulkRowsPerSecond: 100 } })
    const { id } = org.post('/jobs/ingest', { object: 'Contact', operation: 'insert' }).body
    const state = (): string => org.get(`/jobs/ingest/${id}`).body.state
    expect(state()).toBe('Open')
    org.call('PUT', `/jobs/ingest/${id}/batches`, `LastName\n${'x\n'.repeat(400)}`, CSV)
    expect(problem(org.call('PUT', `/jobs/ingest/${id}/batches`, 'LastName\nx\n', CSV))[1]).toBe(
      'INVALIDJOBSTATE',
    )
    expect(org.patch(`/jobs/ingest/${id}`, { state: 'UploadComplete' }).body.state).toBe('UploadComplete')
    expect(state()).toBe('UploadComplete')
    org.advance(1_500)
    expect(state()).toBe('InProgress')
    expect(org.rows('SELECT Id FROM Contact')).toEqual([])
    org.advance(2_000)
    expect(state()).toBe('InProgress')
    expect(org.rows('SELECT Id FROM Contact')).toHaveLength(200)
    org.advance(2_000)
    expect(org.get(`/jobs/ingest/${id}`).body).toMatchObject({
      state: 'JobComplete',
      numberRecordsProcessed: 400,
      numberRecordsFailed: 0,
      jobType: 'V2Ingest',
      totalProcessingTime: 4_000,
    })
    // Each batch is stamped when it was processed, not when somebody looked.
    expect(new Set(org.rows('SELECT SystemModstamp FROM Contact').map((row) => row.SystemModstamp))).toEqual(
      new Set(['2026-05-01T07:25:40.000+0000', '2026-05-01T07:25:42.000+0000']),
    )
    expect(org.delete(`/jobs/ingest/${id}`).status).toBe(204)
    expect(org.get(`/jobs/ingest/${id}`).status).toBe(404)
  })

  test('completes although rows failed, and tells them apart in an order of its own', () => {
    const org = new TestOrg()
    const { id, info } = load(org, {}, 'LastName,Email\na,a@x.com\n,b@x.com\nc,nobody\nd,d@x.com\n')
    expect(info).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 4, numberRecordsFailed: 2 })
    const good = lines(results(org, id, 'successfulResults'))
    expect(good).toEqual([
      '"sf__Id","sf__Created",LastName,Email',
      expect.stringMatching(/^"003\w{15}","true","d","d@x\.com"$/),
      expect.stringMatching(/^"003\w{15}","true","a","a@x\.com"$/),
    ])
    expect(lines(results(org, id, 'failedResults')).toSorted()).toEqual([
      '"","INVALID_EMAIL_ADDRESS:Email: invalid email address: nobody:Email --","c","nobody"',
      '"","REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --","","b@x.com"',
      '"sf__Id","sf__Error",LastName,Email',
    ])
    expect(lines(results(org, id, 'unprocessedrecords'))).toHaveLength(1)
  })

  test('says of each row what cannot be read of it, and repeats the header as it was sent', () => {
    const org = new TestOrg()
    const csv =
      '"Name","StageName",CloseDate,Amount\na,b,2003-04-98765,1\nc,d,2026-01-01,much\ne,f,g\nh,i,j,k,l\n'
    const { id } = load(org, { object: 'Opportunity' }, csv)
    // All of it recorded.
    expect(lines(results(org, id, 'failedResults'))).toEqual([
      '"sf__Id","sf__Error","Name","StageName",CloseDate,Amount',
      '"","INVALID_FIELD:Number of fields in header is different from the row. header = 4 row = 5:--","","","",""',
      '"","INVALID_FIELD:Number of fields in header is different from the row. header = 4 row = 3:--","","","",""',
      `"","INVALID_FIELD:Failed to deserialize field at col 3. Due to, 'much' is not a valid value for the type xsd:double:Amount --","c","d","2026-01-01","much"`,
      `"","INVALID_FIELD:Failed to deserialize field at col 2. Due to, '2003-04-98765' is not a valid value for the type xsd:date:CloseDate --","a","b","2003-04-98765","1"`,
    ])
    expect(lines(results(org, id, 'unprocessedrecords'))).toEqual(['"Name","StageName",CloseDate,Amount'])
  })

  test('leaves blanks alone, clears with #N/A, and finds parents by their keys', () => {
    const org = new TestOrg()
    org.addField('Account.Ext__c', EXTERNAL_ID)
    org.addField('Contact.Key__c', EXTERNAL_ID)
    const account = org.create('Account', { Name: 'Acme', Ext__c: 'A 1' })
    const id = org.create('Contact', { LastName: 'x', Title: 'CTO', Phone: '1', Key__c: 'k' })
    const csv =
      'Key__c,LastName,Title,Phone,Account.Ext__c,DoNotCall\r\nk,,#N/A,,A 1,true\r\nl,"new, one","a ""b""\r\nc",,,\r\n'
    load(org, { operation: 'upsert', externalIdFieldName: 'Key__c', lineEnding: 'CRLF' }, csv)
    expect(org.read('Contact', id, 'LastName', 'Title', 'Phone', 'AccountId', 'DoNotCall')).toMatchObject({
      LastName: 'x',
      Title: null,
      Phone: '1',
      AccountId: account,
      DoNotCall: true,
    })
    expect(org.rows("SELECT LastName, Title FROM Contact WHERE Key__c = 'l'")).toEqual([
      { LastName: 'new, one', Title: 'a "b"\r\nc' },
    ])
  })

  test.each([
    ['an unknown column', {}, 'LastName,Foo\nx,y\n', 'InvalidBatch : Field name not found : Foo'],
    [
      'a relationship in other letters',
      {},
      'LastName,account.Name\nx,y\n',
      'InvalidBatch : Field name not found : account.Name',
    ],
    [
      'other line ends',
      { lineEnding: 'CRLF' },
      'LastName\nx\n',
      'ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is CRLF',
    ],
  ])('with %s fails as a whole', (_what, job, csv, message) => {
    const org = new TestOrg()
    const { id, info } = load(org, job, csv)
    expect(info).toMatchObject({ state: 'Failed', errorMessage: message })
    expect(lines(results(org, id, 'successfulResults'))).toHaveLength(1)
    // Unreadable files have no rows; those that were read were not processed.
    const unprocessed = message.startsWith('ClientInputError') ? '' : csv.trim()
    expect(results(org, id, 'unprocessedrecords').replaceAll('"', '').trim()).toBe(unprocessed)
    expect(org.rows('SELECT Id FROM Contact')).toEqual([])
  })

  test('that fails half way has committed what it did before', () => {
    const org = new TestOrg({ settings: { bulkFailsAfter: 3 } })
    const { id, info } = load(org, {}, 'LastName\na\nb\nc\nd\ne\n')
    expect(info.state).toBe('Failed')
    expect(lines(results(org, id, 'successfulResults'))).toHaveLength(4)
    expect(lines(results(org, id, 'unprocessedrecords'))).toEqual(['LastName', '"d"', '"e"'])
    expect(org.rows('SELECT Id FROM Contact')).toHaveLength(3)
  })

  test('deletes, and for good only with the permission', () => {
    const org = new TestOrg()
    const [a, b] = ['a', 'b'].map((LastName) => org.create('Contact', { LastName }))
    const deleted = load(org, { operation: 'delete' }, `Id\n${a}\n003000000000001AAA\n`)
    expect(lines(results(org, deleted.id, 'failedResults'))[1]).toContain('INVALID_CROSS_REFERENCE_KEY')
    load(org, { operation: 'hardDelete' }, `Id\n${b}\n`)
    expect(org.rows('SELECT LastName FROM Contact', 'queryAll')).toEqual([{ LastName: 'a' }])
    org.model.settings.permissions = ['ApiEnabled']
    const refused = org.post('/jobs/ingest', { object: 'Contact', operation: 'hardDelete' })
    expect(problem(refused)[1]).toBe('FEATURENOTENABLED')
  })

  test('takes CSV and says so', () => {
    const org = new TestOrg()
    const { id } = org.post('/jobs/ingest', { object: 'Contact', operation: 'insert' }).body
    const upload = org.call('PUT', `/jobs/ingest/${id}/batches`, 'LastName\nx\n')
    expect(problem(upload).slice(0, 2)).toEqual([415, 'UNSUPPORTED_MEDIA_TYPE'])
  })

  test.each([
    [{ object: 'Foo', operation: 'insert' }, 400],
    [{ object: 'Contact', operation: 'mangle' }, 400],
    [{ object: 'Contact', operation: 'upsert' }, 400],
    [{ object: 'Contact', operation: 'upsert', externalIdFieldName: 'Title' }, 404],
    [{ object: 'Contact', operation: 'insert', contentType: 'JSON' }, 400],
    [{ object: 'Contact', operation: 'insert', columnDelimiter: 'SPACE' }, 400],
  ])('%j is refused', (job, status) => {
    expect(new TestOrg().post('/jobs/ingest', job).status).toBe(status)
  })

  test('is stopped by its owner, survives a snapshot, and is forgotten after a week', () => {
    const org = new TestOrg()
    const { id } = org.post('/jobs/ingest', { object: 'Contact', operation: 'insert' }).body
    org.call('PUT', `/jobs/ingest/${id}/batches`, 'LastName\nx\n', CSV)
    org.patch(`/jobs/ingest/${id}`, { state: 'UploadComplete' })
    const saved = org.model.snapshot()
    expect(org.patch(`/jobs/ingest/${id}`, { state: 'Aborted' }).body.state).toBe('Aborted')
    org.advance(60_000)
    expect(org.rows('SELECT Id FROM Contact')).toEqual([])
    expect(results(org, id, 'unprocessedrecords')).toBe('LastName\n"x"\n')
    org.model.restore(saved)
    org.advance(60_000)
    expect(org.get(`/jobs/ingest/${id}`).body.state).toBe('JobComplete')
    expect(org.get('/jobs/ingest').body.records).toHaveLength(1)
    org.advance(8 * 86_400_000)
    expect(org.get(`/jobs/ingest/${id}`).status).toBe(404)
  })
})

describe('a query job', () => {
  test('answers pages of text with a locator, and the header line on each', () => {
    const org = new TestOrg()
    const account = org.create('Account', { Name: 'Acme' })
    for (const LastName of ['a', 'b', 'c']) {
      org.create('Contact', {
        LastName,
        DoNotCall: LastName === 'b',
        ...(LastName === 'a' && { AccountId: account }),
      })
    }
    const query = 'SELECT LastName, Title, DoNotCall, Account.Name FROM Contact ORDER BY LastName'
    const { id, state } = org.post('/jobs/query', { operation: 'query', query }).body
    expect(state).toBe('UploadComplete')
    expect(problem(org.get(`/jobs/query/${id}/results`))[1]).toBe('INVALIDJOBSTATE')
    org.advance(60_000)
    expect(org.get(`/jobs/query/${id}`).body).toMatchObject({
      state: 'JobComplete',
      numberRecordsProcessed: 3,
    })
    const first = org.get(`/jobs/query/${id}/results?maxRecords=2`)
    expect(first.headers).toMatchObject({ 'content-type': 'text/csv', 'sforce-numberofrecords': '2' })
    expect(first.body).toBe(
      '"LastName","Title","DoNotCall","Account.Name"\n"a","","false","Acme"\n"b","","true",""\n',
    )
    const locator = first.headers['sforce-locator']
    const second = org.get(`/jobs/query/${id}/results?maxRecords=2&locator=${locator}`)
    expect(lines(second.body)).toHaveLength(2)
    expect(second.headers['sforce-locator']).toBe('null')
    expect(org.get(`/jobs/query/${id}/results?locator=nonsense`).status).toBe(400)
  })

  test('sees deleted rows when it asks for all', () => {
    const org = new TestOrg()
    org.delete(`/sobjects/Contact/${org.create('Contact', { LastName: 'gone' })}`)
    const { id } = org.post('/jobs/query', {
      operation: 'queryAll',
      query: 'SELECT LastName FROM Contact',
    }).body
    org.advance(60_000)
    expect(lines(org.get(`/jobs/query/${id}/results`).body)).toEqual(['"LastName"', '"gone"'])
  })

  test.each([
    'SELECT COUNT(Id) FROM Contact',
    'SELECT Id, (SELECT Id FROM Contacts) FROM Account',
    'SELECT Id FROM Contact OFFSET 5',
    'SELECT Foo FROM',
  ])('%s is refused', (query) => {
    expect(new TestOrg().post('/jobs/query', { operation: 'query', query }).status).toBe(400)
  })
})
