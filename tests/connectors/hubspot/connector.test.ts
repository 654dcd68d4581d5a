/** What HubSpot does beyond the common contract, against the strict model of the sandbox. */
import { describe, expect, test } from 'vitest'
import type { Connector } from '../../../src/connectors/connector.ts'
import { hubspotTraffic } from '../../../src/connectors/hubspot/traffic.ts'
import { readOnly } from '../../../src/connectors/read-only.ts'
import { createHubSpotConnector } from '../../../src/connectors/hubspot/connector.ts'
import { ALL_SCOPES } from '../../../src/sandbox/hubspot/settings.ts'
import { sandbox } from './sandbox.ts'

const person = (n: number) => ({ email: `person${n}@example.org`, firstname: `P${n}`, lastname: 'Example' })

async function valuesOf(connector: Connector, object: string, id: string, fields: readonly string[]) {
  const [reading] = await connector.read({ object, ids: [id], fields })
  if (reading?.kind !== 'found') throw new Error(`${object} ${id} is ${reading?.kind}`)
  return reading.snapshot.values
}

async function createOne(connector: Connector, object: string, values: Record<string, string>) {
  const [outcome] = await connector.create(object, [{ writeId: JSON.stringify(values), values, stamp: null }])
  if (outcome?.kind !== 'done') throw outcome?.error
  return outcome
}

describe('describing', () => {
  test.each(['contact', '0-1'])('contacts by the name of %s tells what they are called', async (name) => {
    const { connector } = sandbox()
    expect((await connector.describe(name)).object).toBe('contacts')
  })

  test('contacts takes few requests and tells what can be mapped', async () => {
    const { connector, requests } = sandbox()
    const { fields } = await connector.describe('contacts')
    expect(requests.length).toBeLessThanOrEqual(4)
    expect(fields.get('email')).toMatchObject({
      type: 'email',
      unique: true,
      readOnly: false,
      lengthMax: 65_536,
    })
    expect(fields.get('createdate')).toMatchObject({ type: 'instant', readOnly: true })
    expect(fields.get('hubspot_owner_id')).toMatchObject({ type: 'user', options: null })
    expect(fields.get('lifecyclestage')?.options?.map(({ value }) => value)).toContain('lead')
    expect(fields.get('association:companies')).toMatchObject({
      type: 'reference',
      multiple: true,
      channel: 'edge',
      targets: ['companies'],
    })
    expect(fields.get('association:companies/primary')).toMatchObject({ type: 'reference', multiple: false })
    expect(fields.has('association:deals/primary')).toBe(false)
  })

  test('deals has the stages of the pipelines as options, and says what a creation needs', async () => {
    const { connector } = sandbox()
    const { fields } = await connector.describe('deals')
    expect(fields.get('pipeline')?.options).toContainEqual({
      value: 'default',
      label: 'Sales Pipeline',
      archived: false,
    })
    expect(fields.get('dealstage')?.options?.map(({ value }) => value)).toContain('closedwon')
    expect(fields.get('dealname')).toMatchObject({ required: true })
    expect(fields.get('amount')).toMatchObject({ type: 'number' })
  })

  test('every standard object can be read with all its fields', async () => {
    const { connector } = sandbox()
    for (const [object, values] of Object.entries({
      contacts: person(1),
      companies: { name: 'Example' },
      deals: { dealname: 'Deal', dealstage: 'appointmentscheduled', pipeline: 'default' },
    })) {
      const { id } = await createOne(connector, object, values)
      const names = [...(await connector.describe(object)).fields.keys()]
      expect(Object.keys(await valuesOf(connector, object, id, names)).toSorted()).toEqual(names.toSorted())
    }
  })
})

describe('people and scopes', () => {
  test('owners who left are known, as inactive', async () => {
    const { connector, model } = sandbox()
    const leaver = (await connector.users()).find(({ active }) => active)
    model.edit({ action: 'delete', object: 'owners', id: leaver!.id })
    const users = await connector.users()
    expect(users.find(({ id }) => id === leaver!.id)).toEqual({ ...leaver, active: false })
    expect(new Set(users.map(({ id }) => id)).size).toBe(users.length)
  })

  test('missing scopes are named by the vendor, and asking changes nothing', async () => {
    const scopes = ALL_SCOPES.filter((scope) => scope !== 'crm.objects.contacts.write')
    const { connector, model } = sandbox({ settings: { scopes } })
    const before = model.snapshot()
    expect(await connector.missingScopes({ object: 'contacts', write: false })).toEqual([])
    expect(await connector.missingScopes({ object: 'contacts', write: true })).toEqual([
      'crm.objects.contacts.write',
    ])
    expect(JSON.parse(model.snapshot()).portal.records).toEqual(JSON.parse(before).portal.records)
  })

  test('and asking works read-only', async () => {
    const { network, model } = sandbox()
    const connector = createHubSpotConnector({
      connection: 'hubspot',
      baseUrl: 'https://api.hubapi.example',
      token: model.token,
      transport: readOnly(network.transport, hubspotTraffic, 'hubspot'),
      runtime: { now: () => 0, sleep: async () => {}, random: () => 0, id: () => 'id' },
    })
    expect(await connector.missingScopes({ object: 'contacts', write: true })).toEqual([])
    const values = { jobtitle: 'x' }
    await expect(connector.update('contacts', [{ writeId: 'w', id: '1', values }])).rejects.toThrow('I21')
  })
})

describe('associations', () => {
  const fields = ['association:companies', 'association:companies/primary']

  test('a listing, a reading and the truth agree', async () => {
    const { connector, model, requests } = sandbox({ settings: { firstCompanyBecomesPrimary: false } })
    const contacts = [1, 2, 3].map(
      (n) => model.edit({ action: 'create', object: 'contacts', values: person(n) }).id,
    )
    const [a, b] = ['A', 'B'].map(
      (name) => model.edit({ action: 'create', object: 'companies', values: { name } }).id,
    )
    const add = (id: string, target: string, label: string | null) => ({
      writeId: `${id}-${target}-${label}`,
      id,
      field: label === null ? 'association:companies' : `association:companies/${label}`,
      add: [{ object: 'companies', id: target }],
      remove: [],
    })
    const outcomes = await connector.associate('contacts', [
      add(contacts[0]!, a!, null),
      add(contacts[0]!, b!, 'primary'),
      add(contacts[1]!, a!, null),
    ])
    expect(outcomes.map(({ kind }) => kind)).toEqual(['done', 'done', 'done'])

    requests.length = 0
    const page = await connector.list({ object: 'contacts', fields, cursor: null })
    expect(requests).toEqual(['GET /crm/v3/objects/{objectType}'])
    const company = (id: string | undefined) => ({ object: 'companies', id })
    const expected = [
      { [fields[0]!]: [company(a), company(b)], [fields[1]!]: [company(b)] },
      { [fields[0]!]: [company(a)], [fields[1]!]: [] },
      { [fields[0]!]: [], [fields[1]!]: [] },
    ]
    expect(page.records.map(({ values }) => values)).toEqual(expected)
    for (const [n, id] of contacts.entries()) {
      expect(await valuesOf(connector, 'contacts', id, fields)).toEqual(expected[n])
    }
  })

  test('removing the primary label keeps the association; removing the association keeps nothing', async () => {
    const { connector } = sandbox()
    const contact = await createOne(connector, 'contacts', person(1))
    const company = await createOne(connector, 'companies', { name: 'A' })
    const target = [{ object: 'companies', id: company.id }]
    const write = (writeId: string, field: string, change: 'add' | 'remove') =>
      connector.associate('contacts', [
        { writeId, id: contact.id, field, add: [], remove: [], [change]: target },
      ])
    await write('1', fields[1]!, 'add')
    expect(await valuesOf(connector, 'contacts', contact.id, fields)).toEqual({
      [fields[0]!]: target,
      [fields[1]!]: target,
    })
    await write('2', fields[1]!, 'remove')
    expect(await valuesOf(connector, 'contacts', contact.id, fields)).toEqual({
      [fields[0]!]: target,
      [fields[1]!]: [],
    })
    await write('3', fields[0]!, 'remove')
    expect(await valuesOf(connector, 'contacts', contact.id, fields)).toEqual({
      [fields[0]!]: [],
      [fields[1]!]: [],
    })
  })

  test('with a record that is gone do not make our own record look gone', async () => {
    const { connector } = sandbox()
    const contact = await createOne(connector, 'contacts', person(1))
    const [outcome] = await connector.associate('contacts', [
      {
        writeId: 'w',
        id: contact.id,
        field: fields[0]!,
        add: [{ object: 'companies', id: '999999' }],
        remove: [],
      },
    ])
    expect(outcome?.kind).toBe('failed')
    if (outcome?.kind === 'failed') expect(outcome.error.kind).not.toBe('not-found')
  })
})

describe('writing', () => {
  test('a lifecycle stage does not move back, and the answer shows it', async () => {
    const { connector } = sandbox()
    const { id } = await createOne(connector, 'contacts', { ...person(1), lifecyclestage: 'customer' })
    const [outcome] = await connector.update('contacts', [
      { writeId: 'w', id, values: { lifecyclestage: 'lead', jobtitle: 'CTO' } },
    ])
    const stored = await valuesOf(connector, 'contacts', id, ['lifecyclestage', 'jobtitle'])
    expect(stored).toEqual({ lifecyclestage: 'customer', jobtitle: 'CTO' })
    expect(outcome?.kind === 'done' && { ...stored, ...outcome.image }).toEqual(stored)
  })

  test('a merged record is stale to an update', async () => {
    const { connector, model, settle } = sandbox()
    const ids = [1, 2].map((n) => model.edit({ action: 'create', object: 'contacts', values: person(n) }).id)
    settle()
    model.edit({
      action: 'merge',
      object: 'contacts',
      id: ids[0]!,
      other: { object: 'contacts', id: ids[1]! },
    })
    const [outcome] = await connector.update('contacts', [
      { writeId: 'w', id: ids[1]!, values: { jobtitle: 'x' } },
    ])
    expect(outcome).toMatchObject({ kind: 'failed', error: { kind: 'stale' } })
  })

  test('an e-mail that somebody else has names the record that has it', async () => {
    const { connector } = sandbox()
    const taken = await createOne(connector, 'contacts', person(1))
    const [outcome] = await connector.create('contacts', [{ writeId: 'w', values: person(1), stamp: null }])
    expect(outcome).toMatchObject({ kind: 'failed', error: { kind: 'not-unique', existingId: taken.id } })
  })

  test('a refused value is explained without quoting it', async () => {
    const { connector } = sandbox()
    const { id } = await createOne(connector, 'contacts', person(1))
    const [outcome] = await connector.update('contacts', [
      { writeId: 'w', id, values: { email: 'not an address', lifecyclestage: 'Secret' } },
    ])
    if (outcome?.kind !== 'failed') throw new Error('refused values were accepted')
    expect(outcome.error).toMatchObject({ kind: 'rejected' })
    expect([...outcome.error.fields].toSorted()).toEqual(['email', 'lifecyclestage'])
    expect(outcome.error.message).not.toMatch(/not an address|Secret/)
  })
})

describe('evidence', () => {
  test('tells people, ourselves and HubSpot apart, before and after we know our own id', async () => {
    const { connector, model } = sandbox()
    const human = model.edit({ action: 'create', object: 'contacts', values: person(1) }).id
    const asked = (id: string, ...fields: string[]) => ({ object: 'contacts', records: [{ id, fields }] })
    expect((await connector.evidence(asked(human, 'email'))).get(human)).toMatchObject({
      email: { actor: { kind: 'human', id: expect.stringMatching(/^\d+$/) } },
    })
    await connector.update('contacts', [{ writeId: 'w', id: human, values: { jobtitle: 'CTO' } }])
    expect((await connector.evidence(asked(human, 'jobtitle'))).get(human)).toMatchObject({
      jobtitle: { actor: { kind: 'integration' } },
    })
    await createOne(connector, 'contacts', person(2))
    expect((await connector.evidence(asked(human, 'jobtitle', 'phone'))).get(human)).toMatchObject({
      jobtitle: { actor: { kind: 'us', id: String(model.identity.appId) } },
    })
  })
})

describe('the change feed', () => {
  test('shows an edit once the index has it, and comes to rest', async () => {
    const { connector, model, settle } = sandbox()
    const id = model.edit({ action: 'create', object: 'contacts', values: person(1) }).id
    settle()
    let { cursor } = await connector.changes({ object: 'contacts', cursor: null })
    model.edit({ action: 'update', object: 'contacts', id, values: { jobtitle: 'CTO' } })
    const seen = new Set<string>()
    for (let poll = 0; poll < 5; poll += 1) {
      const page = await connector.changes({ object: 'contacts', cursor })
      for (const change of page.changes) seen.add(change.id)
      expect(page.more).toBe(false)
      cursor = page.cursor
      settle()
    }
    expect([...seen]).toEqual([id])
    expect((await connector.changes({ object: 'contacts', cursor })).changes).toEqual([])
  })

  test('walks a bulk edit of many pages although pages come short', async () => {
    const { connector, settle } = sandbox({ settings: { searchShortPages: 0.3 } })
    let { cursor } = await connector.changes({ object: 'companies', cursor: null })
    const items = Array.from({ length: 450 }, (_, n) => ({
      writeId: `w${n}`,
      values: { name: `C${n}` },
      stamp: null,
    }))
    const outcomes = await connector.create('companies', items)
    const ids = outcomes.flatMap((outcome) => (outcome.kind === 'done' ? outcome.id : []))
    expect(ids).toHaveLength(450)
    settle()
    const seen = new Set<string>()
    for (let polls = 0; polls < 20;) {
      const page = await connector.changes({ object: 'companies', cursor })
      for (const change of page.changes) seen.add(change.id)
      cursor = page.cursor
      if (!page.more) polls += 1
    }
    expect(ids.filter((id) => !seen.has(id))).toEqual([])
  })
})
