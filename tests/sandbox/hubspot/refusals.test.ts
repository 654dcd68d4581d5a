/** What clients that nobody here wrote get refused (HubSpot fact sheet 5.2, 6, 9, 18.2). */
import { describe, expect, it } from 'vitest'
import { TestPortal } from './portal.ts'

const contacts = '/crm/v3/objects/contacts'

describe('an association type in a body', () => {
  const put = (spec: unknown) => {
    const portal = new TestPortal()
    const contact = portal.create('contacts', { lastname: 'x' })
    const company = portal.create('companies', { name: 'x' })
    return portal.call('PUT', `/crm/v4/objects/contacts/${contact}/associations/companies/${company}`, [spec])
  }

  it('is of the type its schema says', () => {
    const unreadable = put({
      associationCategory: 'HUBSPOT_DEFINED',
      associationTypeId: 'contact_to_company',
    })
    expect(unreadable.status).toBe(400)
    expect(unreadable.body.message).toContain('Cannot deserialize value of type `int`')
    expect(unreadable.body).not.toHaveProperty('category')
    const odd = put({ associationCategory: 'MINE', associationTypeId: 279 })
    expect(odd.body.message).toMatch(/Cannot deserialize value of type .* String "MINE"/)
    expect(put({ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: '279' }).status).toBe(201)
  })

  it('is whole', () => {
    expect(put({ associationTypeId: 279 }).body.message).toBe(
      'Some required fields were not set: [associationCategory]',
    )
    expect(put({ associationCategory: 'HUBSPOT_DEFINED' }).body.message).toBe(
      'Some required fields were not set: [associationTypeId]',
    )
  })
})

describe('a list', () => {
  it('that asks for history holds fifty records at most', () => {
    const portal = new TestPortal()
    portal.create('contacts', { lastname: 'x' })
    expect(portal.get(`${contacts}?limit=50&propertiesWithHistory=email`).status).toBe(200)
    const refused = portal.get(`${contacts}?limit=51&propertiesWithHistory=email`)
    expect(refused).toMatchObject({ status: 400, body: { category: 'VALIDATION_ERROR' } })
  })
})

describe('a search', () => {
  const search = (body: unknown) => new TestPortal().post(`${contacts}/search`, body)

  it('shows no page that reaches beyond the ten thousandth hit', () => {
    expect(search({ limit: 200, after: '9800' }).status).toBe(200)
    expect(search({ limit: 200, after: '9801' })).toMatchObject({
      status: 400,
      body: { category: 'VALIDATION_ERROR' },
    })
    expect(search({ limit: 199, after: '9801' }).status).toBe(200)
  })

  it('goes up or down, in the words of its schema', () => {
    const sorted = (sort: unknown) => search({ sorts: [sort] })
    const odd = sorted({ propertyName: 'createdate', direction: 'DESC' })
    expect(odd.status).toBe(400)
    expect(odd.body.message).toMatch(/Cannot deserialize value of type .* String "DESC"/)
    expect(odd.body).not.toHaveProperty('category')
    expect(sorted({ propertyName: 'createdate' }).status).toBe(200)
    expect(sorted({ direction: 'ASCENDING' }).body.message).toBe(
      'Some required fields were not set: [propertyName]',
    )
  })

  it('names exactly what a filter lacks', () => {
    const filters = (filter: unknown) => search({ filterGroups: [{ filters: [filter] }] }).body.message
    expect(filters({ operator: 'EQ', value: 'x' })).toBe('Some required fields were not set: [propertyName]')
    expect(filters({ propertyName: 'email', value: 'x' })).toBe(
      'Some required fields were not set: [operator]',
    )
    expect(filters({ propertyName: 'email', operator: 'LIKE', value: 'x' })).toMatch(
      /Cannot deserialize value of type .* String "LIKE"/,
    )
  })
})

describe('an unknown address deleted under the GDPR', () => {
  const blocked = () => {
    const portal = new TestPortal()
    const forget = { objectId: 'Gone@x.com', idProperty: 'email' }
    expect(portal.post(`${contacts}/gdpr-delete`, forget).status).toBe(204)
    return portal
  }

  it('makes no contact any more', () => {
    const portal = blocked()
    const refused = portal.post(contacts, { properties: { email: 'gone@X.com' } })
    expect(refused).toMatchObject({ status: 400, body: { errors: [{ code: 'INVALID_EMAIL' }] } })
    const id = portal.create('contacts', { email: 'other@x.com' })
    expect(portal.patch(`${contacts}/${id}`, { properties: { email: 'gone@x.com' } }).status).toBe(400)
    const inputs = [{ id: 'gone@x.com', idProperty: 'email', properties: { lastname: 'x' } }]
    expect(portal.post(`${contacts}/batch/upsert`, { inputs }).status).toBe(400)
  })

  it('stays blocked in a snapshot', () => {
    const portal = blocked()
    const fresh = new TestPortal()
    fresh.model.restore(portal.model.snapshot())
    expect(fresh.post(contacts, { properties: { email: 'gone@x.com' } }).status).toBe(400)
  })
})

describe('a path outside of this model', () => {
  it('is not modelled where HubSpot answers it, and does not exist elsewhere', () => {
    const portal = new TestPortal()
    for (const path of [
      '/crm-objects/v1/objects/tickets/paged',
      '/crm-pipelines/v1/pipelines/deals',
      '/forms/v2/forms',
      '/email/public/v1/subscriptions',
    ]) {
      expect(portal.get(path), path).toMatchObject({ status: 501, body: { category: 'NOT_MODELLED' } })
    }
    expect(portal.get('/nowhere/v1/x').status).toBe(404)
  })
})

describe('a missing scope', () => {
  it('is told in the newer form, and of schemas in the older one', () => {
    const portal = new TestPortal({ settings: { scopes: ['oauth'] } })
    expect(portal.get(contacts)).toMatchObject({
      status: 403,
      body: {
        message: expect.stringMatching(/^This app hasn't been granted all required scopes/),
        errors: [{ context: { requiredGranularScopes: ['crm.objects.contacts.read'] } }],
        category: 'MISSING_SCOPES',
      },
    })
    const older = portal.get('/crm-object-schemas/v3/schemas')
    expect(older.status).toBe(403)
    expect(older.body).toEqual({
      status: 'error',
      message: 'One or more of the following scopes are required.',
      correlationId: expect.any(String),
      context: {
        requiredGranularScopes: ['crm.schemas.custom.read'],
        links: ['https://developers.hubspot.com/scopes'],
      },
      category: 'MISSING_SCOPES',
    })
  })
})

describe('merging', () => {
  it('is offered for people, companies, deals, tickets and custom objects only', () => {
    const portal = new TestPortal()
    const at = { hs_timestamp: '2026-11-22T10:00:00Z' }
    const [a, b] = [portal.create('notes', at), portal.create('notes', at)]
    const merged = portal.post('/crm/v3/objects/notes/merge', { primaryObjectId: a, objectIdToMerge: b })
    expect(merged.status).toBe(405)
    expect(portal.get(`/crm/v3/objects/notes/${b}`).status).toBe(200)
  })
})
