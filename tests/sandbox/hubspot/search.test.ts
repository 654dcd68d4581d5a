import { describe, expect, it } from 'vitest'
import { START, TestPortal, type Reply } from './portal.ts'

const PATH = '/crm/v3/objects/contacts/search'

function filters(...list: unknown[]): unknown {
  return { filterGroups: [{ filters: list }], limit: 200 }
}

function ids(reply: Reply): string[] {
  if (reply.status !== 200) throw new Error(JSON.stringify(reply.body))
  return reply.body.results.map((row: { id: string }) => row.id)
}

/** A portal whose index is up to date. */
function instantPortal(): TestPortal {
  return new TestPortal({ settings: { searchLagMs: [0, 0] } })
}

it('answers the oldest first, which is not the smallest id after a merge', () => {
  const portal = new TestPortal({ settings: { searchLagMs: [0, 0] } })
  const made = ['a', 'b', 'c'].map((lastname) => {
    portal.now += 1_000
    return portal.create('contacts', { lastname })
  })
  const ids = { primaryObjectId: made[0], objectIdToMerge: made[1] }
  const merged = portal.post('/crm/v3/objects/contacts/merge', ids).body.id
  const { results } = portal.post('/crm/v3/objects/contacts/search', {}).body
  expect(results.map((row: { id: string }) => row.id)).toEqual([merged, made[2]])
})

describe('the index', () => {
  it('knows nothing for two seconds, may answer differently in between, and knows all after five', () => {
    const portal = new TestPortal()
    for (let n = 0; n < 30; n++) portal.create('contacts', { lastname: `${n}` })
    const total = () => portal.post(PATH, { limit: 1 }).body.total as number
    portal.now = START + 1_999
    expect(total()).toBe(0)
    portal.now = START + 3_500
    const answers = new Set(Array.from({ length: 20 }, total))
    expect(answers.size).toBeGreaterThan(1)
    portal.now = START + 5_000
    expect(new Set(Array.from({ length: 20 }, total))).toEqual(new Set([30]))
  })

  it('never shows archived records, and counts them for a while', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { lastname: 'x' })
    portal.now += 10_000
    portal.call('DELETE', `/crm/v3/objects/contacts/${id}`)
    const soon = portal.post(PATH, {})
    expect([soon.body.total, soon.body.results]).toEqual([1, []])
    portal.now += 5_000
    expect(portal.post(PATH, {}).body.total).toBe(0)
  })

  it('answers what it holds, not what the record is by now', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { lastname: 'x', city: 'Rome' })
    portal.now += 10_000
    portal.patch(`/crm/v3/objects/contacts/${id}`, { properties: { city: 'Berlin' } })
    const [row] = portal.post(PATH, { properties: ['city'] }).body.results
    expect(row.properties.city).toBe('Rome')
    expect(row.updatedAt).toBe(row.createdAt)
  })
})

describe('filters', () => {
  const portal = instantPortal()
  const company = portal.create('companies', { name: 'Initech' })
  const ada = portal.create(
    'contacts',
    { email: 'ada@x.com', firstname: 'Ada', jobtitle: 'Chief Engineer', hs_lead_status: 'NEW' },
    [{ to: { id: company }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 279 }] }],
  )
  portal.now += 60_000
  const bob = portal.create('contacts', { email: 'bob@y.org', firstname: 'Bob', followercount: '10' })
  portal.now += 60_000
  const cyd = portal.create('contacts', {
    firstname: 'Cyd',
    followercount: '9',
    hs_buying_role: 'CHAMPION;END_USER',
  })
  const t = (ms: number) => String(START + ms)

  it.each([
    ['EQ folds case', [{ propertyName: 'firstname', operator: 'EQ', value: 'ADA' }], [ada]],
    ['EQ on enumerations does not', [{ propertyName: 'hs_lead_status', operator: 'EQ', value: 'new' }], []],
    [
      'NEQ leaves out records without a value',
      [{ propertyName: 'email', operator: 'NEQ', value: 'ada@x.com' }],
      [bob],
    ],
    ['IN wants lower case', [{ propertyName: 'firstname', operator: 'IN', values: ['Ada', 'bob'] }], [bob]],
    ['NOT_IN', [{ propertyName: 'email', operator: 'NOT_IN', values: ['bob@y.org'] }], [ada]],
    ['IN on sets', [{ propertyName: 'hs_buying_role', operator: 'IN', values: ['END_USER'] }], [cyd]],
    ['GT compares numbers', [{ propertyName: 'followercount', operator: 'GT', value: '9' }], [bob]],
    ['HAS_PROPERTY', [{ propertyName: 'email', operator: 'HAS_PROPERTY' }], [ada, bob]],
    ['NOT_HAS_PROPERTY', [{ propertyName: 'email', operator: 'NOT_HAS_PROPERTY' }], [cyd]],
    ['CONTAINS_TOKEN', [{ propertyName: 'jobtitle', operator: 'CONTAINS_TOKEN', value: 'eng*' }], [ada]],
    [
      'CONTAINS_TOKEN on e-mails',
      [{ propertyName: 'email', operator: 'CONTAINS_TOKEN', value: '*@y.org' }],
      [bob],
    ],
    [
      'times in milliseconds',
      [{ propertyName: 'lastmodifieddate', operator: 'GTE', value: t(60_000) }],
      [bob, cyd],
    ],
    [
      'times in ISO form, AND-ed',
      [
        { propertyName: 'createdate', operator: 'GT', value: '2026-11-23T12:00:00.123Z' },
        { propertyName: 'createdate', operator: 'LT', value: t(120_000) },
      ],
      [bob],
    ],
    [
      'BETWEEN',
      [{ propertyName: 'createdate', operator: 'BETWEEN', value: t(0), highValue: t(60_000) }],
      [ada, bob],
    ],
    ['an always empty property', [{ propertyName: 'hs_lastmodifieddate', operator: 'GTE', value: '0' }], []],
    ['ids as numbers', [{ propertyName: 'hs_object_id', operator: 'GT', value: ada }], [bob, cyd]],
  ])('%s', (_name, list, expected) => {
    expect(ids(portal.post(PATH, filters(...list)))).toEqual(expected)
  })

  it('filters by associations, once the index knows them', () => {
    portal.now += 5_000
    const list = [{ propertyName: 'associations.company', operator: 'EQ', value: company }]
    expect(ids(portal.post(PATH, filters(...list)))).toEqual([ada])
  })

  it('ORs groups, takes a top-level filters list, and looks for `query` in fixed properties', () => {
    const group = (value: string) => ({ filters: [{ propertyName: 'firstname', operator: 'EQ', value }] })
    expect(ids(portal.post(PATH, { filterGroups: [group('ada'), group('cyd')] }))).toEqual([ada, cyd])
    expect(ids(portal.post(PATH, group('bob')))).toEqual([bob])
    expect(ids(portal.post(PATH, { query: '@Y.or' }))).toEqual([bob])
    expect(ids(portal.post(PATH, { query: 'Engineer' }))).toEqual([])
  })

  it.each([
    ['-createdate', ['cyd', 'bob', 'ada']],
    ['firstname', ['ada', 'bob', 'cyd']],
    [{ propertyName: 'followercount', direction: 'ASCENDING' }, ['cyd', 'bob', 'ada']],
    [{ propertyName: 'followercount', direction: 'DESCENDING' }, ['bob', 'cyd', 'ada']],
  ])('sorts by %j', (sort, expected) => {
    const names = new Map([
      [ada, 'ada'],
      [bob, 'bob'],
      [cyd, 'cyd'],
    ])
    expect(ids(portal.post(PATH, { sorts: [sort] })).map((id) => names.get(id))).toEqual(expected)
  })

  it.each([
    ['two sorts', { sorts: ['firstname', 'lastname'] }],
    ['201 rows', { limit: 201 }],
    ['an unknown property', filters({ propertyName: 'nonsense', operator: 'EQ', value: 'x' })],
    ['an unknown operator', filters({ propertyName: 'email', operator: 'LIKE', value: 'x' })],
    ['six groups', { filterGroups: Array.from({ length: 6 }, () => ({ filters: [] })) }],
    [
      'seven filters',
      filters(...Array.from({ length: 7 }, () => ({ propertyName: 'email', operator: 'HAS_PROPERTY' }))),
    ],
    ['a long body', { query: 'x'.repeat(3_000) }],
    ['paging past 10,000', { after: '10000' }],
    ['a cursor that is no number', { after: 'abc' }],
  ])('refuses %s', (_name, body) => {
    expect(portal.post(PATH, body).status).toBe(400)
  })
})

describe('paging', () => {
  it('counts offsets as text and carries no link', () => {
    const portal = instantPortal()
    const all = Array.from({ length: 25 }, (_, n) => portal.create('contacts', { lastname: `${n}` }))
    const first = portal.post(PATH, {})
    expect(first.body).toMatchObject({ total: 25, paging: { next: { after: '10' } } })
    expect(first.body.paging.next).not.toHaveProperty('link')
    const last = portal.post(PATH, { after: '20' })
    expect(ids(last)).toEqual(all.slice(20))
    expect(last.body).not.toHaveProperty('paging')
  })

  it('loses nothing over short pages', () => {
    const portal = new TestPortal({ settings: { searchLagMs: [0, 0], searchShortPages: 1 } })
    const all = Array.from({ length: 60 }, (_, n) => portal.create('contacts', { lastname: `${n}` }))
    const seen: string[] = []
    let pages = 0
    let after: string | undefined = '0'
    while (after !== undefined) {
      const reply = portal.post(PATH, { limit: 20, after })
      seen.push(...ids(reply))
      pages++
      after = reply.body.paging?.next.after
    }
    expect(seen).toEqual(all)
    expect(pages).toBeGreaterThan(3)
  })
})
