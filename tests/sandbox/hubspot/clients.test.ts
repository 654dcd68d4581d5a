/** How clients that nobody here wrote log in and learn who they are (HubSpot fact sheet 4). */
import { describe, expect, it } from 'vitest'
import { TestPortal } from './portal.ts'

const contacts = '/crm/v3/objects/contacts'

describe('an OAuth app from outside', () => {
  it('knows what it needs to log in', () => {
    const portal = new TestPortal()
    const { clientId, clientSecret, refreshToken } = portal.model.credentials ?? {}
    const reply = portal.call(
      'POST',
      '/oauth/v1/token',
      new URLSearchParams({
        grant_type: 'refresh_token',
        client_id: String(clientId),
        client_secret: String(clientSecret),
        refresh_token: String(refreshToken),
      }).toString(),
      { 'content-type': 'application/x-www-form-urlencoded' },
    )
    expect(reply).toMatchObject({ status: 200, body: { refresh_token: refreshToken } })
    portal.token = reply.body.access_token
    expect(portal.get(`${contacts}?limit=1`).status).toBe(200)
  })
})

describe('a private app', () => {
  it('learns from its token who it is', () => {
    const portal = new TestPortal()
    const path = '/oauth/v2/private-apps/get/access-token-info'
    const { portalId, appId } = portal.model.identity
    expect(portal.post(path, { tokenKey: portal.token })).toMatchObject({
      status: 200,
      body: { hubId: portalId, appId, userId: expect.any(Number), scopes: portal.model.settings.scopes },
    })
    expect(portal.post(path, { tokenKey: 'pat-na1-x' }).status).toBe(404)
  })
})
