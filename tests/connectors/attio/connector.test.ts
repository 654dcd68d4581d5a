/** Requests and answers of the connector: reading, creating, removing, and who we are. */
import { describe, expect, test } from 'vitest'
import type { Connector } from '../../../src/connectors/connector.ts'
import { TransportError } from '../../../src/connectors/transport.ts'
import type { HttpResponse } from '../../../src/connectors/transport.ts'
import {
  answer,
  AT,
  attributePages,
  OTHER_TOKEN,
  OUR_TOKEN,
  refusal,
  scriptedAttio,
  wireAttribute,
  wireRecord,
  wireValue,
} from './answers.ts'
import { PEOPLE, ada, connectorOver, records, scripted, slept, TOKEN } from './scripted.ts'

test('requests carry the token and nothing else of ours', async () => {
  const { connector, requests } = scripted({ 'GET /v2/workspace_members': answer([]) })
  await connector.users()
  expect(requests[0]).toMatchObject({
    url: 'https://attio.invalid/v2/workspace_members',
    headers: { authorization: `Bearer ${TOKEN}` },
    body: null,
  })
})

describe('the account', () => {
  const self = {
    active: true,
    scope: 'record_permission:read-write object_configuration:read',
    client_id: OUR_TOKEN.id,
    workspace_id: 'w',
    workspace_name: 'Acme',
    authorized_by_workspace_member_id: 'm',
    token_level: 'workspace',
  }
  const bare = (body: unknown): HttpResponse => ({ status: 200, headers: {}, body: JSON.stringify(body) })

  test('is read from the bare body of /v2/self', async () => {
    const { connector } = scripted({ 'GET /v2/self': bare(self) })
    expect(await connector.account()).toEqual({
      id: 'w',
      name: 'Acme',
      tokenOwner: 'm',
    })
  })

  test.each([
    ['unknown', bare({ active: false })],
    ['unrecognisable', refusal(400, 'missing_value')],
    ['refused', refusal(401, 'unauthorized')],
  ])('%s tokens are unauthorized', async (_what, response) => {
    const { connector } = scripted({ 'GET /v2/self': response })
    await expect(connector.account()).rejects.toMatchObject({ kind: 'unauthorized' })
  })

  test('read-write includes read, and what is missing is named', async () => {
    const { connector } = scripted({ 'GET /v2/self': bare(self) })
    expect(await connector.missingScopes({ object: 'people', write: true })).toEqual([])
    const narrow = scripted({ 'GET /v2/self': bare({ ...self, scope: 'object_configuration:read' }) })
    expect(await narrow.connector.missingScopes({ object: 'people', write: false })).toEqual([
      'record_permission:read',
    ])
  })
})

describe('reading by id', () => {
  const query = `POST ${records}/query`

  test('one id is one GET, a hundred and one are two queries', async () => {
    const one = scripted({ [`GET ${records}/ada`]: answer(ada) })
    expect(
      await one.connector.read({ object: 'people', ids: ['ada', 'ada'], fields: ['name'] }),
    ).toMatchObject([{ kind: 'found', requestedId: 'ada' }])
    const ids = Array.from({ length: 101 }, (_, index) => `r${index}`)
    const many = scripted({
      [query]: [ids.slice(0, 100), ids.slice(100)].map((some) =>
        answer(some.map((id) => wireRecord(id, {}))),
      ),
    })
    expect(await many.connector.read({ object: 'people', ids, fields: [] })).toHaveLength(101)
    expect(many.sent.filter(({ route }) => route === query)).toHaveLength(2)
  })

  test('a record is gone when it answers 404 while its object answers', async () => {
    const { connector } = scripted({ [`GET ${records}/old`]: refusal(404, 'not_found'), [query]: answer([]) })
    expect(await connector.read({ object: 'people', ids: ['old'], fields: ['name'] })).toEqual([
      { kind: 'gone', requestedId: 'old', how: 'deleted' },
    ])
  })

  test('nothing is gone when the whole object answers 404', async () => {
    const { connector } = scripted({
      [`GET ${records}/old`]: refusal(404, 'not_found'),
      [query]: refusal(404, 'not_found'),
    })
    await expect(connector.read({ object: 'people', ids: ['old'], fields: ['name'] })).rejects.toMatchObject({
      kind: 'unavailable',
    })
  })

  test.each([
    ['a merge under way', refusal(404, 'merge_in_progress'), 'transient'],
    ['a record out of sight', refusal(403, 'unauthorized'), 'unauthorized'],
  ])('%s is hidden, not gone', async (_what, response, kind) => {
    const { connector } = scripted({ [query]: answer([ada]), [`GET ${records}/bob`]: response })
    const readings = await connector.read({ object: 'people', ids: ['ada', 'bob'], fields: ['name'] })
    expect(readings).toMatchObject([
      { kind: 'found', requestedId: 'ada' },
      { kind: 'hidden', requestedId: 'bob', error: { kind } },
    ])
  })

  test('a dead token is no statement about a record', async () => {
    const { connector } = scripted({ [`GET ${records}/ada`]: refusal(401, 'unauthorized') })
    await expect(connector.read({ object: 'people', ids: ['ada'], fields: ['name'] })).rejects.toMatchObject({
      kind: 'unauthorized',
    })
  })

  test('a blank that was read is there, a field that does not exist is not', async () => {
    const { connector } = scripted({ [`GET ${records}/ada`]: answer(ada) })
    const fields = ['job_title', 'email_addresses', 'shoe_size']
    const [reading] = await connector.read({ object: 'people', ids: ['ada'], fields })
    expect(reading).toMatchObject({ kind: 'found' })
    if (reading?.kind !== 'found') return
    expect(reading.snapshot.values).toEqual({ job_title: null, email_addresses: ['ada@x.org'] })
    expect(reading.snapshot.evidence).toMatchObject({ email_addresses: { at: AT, actor: { kind: 'human' } } })
  })

  test('a value in an unknown form stops the reading', async () => {
    const odd = wireRecord('odd', { job_title: wireValue({ text: 'CTO' }) })
    const { connector } = scripted({ [`GET ${records}/odd`]: answer(odd) })
    await expect(
      connector.read({ object: 'people', ids: ['odd'], fields: ['job_title'] }),
    ).rejects.toMatchObject({
      kind: 'unavailable',
      fields: ['job_title'],
    })
  })
})

describe('repeating', () => {
  const broken: HttpResponse = { status: 503, headers: {}, body: '<html>' }

  test('a read that failed for a passing reason is tried three times, with growing waits', async () => {
    slept.length = 0
    const path = `GET ${records}/ada`
    const { connector } = scripted({ [path]: [broken, broken, answer(ada)] })
    expect(await connector.read({ object: 'people', ids: ['ada'], fields: [] })).toMatchObject([
      { kind: 'found' },
    ])
    expect(slept).toEqual([500, 1000])
    const never = scripted({ [`GET /v2/workspace_members`]: broken })
    await expect(never.connector.users()).rejects.toMatchObject({ kind: 'transient' })
    expect(never.sent).toHaveLength(3)
  })

  test('a write whose outcome is unknown is sent once', async () => {
    const { connector, sent } = scripted({ [`PUT ${records}/ada`]: broken })
    const [outcome] = await connector.update('people', [
      { writeId: 'w', id: 'ada', values: { job_title: 'Countess' } },
    ])
    expect(outcome).toMatchObject({ kind: 'failed', error: { kind: 'ambiguous' } })
    expect(sent.filter(({ route }) => route.startsWith('PUT'))).toHaveLength(1)
  })

  test('a write that lost a race was not applied and is tried again, then given up as transient', async () => {
    const raced = refusal(409, 'concurrent_write_conflict')
    const update = (connector: Connector) =>
      connector.update('people', [{ writeId: 'w', id: 'ada', values: { job_title: null } }])
    const won = scripted({ [`PUT ${records}/ada`]: [raced, answer(ada)] })
    expect(await update(won.connector)).toMatchObject([{ kind: 'done' }])
    const lost = scripted({ [`PUT ${records}/ada`]: raced })
    expect(await update(lost.connector)).toMatchObject([{ kind: 'failed', error: { kind: 'transient' } }])
    expect(lost.sent.filter(({ route }) => route.startsWith('PUT'))).toHaveLength(3)
  })

  test.each([
    [true, 'ambiguous'],
    [false, 'transient'],
  ])('a write without an answer that was sent: %s is %s', async (sent, kind) => {
    const known = scriptedAttio(attributePages('people', PEOPLE))
    const connector = connectorOver(async (request, signal) => {
      if (request.method === 'GET') return known.transport(request, signal)
      throw new TransportError('No answer', { sent })
    })
    const outcomes = await connector.update('people', [
      { writeId: 'w', id: 'ada', values: { job_title: 'x' } },
    ])
    expect(outcomes).toMatchObject([{ kind: 'failed', error: { kind } }])
  })

  test('a write answered in words we cannot read is ambiguous', async () => {
    const { connector } = scripted({ [`PUT ${records}/ada`]: { status: 200, headers: {}, body: 'ok' } })
    expect(
      await connector.update('people', [{ writeId: 'w', id: 'ada', values: { job_title: 'x' } }]),
    ).toMatchObject([{ kind: 'failed', error: { kind: 'ambiguous' } }])
  })
})

describe('creating', () => {
  const item = (values: Record<string, string | null>) => ({
    writeId: 'w',
    values: { ...values, hubspot_id: '7' },
    stamp: { field: 'hubspot_id', value: '7' },
  })

  test('asserts on a unique stamp', async () => {
    const put = 'PUT /v2/objects/deals/records?matching_attribute=hubspot_id'
    const { connector, sent } = scripted({ [put]: answer(wireRecord('d', {})) })
    expect(await connector.create('deals', [item({ name: 'Big' })])).toMatchObject([
      { kind: 'done', id: 'd' },
    ])
    expect(sent.at(-1)).toEqual({
      route: put,
      body: { data: { values: { name: [{ value: 'Big' }], hubspot_id: [{ value: '7' }] } } },
    })
  })

  test('posts where the stamp is not unique, never asserting on a natural key, and leaves blanks out', async () => {
    const { connector, sent } = scripted({ [`POST ${records}`]: answer(ada) })
    const [outcome] = await connector.create('people', [item({ job_title: null })])
    expect(sent.at(-1)?.body).toEqual({ data: { values: { hubspot_id: [{ value: '7' }] } } })
    expect(outcome).toMatchObject({ kind: 'done', id: 'ada', image: { job_title: null, hubspot_id: null } })
  })

  test('one refused item does not keep the others from being written', async () => {
    const { connector } = scripted({
      [`POST ${records}`]: [refusal(400, 'uniqueness_conflict'), answer(ada)],
    })
    const outcomes = await connector.create('people', [
      { ...item({}), writeId: 'first' },
      { ...item({}), writeId: 'second' },
      { ...item({ shoe_size: '38' }), writeId: 'third' },
    ])
    expect(outcomes).toMatchObject([
      { writeId: 'first', kind: 'failed', error: { kind: 'not-unique' } },
      { writeId: 'second', kind: 'done' },
      { writeId: 'third', kind: 'failed', error: { kind: 'rejected', fields: ['shoe_size'] } },
    ])
  })
})

describe('our own actor', () => {
  const stored = (actor: { type: string; id: string }, active_from: string) =>
    answer(
      wireRecord('ada', { job_title: wireValue({ value: 'x' }, { active_from, created_by_actor: actor }) }),
    )
  const bareSelf = { status: 200, headers: {}, body: '{"active":true}' }
  const writes = async (response: HttpResponse) => {
    const { connector } = scripted({ [`PUT ${records}/ada`]: response, 'GET /v2/self': bareSelf })
    await connector.update('people', [{ writeId: 'w', id: 'ada', values: { job_title: 'x' } }])
    return connector.self.id()
  }

  test('is learnt from a value that our write has set', async () => {
    expect(await writes(stored(OUR_TOKEN, AT))).toBe(OUR_TOKEN.id)
  })

  test('is not learnt from a value that was there before', async () => {
    expect(await writes(stored(OTHER_TOKEN, '2026-05-01T00:00:00.000000000Z'))).toBeNull()
  })
})

describe('removing', () => {
  const remove = `DELETE ${records}/ada`
  const query = `POST ${records}/query`
  const item = { writeId: 'w', id: 'ada', mode: 'delete' as const }

  test('is done, also when the record is gone already', async () => {
    const first = scripted({ [remove]: { status: 200, headers: {}, body: '{}' } })
    expect(await first.connector.remove('people', [item])).toMatchObject([{ kind: 'done' }])
    const again = scripted({ [remove]: refusal(404, 'not_found'), [query]: answer([]) })
    expect(await again.connector.remove('people', [item])).toMatchObject([{ kind: 'done' }])
  })

  test('is not done when the object has vanished, nor when archiving was meant', async () => {
    const { connector } = scripted({
      [remove]: refusal(404, 'not_found'),
      [query]: refusal(404, 'not_found'),
    })
    expect(await connector.remove('people', [item])).toMatchObject([
      { kind: 'failed', error: { kind: 'unavailable' } },
    ])
    expect(await connector.remove('people', [{ ...item, mode: 'archive' }])).toMatchObject([
      { kind: 'failed', error: { kind: 'rejected' } },
    ])
  })
})

describe('evidence', () => {
  const history = (field: string) =>
    `${records}/ada/attributes/${field}/values?show_historic=true&limit=100&offset=`

  test('of a set value comes with the record, of a cleared one from its history', async () => {
    const ended = wireValue({ value: 'CTO' }, { active_until: '2026-06-01T00:00:00.000000000Z' })
    const { connector } = scripted({
      [`GET ${records}/ada`]: answer(ada),
      [`GET ${history('job_title')}0`]: answer([ended]),
      [`GET ${history('job_title')}1`]: answer([]),
    })
    const found = await connector.evidence({
      object: 'people',
      records: [{ id: 'ada', fields: ['name', 'job_title', 'shoe_size'] }],
    })
    expect(found.get('ada')).toEqual({
      name: { at: AT, actor: { kind: 'human', id: '50cf242c-7fa3-4cad-87d0-75b1af71c57b' } },
      job_title: { at: '2026-06-01T00:00:00.000000000Z', actor: { kind: 'unknown', id: null } },
    })
  })

  test('of merged records is mingled: what one held lives on while a value of the other ends', async () => {
    const at = (second: number) => `2026-06-01T00:00:0${second}.000000000Z`
    const rows = [
      wireValue({ value: 'CEO' }, { active_from: at(1) }),
      wireValue({ value: 'CTO' }, { active_from: at(2), active_until: at(4) }),
    ]
    const { connector } = scripted({
      [`GET ${history('job_title')}0`]: answer(rows),
      [`GET ${history('job_title')}2`]: answer([]),
    })
    const found = await connector.history({
      object: 'people',
      records: [{ id: 'ada', fields: ['job_title'] }],
    })
    expect(found.get('ada')?.['job_title']?.map((version) => [version.at, version.value])).toEqual([
      [at(1), 'CEO'],
      [at(2), 'CTO'],
      [at(4), 'CEO'],
    ])
  })

  test('is unknown where Attio keeps the history to itself, or the record is gone', async () => {
    const { connector } = scripted({
      [`GET ${records}/ada`]: answer(ada),
      [`GET ${history('job_title')}0`]: refusal(400, 'validation_type'),
      [`GET ${records}/old`]: refusal(404, 'not_found'),
    })
    const request = ['ada', 'old'].map((id) => ({ id, fields: ['job_title'] }))
    const found = await connector.evidence({ object: 'people', records: request })
    expect([...found]).toEqual([['ada', {}]])
  })
})

test('searching by a type that has no equality is refused before anything is asked', async () => {
  const attributes = [wireAttribute('place', 'location')]
  const { transport, sent } = scriptedAttio(attributePages('sites', attributes))
  const find = (field: string) =>
    connectorOver(transport).find({ object: 'sites', field, values: ['x'], fields: [] })
  await expect(find('place')).rejects.toMatchObject({ kind: 'rejected', fields: ['place'] })
  expect(sent.every(({ route }) => route.startsWith('GET'))).toBe(true)
})

test('the token is in no error', async () => {
  const { connector } = scripted({ 'GET /v2/workspace_members': refusal(400, 'validation_type') })
  const error = await connector.users().catch((caught: unknown) => caught)
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(TOKEN)
})
