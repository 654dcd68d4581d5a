/** The official client, in process: what it insists on is what the model must answer. */
import { Client } from '@hubspot/api-client'
import { AssociationSpecAssociationCategoryEnum } from '@hubspot/api-client/lib/codegen/crm/associations/v4/models/AssociationSpec.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { routeFetch, unrouteFetch } from '../../../src/connectors/transport.ts'
import { TestPortal } from './portal.ts'

const HOST = 'hubspot.invalid'

describe('the official client', () => {
  const portal = new TestPortal({ settings: { searchLagMs: [0, 0] } })
  const client = new Client({
    accessToken: portal.token,
    developerApiKey: portal.model.identity.developerApiKey,
    basePath: `http://${HOST}`,
    numberOfApiCallRetries: 0,
  })

  // Registered after the client was made: it looks the global `fetch` up at each call.
  beforeAll(() => routeFetch(HOST, (request) => Promise.resolve(portal.model.handle(request))))
  afterAll(() => unrouteFetch(HOST))

  it('creates, reads, updates, searches and archives', async () => {
    const { basicApi, searchApi } = client.crm.contacts
    const created = await basicApi.create({ properties: { email: 'Ada@x.com' }, associations: [] })
    expect(created.createdAt).toEqual(new Date(portal.now))
    expect(created.properties['email']).toBe('ada@x.com')
    const read = await basicApi.getById(created.id, ['email', 'city'], ['email'])
    expect(read.properties['city']).toBeNull()
    expect(read.propertiesWithHistory?.['email']?.[0]?.sourceType).toBe('INTEGRATION')
    await basicApi.update(created.id, { properties: { city: 'Rome' } })
    const found = await searchApi.doSearch({ query: 'ada', properties: ['city'] })
    expect(found.results.map((row) => row.properties['city'])).toEqual(['Rome'])
    const page = await basicApi.getPage(1, undefined, ['city'])
    expect(page.results).toHaveLength(1)
    await basicApi.archive(created.id)
    await expect(basicApi.getById(created.id)).rejects.toMatchObject({ code: 404 })
  })

  it('sees 409 and its text', async () => {
    const { basicApi } = client.crm.contacts
    const { id } = await basicApi.create({ properties: { email: 'b@x.com' }, associations: [] })
    await expect(
      basicApi.create({ properties: { email: 'b@x.com' }, associations: [] }),
    ).rejects.toMatchObject({
      code: 409,
      body: { message: `Contact already exists. Existing ID: ${id}` },
    })
  })

  it('runs batches, 207 included', async () => {
    const { batchApi } = client.crm.companies
    const made = await batchApi.create({
      inputs: [{ properties: { name: 'A' } }, { properties: { name: 'B' } }],
    })
    expect(made.results).toHaveLength(2)
    const id = made.results[0]?.id ?? ''
    const read = await batchApi.read({
      inputs: [{ id }, { id: '5' }],
      properties: [],
      propertiesWithHistory: [],
    })
    expect(read).toMatchObject({
      numErrors: 1,
      errors: [{ category: 'OBJECT_NOT_FOUND', context: { ids: ['5'] } }],
    })
    await batchApi.update({ inputs: [{ id, properties: { city: 'Rome' } }] })
    await batchApi.archive({ inputs: [{ id }] })
  })

  it('associates and reads associations, whose ids are numbers', async () => {
    const contact = await client.crm.contacts.basicApi.create({
      properties: { lastname: 'x' },
      associations: [],
    })
    const company = await client.crm.companies.basicApi.create({
      properties: { name: 'x' },
      associations: [],
    })
    const { basicApi, batchApi, schema } = client.crm.associations.v4
    await basicApi.createDefault('contacts', contact.id, 'companies', company.id)
    const labelled = await basicApi.create('contacts', contact.id, 'companies', company.id, [
      { associationCategory: AssociationSpecAssociationCategoryEnum.HubspotDefined, associationTypeId: 1 },
    ])
    expect(labelled.labels).toEqual(['Primary'])
    const page = await basicApi.getPage('contacts', contact.id, 'companies')
    expect(page.results[0]?.toObjectId).toBe(Number(company.id))
    const batch = await batchApi.getPage('contacts', 'companies', {
      inputs: [{ id: contact.id }, { id: '5' }],
    })
    expect(batch).toMatchObject({ numErrors: 1 })
    const labels = await schema.definitionsApi.getAll('contacts', 'companies')
    expect(labels.results.map((entry) => entry.typeId)).toEqual([279, 1])
    await batchApi.archive('contacts', 'companies', {
      inputs: [{ _from: { id: contact.id }, to: [{ id: company.id }] }],
    })
    expect((await basicApi.getPage('contacts', contact.id, 'companies')).results).toEqual([])
  })

  it('describes the portal', async () => {
    const properties = await client.crm.properties.coreApi.getAll('deals')
    expect(properties.results.map((property) => property.name)).toContain('dealstage')
    const pipelines = await client.crm.pipelines.pipelinesApi.getAll('deals')
    expect(pipelines.results).toHaveLength(3)
    const owners = await client.crm.owners.ownersApi.getPage()
    expect(owners.results).toHaveLength(5)
    expect((await client.crm.schemas.coreApi.getAll(false)).results).toEqual([])
  })

  it('merges, purges and subscribes', async () => {
    const { basicApi } = client.crm.contacts
    const make = (email: string) => basicApi.create({ properties: { email }, associations: [] })
    const [a, b] = [await make('m1@x.com'), await make('m2@x.com')]
    const merged = await basicApi.merge({ primaryObjectId: a.id, objectIdToMerge: b.id })
    expect((await basicApi.getById(b.id)).id).toBe(merged.id)
    await basicApi.purge({ objectId: merged.id })
    const { appId } = portal.model.identity
    await client.webhooks.settingsApi.configure(appId, {
      targetUrl: 'https://x.example/',
      throttling: { maxConcurrentRequests: 10 },
    })
    expect((await client.webhooks.subscriptionsApi.getAll(appId)).results).toEqual([])
  })
})
