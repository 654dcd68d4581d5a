/** Companies, deals, contacts and the rest before version 3, held against answers that hubspot-ruby recorded. */
import { describe, expect, it } from 'vitest'
import { TestPortal } from './portal.ts'

const named = (values: Record<string, string>) => ({
  properties: Object.entries(values).map(([name, value]) => ({ name, value })),
})
const AT = Date.parse('2026-11-23T12:00:00.123Z')

function company(portal: TestPortal, values: Record<string, string> = { name: 'Foo', domain: 'foo.com' }) {
  return portal.post('/companies/v2/companies/', named(values))
}

function contact(portal: TestPortal, email: string): number {
  return Number(portal.create('contacts', { email }))
}

describe('companies of version 2', () => {
  it('come with every value, its source and its history', () => {
    const portal = new TestPortal()
    const { status, body } = company(portal)
    expect(status).toBe(200)
    expect(Object.keys(body)).toEqual([
      'portalId',
      'companyId',
      'isDeleted',
      'properties',
      'additionalDomains',
      'stateChanges',
      'mergeAudits',
    ])
    expect(body.properties.name).toEqual({
      value: 'Foo',
      timestamp: AT,
      source: 'INTEGRATION',
      sourceId: expect.any(String),
      versions: [
        {
          name: 'name',
          value: 'Foo',
          timestamp: AT,
          sourceId: expect.any(String),
          source: 'INTEGRATION',
          sourceVid: [],
        },
      ],
    })
    expect(body.properties.hs_task_label).toMatchObject({ source: 'CALCULATED', sourceId: null })
    expect(body.properties.createdate.value).toBe(String(AT))
    portal.call('PUT', `/companies/v2/companies/${body.companyId}`, named({ name: 'Bar' }))
    const { name } = portal.get(`/companies/v2/companies/${body.companyId}`).body.properties
    expect(name.versions.map((version: { value: string }) => version.value)).toEqual(['Bar', 'Foo'])
  })

  it('that are not there are told shortly to readers and at length to writers', () => {
    const portal = new TestPortal()
    const { portalId } = company(portal).body
    expect(portal.get('/companies/v2/companies/5')).toMatchObject({
      status: 404,
      body: { message: 'resource not found' },
    })
    expect(portal.call('PUT', '/companies/v2/companies/5', named({ name: 'x' }))).toMatchObject({
      status: 404,
      body: { message: `Couldn't find a company with the ID '5' in portal '${portalId}'` },
    })
  })

  it('refuse values in their own way', () => {
    const portal = new TestPortal()
    const { status, body } = company(portal, { name: 'Foo', nope: '1' })
    expect(status).toBe(400)
    expect(body).toMatchObject({
      message: 'Property values were not valid',
      validationResults: [{ isValid: false, error: 'PROPERTY_DOESNT_EXIST', name: 'nope' }],
    })
    expect(portal.get('/companies/v2/companies/paged').body.companies).toEqual([])
  })

  it('are deleted once', () => {
    const portal = new TestPortal()
    const { companyId } = company(portal).body
    const path = `/companies/v2/companies/${companyId}`
    expect(portal.call('DELETE', path)).toMatchObject({ status: 200, body: { companyId, deleted: true } })
    expect(portal.call('DELETE', path).status).toBe(404)
  })

  it('are listed as ids unless values are asked for, page by page', () => {
    const portal = new TestPortal()
    const ids = ['a', 'b', 'c'].map((name) => company(portal, { name }).body.companyId)
    const first = portal.get('/companies/v2/companies/paged?limit=2&offset=').body
    expect(first).toMatchObject({ 'has-more': true, offset: ids[1] })
    expect(first.companies[0]).toMatchObject({ companyId: ids[0], properties: {} })
    const rest = portal.get(`/companies/v2/companies/paged?properties=name&offset=${first.offset}`).body
    expect(rest).toMatchObject({ 'has-more': false, offset: ids[2] })
    expect(rest.companies[0].properties.name.value).toBe('c')
  })

  it('made or changed lately come newest first, counted', () => {
    const portal = new TestPortal()
    const made = ['a', 'b'].map((name) => {
      portal.now += 1_000
      return company(portal, { name }).body.companyId
    })
    portal.now += 1_000
    portal.call('PUT', `/companies/v2/companies/${made[0]}`, named({ name: 'changed' }))
    const ids = (path: string) =>
      portal
        .get(`/companies/v2/companies/recent/${path}`)
        .body.results.map((row: { companyId: number }) => row.companyId)
    expect(ids('created')).toEqual([made[1], made[0]])
    expect(ids('modified')).toEqual([made[0], made[1]])
    expect(ids(`modified?since=${portal.now}`)).toEqual([made[0]])
    const page = portal.get('/companies/v2/companies/recent/created?count=1').body
    expect(page).toMatchObject({ hasMore: true, offset: 1, total: 2 })
  })

  it('are found by domain, in the order of their ids', () => {
    const portal = new TestPortal()
    const ids = [1, 2, 3].map(() => company(portal).body.companyId)
    company(portal, { name: 'other', domain: 'other.com' })
    const ask = (more: object) =>
      portal.post('/companies/v2/domains/foo.com/companies', { limit: 2, requestOptions: {}, ...more }).body
    const first = ask({ offset: { isPrimary: true, companyId: null } })
    expect(first).toMatchObject({ hasMore: true, offset: { companyId: ids[1], isPrimary: true } })
    expect(first.results.map((row: { properties: object }) => row.properties)).toEqual([{}, {}])
    expect(ask({ offset: first.offset }).results).toMatchObject([{ companyId: ids[2] }])
  })

  it('get and lose contacts', () => {
    const portal = new TestPortal()
    const { companyId, portalId } = company(portal).body
    const vids = ['a@x.com', 'b@x.com'].map((email) => contact(portal, email))
    const path = `/companies/v2/companies/${companyId}`
    for (const vid of vids) {
      expect(portal.call('PUT', `${path}/contacts/${vid}`)).toMatchObject({
        status: 200,
        body: { companyId },
      })
    }
    expect(portal.read('contacts', String(vids[0]), 'associatedcompanyid')).toMatchObject({
      associatedcompanyid: String(companyId),
    })
    expect(portal.get(`${path}/vids?count=1`).body).toEqual({
      vids: [vids[0]],
      vidOffset: vids[0],
      hasMore: true,
    })
    const [shown] = portal.get(`${path}/contacts?vidOffset=${vids[0]}`).body.contacts
    expect(shown).toMatchObject({ vid: vids[1], identities: [{ identity: [{ value: 'b@x.com' }, {}] }] })
    expect(portal.call('PUT', `${path}/contacts/1`)).toMatchObject({
      status: 404,
      body: { message: `Couldn't find a Contact with the vid '1' in portal '${portalId}'` },
    })
    expect(portal.call('DELETE', `${path}/contacts/${vids[0]}`).status).toBe(204)
    expect(portal.get(`${path}/vids`).body.vids).toEqual([vids[1]])
  })

  it('are updated many at a time, later', () => {
    const portal = new TestPortal()
    const objectId = company(portal).body.companyId
    const batch = [
      { objectId, ...named({ city: 'Rome' }) },
      { objectId: 5, ...named({ city: 'x' }) },
    ]
    expect(portal.post('/companies/v1/batch-async/update', batch)).toMatchObject({ status: 202, body: '' })
    expect(portal.read('companies', String(objectId), 'city')).toMatchObject({ city: 'Rome' })
  })
})

describe('deals of version 1', () => {
  const DEAL = { dealname: 'D', dealstage: 'appointmentscheduled', pipeline: 'default' }

  it('begin with their associations, and show them', () => {
    const portal = new TestPortal()
    const associatedCompanyIds = [company(portal).body.companyId]
    const associatedVids = [contact(portal, 'a@x.com'), contact(portal, 'b@x.com')]
    const associations = { associatedCompanyIds, associatedVids }
    const { status, body } = portal.post('/deals/v1/deal', { associations, ...named(DEAL) })
    expect(status).toBe(200)
    expect(body).toMatchObject({
      isDeleted: false,
      associations: { associatedVids, associatedCompanyIds, associatedDealIds: [], associatedTicketIds: [] },
      properties: { dealname: { value: 'D' }, hs_closed_amount: { value: '0', source: 'CALCULATED' } },
      imports: [],
      stateChanges: [],
    })
    const found = portal.get(
      `/deals/v1/deal/associated/contact/${associatedVids[0]}/paged?includeAssociations=true`,
    )
    expect(found.body).toMatchObject({ deals: [{ dealId: body.dealId, associations }], hasMore: false })
    expect(
      portal.post('/deals/v1/deal', { associations: { associatedVids: [1] }, ...named(DEAL) }),
    ).toMatchObject({
      status: 400,
      body: { message: 'One or more associations are invalid' },
    })
  })

  it('are changed, associated, listed and deleted', () => {
    const portal = new TestPortal()
    const { dealId } = portal.post('/deals/v1/deal', named(DEAL)).body
    const vid = contact(portal, 'a@x.com')
    const path = `/deals/v1/deal/${dealId}`
    expect(portal.call('PUT', path, named({ amount: '10' })).body.properties.amount.value).toBe('10')
    expect(portal.call('PUT', `${path}/associations/CONTACT?id=${vid}`).status).toBe(204)
    expect(portal.get(path).body.associations.associatedVids).toEqual([vid])
    expect(portal.call('DELETE', `${path}/associations/CONTACT?id=${vid}`).status).toBe(204)
    expect(portal.get(path).body.associations.associatedVids).toEqual([])
    expect(portal.get('/deals/v1/deal/paged?properties=amount').body).toMatchObject({
      deals: [{ dealId, associations: null, properties: { amount: { value: '10' } } }],
      hasMore: false,
      offset: dealId + 1,
    })
    expect(portal.call('DELETE', path).status).toBe(204)
    expect(portal.get(path).status).toBe(404)
    expect(portal.get('/deals/v1/deal/recent/modified').body).toMatchObject({ results: [], total: 0 })
  })

  it('have their pipelines in an older shape', () => {
    const [pipeline] = new TestPortal().get('/deals/v1/pipelines').body
    expect(pipeline).toMatchObject({ pipelineId: 'default', active: true })
    expect(pipeline.stages.at(-2)).toMatchObject({ stageId: 'closedwon', probability: 1, closedWon: true })
    expect(pipeline.stages.at(-1)).toMatchObject({ stageId: 'closedlost', probability: 0, closedWon: false })
  })
})

describe('contacts of version 1', () => {
  it('are read many at a time, those that are there', () => {
    const portal = new TestPortal()
    const vid = contact(portal, 'a@x.com')
    const byId = portal.get(`/contacts/v1/contact/vids/batch?vid=${vid}&vid=5&property=email`).body
    expect(Object.keys(byId)).toEqual([String(vid)])
    expect(byId[vid].properties.email).toEqual({ value: 'a@x.com' })
    expect(Object.keys(portal.get('/contacts/v1/contact/emails/batch?email=A@x.com').body)).toEqual([
      String(vid),
    ])
  })

  it('are made and changed many at a time, all or none', () => {
    const portal = new TestPortal()
    const vid = contact(portal, 'a@x.com')
    const listed = (value: string, property = 'city') => ({ properties: [{ property, value }] })
    const batch = (entries: object[]) => portal.post('/contacts/v1/contact/batch/', entries)
    expect(
      batch([
        { vid, ...listed('Rome') },
        { email: 'new@x.com', ...listed('1', 'nope') },
      ]),
    ).toMatchObject({
      status: 400,
      body: { message: 'Errors found processing batch update' },
    })
    expect(portal.read('contacts', String(vid), 'city')).toMatchObject({ city: null })
    const twice = { email: 'new@x.com', ...listed('Oslo') }
    expect(batch([{ vid, ...listed('Rome') }, twice, twice]).status).toBe(202)
    expect(portal.read('contacts', String(vid), 'city')).toMatchObject({ city: 'Rome' })
    expect(portal.get('/crm/v3/objects/contacts').body.results).toHaveLength(2)
  })

  it('are found once the index knows them', () => {
    const portal = new TestPortal()
    const vid = contact(portal, 'a@x.com')
    const ask = () => portal.get('/contacts/v1/search/query?count=25&offset=&q=a@x.com').body
    expect(ask()).toEqual({ query: 'a@x.com', offset: 0, 'has-more': false, total: 0, contacts: [] })
    portal.now += 60_000
    expect(ask()).toMatchObject({ offset: 1, total: 1, contacts: [{ vid }] })
  })

  it('are merged with a word', () => {
    const portal = new TestPortal()
    const [a, b] = [contact(portal, 'a@x.com'), contact(portal, 'b@x.com')]
    const merged = portal.post(`/contacts/v1/contact/merge-vids/${a}/`, { vidToMerge: b })
    expect(merged).toMatchObject({ status: 200, body: 'SUCCESS' })
    expect(portal.get(`/contacts/v1/contact/vid/${b}/profile`).body['merged-vids']).toEqual([a, b])
  })
})

describe('associations of version 1', () => {
  it('are named by the id of their type', () => {
    const portal = new TestPortal()
    const toObjectId = company(portal).body.companyId
    const fromObjectId = contact(portal, 'a@x.com')
    const pair = { fromObjectId, toObjectId, category: 'HUBSPOT_DEFINED', definitionId: 1 }
    const root = '/crm-associations/v1/associations'
    expect(portal.call('PUT', root, pair).status).toBe(204)
    const contacts = () => portal.get(`${root}/${toObjectId}/HUBSPOT_DEFINED/2?limit=25&offset=`).body
    expect(contacts()).toEqual({ results: [fromObjectId], hasMore: false, offset: fromObjectId })
    expect(portal.call('PUT', `${root}/delete-batch`, [pair, { ...pair, toObjectId: 1234 }]).status).toBe(204)
    expect(contacts().results).toEqual([])
    const wrong = portal.call('PUT', `${root}/create-batch`, [pair, { ...pair, fromObjectId: 1234 }])
    expect(wrong).toMatchObject({
      status: 400,
      body: { message: 'One or more associations are invalid', errors: ['CONTACT=1234 is not valid'] },
    })
    expect(contacts().results).toEqual([])
  })
})

describe('definitions of version 1 and 2', () => {
  it('of properties are bare lists, with members of their own', () => {
    const portal = new TestPortal()
    const root = '/properties/v1/contacts'
    const [email] = portal.get(`${root}/properties`).body
    expect(email).toMatchObject({ name: 'email', readOnlyValue: false, hubspotDefined: true, deleted: false })
    const field = {
      name: 'size',
      label: 'Size',
      groupName: 'contactinformation',
      type: 'number',
      fieldType: 'number',
    }
    expect(portal.post(`${root}/properties`, field)).toMatchObject({ status: 200, body: { name: 'size' } })
    expect(portal.post('/properties/v2/contacts/properties', field).status).toBe(409)
    const path = `${root}/properties/named/size`
    expect(portal.call('PUT', path, { ...field, label: 'Length' }).body).toMatchObject({ label: 'Length' })
    expect(portal.call('DELETE', path).status).toBe(204)
    expect(portal.get(path).status).toBe(404)
  })

  it('of groups have display names', () => {
    const portal = new TestPortal()
    const root = '/properties/v1/companies/groups'
    const made = portal.post(root, { name: 'ours', displayName: 'Ours' })
    expect(made).toMatchObject({ status: 200, body: { name: 'ours', displayName: 'Ours' } })
    expect(portal.call('PUT', `${root}/named/ours`, { displayName: 'Mine' }).body.displayName).toBe('Mine')
    expect(portal.get(`${root}?includeProperties=true`).body.at(-1)).toMatchObject({
      name: 'ours',
      properties: [],
    })
  })
})

describe('owners and the account', () => {
  it('have an older shape', () => {
    const portal = new TestPortal()
    const [owner, ...others] = portal.get('/owners/v2/owners?email=Bruno.Keller@example.com').body
    expect(others).toEqual([])
    expect(owner).toMatchObject({
      ownerId: 181530202,
      remoteList: [{ remoteId: '61000102', remoteType: 'HUBSPOT', active: true }],
      activeUserId: 61000102,
    })
    const gone = '/owners/v2/owners/181530206'
    expect(portal.get(gone).status).toBe(404)
    expect(portal.get(`${gone}?includeInactive=true`).body).not.toHaveProperty('activeUserId')
    expect(portal.get('/integrations/v1/me').body).toMatchObject({ timeZone: 'US/Eastern', currency: 'USD' })
    expect(portal.get('/integrations/v1/limit/daily').body[0]).toMatchObject({
      currentUsage: expect.any(Number),
    })
  })
})
