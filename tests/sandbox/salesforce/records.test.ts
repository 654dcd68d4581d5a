/** Single records (Salesforce fact sheet 13, 17, 19): what is stored, what is refused, what comes back. */
import { describe, expect, test } from 'vitest'
import { normalId } from '../../../src/sandbox/salesforce/ids.ts'
import { problem, STAMP, TestOrg, type Body } from './test-org.ts'

describe('ids', () => {
  test('have 18 characters with the vendor’s checksum, and 15 do as well', () => {
    // Recorded ids.
    expect(normalId('0035500001H9dBL')).toBe('0035500001H9dBLAAZ')
    expect(normalId('0015500001QdRaYAAV')).toBe('0015500001QdRaYAAV')
    expect(normalId('0015500001QdRaYAAA')).toBeNull()
    expect(normalId('0015500001QdRa')).toBeNull()
    const org = new TestOrg()
    const id = org.create('Contact', { LastName: 'x' })
    expect(org.read('Contact', id.slice(0, 15), 'LastName').LastName).toBe('x')
    expect(org.rows(`SELECT Id FROM Contact WHERE Id = '${id.slice(0, 15)}'`)).toEqual([{ Id: id }])
  })

  test('do not grow with time', () => {
    const org = new TestOrg()
    const ids = Array.from({ length: 40 }, (_, index) => org.create('Contact', { LastName: `${index}` }))
    expect(ids).not.toEqual(ids.toSorted())
    expect(new Set(ids).size).toBe(40)
    expect(org.rows('SELECT Id FROM Contact ORDER BY Id').map(({ Id }) => Id)).toEqual(ids.toSorted())
  })
})

test('a post may name the method that it stands for', () => {
  const org = new TestOrg()
  const id = org.create('Contact', { LastName: 'x' })
  const before = org.call('POST', `/sobjects/Contact/${id}`, { LastName: 'y' })
  expect(before).toMatchObject({ status: 405, body: [{ errorCode: 'METHOD_NOT_ALLOWED' }] })
  const url = `/sobjects/Contact/${id}?_HttpMethod=PATCH`
  expect(org.call('POST', url, { LastName: 'y' }).status).toBe(204)
  expect(org.read('Contact', id, 'LastName').LastName).toBe('y')
  const request = {
    method: 'POST',
    url: `http://salesforce.invalid/services/data/v64.0${url}`,
    headers: {},
    body: null,
  }
  expect(org.model.routeOf(request)).toMatch(/^PATCH /)
})

describe('a new record', () => {
  const org = new TestOrg()
  const reply = org.post('/sobjects/Contact', { LastName: 'Lovelace', FirstName: 'Ada' })
  const id: string = reply.body.id

  test('is answered with its id and place', () => {
    expect(reply).toMatchObject({
      status: 201,
      body: { id: expect.stringMatching(/^003\w{15}$/), success: true, errors: [] },
      headers: {
        location: `/services/data/v64.0/sobjects/Contact/${id}`,
        'sforce-limit-info': expect.stringMatching(/^api-usage=\d+\/15000$/),
      },
    })
  })

  test('has three equal stamps in whole seconds, an owner and defaults', () => {
    expect(org.read('Contact', id)).toMatchObject({
      attributes: { type: 'Contact', url: `/services/data/v64.0/sobjects/Contact/${id}` },
      Name: 'Ada Lovelace',
      CreatedDate: STAMP,
      LastModifiedDate: STAMP,
      SystemModstamp: STAMP,
      OwnerId: org.model.identity.userId,
      IsDeleted: false,
      IsEmailBounced: false,
      Email: null,
      MailingAddress: null,
      PhotoUrl: `/services/images/photo/${id}`,
    })
    expect(Object.keys(org.read('Contact', id))[0]).toBe('attributes')
  })

  test.each([
    ['no last name', { FirstName: 'x' }, 'REQUIRED_FIELD_MISSING', ['LastName']],
    ['a blank last name', { LastName: '  ' }, 'REQUIRED_FIELD_MISSING', ['LastName']],
    ['an unknown field', { LastName: 'x', Foo: 1 }, 'INVALID_FIELD', undefined],
    ['attributes', { LastName: 'x', attributes: { type: 'Contact' } }, 'INVALID_FIELD', undefined],
    ['an id', { LastName: 'x', Id: id }, 'INVALID_FIELD_FOR_INSERT_UPDATE', ['Id']],
    ['a compound name', { LastName: 'x', Name: 'x' }, 'INVALID_FIELD_FOR_INSERT_UPDATE', ['Name']],
    [
      'a system field',
      { LastName: 'x', CreatedDate: STAMP },
      'INVALID_FIELD_FOR_INSERT_UPDATE',
      ['CreatedDate'],
    ],
    ['a long name', { LastName: 'x'.repeat(81) }, 'STRING_TOO_LONG', ['LastName']],
    ['a bad address', { LastName: 'x', Email: 'nobody' }, 'INVALID_EMAIL_ADDRESS', ['Email']],
    ['a bad date', { LastName: 'x', Birthdate: '2026-02-30' }, 'JSON_PARSER_ERROR', undefined],
    ['an object for text', { LastName: { a: 1 } }, 'JSON_PARSER_ERROR', undefined],
    [
      'another restricted value',
      { LastName: 'x', MailingGeocodeAccuracy: 'Planet' },
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
      ['MailingGeocodeAccuracy'],
    ],
    [
      'a blank checkbox',
      { LastName: 'x', DoNotCall: null },
      'INVALID_TYPE_ON_FIELD_IN_RECORD',
      ['DoNotCall'],
    ],
    ['no id for a reference', { LastName: 'x', AccountId: 'abc' }, 'MALFORMED_ID', ['AccountId']],
    ['an id of another object', { LastName: 'x', AccountId: id }, 'MALFORMED_ID', ['AccountId']],
    [
      'an unknown account',
      { LastName: 'x', AccountId: '001000000000001AAA' },
      'INVALID_CROSS_REFERENCE_KEY',
      [],
    ],
  ])('with %s is refused', (_what, values, code, fields) => {
    expect(problem(org.post('/sobjects/Contact', values))).toEqual([400, code, fields])
  })

  test('is told every value that does not fit', () => {
    const { body } = org.post('/sobjects/Contact', { LastName: 'x'.repeat(81), Email: 'nobody' })
    expect(body.map(({ errorCode }: Body) => errorCode)).toEqual(['STRING_TOO_LONG', 'INVALID_EMAIL_ADDRESS'])
    expect(body[0].message).toMatch(/^Last Name: data value too large: x+ \(max length=80\)$/)
  })

  test('is refused by objects that nobody creates', () => {
    expect(problem(org.post('/sobjects/Profile', { Name: 'x' }))[1]).toBe(
      'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
    )
  })
})

describe('values come back changed', () => {
  const org = new TestOrg()
  org.addField('Contact.Tags__c', {
    type: 'MultiselectPicklist',
    valueSet: { valueSetDefinition: { value: [{ fullName: 'A' }, { fullName: 'B' }, { fullName: 'C' }] } },
  })
  org.addField('Contact.Seen__c', { type: 'DateTime' })
  org.addField('Contact.Share__c', { type: 'Percent', precision: 5, scale: 2 })

  test.each([
    ['Email', 'Ada.L@Example.COM', 'ada.l@example.com'],
    ['LastName', '  Lovelace\t', 'Lovelace'],
    ['LastName', '\u00a0Lovelace\u00a0', '\u00a0Lovelace\u00a0'],
    ['Title', '', null],
    ['Title', ' \n ', null],
    ['Title', null, null],
    ['Title', 0, '0'],
    ['MailingStreet', 'a\r\nb\rc', 'a\nb\nc'],
    ['LeadSource', 'Carrier pigeon', 'Carrier pigeon'],
    ['Phone', '(415) 555-0100 ', '(415) 555-0100'],
    ['Tags__c', 'C;A;C', 'A;C'],
    ['Tags__c', ' B ; Z ;A', 'A;B;Z'],
    ['Seen__c', '2026-05-01T09:25:37.987+02:00', '2026-05-01T07:25:37.000+0000'],
    ['Seen__c', '2026-05-01T07:25Z', '2026-05-01T07:25:00.000+0000'],
    ['Share__c', '25.005', 25.01],
    ['Share__c', 0, 0],
    ['Share__c', -1.005, -1.01],
    ['Birthdate', '1815-12-10', '1815-12-10'],
    ['DoNotCall', 'true', true],
  ])('%s %j is stored as %j', (name, sent, stored) => {
    const id = org.create('Contact', { LastName: 'x', [name]: sent })
    expect(org.read('Contact', id, name)[name]).toEqual(stored)
  })

  test.each([
    ['Seen__c', '2026-05-01'],
    ['Seen__c', '2026-05-01T07:25:37'],
    ['Share__c', 'many'],
  ])('%s %j cannot be read', (name, sent) => {
    expect(problem(org.post('/sobjects/Contact', { LastName: 'x', [name]: sent }))[1]).toBe(
      'JSON_PARSER_ERROR',
    )
  })

  test('numbers have room for so many digits', () => {
    expect(problem(org.post('/sobjects/Contact', { LastName: 'x', Share__c: 1_000 }))[1]).toBe(
      'NUMBER_OUTSIDE_VALID_RANGE',
    )
    expect(problem(org.post('/sobjects/Account', { Name: 'x', NumberOfEmployees: 100_000_000 }))[1]).toBe(
      'NUMBER_OUTSIDE_VALID_RANGE',
    )
    expect(problem(org.post('/sobjects/Account', { Name: 'x', NumberOfEmployees: 1.5 }))[1]).toBe(
      'JSON_PARSER_ERROR',
    )
  })

  test('an address is written in parts and read as a whole as well', () => {
    const id = org.create('Contact', { LastName: 'x', MailingCity: 'Rome', MailingLatitude: 41.9 })
    expect(org.read('Contact', id, 'MailingAddress').MailingAddress).toEqual({
      city: 'Rome',
      country: null,
      geocodeAccuracy: null,
      latitude: 41.9,
      longitude: null,
      postalCode: null,
      state: null,
      street: null,
    })
    expect(problem(org.patch(`/sobjects/Contact/${id}`, { MailingAddress: { city: 'Bari' } }))[1]).toBe(
      'INVALID_FIELD_FOR_INSERT_UPDATE',
    )
  })
})

describe('a record', () => {
  test('is read in parts, and always with its id', () => {
    const org = new TestOrg()
    const id = org.create('Contact', { LastName: 'x' })
    const names = (fields: string): string[] =>
      Object.keys(org.get(`/sobjects/Contact/${id}?fields=${fields}`).body)
    expect(names('LastName,Title')).toEqual(['attributes', 'LastName', 'Title', 'Id'])
    expect(names('Id,LastName')).toEqual(['attributes', 'Id', 'LastName'])
  })
})

describe('records along a relationship', () => {
  test('are a parent, or a page of children', () => {
    const org = new TestOrg()
    const acme = org.create('Account', { Name: 'Acme' })
    const ada = org.create('Contact', { LastName: 'Ada', AccountId: acme })
    const bob = org.create('Contact', { LastName: 'Bob', AccountId: acme })
    const alone = org.create('Contact', { LastName: 'Alone' })
    const { body } = org.get(`/sobjects/Account/${acme}/Contacts?fields=Id,LastName`)
    expect([body.totalSize, body.done, body.records.map(({ Id }: Body) => Id).toSorted()]).toEqual([
      2,
      true,
      [ada, bob].toSorted(),
    ])
    expect(org.get(`/sobjects/Contact/${ada}/account?fields=Name`).body).toMatchObject({
      Id: acme,
      Name: 'Acme',
    })
    expect(org.get(`/sobjects/Account/${acme}/Contacts`).body.records[0]).toMatchObject({ Email: null })
    expect(problem(org.get(`/sobjects/Contact/${alone}/Account`)).slice(0, 2)).toEqual([404, 'NOT_FOUND'])
    expect(problem(org.get(`/sobjects/Contact/${alone}/Foos`)).slice(0, 2)).toEqual([404, 'NOT_FOUND'])
    expect(org.patch(`/sobjects/Contact/${ada}/Account`, { Name: 'x' }).status).toBe(501)
  })
})

describe('an update', () => {
  test('changes what was sent, clears with null, and counts even when nothing changes', () => {
    const org = new TestOrg()
    const id = org.create('Contact', { LastName: 'Lovelace', FirstName: 'Ada', Title: 'Countess' })
    org.advance(60_000)
    expect(org.patch(`/sobjects/Contact/${id}`, { Title: null })).toMatchObject({ status: 204, body: '' })
    expect(org.read('Contact', id)).toMatchObject({
      Name: 'Ada Lovelace',
      Title: null,
      CreatedDate: STAMP,
      LastModifiedDate: '2026-05-01T07:26:37.000+0000',
      SystemModstamp: '2026-05-01T07:26:37.000+0000',
    })
    org.advance(60_000)
    org.patch(`/sobjects/Contact/${id}`, { Title: null })
    expect(org.read('Contact', id, 'SystemModstamp').SystemModstamp).toBe('2026-05-01T07:27:37.000+0000')
  })

  test('of nothing that exists is told apart from one of something deleted', () => {
    const org = new TestOrg()
    const id = org.create('Contact', { LastName: 'x' })
    org.delete(`/sobjects/Contact/${id}`)
    expect(problem(org.patch(`/sobjects/Contact/${id}`, { Title: 'x' }))).toEqual([
      404,
      'ENTITY_IS_DELETED',
      [],
    ])
    const unknown = org.patch('/sobjects/Contact/003000000000001AAA', { Title: 'x' })
    expect(unknown).toMatchObject({
      status: 404,
      body: [
        {
          errorCode: 'NOT_FOUND',
          message: 'Provided external ID field does not exist or is not accessible: 003000000000001AAA',
        },
      ],
    })
    // A repeated deletion is answered as if it had worked before: it has.
    expect(problem(org.delete(`/sobjects/Contact/${id}`))[1]).toBe('ENTITY_IS_DELETED')
  })

  test('cannot blank a required field, nor name the id', () => {
    const org = new TestOrg()
    const id = org.create('Contact', { LastName: 'x' })
    expect(problem(org.patch(`/sobjects/Contact/${id}`, { LastName: null }))).toEqual([
      400,
      'REQUIRED_FIELD_MISSING',
      ['LastName'],
    ])
    expect(problem(org.patch(`/sobjects/Contact/${id}`, { Id: id }))[1]).toBe('INVALID_FIELD')
  })

  test('with a condition fails when somebody was faster', () => {
    const org = new TestOrg()
    const id = org.create('Contact', { LastName: 'x' })
    const path = `/sobjects/Contact/${id}`
    const read = new Date(org.now).toUTCString()
    expect(org.patch(path, { Title: 'a' }, { 'if-unmodified-since': read }).status).toBe(204)
    org.advance(2_000)
    org.model.edit({ action: 'update', object: 'Contact', id, values: { Title: 'b' } })
    expect(problem(org.patch(path, { Title: 'c' }, { 'if-unmodified-since': read }))).toEqual([
      412,
      'PRECONDITION_FAILED',
      undefined,
    ])
    expect(org.get(path, { 'if-modified-since': new Date(org.now).toUTCString() }).status).toBe(304)
    expect(org.get(path, { 'if-modified-since': read }).status).toBe(200)
    expect(org.get(path, { 'if-unmodified-since': read }).status).toBe(412)
    expect(org.get(path, { 'if-unmodified-since': new Date(org.now).toUTCString() }).status).toBe(200)
    expect(org.patch(path, { Title: 'c' }, { 'if-unmodified-since': 'soon' }).status).toBe(400)
    // Only accounts have versions.
    expect(org.get(path).headers['etag']).toBeUndefined()
    const account = org.create('Account', { Name: 'x' })
    const etag = org.get(`/sobjects/Account/${account}`).headers['etag'] ?? ''
    expect(etag).toMatch(/^"[\w+/]{43}=--gzip"$/)
    expect(org.get(`/sobjects/Account/${account}`, { 'if-none-match': etag }).status).toBe(304)
    expect(org.patch(`/sobjects/Account/${account}`, { Name: 'y' }, { 'if-match': etag }).status).toBe(204)
    expect(org.patch(`/sobjects/Account/${account}`, { Name: 'z' }, { 'if-match': etag }).status).toBe(412)
  })
})
