import { describe, expect, test } from 'vitest'
import { createAttioConnector } from '../../../src/connectors/attio/connector.ts'
import { attioTraffic } from '../../../src/connectors/attio/traffic.ts'
import type { Transport } from '../../../src/connectors/transport.ts'
import type { Runtime } from '../../../src/runtime.ts'
import { createAttioModel } from '../../../src/sandbox/attio/model.ts'
import type { VendorModel } from '../../../src/sandbox/model.ts'
import { connectorContract } from '../contract/connector-contract.ts'
import { deliveriesOf, type ConnectorFixture, type Person } from '../contract/fixture.ts'
import { interruptible } from '../contract/interruptible.ts'

const BASE_URL = 'https://attio.invalid'
const PEOPLE = 'people'

/** A text attribute of our own: the history of enriched ones such as `job_title` is refused. */
const TEXT = 'nickname'

/** Longer than everything the model does later. */
const SETTLE_MS = 60_000

function world(settings: Readonly<Record<string, unknown>> = {}) {
  let now = Date.UTC(2026, 10, 1)
  const model = createAttioModel({ clock: () => now, seed: 7, limits: 'off' })
  Object.assign(model.settings, { enrichment: false, ...settings })
  const runtime: Runtime = {
    now: () => now,
    sleep: async (ms) => {
      now += ms
    },
    random: () => 0.5,
    id: () => 'id',
  }
  const network = interruptible(
    async (request) => {
      now += 20
      return model.handle(request)
    },
    (request) => attioTraffic().classify(request).mutating,
  )
  const connect = (token: string, transport: Transport = network.transport) =>
    createAttioConnector({ connection: 'attio', baseUrl: BASE_URL, token, transport, runtime })
  return {
    model,
    vendor: { nowMs: () => now, deliveries: () => deliveriesOf(model), webhookSecret: null },
    network,
    connector: connect(model.token),
    strangersConnector: connect('f'.repeat(64)),
    settle: () => {
      now += SETTLE_MS
    },
  }
}

function personIn(model: VendorModel): Person {
  const change = (id: string, text: unknown): void => {
    model.edit({ action: 'update', object: PEOPLE, id, values: { [TEXT]: text } })
  }
  return {
    create: (n) => model.edit({ action: 'create', object: PEOPLE, values: person(n) }).id,
    setText: (id, text) => change(id, text),
    clearText: (id) => change(id, []),
    remove: (id) => {
      model.edit({ action: 'delete', object: PEOPLE, id })
    },
    merge: (id, other) =>
      model.edit({ action: 'merge', object: PEOPLE, id, other: { object: PEOPLE, id: other } }).id,
  }
}

const emailOf = (n: number) => `person${n}@example.org`
const person = (n: number) => ({
  name: { first_name: 'Person', last_name: `No ${n}`, full_name: `Person No ${n}` },
  email_addresses: [emailOf(n)],
})

async function fixture(): Promise<ConnectorFixture> {
  const { model, ...rest } = world()
  const [member] = await rest.connector.users()
  await rest.connector.createField(PEOPLE, { name: TEXT, label: 'Nickname', description: '', unique: false })
  const stamp = { name: 'hubspot_id', label: 'HubSpot id', description: '', unique: true }
  await rest.connector.createField('deals', stamp)
  return {
    ...rest,
    sample: {
      object: PEOPLE,
      text: TEXT,
      key: 'email_addresses',
      keyIsUnique: true,
      values: person,
      keyOf: emailOf,
      refused: (n) => ({ ...person(n), phone_numbers: ['12'] }),
    },
    newField: 'contract_stamp',
    stamped: {
      object: 'deals',
      stamp: stamp.name,
      values: (n) => ({ name: `Deal ${n}`, stage: 'Lead', owner: member?.id ?? null }),
    },
    several: { field: 'phone_numbers', values: ['+14155550100', '+14155550101', '+442079460018'] },
    switchedOff: 'users',
    person: personIn(model),
  }
}

connectorContract('Attio', fixture)

describe('Attio by itself', () => {
  test('a record that was merged away is gone: Attio leaves no trace to the survivor', async () => {
    const { model, connector, settle } = world()
    const attio = personIn(model)
    const ids = [attio.create(1), attio.create(2)] as const
    settle()
    const survivor = attio.merge(...ids)
    const readings = await connector.read({ object: PEOPLE, ids: [...ids, survivor], fields: ['name'] })
    expect(new Map(readings.map(({ requestedId, kind }) => [requestedId, kind]))).toEqual(
      new Map([
        [ids[0], 'gone'],
        [ids[1], 'gone'],
        [survivor, 'found'],
      ]),
    )
  })

  test('a merge that is still settling hides its result instead of denying it', async () => {
    const { model, connector, settle } = world({ mergeSettleMs: 30_000 })
    const attio = personIn(model)
    const ids = [attio.create(1), attio.create(2)] as const
    settle()
    const survivor = attio.merge(...ids)
    const [reading] = await connector.read({ object: PEOPLE, ids: [survivor], fields: ['name'] })
    expect(reading).toMatchObject({ kind: 'hidden', error: { kind: 'transient', code: 'merge_in_progress' } })
    settle()
    const [later] = await connector.read({ object: PEOPLE, ids: [survivor], fields: ['name'] })
    expect(later).toMatchObject({ kind: 'found' })
  })

  test('a stamp on people is not unique, and says so', async () => {
    const { connector } = world()
    expect(connector.capabilities.uniqueStamp(PEOPLE)).toBe(false)
    const field = { name: 'hubspot_id', label: 'HubSpot id', description: '', unique: true }
    await expect(connector.createField(PEOPLE, field)).rejects.toMatchObject({ kind: 'rejected' })
  })

  test('a listing longer than a page goes on where it stopped', async () => {
    const { model, connector } = world()
    const attio = personIn(model)
    for (let n = 1; n <= 501; n += 1) attio.create(n)
    const first = await connector.list({ object: PEOPLE, fields: ['name'], cursor: null })
    expect(first.records).toHaveLength(500)
    const second = await connector.list({ object: PEOPLE, fields: ['name'], cursor: first.next })
    expect(second.next).toBeNull()
    const ids = [...first.records, ...second.records].map((record) => record.key.id)
    expect(new Set(ids).size).toBe(501)
  })

  test('every standard object can be described and read with all its fields', async () => {
    const { model, connector } = world()
    const id = personIn(model).create(1)
    const schema = await connector.describe(PEOPLE)
    const [reading] = await connector.read({ object: PEOPLE, ids: [id], fields: [...schema.fields.keys()] })
    expect(reading).toMatchObject({ kind: 'found' })
    if (reading?.kind !== 'found') return
    expect(Object.keys(reading.snapshot.values).toSorted()).toEqual([...schema.fields.keys()].toSorted())
    for (const object of ['companies', 'deals']) {
      const { fields } = await connector.describe(object)
      for (const field of fields.values()) {
        if (field.nativeType === 'select' || field.nativeType === 'status')
          expect(field.options).not.toBeNull()
        if (field.type === 'reference') expect(field.targets).not.toEqual([])
      }
    }
  })

  test('who cleared an enriched attribute stays unknown', async () => {
    const { model, connector } = world()
    const id = personIn(model).create(1)
    const asked = { object: PEOPLE, records: [{ id, fields: ['name', 'job_title'] }] }
    expect((await connector.evidence(asked)).get(id)).toEqual({
      name: { at: expect.any(String), actor: { kind: 'human', id: expect.any(String) } },
    })
  })

  test('a concurrent write that Attio refuses is repeated until it goes through', async () => {
    const { model, connector } = world({ writeConflictWindowMs: 300 })
    const id = personIn(model).create(1)
    const outcomes = await Promise.all(
      ['one', 'two'].map((text) =>
        connector.update(PEOPLE, [{ writeId: text, id, values: { job_title: text } }]),
      ),
    )
    expect(outcomes.flat().map(({ kind }) => kind)).toEqual(['done', 'done'])
  })

  test('a missing scope is named before anything is tried', async () => {
    const scopes = ['record_permission:read', 'object_configuration:read', 'user_management:read']
    const { connector } = world({ scopes })
    expect(await connector.missingScopes({ object: PEOPLE, write: false })).toEqual([])
    expect(await connector.missingScopes({ object: PEOPLE, write: true })).toEqual([
      'record_permission:read-write',
    ])
    const outcomes = await connector.create(PEOPLE, [{ writeId: 'w', values: person(1), stamp: null }])
    expect(outcomes).toMatchObject([{ kind: 'failed', error: { kind: 'unauthorized' } }])
  })
})
