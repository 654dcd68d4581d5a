import { describe, expect, it } from 'vitest'
import { TestPortal } from './portal.ts'

const PRIMARY = { category: 'HUBSPOT_DEFINED', typeId: 1, label: 'Primary' }
const UNLABELLED = { category: 'HUBSPOT_DEFINED', typeId: 279, label: null }

function world(settings = {}): { portal: TestPortal; contact: string; first: string; second: string } {
  const portal = new TestPortal({ settings })
  return {
    portal,
    contact: portal.create('contacts', { lastname: 'x' }),
    first: portal.create('companies', { name: 'first' }),
    second: portal.create('companies', { name: 'second' }),
  }
}

function typesOf(portal: TestPortal, contact: string): Record<string, unknown> {
  const { results } = portal.get(`/crm/v4/objects/contacts/${contact}/associations/companies`).body
  return Object.fromEntries(
    results.map((row: { toObjectId: number; associationTypes: unknown }) => [
      row.toObjectId,
      row.associationTypes,
    ]),
  )
}

function put(portal: TestPortal, contact: string, company: string, ...typeIds: number[]) {
  return portal.call(
    'PUT',
    `/crm/v4/objects/contacts/${contact}/associations/companies/${company}`,
    typeIds.map((associationTypeId) => ({ associationCategory: 'HUBSPOT_DEFINED', associationTypeId })),
  )
}

describe('single associations', () => {
  it('are made with a bodyless PUT; the first company becomes primary', () => {
    const { portal, contact, first, second } = world()
    const path = `/crm/v4/objects/contacts/${contact}/associations/default/companies`
    const reply = portal.call('PUT', `${path}/${first}`)
    expect(reply.status).toBe(200)
    expect(reply.body.results).toEqual([
      {
        from: { id: contact },
        to: { id: first },
        associationSpec: { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 279 },
      },
      {
        from: { id: first },
        to: { id: contact },
        associationSpec: { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 280 },
      },
    ])
    portal.call('PUT', `${path}/${second}`)
    expect(typesOf(portal, contact)).toEqual({ [first]: [PRIMARY, UNLABELLED], [second]: [UNLABELLED] })
    expect(portal.model.dump()['contacts']?.[contact]?.associations).toEqual([
      { object: 'companies', id: first, label: 'primary' },
      { object: 'companies', id: second, label: null },
    ])
  })

  it('demote the primary company when another takes its place, from either side', () => {
    const { portal, contact, first, second } = world()
    expect(put(portal, contact, first, 1)).toMatchObject({
      status: 201,
      body: {
        fromObjectTypeId: '0-1',
        fromObjectId: Number(contact),
        toObjectTypeId: '0-2',
        toObjectId: Number(first),
        labels: ['Primary'],
      },
    })
    put(portal, contact, second, 1)
    expect(typesOf(portal, contact)).toEqual({ [first]: [UNLABELLED], [second]: [PRIMARY, UNLABELLED] })
    portal.call('PUT', `/crm/v4/objects/companies/${first}/associations/contacts/${contact}`, [
      { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 2 },
    ])
    expect(typesOf(portal, contact)).toEqual({ [first]: [PRIMARY, UNLABELLED], [second]: [UNLABELLED] })
  })

  it('have their labels replaced, and go away as a whole', () => {
    const { portal, contact, first } = world({ firstCompanyBecomesPrimary: false })
    put(portal, contact, first, 1)
    put(portal, contact, first, 279)
    expect(typesOf(portal, contact)).toEqual({ [first]: [UNLABELLED] })
    const path = `/crm/v4/objects/contacts/${contact}/associations/companies/${first}`
    expect([portal.call('DELETE', path).status, portal.call('DELETE', path).status]).toEqual([204, 204])
    expect(typesOf(portal, contact)).toEqual({})
    expect(portal.get(`/crm/v4/objects/companies/${first}/associations/contacts`).body.results).toEqual([])
  })

  it('vanish while one end is archived', () => {
    const { portal, contact, first } = world()
    put(portal, contact, first, 1)
    portal.model.edit({ action: 'delete', object: 'companies', id: first })
    expect(typesOf(portal, contact)).toEqual({})
    portal.model.edit({ action: 'restore', object: 'companies', id: first })
    expect(typesOf(portal, contact)).toEqual({ [first]: [PRIMARY, UNLABELLED] })
  })

  it('refuse missing records and records of their own', () => {
    const { portal, contact } = world()
    expect(put(portal, contact, '5', 1).body.context.INVALID_OBJECT_IDS).toEqual(['COMPANY=5 is not valid'])
    const path = `/crm/v4/objects/contacts/${contact}/associations/default/contacts/${contact}`
    const reply = portal.call('PUT', path)
    expect([reply.status, reply.body.category]).toEqual([400, 'VALIDATION_ERROR'])
    expect(reply.body.message).toBe(`Object ${contact} cannot be associated to itself (${contact})`)
  })

  it('report an id that is none, and a record with itself, per item of a batch', () => {
    const { portal, contact } = world()
    const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 449 }]
    const pair = (from: string, to: string) => ({ from: { id: from }, to: { id: to }, types })
    const reply = portal.post('/crm/v4/associations/contacts/contacts/batch/create', {
      inputs: [pair(contact, 'nobody'), pair(contact, contact)],
    })
    expect(reply.status).toBe(207)
    expect(Object.keys(reply.body)).toEqual([
      'completedAt',
      'status',
      'startedAt',
      'results',
      'errors',
      'numErrors',
    ])
    expect(reply.body.errors).toEqual([
      {
        status: 'error',
        category: 'VALIDATION_ERROR',
        subCategory: 'crm.associations.INVALID_IDENTIFIER',
        message: 'nobody is not a valid ID',
        context: { id: ['nobody'] },
      },
      {
        status: 'error',
        category: 'VALIDATION_ERROR',
        message: `Object ${contact} cannot be associated to itself (${contact})`,
      },
    ])
  })

  it('page, when there are many', () => {
    const { portal, first } = world()
    const inputs = Array.from({ length: 30 }, (_, n) => ({
      from: { id: first },
      to: { id: portal.create('contacts', { lastname: `${n}` }) },
    }))
    portal.post('/crm/v4/associations/companies/contacts/batch/associate/default', { inputs })
    const seen = new Set<number>()
    let after: string | undefined = '0'
    while (after !== undefined) {
      const page = portal.get(
        `/crm/v4/objects/companies/${first}/associations/contacts?limit=12&after=${after}`,
      )
      for (const row of page.body.results) seen.add(row.toObjectId)
      after = page.body.paging?.next.after
    }
    expect(seen).toEqual(new Set(inputs.map((input) => Number(input.to.id))))
  })
})

describe('batches', () => {
  it('read answers 207 as soon as one input has no association', () => {
    const { portal, contact, first } = world()
    put(portal, contact, first, 279)
    const lonely = portal.create('deals', { dealname: 'x' })
    const path = '/crm/v4/associations/contacts/companies/batch/read'
    const full = portal.post(path, { inputs: [{ id: contact }] })
    expect([full.status, full.body.results]).toEqual([
      200,
      [{ from: { id: contact }, to: [{ toObjectId: Number(first), associationTypes: [UNLABELLED] }] }],
    ])
    const reply = portal.post('/crm/v4/associations/deal/company/batch/read', { inputs: [{ id: lonely }] })
    expect(reply.status).toBe(207)
    expect(reply.body.errors).toEqual([
      {
        status: 'error',
        category: 'OBJECT_NOT_FOUND',
        subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
        message: `No company is associated with deal ${lonely}.`,
        context: { fromObjectId: [lonely], fromObjectType: ['deal'], toObjectType: ['company'] },
      },
    ])
  })

  it('create is partial, archive answers 204 in v4 and 200 in dated versions', () => {
    const { portal, contact, first, second } = world()
    const types = [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 1 }]
    const inputs = [first, '5'].map((id) => ({ from: { id: contact }, to: { id }, types }))
    const made = portal.post('/crm/v4/associations/contacts/companies/batch/create', { inputs })
    expect([made.status, made.body.results.length, made.body.numErrors]).toEqual([207, 1, 1])
    const ok = portal.post('/crm/v4/associations/contacts/companies/batch/create', {
      inputs: [{ from: { id: contact }, to: { id: second }, types }],
    })
    expect(ok.status).toBe(201)

    const labels = { inputs: [{ from: { id: contact }, to: { id: second }, types }] }
    const dated = '/crm/associations/2026-09/contacts/companies/batch'
    expect(portal.post(`${dated}/labels/archive`, labels).status).toBe(200)
    expect(typesOf(portal, contact)).toEqual({ [first]: [UNLABELLED], [second]: [UNLABELLED] })
    const all = { inputs: [{ from: { id: contact }, to: [{ id: first }, { id: second }] }] }
    expect(portal.post('/crm/v4/associations/contacts/companies/batch/archive', all).status).toBe(204)
    expect(typesOf(portal, contact)).toEqual({})
  })
})

describe('labels', () => {
  it('are listed per direction and can be made, renamed and removed', () => {
    const { portal, contact, first } = world()
    const path = '/crm/v4/associations/contacts/companies/labels'
    expect(portal.get(path).body.results).toEqual([UNLABELLED, PRIMARY])
    const made = portal.post(path, { name: 'billing', label: 'Billing', inverseLabel: 'Billed by' })
    expect(made.status).toBe(200)
    const [there, back] = made.body.results
    expect([there.label, back.label, there.category]).toEqual(['Billing', 'Billed by', 'USER_DEFINED'])
    // Numbers of user-defined types repeat those of HubSpot's own.
    expect(there.typeId).toBe(1)
    portal.call('PUT', `/crm/v4/objects/contacts/${contact}/associations/companies/${first}`, [
      { associationCategory: 'USER_DEFINED', associationTypeId: 1 },
    ])
    expect(typesOf(portal, contact)).toEqual({ [first]: [UNLABELLED, there] })
    expect(portal.call('PUT', path, { associationTypeId: 1, label: 'Invoices' }).status).toBe(204)
    expect(portal.get('/crm/associations/v4/contacts/companies/labels').body.results[2].label).toBe(
      'Invoices',
    )
    expect(portal.call('DELETE', `${path}/1`).status).toBe(204)
    expect(typesOf(portal, contact)).toEqual({ [first]: [UNLABELLED] })
  })

  it.each([
    ['deals', 'companies', [341, 5]],
    ['companies', 'deals', [342, 6]],
    ['tickets', 'companies', [339, 26]],
    ['notes', 'contacts', [202]],
    ['contacts', 'tasks', [203]],
    ['companies', 'companies', [450, 13, 14]],
    ['deals', 'tickets', [27]],
  ])('%s -> %s has the types %j', (from, to, typeIds) => {
    const { results } = new TestPortal().get(`/crm/v4/associations/${from}/${to}/labels`).body
    expect(results.map((entry: { typeId: number }) => entry.typeId)).toEqual(typeIds)
  })
})
