/** What the user interface shows, as the API tells it: list views, layouts, tabs. */
import { describe, expect, test } from 'vitest'
import { problem, TestOrg, type Body } from './test-org.ts'

/** The id of a view by its API name. */
function viewOf(org: TestOrg, developerName: string, object = 'Account'): string {
  const { listviews } = org.get(`/sobjects/${object}/listviews`).body
  return listviews.find((view: Body) => view.developerName === developerName).id
}

const shown = (results: Body): (string | null)[] =>
  results.records.map(({ columns }: Body) => columns[0].value)

describe('list views', () => {
  const org = new TestOrg()
  for (const Name of ['zeta', 'Acme']) org.create('Account', { Name, BillingState: 'CA' })

  test('are rows as well, and their URLs lead to them', () => {
    const { body } = org.get('/sobjects/Account/listviews')
    expect(body).toMatchObject({ done: true, size: 3, sobjectType: 'Account' })
    expect(body.listviews.map(({ label }: Body) => label)).toEqual([
      'All Accounts',
      'My Accounts',
      'Recently Viewed Accounts',
    ])
    const [first] = body.listviews
    expect(org.get(first.url.replace('/services/data/v64.0', '')).body).toEqual(first)
    expect(org.rows("SELECT Name FROM ListView WHERE SobjectType = 'Account' ORDER BY Name")).toHaveLength(3)
    expect(org.get('/sobjects/Task/listviews').body).toMatchObject({ listviews: [], size: 0 })
  })

  test('are queries, which run', () => {
    const id = viewOf(org, 'AllAccounts')
    const { query, columns, scope } = org.get(`/sobjects/Account/listviews/${id}/describe`).body
    expect(scope).toBe('everything')
    expect(org.rows(query).map(({ Name }) => Name)).toEqual(['Acme', 'zeta'])
    expect(columns[0]).toMatchObject({
      fieldNameOrPath: 'Name',
      label: 'Account Name',
      sortDirection: 'ascending',
      sortIndex: 0,
      sortable: true,
      hidden: false,
    })
    expect(columns.at(-1)).toMatchObject({ fieldNameOrPath: 'SystemModstamp', hidden: true })
    expect(org.get(`/query/?explain=${id}`).body.plans[0]).toMatchObject({ sobjectType: 'Account' })
  })

  test('answer their rows as text, page by page', () => {
    const results = `/sobjects/Account/listviews/${viewOf(org, 'AllAccounts')}/results`
    const { body } = org.get(results)
    expect(shown(body)).toEqual(['Acme', 'zeta'])
    expect(body.size).toBe(2)
    expect(body.records[0].columns).toContainEqual({ fieldNameOrPath: 'Owner.Alias', value: 'integ' })
    expect(body.records[0].columns).toContainEqual({ fieldNameOrPath: 'Phone', value: null })
    expect(shown(org.get(`${results}?limit=1&offset=1`).body)).toEqual(['zeta'])
    expect(problem(org.get(`${results}?limit=few`))[1]).toBe('NUMBER_OUTSIDE_VALID_RANGE')
  })

  test('of one’s own and of what was looked at lately hold that only', () => {
    const org = new TestOrg()
    const other = org.rows("SELECT Id FROM User WHERE Alias = 'ada.o'")[0].Id
    org.create('Account', { Name: 'Mine' })
    org.create('Account', { Name: 'Theirs', OwnerId: other })
    const rows = (name: string): (string | null)[] =>
      shown(org.get(`/sobjects/Account/listviews/${viewOf(org, name)}/results`).body)
    expect(rows('MyAccounts')).toEqual(['Mine'])
    expect(rows('RecentlyViewedAccounts')).toEqual([])
    org.ask("SELECT Id FROM Account WHERE Name = 'Theirs' FOR VIEW")
    expect(rows('RecentlyViewedAccounts')).toEqual(['Theirs'])
  })

  test('belong to their object', () => {
    const id = viewOf(org, 'AllAccounts')
    expect(org.get(`/sobjects/Contact/listviews/${id}`).status).toBe(404)
    expect(org.get('/sobjects/Account/listviews/nonsense/results').status).toBe(404)
    expect(problem(org.get('/query/?explain=00B000000000001'))[1]).toBe('INVALID_ID')
  })
})

describe('layouts', () => {
  const org = new TestOrg()

  test('show the fields that the user may see, and what may be done to them', () => {
    org.model.settings.hiddenFields = ['Account.Phone']
    const { layouts, recordTypeMappings } = org.get('/sobjects/Account/describe/layouts').body
    const items = layouts[0].detailLayoutSections[0].layoutRows.flatMap((row: Body) => row.layoutItems)
    const item = (name: string): Body =>
      items.find(({ layoutComponents: [{ value }] }: Body) => value === name)
    expect(item('Name')).toMatchObject({ editableForNew: true, required: true, label: 'Account Name' })
    expect(item('CreatedDate')).toMatchObject({ editableForNew: false, required: false })
    expect(item('Phone')).toBeUndefined()
    expect(recordTypeMappings).toMatchObject([{ name: 'Master', master: true }])
    // The URLs that are handed out lead somewhere.
    const own = recordTypeMappings[0].urls.layout.replace('/services/data/v64.0', '')
    expect(org.get(own).body).toEqual(layouts[0])
    expect(org.get('/sobjects/Account/describe/layouts/012000000000001').status).toBe(404)
  })

  test('have names, are compact, or are for approvals', () => {
    const { namedLayoutInfos } = org.get('/sobjects/User/describe').body
    const path = namedLayoutInfos[0].urls.layout.replace('/services/data/v64.0', '')
    expect(org.get(path).body.layouts).toHaveLength(1)
    expect(org.get('/sobjects/Account/describe/namedLayouts/UserAlt').status).toBe(404)
    expect(org.get('/sobjects/Account/describe/compactLayouts').body).toMatchObject({
      compactLayouts: [{ name: 'SYSTEM', objectType: 'Account', fieldItems: [{ label: 'Account Name' }] }],
      defaultCompactLayoutId: null,
    })
    expect(org.get('/sobjects/Account/describe/compactLayouts/primary').body).toMatchObject({
      name: 'SYSTEM',
    })
    expect(org.get('/sobjects/Account/describe/approvalLayouts').body).toEqual({ approvalLayouts: [] })
    expect(org.get('/sobjects/Profile/describe/layouts').status).toBe(404)
    expect(org.get('/sobjects/Account/describe/searchLayouts').status).toBe(501)
  })

  test('come with tabs and themes', () => {
    expect(org.get('/tabs').body[0]).toMatchObject({ name: 'standard-Account', label: 'Accounts' })
    expect(org.get('/theme').body.themeItems).toContainEqual(expect.objectContaining({ name: 'Lead' }))
  })
})
