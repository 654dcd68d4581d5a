import { describe, expect, it } from 'vitest'
import { codes, TestPortal } from './portal.ts'

const CONTACTS = '/crm/v3/objects/contacts'

function withKey(portal = new TestPortal()): TestPortal {
  for (const type of ['contacts', 'companies']) {
    const reply = portal.post(`/crm/v3/properties/${type}`, {
      name: 'attio_record_id',
      label: 'Attio record',
      type: 'string',
      fieldType: 'text',
      groupName: type === 'contacts' ? 'contactinformation' : 'companyinformation',
      hasUniqueValue: true,
    })
    if (reply.status !== 201) throw new Error(JSON.stringify(reply.body))
  }
  return portal
}

describe('ids', () => {
  it('that are empty are missing in an update, and absent ones a malformed request', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { email: 'a@x.com' })
    const update = (...ids: unknown[]) =>
      portal.post(`${CONTACTS}/batch/update`, {
        inputs: ids.map((one) => ({ id: one, properties: { city: 'Rome' } })),
      })
    const reply = update(id, '')
    expect(reply.status).toBe(207)
    expect(reply.body.results).toMatchObject([{ id }])
    expect(reply.body.errors[0].context).toEqual({ ids: [''] })
    expect(update(0, '0').body.message).toContain('Duplicate IDs found')
    expect(update(undefined).status).toBe(400)
  })

  it('that repeat refuse every batch', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { email: 'a@x.com' })
    for (const kind of ['read', 'update', 'archive']) {
      const inputs = [id, id].map((one) => ({ id: one, properties: {} }))
      const reply = portal.post(`${CONTACTS}/batch/${kind}`, { inputs })
      expect([reply.status, reply.body.context]).toEqual([400, { ids: [id] }])
    }
    expect(portal.get(`${CONTACTS}/${id}`).status).toBe(200)
  })
})

describe('batch/create', () => {
  it('is all or nothing without trace ids, and names the first duplicate only', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { email: 'a@x.com' })
    const inputs = ['n@x.com', 'a@x.com'].map((email) => ({ properties: { email } }))
    const reply = portal.post(`${CONTACTS}/batch/create`, { inputs })
    expect([reply.status, reply.body.message]).toEqual([409, `Contact already exists. Existing ID: ${id}`])
    const invalid = portal.post(`${CONTACTS}/batch/create`, {
      inputs: [{ properties: { email: 'm@x.com' } }, { properties: { x: '1' } }, { properties: { x: '2' } }],
    })
    expect(codes(invalid)).toEqual(['PROPERTY_DOESNT_EXIST', 'PROPERTY_DOESNT_EXIST'])
    expect(Object.keys(portal.model.dump()['contacts'] ?? {})).toEqual([id])
  })

  it('is partial with distinct trace ids', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { email: 'a@x.com' })
    const reply = portal.post(`${CONTACTS}/batch/create`, {
      inputs: [
        { objectWriteTraceId: 't1', properties: { email: 'N@x.com' } },
        { objectWriteTraceId: 't2', properties: { email: 'a@x.com' } },
        { objectWriteTraceId: 't3', properties: { nonsense: '1', email: 'q@x.com' } },
      ],
    })
    expect(reply.status).toBe(207)
    expect(reply.body).toMatchObject({ status: 'COMPLETE', numErrors: 2 })
    expect(reply.body.results).toMatchObject([{ objectWriteTraceId: 't1', properties: { email: 'n@x.com' } }])
    expect(reply.body.errors).toMatchObject([
      { status: 'error', category: 'CONFLICT', context: { objectWriteTraceId: ['t2'], existingId: [id] } },
      { status: 'error', category: 'VALIDATION_ERROR', context: { objectWriteTraceId: ['t3'] } },
    ])
  })

  it('answers in another order than asked, the same for the same seed', () => {
    const run = () =>
      new TestPortal()
        .post(`${CONTACTS}/batch/create`, {
          inputs: Array.from({ length: 50 }, (_, n) => ({ properties: { lastname: `${n}` } })),
        })
        .body.results.map((row: { properties: { lastname: string } }) => row.properties.lastname)
    const order = run()
    expect(order).not.toEqual(order.toSorted((a: string, b: string) => Number(a) - Number(b)))
    expect(run()).toEqual(order)
  })

  it('takes 100 inputs and refuses 101', () => {
    const inputs = (count: number) =>
      Array.from({ length: count }, (_, n) => ({ properties: { lastname: `${n}` } }))
    const portal = new TestPortal()
    expect(portal.post(`${CONTACTS}/batch/create`, { inputs: inputs(100) }).status).toBe(201)
    expect(portal.post(`${CONTACTS}/batch/create`, { inputs: inputs(101) }).status).toBe(400)
  })

  it('does not create one e-mail twice within a batch', () => {
    const portal = new TestPortal()
    const inputs = ['a@x.com', 'A@x.com'].map((email) => ({ properties: { email } }))
    const reply = portal.post(`${CONTACTS}/batch/create`, { inputs })
    expect([reply.status, reply.body.message]).toEqual([409, 'Contact already exists'])
  })
})

describe('batch/read', () => {
  it('reports missing ids in one item, deleted ones too', () => {
    const portal = new TestPortal()
    const [id, gone] = [
      portal.create('contacts', { lastname: 'a' }),
      portal.create('contacts', { lastname: 'b' }),
    ]
    portal.call('DELETE', `${CONTACTS}/${gone}`)
    const inputs = [{ id }, { id: gone }, { id: '5' }]
    const reply = portal.post(`${CONTACTS}/batch/read`, { inputs, properties: [], propertiesWithHistory: [] })
    expect(reply.status).toBe(207)
    expect(reply.body.results).toHaveLength(1)
    expect(reply.body.errors).toEqual([
      {
        status: 'error',
        category: 'OBJECT_NOT_FOUND',
        message:
          'Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid.',
        context: { ids: [gone, '5'] },
      },
    ])
  })

  it('refuses repeated ids and too much history', () => {
    const portal = new TestPortal()
    const reply = portal.post(`${CONTACTS}/batch/read`, { inputs: [{ id: '123' }, { id: '123' }] })
    expect(reply.body).toMatchObject({
      message: 'Duplicate IDs found in batch input: [123]. IDs must be unique',
      context: { ids: ['123'] },
    })
    const inputs = Array.from({ length: 51 }, (_, n) => ({ id: `${n}` }))
    const history = portal.post(`${CONTACTS}/batch/read`, { inputs, propertiesWithHistory: ['email'] })
    expect(history.body.message).toMatch(/^The maximum number of inputs .* property histories is 50/)
  })

  it('finds by e-mail in any case', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { email: 'a@x.com' })
    const reply = portal.post(`${CONTACTS}/batch/read`, {
      idProperty: 'email',
      inputs: [{ id: 'A@X.com' }, { id: 'no@x.com' }],
    })
    expect([reply.status, reply.body.results[0].id]).toEqual([207, id])
    expect(reply.body.errors[0].context.ids).toEqual(['no@x.com'])
  })
})

describe('batch/update', () => {
  it('drops merged ids and e-mails without a word, and reports missing ids', () => {
    const portal = new TestPortal()
    const [a, b, c] = ['a', 'b', 'c'].map((name) =>
      portal.create('contacts', { email: `${name}@x.com` }),
    ) as [string, string, string]
    portal.post(`${CONTACTS}/merge`, { primaryObjectId: a, objectIdToMerge: b })
    const properties = { city: 'Rome' }
    const silent = portal.post(`${CONTACTS}/batch/update`, {
      inputs: [a, 'c@x.com', c].map((id) => ({ id, properties })),
    })
    expect(silent.status).toBe(200)
    expect(silent.body.results.map((row: { id: string }) => row.id)).toEqual([c])
    const missing = portal.post(`${CONTACTS}/batch/update`, { inputs: [{ id: '5', properties }] })
    expect([missing.status, missing.body.errors[0].context.ids]).toEqual([207, ['5']])
  })

  it('refuses the e-mail as key, and takes a unique property', () => {
    const portal = withKey()
    portal.create('contacts', { email: 'a@x.com', attio_record_id: 'r1' })
    const update = (id: string, idProperty: string) =>
      portal.post(`${CONTACTS}/batch/update`, { inputs: [{ id, idProperty, properties: { city: 'Rome' } }] })
    expect(update('a@x.com', 'email').body.message).toBe(
      'Unable to perform update/upsert by non-unique 0-1 property email',
    )
    expect(update('r1', 'attio_record_id').body.results).toHaveLength(1)
  })
})

describe('batch/upsert', () => {
  it('creates and updates, and says which', () => {
    const portal = withKey()
    const id = portal.create('companies', { name: 'Old', attio_record_id: 'r1' })
    const reply = portal.post('/crm/v3/objects/companies/batch/upsert', {
      inputs: ['r1', 'r2'].map((key) => ({
        id: key,
        idProperty: 'attio_record_id',
        properties: { name: key },
      })),
    })
    expect(reply.status).toBe(200)
    const rows = reply.body.results.toSorted(
      (a: { new: boolean }, b: { new: boolean }) => Number(a.new) - Number(b.new),
    )
    expect(rows).toMatchObject([
      { id, new: false, properties: { name: 'r1' } },
      { new: true, properties: { name: 'r2', attio_record_id: 'r2' } },
    ])
  })

  it.each(['domain', 'hs_object_id', 'name'])('refuses the key %s', (idProperty) => {
    const reply = new TestPortal().post('/crm/v3/objects/companies/batch/upsert', {
      inputs: [{ id: 'x', idProperty, properties: { name: 'x' } }],
    })
    expect(reply.body.message).toBe(
      `Unable to perform update/upsert by non-unique 0-2 property ${idProperty}`,
    )
  })

  it('is all or nothing without trace ids and partial with them', () => {
    const portal = withKey()
    const inputs = ['r1', 'r2'].map((id, n) => ({
      id,
      idProperty: 'attio_record_id',
      properties: { name: id, ...(n === 1 && { industry: 'nonsense' }) },
    }))
    const path = '/crm/v3/objects/companies/batch/upsert'
    expect(portal.post(path, { inputs }).status).toBe(400)
    expect(portal.model.dump()['companies']).toEqual({})
    const traced = inputs.map((input) => ({ ...input, objectWriteTraceId: `t-${input.id}` }))
    const reply = portal.post(path, { inputs: traced })
    expect([reply.status, reply.body.results.length, reply.body.numErrors]).toEqual([207, 1, 1])
    expect(reply.body.errors[0].context.objectWriteTraceId).toEqual(['t-r2'])
    const twice = [...traced, { ...traced[0], objectWriteTraceId: 't9' }]
    expect(portal.post(path, { inputs: twice }).body.message).toMatch(/^Duplicate IDs/)
  })

  it('answers collisions of unique values with 400', () => {
    const portal = withKey()
    portal.create('companies', { name: 'a', attio_record_id: 'r1' })
    const reply = portal.post('/crm/v3/objects/companies', {
      properties: { name: 'b', attio_record_id: 'R1' },
    })
    expect([reply.status, codes(reply)]).toEqual([400, ['CONFLICTING_UNIQUE_VALUE']])
  })

  it('matches secondary e-mails', () => {
    const portal = new TestPortal()
    const [a, b] = [
      portal.create('contacts', { email: 'a@x.com' }),
      portal.create('contacts', { email: 'b@x.com' }),
    ]
    const merged = portal.post(`${CONTACTS}/merge`, { primaryObjectId: a, objectIdToMerge: b }).body.id
    const reply = portal.post(`${CONTACTS}/batch/upsert`, {
      inputs: [{ id: 'B@x.com', idProperty: 'email', properties: { city: 'Rome' } }],
    })
    expect(reply.body.results[0]).toMatchObject({ id: merged, new: false })
    expect(portal.read('contacts', merged, 'email')['email']).toBe('a@x.com')
  })
})

it('batch/archive answers 204, unknown ids included', () => {
  const portal = new TestPortal()
  const id = portal.create('deals', { dealname: 'x' })
  expect(portal.post('/crm/v3/objects/deals/batch/archive', { inputs: [{ id }, { id: '5' }] }).status).toBe(
    204,
  )
  expect(portal.get(`/crm/v3/objects/deals/${id}`).status).toBe(404)
})
