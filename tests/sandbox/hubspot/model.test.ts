/** The portal apart from its API: its state as text, and people at work in it. */
import { describe, expect, it } from 'vitest'
import { START, TestPortal } from './portal.ts'

describe('state', () => {
  function busyPortal(): TestPortal {
    const portal = new TestPortal()
    const { appId, developerApiKey } = portal.model.identity
    const key = `?hapikey=${developerApiKey}`
    portal.call('PUT', `/webhooks/v3/${appId}/settings${key}`, { targetUrl: 'https://x.example/' })
    portal.post(`/webhooks/v3/${appId}/subscriptions${key}`, { eventType: 'contact.creation', active: true })
    const ids = Array.from({ length: 20 }, (_, n) => portal.create('contacts', { email: `${n}@x.com` }))
    portal.now += 3_000
    portal.patch(`/crm/v3/objects/contacts/${ids[0]}`, { properties: { city: 'Rome' } })
    portal.call('DELETE', `/crm/v3/objects/contacts/${ids[1]}`)
    portal.model.edit({
      action: 'merge',
      object: 'contacts',
      id: ids[2] ?? '',
      other: { object: 'contacts', id: ids[3] ?? '' },
    })
    portal.model.takeDeliveries()
    return portal
  }

  it('goes through text and back', () => {
    const original = busyPortal()
    const copy = new TestPortal()
    copy.model.restore(original.model.snapshot())
    copy.now = original.now
    expect(copy.model.snapshot()).toBe(original.model.snapshot())
    for (const portal of [original, copy]) portal.now += 500
    const ask = (portal: TestPortal) => [
      portal.post('/crm/v3/objects/contacts/search', { limit: 100, properties: ['city'] }).body,
      portal.get('/crm/v3/objects/contacts?limit=100&propertiesWithHistory=city').body,
      portal.post('/crm/v3/objects/contacts', { properties: { email: '5@x.com' } }).body,
      portal.post('/crm/v3/objects/contacts', { properties: { email: 'new@x.com' } }).body,
      portal.model.nextDeliveryAt(),
    ]
    expect(ask(copy)).toEqual(ask(original))
  })

  it('is the same for the same seed and requests, and another for another seed', () => {
    expect(busyPortal().model.snapshot()).toBe(busyPortal().model.snapshot())
    expect(new TestPortal({ seed: 8 }).model.token).not.toBe(new TestPortal({ seed: 7 }).model.token)
  })
})

describe('people', () => {
  it('edit as the user they are', () => {
    const portal = new TestPortal()
    const { id } = portal.model.edit({
      action: 'create',
      object: 'deals',
      values: { dealname: 'x' },
      actor: 'Bruno.Keller@example.com',
    })
    expect(
      portal.read('deals', id, 'hs_object_source', 'hs_object_source_id', 'hs_created_by_user_id'),
    ).toMatchObject({
      hs_object_source: 'CRM_UI',
      hs_object_source_id: 'userId:61000102',
      hs_created_by_user_id: '61000102',
    })
  })

  it('move the lifecycle stage back, which the API cannot', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { lastname: 'x', lifecyclestage: 'customer' })
    portal.model.edit({ action: 'update', object: 'contacts', id, values: { lifecyclestage: 'lead' } })
    expect(portal.read('contacts', id, 'lifecyclestage')['lifecyclestage']).toBe('lead')
  })

  it('associate with a label', () => {
    const portal = new TestPortal({ settings: { firstCompanyBecomesPrimary: false } })
    const id = portal.create('contacts', { lastname: 'x' })
    const company = { object: 'companies', id: portal.create('companies', { name: 'x' }) }
    const labels = () => portal.model.dump()['contacts']?.[id]?.associations.map((row) => row.label)
    portal.model.edit({ action: 'associate', object: 'contacts', id, other: company })
    expect(labels()).toEqual([null])
    portal.model.edit({
      action: 'associate',
      object: 'contacts',
      id,
      other: { ...company, label: 'primary' },
    })
    expect(labels()).toEqual(['primary'])
    portal.model.edit({
      action: 'dissociate',
      object: 'contacts',
      id,
      other: { ...company, label: 'primary' },
    })
    expect(labels()).toEqual([null])
    portal.model.edit({ action: 'dissociate', object: 'contacts', id, other: company })
    expect(labels()).toEqual([])
  })

  it.each([
    [{ action: 'update', object: 'contacts', id: '5', values: {} }, /There is no contact 5/],
    [{ action: 'create', object: 'contacts', values: { email: 'x' } }, /INVALID_EMAIL/],
    [{ action: 'create', object: 'widgets', values: {} }, /Unable to infer object type/],
    [{ action: 'restore', object: 'contacts', id: '5' }, /not in the recycle bin/],
    [{ action: 'create', object: 'contacts', values: {}, actor: 'nobody' }, /There is no user nobody/],
  ] as const)('are refused %j', (edit, message) => {
    expect(() => new TestPortal().model.edit(edit)).toThrow(message)
  })

  it('see times of their own clock', () => {
    const portal = new TestPortal()
    portal.now = START + 1_877
    expect(
      portal.get(`/crm/v3/objects/contacts/${portal.create('contacts', { lastname: 'x' })}`).body.createdAt,
    ).toBe('2026-11-23T12:00:02Z')
  })
})
