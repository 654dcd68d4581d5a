/** Registering at HubSpot: by API where there is a developer key, by hand where there is none. */
import { describe, expect, it } from 'vitest'
import type { WebhookState } from '../../../src/connectors/bells.ts'
import { nameOf, stepsFor, subscriptionsFor } from '../../../src/connectors/hubspot/subscriptions.ts'
import { sandbox } from './sandbox.ts'

const TARGET = 'https://attune.example/webhooks/hubspot'

const names = (object: string, ...fields: readonly string[]) =>
  subscriptionsFor([{ object, fields }], new Map([['p1_cars', '2-77']])).map(nameOf)

describe('subscriptions', () => {
  it('are one per kind of event and one per property', () => {
    expect(
      names('contacts', 'jobtitle', 'email', 'association:companies/primary', 'association:deals'),
    ).toEqual([
      'contact.creation',
      'contact.deletion',
      'contact.merge',
      'contact.restore',
      'contact.associationChange',
      'contact.propertyChange jobtitle',
      'contact.propertyChange email',
    ])
  })

  it('of other objects are generic, and name the object by its type id', () => {
    expect(names('notes', 'hs_note_body')).toContain('object.propertyChange 0-46 hs_note_body')
    expect(names('p1_Cars', 'plate')).toContain('object.propertyChange 2-77 plate')
    expect(names('2-78')).toContain('object.creation 2-78')
  })

  it('leave out what HubSpot refuses', () => {
    const all = names('companies', 'hs_lastmodifieddate', 'num_unique_conversion_events')
    expect(all.filter((name) => name.includes('propertyChange'))).toEqual([])
    expect(names('products', 'association:deals')).not.toContain('product.associationChange')
  })

  it('are wanted once, however many mappings keep the object', () => {
    const wanted = [
      { object: 'contacts', fields: ['jobtitle'] },
      { object: 'contact', fields: ['jobtitle', 'phone'] },
    ]
    const all = subscriptionsFor(wanted, new Map()).map(nameOf)
    expect(new Set(all).size).toBe(all.length)
    expect(all).toContain('contact.propertyChange phone')
  })
})

describe('by API', () => {
  const request = { target: TARGET, wanted: [{ object: 'contacts', fields: ['jobtitle'] }] }

  const states = (state: WebhookState) =>
    state.kind === 'known' ? new Set(state.subscriptions.map((each) => each.state)) : null

  function developer({ model }: ReturnType<typeof sandbox>) {
    const { appId, developerApiKey } = model.identity
    return (method: string, path: string, body?: object) => {
      const answer = model.handle({
        method,
        url: `https://api.hubapi.example/webhooks/v3/${appId}/${path}?hapikey=${developerApiKey}`,
        headers: { 'content-type': 'application/json' },
        body: body ? JSON.stringify(body) : null,
      })
      return answer.body === '' ? null : JSON.parse(answer.body)
    }
  }

  it('an app that delivers elsewhere is left alone, and that is said', async () => {
    const portal = sandbox()
    const call = developer(portal)
    call('PUT', 'settings', {
      targetUrl: 'https://other.example/',
      throttling: { maxConcurrentRequests: 10 },
    })
    call('POST', 'subscriptions', { eventType: 'deal.creation', active: true })
    const { webhooks } = portal.connector
    await expect(webhooks.install({ ...request, secretIsKnown: true })).rejects.toMatchObject({
      kind: 'rejected',
      message: 'HubSpot: the app delivers its webhooks to https://other.example/ already',
    })
    expect(await webhooks.list(request)).toMatchObject({
      trouble: 'The app delivers to https://other.example/',
    })
    expect(await webhooks.remove(request)).toMatchObject({ removed: [] })
    expect(call('GET', 'settings').targetUrl).toBe('https://other.example/')
    expect(call('GET', 'subscriptions').results).toHaveLength(1)

    // Unless the operator wants exactly that.
    const change = await webhooks.install({ ...request, secretIsKnown: true, takeOver: true })
    expect(change).toMatchObject({ removed: ['deal.creation'] })
    expect(call('GET', 'settings').targetUrl).toBe(TARGET)
    expect(states(await webhooks.list(request))).toEqual(new Set(['present']))
  })

  it('a paused subscription is told, and activated', async () => {
    const portal = sandbox()
    const call = developer(portal)
    const { webhooks } = portal.connector
    await webhooks.install({ ...request, secretIsKnown: true })
    const [{ id }] = call('GET', 'subscriptions').results
    call('PATCH', `subscriptions/${id}`, { active: false })
    expect(states(await webhooks.list(request))).toEqual(new Set(['paused', 'present']))
    const change = await webhooks.install({ ...request, secretIsKnown: true })
    expect(change).toMatchObject({ created: ['contact.creation'], removed: [] })
    expect(states(await webhooks.list(request))).toEqual(new Set(['present']))
  })

  it('the key opens nothing that the token does not, and is wrong loudly', async () => {
    const portal = sandbox()
    await portal.connector.users()
    const { network } = portal
    const urls: string[] = []
    const { createHubSpotConnector } = await import('../../../src/connectors/hubspot/connector.ts')
    const connector = createHubSpotConnector({
      connection: 'hubspot',
      baseUrl: 'https://api.hubapi.example',
      token: portal.model.token,
      transport: (sent) => {
        urls.push(sent.url)
        return network.transport(sent)
      },
      runtime: { now: () => 0, sleep: async () => undefined, random: () => 0.5, id: () => 'id' },
      webhookApp: { id: String(portal.model.identity.appId), developerKey: 'wrong' },
    })
    await connector.users()
    expect(urls.filter((url) => url.includes('hapikey'))).toEqual([])
    await expect(connector.webhooks.list(request)).rejects.toMatchObject({ kind: 'unauthorized' })
  })

  it('custom objects are found by the name that people gave them', async () => {
    const { connector, model, vendor, settle } = sandbox()
    const call = (method: string, path: string, body: object) =>
      JSON.parse(
        model.handle({
          method,
          url: `https://api.hubapi.example${path}`,
          headers: { authorization: `Bearer ${model.token}`, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }).body,
      )
    const schema = call('POST', '/crm-object-schemas/v3/schemas', {
      name: 'cars',
      labels: { singular: 'Car', plural: 'Cars' },
      requiredProperties: ['plate'],
      searchableProperties: [],
      primaryDisplayProperty: 'plate',
      secondaryDisplayProperties: [],
      properties: [{ name: 'plate', label: 'Plate', type: 'string', fieldType: 'text' }],
      associatedObjects: [],
    })
    const wanted = [{ object: 'cars', fields: ['plate'] }]
    const change = await connector.webhooks.install({ target: TARGET, wanted, secretIsKnown: true })
    expect(change).toMatchObject({
      created: expect.arrayContaining([`object.creation ${schema.objectTypeId}`]),
    })
    const reader = await connector.webhooks.reader({
      account: String(model.identity.portalId),
      objects: ['cars'],
      secret: model.identity.clientSecret,
    })
    const { id } = call('POST', '/crm/v3/objects/cars', { properties: { plate: 'A 1' } })
    settle()
    const heard = vendor
      .deliveries()
      .map(({ url, headers, body, ...rest }) =>
        reader.read({ ...rest, method: 'POST', url, headers, body: Buffer.from(body) }, vendor.nowMs()),
      )
    expect(heard).toMatchObject([{ kind: 'heard', ignored: 0 }])
    expect(heard.flatMap((each) => (each.kind === 'heard' ? each.bells : []))).toContainEqual(
      expect.objectContaining({ object: 'cars', record: id, kind: 'changed' }),
    )
  })
})

describe('by hand', () => {
  it('is told step by step, and nothing is sent', async () => {
    const { connector, requests } = sandbox({ webhooksByHand: true })
    const wanted = [
      { object: 'contacts', fields: ['jobtitle', 'phone', 'association:companies'] },
      { object: 'companies', fields: [] },
    ]
    const request = { target: TARGET, wanted }
    const steps = stepsFor(TARGET, subscriptionsFor(wanted, new Map()))
    expect(steps).toEqual([
      expect.stringContaining('Private Apps'),
      `Set the target URL to ${TARGET}`,
      'Subscribe to contact: creation, deletion, merge, restore, associationChange, and propertyChange of jobtitle, phone.',
      'Subscribe to company: creation, deletion, merge, restore.',
      expect.stringContaining('Activate'),
      expect.stringContaining('client secret'),
    ])
    expect(await connector.webhooks.list(request)).toEqual({ kind: 'by-hand', steps })
    expect(await connector.webhooks.install({ ...request, secretIsKnown: false })).toEqual({
      kind: 'by-hand',
      steps,
    })
    expect(await connector.webhooks.remove(request)).toMatchObject({ kind: 'by-hand' })
    expect(requests).toEqual([])
  })
})
