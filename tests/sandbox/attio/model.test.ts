/** The port itself: human edits, the ground truth, snapshots, and enough speed for a simulator. */
import { describe, expect, test } from 'vitest'
import { EditRefused } from '../../../src/sandbox/model.ts'
import { addThings, newWorld } from './harness.ts'

describe('human edits', () => {
  test('are made by a workspace member, whose creations carry an older created_at value', () => {
    const world = newWorld()
    const { id } = world.model.edit({ action: 'create', object: 'people', values: { job_title: 'Poet' } })
    const record = world.get('people', id)
    expect(record.values.job_title[0].created_by_actor.type).toBe('workspace-member')
    expect(record.created_at).toBe('2026-05-09T21:43:08.480000000Z')
    expect(record.values.created_at[0].value).toBe('2026-05-09T21:42:57.480000000Z')
    const actor = 'bruno.keller@example.com'
    world.model.edit({ action: 'update', object: 'people', id, values: { job_title: 'Countess' }, actor })
    expect(world.get('people', id).values.job_title[0]).toMatchObject({ value: 'Countess' })
    world.model.edit({ action: 'delete', object: 'people', id })
    expect(world.call('GET', `/v2/objects/people/records/${id}`).status).toBe(404)
  })

  test('merge into a new record', () => {
    const world = newWorld()
    const a = world.model.edit({ action: 'create', object: 'people' }).id
    const b = world.model.edit({ action: 'create', object: 'people' }).id
    const merged = world.model.edit({
      action: 'merge',
      object: 'people',
      id: a,
      other: { object: 'people', id: b },
    })
    expect(Object.keys(world.model.dump()['people'] ?? {}).toSorted()).toEqual([a, b, merged.id].toSorted())
    expect(world.query('people')).toHaveLength(1)
  })

  test.each([
    [{ action: 'update', object: 'people', id: 'nope', values: {} }, 'no people record'],
    [{ action: 'create', object: 'people', values: { email_addresses: ['x'] } }, 'validation_type'],
    [{ action: 'create', object: 'deals', values: {} }, 'missing_value'],
    [{ action: 'create', object: 'users' }, 'standard_object_disabled'],
    [{ action: 'restore', object: 'people', id: 'x' }, 'recycle bin'],
    [{ action: 'associate', object: 'people', id: 'x' }, 'attribute'],
    [{ action: 'create', object: 'people', actor: 'farid.lund@example.com' }, 'suspended'],
  ] as const)('%j is refused', (edit, message) => {
    expect(() => newWorld().model.edit(edit)).toThrow(EditRefused)
    expect(() => newWorld().model.edit(edit)).toThrow(message)
  })
})

test('the dump holds compact values of everything there is', () => {
  const world = newWorld()
  addThings(world)
  world.create('companies', { domains: ['acme.com'] })
  const { record_id: id } = world.create('people', {
    name: 'Lovelace, Ada',
    email_addresses: ['Ada@Acme.com'],
    phone_numbers: ['+1 415 555 2671'],
    company: 'acme.com',
  }).id
  const thing = world.create('things', { number: 0, checkbox: false, currency: 5, tags: ['Red', 'Blue'] })
  const dump = world.model.dump()
  expect(dump['people']?.[id]).toMatchObject({
    state: 'live',
    into: null,
    associations: [],
    values: {
      name: [{ first_name: 'Ada', last_name: 'Lovelace', full_name: 'Ada Lovelace' }],
      email_addresses: ['ada@acme.com'],
      phone_numbers: ['+14155552671'],
      company: [{ object: 'companies' }],
    },
  })
  expect(dump['things']?.[thing.id.record_id]?.values).toMatchObject({
    number: [0],
    checkbox: [false],
    currency: [5],
    tags: ['Red', 'Blue'],
  })
})

test('a snapshot restores everything, and both go on alike', () => {
  const settings = { createCompanies: true, enrichment: true, usersEnabled: true }
  const world = newWorld({ settings })
  addThings(world)
  world.call('POST', '/v2/webhooks', {
    data: {
      target_url: 'https://x.example',
      subscriptions: [{ event_type: 'record.created', filter: null }],
    },
  })
  const person = world.create('people', { email_addresses: ['ada@acme.com'] })
  world.create('things', { external_id: '1', friends: ['ada@acme.com'], status: 'Red' })
  const text = world.model.snapshot()
  const copy = newWorld({ seed: 99 })
  copy.model.restore(text)
  expect(copy.model.snapshot()).toBe(text)
  for (const each of [world, copy]) {
    each.advance(5_000)
    each.call('DELETE', `/v2/objects/people/records/${person.id.record_id}`)
    each.model.takeDeliveries()
  }
  expect(copy.model.dump()).toEqual(world.model.dump())
  expect(copy.model.snapshot()).toBe(world.model.snapshot())
  const conflict = copy.call('POST', '/v2/objects/things/records', { data: { values: { external_id: '1' } } })
  expect(conflict.body.code).toBe('uniqueness_conflict')
})
