/** Relationships, automatic companies, enrichment and merges. Attio fact sheet 7, 10.1, 10.6 and 17.6. */
import { describe, expect, test } from 'vitest'
import { newWorld } from './harness.ts'
import type { Body, World } from './harness.ts'

const targets = (values: Body[]): string[] => values.map((each) => each.target_record_id)

const update = (world: World, object: string, record: Body, values: Record<string, unknown>): Body =>
  world.call('PUT', `/v2/objects/${object}/records/${record.id.record_id}`, { data: { values } }).body.data

describe('relationships', () => {
  test('both ends follow a write at either end', () => {
    const world = newWorld()
    const acme = world.create('companies', { domains: ['acme.com'] })
    const ada = world.create('people', { company: 'acme.com' })
    const read = (object: string, record: Body) => world.get(object, record.id.record_id).values
    expect(targets(read('companies', acme).team)).toEqual([ada.id.record_id])
    expect(read('companies', acme).team[0].created_by_actor).toEqual({ type: 'system', id: null })
    update(world, 'companies', acme, { team: [] })
    expect(read('people', ada).company).toEqual([])
    update(world, 'companies', acme, {
      team: [{ target_object: 'people', target_record_id: ada.id.record_id }],
    })
    expect(targets(read('people', ada).company)).toEqual([acme.id.record_id])
  })

  test('adding a person to a second company moves the person and closes the old value', () => {
    const world = newWorld()
    const acme = world.create('companies', { name: 'Acme' })
    const bolt = world.create('companies', { name: 'Bolt' })
    const ada = world.create('people', {})
    const member = [{ target_object: 'people', target_record_id: ada.id.record_id }]
    update(world, 'companies', acme, { team: member })
    world.advance(1_000)
    update(world, 'companies', bolt, { team: member })
    expect(world.get('companies', acme.id.record_id).values.team).toEqual([])
    const path = `/v2/objects/people/records/${ada.id.record_id}/attributes/company/values?show_historic=true`
    const history = world.call('GET', path).body.data
    expect(targets(history)).toEqual([acme.id.record_id, bolt.id.record_id])
    expect(history[0].active_until).toBe(history[1].active_from)
  })

  test('a person at the near end moves between teams', () => {
    const world = newWorld()
    const acme = world.create('companies', { domains: ['acme.com'] })
    const bolt = world.create('companies', { domains: ['bolt.com'] })
    const ada = world.create('people', { company: 'acme.com' })
    update(world, 'people', ada, { company: 'bolt.com' })
    expect(world.get('companies', acme.id.record_id).values.team).toEqual([])
    expect(targets(world.get('companies', bolt.id.record_id).values.team)).toEqual([ada.id.record_id])
  })
})

describe('automatic companies', () => {
  const settings = { createCompanies: true }

  test('a person with a business address gets a company by the system actor, a moment later', () => {
    const world = newWorld({ settings })
    const ada = world.create('people', { email_addresses: ['ada@mail.acme.com'] })
    expect(world.query('companies')).toEqual([])
    world.advance(250)
    const [company] = world.query('companies')
    expect(company.values.domains[0]).toMatchObject({
      domain: 'acme.com',
      created_by_actor: { type: 'system', id: null },
    })
    expect(company.values.name[0].value).toBe('Acme')
    expect(targets(world.get('people', ada.id.record_id).values.company)).toEqual([company.id.record_id])
  })

  test('a known company is linked, a free-mail address is left alone, a given company stays', () => {
    const world = newWorld({ settings })
    const acme = world.create('companies', { domains: ['acme.com'] })
    const ada = world.create('people', { email_addresses: ['ada@acme.com'] })
    const bob = world.create('people', { email_addresses: ['bob@gmail.com'] })
    const bolt = world.create('companies', { domains: ['bolt.com'] })
    const eve = world.create('people', { email_addresses: ['eve@acme.com'], company: 'bolt.com' })
    world.advance(250)
    const company = (record: Body) => targets(world.get('people', record.id.record_id).values.company)
    expect(company(ada)).toEqual([acme.id.record_id])
    expect(company(bob)).toEqual([])
    expect(company(eve)).toEqual([bolt.id.record_id])
    expect(world.query('companies')).toHaveLength(2)
  })
})

describe('enrichment', () => {
  const known = 'acme.com'

  test('fills blanks only, as system, 0.25 s after the creation', () => {
    const world = newWorld({ settings: { enrichment: true }, seed: seedThatKnows(known) })
    const { record_id: id } = world.create('companies', { domains: [known], linkedin: 'ours' }).id
    expect(world.get('companies', id).values.description).toEqual([])
    world.advance(10_000)
    const { values } = world.get('companies', id)
    expect(values.description[0]).toMatchObject({
      active_from: '2026-05-09T21:43:08.730000000Z',
      created_by_actor: { type: 'system', id: null },
    })
    expect(values.linkedin[0].value).toBe('ours')
    expect(values.categories).toHaveLength(1)
    expect(values.employee_range).toHaveLength(1)
    expect(values.logo_url).toHaveLength(1)
  })

  test('equal seeds and equal requests give equal answers', () => {
    const run = (): string => {
      const world = newWorld({ settings: { enrichment: true, createCompanies: true } })
      world.create('people', { email_addresses: ['ada@acme.com'] })
      world.advance(1_000)
      world.query('people')
      return world.model.snapshot()
    }
    expect(run()).toBe(run())
  })

  test('values the vendor filled can be kept from writers', () => {
    const world = newWorld({
      settings: { enrichment: true, keepEnrichedValues: true },
      seed: seedThatKnows(known),
    })
    const company = world.create('companies', { domains: [known] })
    world.advance(250)
    const before = world.get('companies', company.id.record_id).values.description
    const after = update(world, 'companies', company, { description: 'ours', name: 'Ours' })
    expect(after.values.description).toEqual(before)
    expect(after.values.name[0].value).toBe('Ours')
  })

  function seedThatKnows(domain: string): number {
    for (let seed = 1; ; seed++) {
      const world = newWorld({ settings: { enrichment: true }, seed })
      const { record_id: id } = world.create('companies', { domains: [domain] }).id
      world.advance(250)
      if (world.get('companies', id).values.description.length > 0) return seed
    }
  }
})

describe('merge', () => {
  const merge = (world: World, primary: Body, secondary: Body) =>
    world.call('POST', '/v2/objects/people/records/merge', {
      data: { primary_record_id: primary.id.record_id, secondary_record_id: secondary.id.record_id },
    })

  test('makes a new record of both, and references follow it', () => {
    const world = newWorld()
    const acme = world.create('companies', { domains: ['acme.com'] })
    const bolt = world.create('companies', { domains: ['bolt.com'] })
    const first = world.create('people', {
      email_addresses: ['a@x.com'],
      job_title: 'One',
      company: 'acme.com',
    })
    const second = world.create('people', {
      email_addresses: ['b@x.com'],
      job_title: 'Two',
      twitter: 'second',
      company: 'bolt.com',
    })
    const reply = merge(world, first, second)
    expect(reply.status).toBe(200)
    const id = reply.body.data.new_record_id
    expect([first.id.record_id, second.id.record_id]).not.toContain(id)
    const { values } = world.get('people', id)
    expect(values.email_addresses.map((each: Body) => each.email_address)).toEqual(['a@x.com', 'b@x.com'])
    expect(values.job_title[0].value).toBe('One')
    expect(values.twitter[0].value).toBe('second')
    expect(values.record_id[0].value).toBe(id)
    expect(targets(world.get('companies', acme.id.record_id).values.team)).toEqual([id])
    expect(world.get('companies', bolt.id.record_id).values.team).toEqual([])
    for (const record of [first, second]) {
      expect(world.call('GET', `/v2/objects/people/records/${record.id.record_id}`).body.code).toBe(
        'not_found',
      )
    }
    expect(merge(world, first, second)).toMatchObject({ status: 404, body: { code: 'value_not_found' } })
    expect(world.model.dump()['people']?.[first.id.record_id]).toMatchObject({ state: 'merged', into: id })
    const conflict = world.call('POST', '/v2/objects/people/records', {
      data: { values: { email_addresses: ['b@x.com'] } },
    })
    expect(conflict.body.code).toBe('uniqueness_conflict')
  })

  test('with itself is refused', () => {
    const world = newWorld()
    const record = world.create('people', {})
    expect(merge(world, record, record)).toMatchObject({ status: 400, body: { code: 'self_merge' } })
  })

  test('can take its time: 202, then merge_in_progress, then readable', () => {
    const world = newWorld({ settings: { mergeSettleMs: 500 } })
    const reply = merge(world, world.create('people', {}), world.create('people', {}))
    expect(reply.status).toBe(202)
    const path = `/v2/objects/people/records/${reply.body.data.new_record_id}`
    expect(world.call('GET', path)).toMatchObject({ status: 404, body: { code: 'merge_in_progress' } })
    const write = world.call('PATCH', path, { data: { values: { job_title: 'x' } } })
    expect(write).toMatchObject({ status: 400, body: { code: 'merge_in_progress' } })
    expect(world.query('people')).toEqual([])
    world.advance(500)
    expect(world.call('GET', path).status).toBe(200)
  })

  test('is limited to five a second', () => {
    const world = newWorld({ limits: 'vendor' })
    const records = Array.from({ length: 12 }, () => world.create('people', {}))
    const replies = [0, 2, 4, 6, 8, 10].map((i) => merge(world, records[i], records[i + 1]).status)
    expect(replies).toEqual([200, 200, 200, 200, 200, 429])
  })
})
