/** Single contacts the oldest way, as the vendor's documents and published answers show them. */
import { describe, expect, it } from 'vitest'
import { TestPortal } from './portal.ts'

const ROOT = '/contacts/v1/contact'
const listed = (values: Record<string, unknown>) => ({
  properties: Object.entries(values).map(([property, value]) => ({ property, value })),
})

describe('create or update by e-mail', () => {
  it('makes a contact once and says which it was', () => {
    const portal = new TestPortal()
    const upsert = (email: string, values: Record<string, string>) =>
      portal.post(`${ROOT}/createOrUpdate/email/${email}/`, listed(values))
    const first = upsert('Ada@x.com', { firstname: 'Ada' })
    expect(first).toMatchObject({ status: 200, body: { vid: expect.any(Number), isNew: true } })
    const again = upsert('ada@X.com', { firstname: 'Ada', city: 'Rome' })
    expect(again.body).toEqual({ vid: first.body.vid, isNew: false })
    expect(portal.read('contacts', String(first.body.vid), 'email', 'city')).toMatchObject({
      email: 'ada@x.com',
      city: 'Rome',
    })
  })

  it('lists what is wrong with the values in its own place, and writes nothing', () => {
    const portal = new TestPortal()
    const refused = portal.post(
      `${ROOT}/createOrUpdate/email/a@x.com`,
      listed({ nope: '1', createdate: '1' }),
    )
    expect(refused.status).toBe(400)
    expect(refused.body).toEqual({
      validationResults: [
        {
          isValid: false,
          message: 'Property "nope" does not exist',
          error: 'PROPERTY_DOESNT_EXIST',
          name: 'nope',
        },
        expect.objectContaining({ error: 'READ_ONLY_VALUE', name: 'createdate' }),
      ],
      status: 'error',
      message: 'Property values were not valid',
      correlationId: expect.any(String),
    })
    expect(portal.get('/crm/v3/objects/contacts').body.results).toEqual([])
  })

  it('does not take the address of somebody else', () => {
    const portal = new TestPortal()
    portal.create('contacts', { email: 'a@x.com' })
    portal.create('contacts', { email: 'b@x.com' })
    const taken = portal.post(`${ROOT}/createOrUpdate/email/b@x.com`, listed({ email: 'a@x.com' }))
    expect(taken.status).toBe(409)
  })
})

describe('a profile', () => {
  it('holds the values there are, with their history and times as milliseconds', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { email: 'ada@x.com', city: 'Rome', closedate: '2026-11-22' })
    const profile = portal.get(`${ROOT}/vid/${id}/profile`)
    expect(profile).toMatchObject({
      status: 200,
      body: {
        vid: Number(id),
        'canonical-vid': Number(id),
        'merged-vids': [],
        'portal-id': portal.model.identity.portalId,
        'is-contact': true,
        properties: {
          city: {
            value: 'Rome',
            versions: [
              {
                value: 'Rome',
                'source-type': 'INTEGRATION',
                'source-id': String(portal.model.identity.appId),
                'source-label': null,
                timestamp: portal.now,
                selected: false,
              },
            ],
          },
          closedate: { value: String(Date.UTC(2026, 10, 22)) },
          lastmodifieddate: { value: String(portal.now) },
        },
        'form-submissions': [],
        'list-memberships': [],
        'identity-profiles': [
          {
            vid: Number(id),
            identities: [
              { type: 'EMAIL', value: 'ada@x.com', timestamp: portal.now, 'is-primary': true },
              { type: 'LEAD_GUID' },
            ],
          },
        ],
        'merge-audits': [],
      },
    })
    expect(profile.body.properties).not.toHaveProperty('fax')
    const few = portal.get(
      `${ROOT}/email/ADA@x.com/profile?property=city&property=fax&propertyMode=value_only`,
    )
    expect(few.body.properties).toEqual({
      city: { value: 'Rome' },
      lastmodifieddate: { value: String(portal.now) },
    })
  })

  it('is found under every id its contact ever had', () => {
    const portal = new TestPortal()
    const [a, b] = ['a@x.com', 'b@x.com'].map((email) => portal.create('contacts', { email }))
    portal.post('/crm/v3/objects/contacts/merge', { primaryObjectId: a, objectIdToMerge: b })
    const profile = portal.get(`${ROOT}/vid/${b}/profile`).body
    expect(profile['merged-vids']).toEqual([Number(a), Number(b)])
    expect(profile['identity-profiles'][0].identities).toMatchObject([
      { value: 'a@x.com', 'is-primary': true },
      { value: 'b@x.com', 'is-secondary': true },
      { type: 'LEAD_GUID' },
    ])
  })

  it('is made, changed and deleted', () => {
    const portal = new TestPortal()
    const made = portal.post(ROOT, listed({ email: 'a@x.com' }))
    expect(made).toMatchObject({ status: 200, body: { properties: { email: { value: 'a@x.com' } } } })
    expect(portal.post(ROOT, listed({ email: 'a@x.com' })).status).toBe(409)
    const path = `${ROOT}/vid/${made.body.vid}`
    expect(portal.post(`${path}/profile`, listed({ city: 'Rome' }))).toMatchObject({ status: 204, body: '' })
    expect(portal.read('contacts', String(made.body.vid), 'city')).toMatchObject({ city: 'Rome' })
    expect(portal.call('DELETE', path)).toMatchObject({
      status: 200,
      body: { vid: made.body.vid, deleted: true, reason: 'OK' },
    })
    for (const missing of [portal.get(`${path}/profile`), portal.call('DELETE', path)]) {
      expect(missing).toMatchObject({ status: 404, body: { message: 'contact does not exist' } })
    }
  })
})

describe('the lists that outlived version 1', () => {
  const vids = (reply: { body: { contacts: { vid: number }[] } }) => reply.body.contacts.map(({ vid }) => vid)
  const fill = (portal: TestPortal) =>
    ['a', 'b', 'c'].map((name) => {
      portal.now += 1_000
      return Number(portal.create('contacts', { email: `${name}@x.com`, firstname: name }))
    })

  it('show all contacts page by page', () => {
    const portal = new TestPortal()
    const made = fill(portal)
    const path = '/contacts/v1/lists/all/contacts/all'
    const first = portal.get(`${path}?count=2`)
    expect(first.body).toMatchObject({ 'has-more': true, 'vid-offset': made[1] })
    expect(vids(first)).toEqual(made.slice(0, 2))
    expect(first.body.contacts[0]).toMatchObject({ addedAt: expect.any(Number), 'identity-profiles': [{}] })
    expect(Object.keys(first.body.contacts[0].properties)).toEqual(['firstname', 'lastmodifieddate'])
    const second = portal.get(`${path}?count=2&vidOffset=${made[1]}&property=email`)
    expect(second.body).toMatchObject({ 'has-more': false, 'vid-offset': made[2] })
    expect(second.body.contacts[0].properties.email).toEqual({ value: 'c@x.com' })
  })

  it('show those changed and those made lately, newest first', () => {
    const portal = new TestPortal()
    const [a, b, c] = fill(portal)
    portal.now += 1_000
    portal.patch(`/crm/v3/objects/contacts/${a}`, { properties: { city: 'Rome' } })
    const changed = '/contacts/v1/lists/recently_updated/contacts/recent'
    const first = portal.get(`${changed}?count=2`)
    expect(vids(first)).toEqual([a, c])
    const { 'vid-offset': vid, 'time-offset': time } = first.body
    expect(vids(portal.get(`${changed}?count=2&vidOffset=${vid}&timeOffset=${time}`))).toEqual([b])
    expect(vids(portal.get('/contacts/v1/lists/all/contacts/recent'))).toEqual([c, b, a])
    portal.now += 40 * 86_400_000
    expect(vids(portal.get(changed))).toEqual([])
  })

  it('are the only ones', () => {
    const portal = new TestPortal()
    for (const path of ['', '/static', '/7', '/7/contacts/all']) {
      expect(portal.get(`/contacts/v1/lists${path}`).status, path).toBe(404)
    }
  })
})

it('needs the scopes of contacts', () => {
  const portal = new TestPortal({ settings: { scopes: ['crm.objects.contacts.read'] } })
  expect(portal.post(ROOT, listed({ email: 'a@x.com' })).status).toBe(403)
  expect(portal.post(`${ROOT}/batch`, []).status).toBe(403)
})
