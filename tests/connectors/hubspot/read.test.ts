import { describe, expect, test } from 'vitest'
import { batch, ids, json, missing, refusal, row, scripted, type Sent } from './scripted.ts'

const READ = 'POST /crm/v3/objects/contacts/batch/read'
const LIST = 'GET /crm/v3/objects/contacts'
const ASSOCIATIONS = 'POST /crm/v4/associations/contacts/companies/batch/read'
const isArchived = (request: Sent) => request.query.get('archived') === 'true'

const readOf = (...wanted: string[]) => ({ object: 'contacts', ids: wanted, fields: ['jobtitle'] })

describe('reading by id', () => {
  test('gives values in neutral shapes, the unknown ones left out', async () => {
    const { connector } = scripted({
      [READ]: () => batch([row('1', { annualrevenue: '1e3', hs_lead_status: 'NEW', jobtitle: null })]),
    })
    const fields = ['annualrevenue', 'hs_lead_status', 'jobtitle', 'no_such_property']
    expect(await connector.read({ object: 'contacts', ids: ['1'], fields })).toMatchObject([
      {
        kind: 'found',
        snapshot: {
          key: { connection: 'HubSpot main', object: 'contacts', id: '1' },
          values: { annualrevenue: '1000', hs_lead_status: 'NEW', jobtitle: null },
          version: '2026-11-20T10:00:00.000Z',
          evidence: {},
        },
      },
    ])
  })

  test('finds the survivor of a merge under its old ids', async () => {
    const { connector } = scripted({
      [READ]: () => batch([row('30', { jobtitle: 'CTO', hs_merged_object_ids: '10;20' })]),
    })
    const readings = await connector.read(readOf('10', '20', '30'))
    expect(readings.map(({ requestedId, kind }) => [requestedId, kind])).toEqual([
      ['10', 'found'],
      ['20', 'found'],
      ['30', 'found'],
    ])
    for (const reading of readings) expect(reading).toMatchObject({ snapshot: { key: { id: '30' } } })
  })

  test('of an old merge looks at the older list, too', async () => {
    const { connector } = scripted({
      [READ]: () => batch([row('30', { hs_calculated_merged_vids: '10:1500000000000' })]),
    })
    expect(await connector.read(readOf('10'))).toMatchObject([{ kind: 'found', requestedId: '10' }])
  })

  test('asks for a single record when a survivor does not list what it absorbed', async () => {
    const { connector } = scripted({
      [READ]: (request) => (isArchived(request) ? batch([]) : batch([row('30')], [missing('40')])),
      'GET /crm/v3/objects/contacts/10': () => json(200, row('30')),
      'GET /crm/v3/objects/contacts/20': () => refusal(404, 'resource not found'),
    })
    const readings = await connector.read(readOf('10', '20', '40'))
    expect(readings).toMatchObject([
      { kind: 'found', requestedId: '10', snapshot: { key: { id: '30' } } },
      { kind: 'gone', requestedId: '20' },
      { kind: 'gone', requestedId: '40' },
    ])
  })

  test('tells the archived from the deleted', async () => {
    const { connector } = scripted({
      [READ]: (request) =>
        isArchived(request) ? batch([row('1')], [missing('2')]) : batch([], [missing('1', '2')]),
    })
    expect(await connector.read(readOf('1', '2', 'nonsense'))).toEqual([
      { kind: 'gone', requestedId: '1', how: 'archived' },
      { kind: 'gone', requestedId: '2', how: 'deleted' },
      { kind: 'gone', requestedId: 'nonsense', how: 'deleted' },
    ])
  })

  test('does not take another problem for a deletion', async () => {
    const problem = { status: 'error', category: 'INTERNAL_ERROR', message: 'oops', context: { ids: ['1'] } }
    const { connector } = scripted({ [READ]: () => batch([], [problem]) })
    expect(await connector.read(readOf('1'))).toMatchObject([{ kind: 'hidden', requestedId: '1' }])
  })
})

describe('reading associations', () => {
  const primary = { category: 'HUBSPOT_DEFINED', typeId: 1, label: 'Primary' }
  const plain = { category: 'HUBSPOT_DEFINED', typeId: 279, label: null }
  const boss = { category: 'USER_DEFINED', typeId: 77, label: 'Decision maker' }
  const none = (id: string) => ({
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
    message: `No company is associated with contact ${id}.`,
    context: { fromObjectId: [id], fromObjectType: ['contact'], toObjectType: ['company'] },
  })
  const from = (id: string, to: readonly unknown[], after?: string) => ({
    from: { id },
    to,
    ...(after && { paging: { next: { after } } }),
  })
  const fields = [
    'association:companies',
    'association:companies/primary',
    'association:companies/decision maker',
  ]
  const edgesOf = async (contact: string, answer: Parameters<typeof scripted>[0][string]) => {
    const { connector } = scripted({
      [READ]: (request) => batch(ids(request).map((id) => row(id))),
      [ASSOCIATIONS]: answer,
    })
    const [reading] = await connector.read({ object: 'contacts', ids: [contact], fields })
    return reading?.kind === 'found' ? reading.snapshot.values : reading
  }

  test('by type and label, in order of the numeric ids', async () => {
    const to = [
      { toObjectId: 900, associationTypes: [plain] },
      { toObjectId: 1000, associationTypes: [plain, primary] },
      { toObjectId: 20, associationTypes: [plain, boss] },
    ]
    expect(await edgesOf('1', () => batch([from('1', to)]))).toEqual({
      'association:companies': ['20', '900', '1000'].map((id) => ({ object: 'companies', id })),
      'association:companies/primary': [{ object: 'companies', id: '1000' }],
      'association:companies/decision maker': [{ object: 'companies', id: '20' }],
    })
  })

  test('none is empty, although HubSpot reports it as an error', async () => {
    expect(await edgesOf('1', () => batch([], [none('1')]))).toEqual({
      'association:companies': [],
      'association:companies/primary': [],
      'association:companies/decision maker': [],
    })
  })

  test('goes on inside a row that has more', async () => {
    const inputs: unknown[] = []
    const values = await edgesOf('1', (request) => {
      inputs.push((request.body as { inputs: unknown }).inputs)
      const isFirst = inputs.length === 1
      const to = [{ toObjectId: isFirst ? 5 : 6, associationTypes: [plain] }]
      return batch([from('1', to, isFirst ? 'next-5' : undefined)])
    })
    expect(values).toMatchObject({
      'association:companies': [
        { object: 'companies', id: '5' },
        { object: 'companies', id: '6' },
      ],
    })
    expect(inputs).toEqual([[{ id: '1' }], [{ id: '1', after: 'next-5' }]])
  })

  test('that fail leave the field unread, not empty', async () => {
    const problem = { ...none('1'), subCategory: 'crm.associations.INVALID_IDENTIFIER' }
    expect(await edgesOf('1', () => batch([], [problem]))).toEqual({})
  })
})

describe('listing', () => {
  test('passes the cursor on as it is, and reads the recycle bin', async () => {
    const { connector, sent } = scripted({
      [LIST]: (request) =>
        json(200, {
          results: [row('1', { jobtitle: 'CTO' })],
          ...(!request.query.get('after') && { paging: { next: { after: 'opaque+2' } } }),
        }),
    })
    const first = await connector.list({
      object: 'contacts',
      fields: ['jobtitle'],
      cursor: null,
      archived: true,
    })
    expect(first).toMatchObject({ next: 'opaque+2', records: [{ values: { jobtitle: 'CTO' } }] })
    const last = await connector.list({ object: 'contacts', fields: ['jobtitle'], cursor: 'opaque+2' })
    expect(last.next).toBeNull()
    const queries = sent.filter(({ path }) => path === '/crm/v3/objects/contacts').map(({ query }) => query)
    expect(queries.map((query) => [query.get('archived'), query.get('after'), query.get('limit')])).toEqual([
      ['true', null, '100'],
      ['false', 'opaque+2', '100'],
    ])
  })

  test('takes edges out of the listing, and asks again only where it proves nothing', async () => {
    const listed = (results: readonly unknown[], paging?: unknown) => ({
      associations: { companies: { results, ...(paging !== undefined && { paging }) } },
    })
    const plain = (id: string) => ({ id, type: 'contact_to_company_unlabeled' })
    const primary = (id: string) => ({ id, type: 'contact_to_company' })
    const { connector, sentTo } = scripted({
      [LIST]: () =>
        json(200, {
          results: [
            row('1', {}, listed([plain('7'), primary('7'), plain('8')])),
            row('2', {}, listed([plain('7')])),
            row('3'),
            row('4', {}, listed([primary('9')])),
            row('5', {}, listed([plain('7')], { next: { after: 'x' } })),
          ],
        }),
      [ASSOCIATIONS]: (request) =>
        batch(
          ids(request).map((id) => ({
            from: { id },
            to: [
              {
                toObjectId: 9,
                associationTypes: [{ category: 'HUBSPOT_DEFINED', typeId: 279, label: null }],
              },
            ],
          })),
        ),
    })
    const fields = ['association:companies', 'association:companies/primary']
    const { records } = await connector.list({ object: 'contacts', fields, cursor: null })
    const idsOf = (value: unknown) => (value as readonly { id: string }[]).map(({ id }) => id)
    expect(
      records.map(({ key, values }) => [key.id, ...fields.map((field) => idsOf(values[field]))]),
    ).toEqual([
      ['1', ['7', '8'], ['7']],
      ['2', ['7'], []],
      ['3', [], []],
      ['4', ['9'], []],
      ['5', ['9'], []],
    ])
    expect(sentTo('/crm/v4/associations/contacts/companies/batch/read').map(ids)).toEqual([['4', '5']])
  })

  test('with more properties than a URL holds reads them in a batch', async () => {
    const fields = Array.from({ length: 300 }, (_, n) => `a_rather_long_property_name_${n}`)
    const { connector, sentTo } = scripted({
      [LIST]: () => json(200, { results: [row('1')] }),
      [READ]: () => batch([row('1', { [fields[7]!]: 'x' })]),
    })
    const { records } = await connector.list({ object: 'contacts', fields, cursor: null })
    expect(records).toMatchObject([{ values: { [fields[7]!]: 'x' } }])
    expect(sentTo('/crm/v3/objects/contacts')[0]?.query.getAll('properties')).toEqual([])
  })
})

describe('finding', () => {
  test('by e-mail reads in a batch, in lower case, each address once', async () => {
    const { connector, sentTo } = scripted({ [READ]: () => batch([row('1', { email: 'ada@example.com' })]) })
    const values = ['Ada@Example.com', 'ada@example.com', ' ', 'bob@example.com']
    const found = await connector.find({ object: 'contacts', field: 'email', values, fields: ['email'] })
    expect(found).toMatchObject([{ key: { id: '1' } }])
    const [request] = sentTo('/crm/v3/objects/contacts/batch/read')
    expect(request?.body).toMatchObject({ idProperty: 'email' })
    expect(ids(request!)).toEqual(['ada@example.com', 'bob@example.com'])
  })

  test('by a unique property of the account reads in a batch too', async () => {
    const { connector, sentTo } = scripted({ [READ]: () => batch([row('1', { attio_record_id: 'rec-1' })]) })
    const asked = { object: 'contacts', field: 'attio_record_id', values: ['rec-1'], fields: [] }
    expect(await connector.find(asked)).toMatchObject([{ key: { id: '1' } }])
    const [request] = sentTo('/crm/v3/objects/contacts/batch/read')
    expect(request?.body).toMatchObject({ idProperty: 'attio_record_id' })
  })

  test('by any other property searches, then reads what is there now', async () => {
    const { connector, sentTo } = scripted({
      'POST /crm/v3/objects/contacts/search': (request) => {
        const { after } = request.body as { after?: string }
        return after
          ? json(200, { total: 2, results: [row('2')] })
          : json(200, { total: 2, results: [row('1')], paging: { next: { after: '1' } } })
      },
      [READ]: () => batch([row('1', { jobtitle: 'CTO' })], [missing('2')]),
    })
    const found = await connector.find({
      object: 'contacts',
      field: 'jobtitle',
      values: ['CTO'],
      fields: ['jobtitle'],
    })
    expect(found.map(({ key }) => key.id)).toEqual(['1'])
    const [search] = sentTo('/crm/v3/objects/contacts/search')
    expect(search?.body).toMatchObject({
      filterGroups: [{ filters: [{ propertyName: 'jobtitle', operator: 'IN', values: ['cto'] }] }],
    })
  })

  test('asks for no page that would reach beyond the ten thousandth hit', async () => {
    const { connector, sentTo } = scripted({
      'POST /crm/v3/objects/contacts/search': (request) => {
        const { after = '0', limit } = request.body as { after?: string; limit: number }
        // Pages may be short; one that would end behind the ten thousandth hit is refused.
        const next = Number(after) + Math.min(limit, 150)
        if (Number(after) + limit > 10_000) return refusal(400, 'Paging beyond 10000 results')
        return json(200, { total: 10_001, results: [], paging: { next: { after: String(next) } } })
      },
    })
    const found = await connector.find({
      object: 'contacts',
      field: 'jobtitle',
      values: ['CTO'],
      fields: ['jobtitle'],
    })
    expect(found).toEqual([])
    expect(sentTo('/crm/v3/objects/contacts/search').at(-1)?.body).toMatchObject({
      after: '9900',
      limit: 100,
    })
  })

  test('keeps every search body within the size that HubSpot takes', async () => {
    const { connector, sentTo } = scripted({
      'POST /crm/v3/objects/contacts/search': () => json(200, { total: 0, results: [] }),
    })
    const values = Array.from({ length: 100 }, (_, n) => `value-${n}-${'x'.repeat(80)}`)
    await connector.find({ object: 'contacts', field: 'jobtitle', values, fields: ['jobtitle'] })
    const searches = sentTo('/crm/v3/objects/contacts/search')
    expect(searches.length).toBeGreaterThan(1)
    for (const { body } of searches) expect(JSON.stringify(body).length).toBeLessThanOrEqual(3_000)
  })
})
