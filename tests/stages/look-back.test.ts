/**
 * Edits that land between our look at a record and the effect of our write: the vendors let nobody prevent that, and
 * keep the history that tells of it afterwards (algorithms 5.5; I4, I5).
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Conflict } from '../../src/store/waiting.ts'
import { drain } from '../../src/stages/drain.ts'
import { recover } from '../../src/stages/recover.ts'
import { sweep } from '../../src/stages/sweep.ts'
import { lookBack, lookBackToTheEnd } from '../../src/stages/look-back.ts'
import { explainField } from '../../src/stages/explain.ts'
import { runPass } from '../../src/stages/pass.ts'
import { workUntilDeath } from './process.ts'
import {
  altered,
  attioCompany,
  attioPerson,
  calm,
  conflicts,
  counterpart,
  edit,
  expectRest,
  held,
  hubspotCompany,
  hubspotPerson,
  ids,
  only,
  onlyConflict,
  peopleMapping,
  remove,
} from './story.ts'
import { openTestWorld, shippedMapping, type TestWorld, type TestWorldOptions } from './world.ts'

let world: TestWorld
let ada: { attio: string; hubspot: string }

const FIELDS = [
  '{ left: job_title, right: jobtitle, conflict: ask }',
  '{ left: phone_numbers, right: phone, as: phones, region: US }',
]

/** Ada on both sides, at rest. */
async function open(fields: readonly string[] = FIELDS, options: Partial<TestWorldOptions> = {}) {
  world = await openTestWorld({ empty: true, mappings: [peopleMapping(...fields)], ...options })
  calm(world)
  const id = attioPerson(world, {
    first: 'Ada',
    last: 'King',
    email: 'ada@king-family.com',
    job: 'Engineer',
    phone: '+14155550100',
  })
  await world.sync()
  await lookBackNow()
  ada = { attio: id, hubspot: (await counterpart(world, 'attio', id)) ?? '' }
  await world.advance(600_000)
}

/** The same, and whoever is deleted in Attio goes to HubSpot's bin. */
async function openArchiving(): Promise<void> {
  await world.close()
  await open(FIELDS, { mappings: [shippedMapping('people')] })
}

beforeEach(() => open())

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

const inAttio = (values: Record<string, unknown>) => edit(world, 'attio', 'people', ada.attio, values)
const inHubSpot = (values: Record<string, unknown>) => edit(world, 'hubspot', 'contacts', ada.hubspot, values)
const named = (first: string, last = 'King') => ({
  name: { first_name: first, last_name: last, full_name: `${first} ${last}` },
})

const WRITES: Record<'attio' | 'hubspot', RegExp> = {
  attio: /^PUT .*\/records\/[^/]+$/,
  hubspot: /\/batch\/update$/,
}

/** Somebody is faster: `act` happens while the next write to this vendor travels there. */
function inTheWindow(vendor: keyof typeof WRITES, act: () => void): void {
  world.onRequest = (at, { method, url }) => {
    if (at !== vendor || !WRITES[vendor].test(`${method} ${url}`)) return
    world.onRequest = () => undefined
    act()
    world.faults[vendor].replace([{ kind: 'delay', delayMs: 50, times: 1 }])
  }
}

async function lookBackNow(): Promise<void> {
  const engine = await world.engine()
  await world.run(lookBackToTheEnd(engine))
}

async function syncAndLookBack(): Promise<void> {
  await world.sync()
  await lookBackNow()
}

const auto = (values: Partial<Conflict>) => ({
  kind: 'overwritten',
  rule: 'overwritten-in-window',
  state: 'auto',
  ...values,
})

async function decide(choice: 'left' | 'right'): Promise<void> {
  const { id, left, right } = await onlyConflict(world)
  const atMs = world.runtime.now()
  expect(await world.store.decideConflict({ id, choice, expect: { left, right }, atMs })).toBe('decided')
  await world.sync()
}

describe('an edit that our write overwrote unseen', () => {
  test('in HubSpot is a conflict with the lost value, who entered it and when', async () => {
    inAttio({ job_title: 'Countess' })
    inTheWindow('hubspot', () => inHubSpot({ jobtitle: 'Poet' }))
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Countess')
    expect(await conflicts(world, 'all')).toEqual([])
    const engine = await world.engine()
    await world.run(lookBackToTheEnd(engine))
    expect(engine.tally.conflictsOpened).toBe(1)
    const conflict = await onlyConflict(world)
    expect(conflict).toMatchObject({
      ...auto({ state: 'open', loser: null, closedAtMs: null }),
      field: 'job_title',
      left: 'Countess',
      right: 'Poet',
      base: { left: 'Countess', right: 'Engineer' },
      records: { left: ada.attio, right: ada.hubspot },
      evidence: { left: null, right: { actor: { kind: 'human' } } },
    })
    expect(Date.parse(conflict.evidence.right?.at ?? '')).toBeGreaterThan(world.runtime.now() - 60_000)
  })

  test('in Attio is one as well', async () => {
    inHubSpot({ firstname: 'Augusta' })
    inTheWindow('attio', () => inAttio(named('Ada', 'Byron')))
    await syncAndLookBack()
    expect(only(held(world, 'attio', 'people')['name'])).toMatchObject({ last_name: 'King' })
    const { left, right, evidence, state } = await onlyConflict(world)
    expect({ left, right, state, by: evidence.left?.actor.kind }).toMatchObject({
      left: { first: 'Ada', last: 'Byron' },
      right: { first: 'Augusta', last: 'King' },
      state: 'open',
      by: 'human',
    })
  })

  test('is told once, however often is looked back', async () => {
    inAttio({ job_title: 'Countess' })
    inTheWindow('hubspot', () => inHubSpot({ jobtitle: 'Poet' }))
    await syncAndLookBack()
    const before = world.routes()
    await syncAndLookBack()
    await lookBackNow()
    expect(await conflicts(world, 'all')).toHaveLength(1)
    const history = 'hubspot POST /crm/v3/objects/{objectType}/batch/read'
    expect(world.routes()[history]).toBe(before[history])
  })

  test('shows in the explanation of its field', async () => {
    inAttio({ job_title: 'Countess' })
    inTheWindow('hubspot', () => inHubSpot({ jobtitle: 'Poet' }))
    await syncAndLookBack()
    const steps = await explainField(world.store, { record: ada.hubspot, keyOf: () => 'job_title' })
    expect(steps.map(({ kind }) => kind)).toContain('conflict')
    expect(steps.find(({ kind }) => kind === 'conflict')).toMatchObject({
      rule: 'overwritten-in-window',
      right: 'Poet',
    })
  })

  test('to the very value that we wrote is no loss', async () => {
    inAttio({ job_title: 'Countess' })
    inTheWindow('hubspot', () => inHubSpot({ jobtitle: 'Countess' }))
    await syncAndLookBack()
    expect(await conflicts(world, 'all')).toEqual([])
  })

  test('of another field is none: it is carried over', async () => {
    inAttio({ job_title: 'Countess' })
    inTheWindow('hubspot', () => inHubSpot({ firstname: 'Augusta' }))
    await syncAndLookBack()
    await syncAndLookBack()
    expect(await conflicts(world, 'all')).toEqual([])
    expect(only(held(world, 'attio', 'people')['name'])).toMatchObject({ first_name: 'Augusta' })
  })

  test('several times tells of the last value, which is what was there', async () => {
    inAttio({ job_title: 'Countess' })
    inTheWindow('hubspot', () => {
      inHubSpot({ jobtitle: 'Poet' })
      inHubSpot({ jobtitle: 'Mathematician' })
    })
    await syncAndLookBack()
    expect(await onlyConflict(world)).toMatchObject({ right: 'Mathematician' })
  })

  test('is found behind later writes of the field, and is then over', async () => {
    inAttio({ job_title: 'Countess' })
    inTheWindow('hubspot', () => inHubSpot({ jobtitle: 'Poet' }))
    await world.sync()
    await world.advance(60_000)
    inAttio({ job_title: 'Duchess' })
    await syncAndLookBack()
    expect(await onlyConflict(world, 'all')).toMatchObject(auto({ right: 'Poet', loser: 'right' }))
  })

  test('is found before the CRM has told who we are, which HubSpot does with the first creation', async () => {
    await world.close()
    world = await openTestWorld({ empty: true, mappings: [peopleMapping(...FIELDS)] })
    calm(world)
    const email = 'ada@king-family.com'
    const hubspot = hubspotPerson(world, { first: 'Ada', email, job: 'Engineer' })
    await world.sync()
    ada = { hubspot, attio: (await counterpart(world, 'hubspot', hubspot)) ?? '' }
    expect((await world.engine()).pairing.connectors.right.self.id()).toBeNull()
    await world.advance(600_000)
    inAttio(named('Augusta', 'King'))
    inTheWindow('hubspot', () => inHubSpot({ firstname: 'Grace' }))
    await syncAndLookBack()
    expect(await onlyConflict(world)).toMatchObject({ right: { first: 'Grace', last: null } })
  })

  test.each([
    ['with something else', 'Duchess'],
    ['with what stood there before', 'Engineer'],
  ])('is found although the answer was lost and somebody replaced what we wrote %s', async (_, then) => {
    inAttio({ job_title: 'Countess' })
    world.onRequest = (at, { method, url }) => {
      if (at !== 'hubspot' || !WRITES.hubspot.test(`${method} ${url}`)) return
      inHubSpot({ jobtitle: 'Poet' })
      world.faults.hubspot.replace([{ kind: 'reset-after', times: 1 }])
      world.onRequest = (next) => {
        if (next !== 'hubspot') return
        world.onRequest = () => undefined
        inHubSpot({ jobtitle: then })
      }
    }
    await syncAndLookBack()
    await syncAndLookBack()
    const found = (await conflicts(world, 'all')).filter(({ kind }) => kind === 'overwritten')
    expect(found).toMatchObject([auto({ field: 'job_title', right: 'Poet' })])
  })

  test('is found although we have sent the same once more, and nobody knows yet what became of that', async () => {
    await world.close()
    await open(['{ left: job_title, right: jobtitle, conflict: prefer-left }'])
    const engine = await world.engine()
    const [people] = engine.pairing.mappings
    if (!people) throw new Error('people are mapped')
    const sendUnanswered = async (meanwhile: () => void) => {
      inTheWindow('hubspot', meanwhile)
      const { onRequest } = world
      world.onRequest = (at, request) => {
        onRequest(at, request)
        if (at === 'hubspot' && WRITES.hubspot.test(`${request.method} ${request.url}`))
          world.faults.hubspot.replace([{ kind: 'reset-after', times: 1 }])
      }
      await world.run(drain(engine, people))
      await world.advance(1_000)
      // What stood there before: somebody insists on it.
      inHubSpot({ jobtitle: 'Engineer' })
      await world.advance(60_000)
    }
    inAttio({ job_title: 'Countess' })
    await world.run(sweep(engine, people, 'left', 3))
    await sendUnanswered(() => inHubSpot({ jobtitle: 'Poet' }))
    await world.run(recover(engine, people))
    await sendUnanswered(() => undefined)
    await lookBackNow()
    expect((await world.store.status(world.runtime.now())).openIntents).toBe(1)
    await world.sync()
    const found = (await conflicts(world, 'all')).filter(({ kind }) => kind === 'overwritten')
    expect(found).toMatchObject([auto({ field: 'job_title', right: 'Poet' })])
  })

  test('is found although the record was put into the bin before we looked back', async () => {
    inAttio({ job_title: 'Countess' })
    inTheWindow('hubspot', () => inHubSpot({ jobtitle: 'Poet' }))
    await world.sync()
    remove(world, 'hubspot', 'contacts', ada.hubspot)
    await lookBackNow()
    expect(await conflicts(world, 'all')).toMatchObject([{ kind: 'overwritten', right: 'Poet' }])
  })

  test('is found in a record that we removed: it is in the bin with it, and nobody had seen it', async () => {
    await openArchiving()
    remove(world, 'attio', 'people', ada.attio)
    world.onRequest = (at, { url }) => {
      if (at !== 'hubspot' || !url.endsWith('/batch/archive')) return
      world.onRequest = () => undefined
      inHubSpot({ jobtitle: 'Poet' })
    }
    await syncAndLookBack()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([])
    expect(await conflicts(world, 'all')).toMatchObject([
      auto({ field: 'job_title', right: 'Poet', records: { left: ada.attio, right: ada.hubspot } }),
    ])
    await syncAndLookBack()
    expect(await conflicts(world, 'all')).toHaveLength(1)
  })

  test('is not looked for in a record that we removed as we had seen it', async () => {
    await openArchiving()
    inHubSpot({ jobtitle: 'Poet' })
    await syncAndLookBack()
    remove(world, 'attio', 'people', ada.attio)
    await syncAndLookBack()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([])
    expect(await conflicts(world, 'all')).toEqual([])
  })

  test('names its record also where the pair has come to its end since', async () => {
    const other = attioPerson(world, { first: 'Augusta', email: 'augusta@king-family.com' })
    await world.sync()
    inAttio({ job_title: 'Countess' })
    inTheWindow('hubspot', () => inHubSpot({ jobtitle: 'Poet' }))
    await world.sync()
    const people = { object: 'people', id: other, other: { object: 'people', id: ada.attio } }
    world.attio.edit({ action: 'merge', ...people })
    await syncAndLookBack()
    const found = (await conflicts(world, 'all')).filter(({ kind }) => kind === 'overwritten')
    expect(found).toMatchObject([{ right: 'Poet', records: { right: ada.hubspot } }])
  })

  test('by a workflow is put on record, and nobody is asked', async () => {
    inAttio({ job_title: 'Countess' })
    inTheWindow('hubspot', () =>
      world.hubspot.edit({
        action: 'update',
        object: 'contacts',
        id: ada.hubspot,
        values: { jobtitle: 'POET' },
        automated: true,
      }),
    )
    await syncAndLookBack()
    expect(await onlyConflict(world, 'all')).toMatchObject(auto({ right: 'POET', loser: 'right' }))
  })
})

test('writes that nobody interfered with leave nothing, our own before them included', async () => {
  for (const job of ['Countess', 'Duchess', 'Countess']) {
    inAttio({ job_title: job })
    await world.sync()
    await world.advance(60_000)
  }
  inHubSpot({ firstname: 'Augusta' })
  await syncAndLookBack()
  expect(await conflicts(world, 'all')).toEqual([])
})

describe('where a rule settles conflicts', () => {
  test('the lost value is put on record', async () => {
    await world.close()
    await open(['{ left: job_title, right: jobtitle, conflict: prefer-left }'])
    inAttio({ job_title: 'Countess' })
    inTheWindow('hubspot', () => inHubSpot({ jobtitle: 'Poet' }))
    await syncAndLookBack()
    const conflict = await onlyConflict(world, 'all')
    expect(conflict).toMatchObject(auto({ right: 'Poet', left: 'Countess', loser: 'right' }))
    expect(conflict.closedAtMs).not.toBeNull()
  })

  test('the reading side of a one-way field has nothing to lose', async () => {
    await world.close()
    await open(['{ left: job_title, right: jobtitle, direction: left-to-right }'])
    inAttio({ job_title: 'Countess' })
    inTheWindow('hubspot', () => inHubSpot({ jobtitle: 'Poet' }))
    await syncAndLookBack()
    expect(await conflicts(world, 'all')).toEqual([])
  })
})

test('an element that was added to a list meanwhile is reported with the list that it was in', async () => {
  inHubSpot({ phone: '+14155550101' })
  inTheWindow('attio', () => inAttio({ phone_numbers: ['+14155550100', '+442079460018'] }))
  await syncAndLookBack()
  expect(JSON.stringify(held(world, 'attio', 'people')['phone_numbers'])).not.toContain('442079460018')
  const conflict = await onlyConflict(world, 'all')
  expect(conflict).toMatchObject(auto({ field: 'phone_numbers', loser: 'left' }))
  expect(JSON.stringify(conflict.left)).toContain('+442079460018')
})

test('a list is found by its elements, whatever their order: that is not in the history', async () => {
  inAttio({ email_addresses: ['ada@king-family.com', 'ada@analytical.org'] })
  await syncAndLookBack()
  await world.advance(60_000)
  inHubSpot({ email: 'augusta@king-family.com' })
  inTheWindow('attio', () =>
    inAttio({ email_addresses: ['ada@king-family.com', 'ada@analytical.org', 'poet@king-family.com'] }),
  )
  await syncAndLookBack()
  const addresses = held(world, 'attio', 'people')['email_addresses']
  expect(addresses).toEqual(['augusta@king-family.com', 'ada@analytical.org'])
  expect(await onlyConflict(world, 'all')).toMatchObject(
    auto({ left: expect.arrayContaining(['poet@king-family.com']), loser: 'left' }),
  )
})

test('what a record held before it was merged into another one is no loss of a later write', async () => {
  const other = attioPerson(world, { first: 'Augusta', email: 'augusta@king-family.com' })
  await world.advance(60_000)
  edit(world, 'attio', 'people', other, named('Gusta'))
  await syncAndLookBack()
  await world.advance(60_000)
  world.attio.edit({
    action: 'merge',
    object: 'people',
    id: ada.attio,
    other: { object: 'people', id: other },
  })
  await syncAndLookBack()
  inHubSpot({ firstname: 'Adeline' })
  await syncAndLookBack()
  expect(only(held(world, 'attio', 'people')['name'])).toMatchObject({ first_name: 'Adeline' })
  expect((await conflicts(world, 'all')).filter(({ kind }) => kind === 'overwritten')).toEqual([])
})

test('where the vendor keeps no history nothing is known, and nothing is asked twice', async () => {
  inHubSpot({ jobtitle: 'Countess' })
  // Attio shows no history of attributes that it enriches.
  inTheWindow('attio', () => inAttio({ job_title: 'Poet' }))
  await syncAndLookBack()
  expect(await conflicts(world, 'all')).toEqual([])
  const asked = () =>
    world.routes()['attio GET /v2/objects/{object}/records/{record_id}/attributes/{attribute}/values']
  const before = asked()
  expect(before).toBeGreaterThan(0)
  await world.advance(60_000)
  inHubSpot({ jobtitle: 'Duchess' })
  await syncAndLookBack()
  expect(asked()).toBe(before)
})

describe('a person who is asked', () => {
  beforeEach(async () => {
    inAttio({ job_title: 'Countess' })
    inTheWindow('hubspot', () => inHubSpot({ jobtitle: 'Poet' }))
    await syncAndLookBack()
    await world.advance(60_000)
  })

  const jobs = () => [
    only(held(world, 'attio', 'people')['job_title']),
    held(world, 'hubspot', 'contacts')['jobtitle'],
  ]

  test('gets the lost value back, on both sides', async () => {
    await decide('right')
    expect(jobs()).toEqual(['Poet', 'Poet'])
    expect(await onlyConflict(world, 'all')).toMatchObject({ state: 'resolved', loser: 'left' })
    await lookBackNow()
    expect(await conflicts(world, 'all')).toHaveLength(1)
  })

  test('may leave it at what was written', async () => {
    const before = world.writes()
    await decide('left')
    expect(jobs()).toEqual(['Countess', 'Countess'])
    expect(world.writes()).toEqual(before)
    expect(await onlyConflict(world, 'all')).toMatchObject({ state: 'resolved', loser: 'right' })
  })

  test('is not asked any more once the field was changed again', async () => {
    inHubSpot({ jobtitle: 'Duchess' })
    await syncAndLookBack()
    expect(jobs()).toEqual(['Duchess', 'Duchess'])
    expect(await onlyConflict(world, 'all')).toMatchObject({ state: 'superseded', right: 'Poet' })
  })

  test('decides nothing about a value that was entered since', async () => {
    inHubSpot({ jobtitle: 'Duchess' })
    await decide('right')
    expect(jobs()).toEqual(['Duchess', 'Duchess'])
    await lookBackNow()
    expect(await onlyConflict(world, 'all')).toMatchObject({ state: 'superseded' })
  })

  test('decides nothing when both sides were changed to one value since', async () => {
    inHubSpot({ jobtitle: 'Duchess' })
    inAttio({ job_title: 'Duchess' })
    await decide('right')
    expect(jobs()).toEqual(['Duchess', 'Duchess'])
    expect(await onlyConflict(world, 'all')).toMatchObject({ state: 'superseded' })
  })
})

describe('an employer whom our write overwrote unseen', () => {
  const employer = () => (only(held(world, 'attio', 'people')['company']) as { id?: string } | null)?.id
  let acme: string | null
  let umbra: { attio: string; hubspot: string }

  async function overwrite(domain?: string): Promise<void> {
    await world.close()
    const archive = 'delete: { left-to-right: archive, right-to-left: unlink }'
    const unlink = 'delete: { left-to-right: unlink, right-to-left: unlink }'
    await open([], { mappings: [shippedMapping('people'), altered('companies', [archive, unlink])] })
    const company = hubspotCompany(world, 'Acme', 'acme-rockets.com')
    umbra = {
      attio: attioCompany(world, 'Umbra', domain),
      hubspot: hubspotCompany(world, 'Umbra', 'umbra-lights.com'),
    }
    await world.sync()
    acme = await counterpart(world, 'hubspot', company)
    const other = { object: 'companies', id: company, label: 'primary' }
    world.hubspot.edit({ action: 'associate', object: 'contacts', id: ada.hubspot, other })
    const theirs = { target_object: 'companies', target_record_id: umbra.attio }
    inTheWindow('attio', () => inAttio({ company: [theirs] }))
    await syncAndLookBack()
    expect(employer()).toBe(acme)
    expect(await onlyConflict(world)).toMatchObject({ kind: 'overwritten', field: 'company', state: 'open' })
    await world.advance(60_000)
  }

  test.each([
    ['with a counterpart', 'umbra-lights.com'],
    ['without one', undefined],
  ])('%s comes back when a person wants that', async (_, domain) => {
    await overwrite(domain)
    await decide('left')
    expect(employer()).toBe(umbra.attio)
    expect(await onlyConflict(world, 'all')).toMatchObject({ state: 'resolved', loser: 'right' })
  })

  test('is not replaced by nobody when it has no counterpart any more', async () => {
    await overwrite('umbra-lights.com')
    remove(world, 'hubspot', 'companies', umbra.hubspot)
    await world.sync()
    await decide('left')
    expect(employer()).toBe(acme)
  })
})

test('a process that dies at any moment neither misses a loss nor tells of it twice (I6, I23)', async () => {
  const lose = async () => {
    const job = `Countess ${world.runtime.now()}`
    inAttio({ job_title: job })
    inTheWindow('hubspot', () => inHubSpot({ jobtitle: `Poet ${world.runtime.now()}` }))
    await world.sync()
    return `${job}`
  }
  await lose()
  const engine = await world.engine()
  const effects = await workUntilDeath(world, world.store, Number.POSITIVE_INFINITY, (store) =>
    world.run(lookBackToTheEnd({ ...engine, store })),
  )
  expect(effects).toBeGreaterThan(1)
  for (let diesAfter = 0; diesAfter <= effects; diesAfter += 1) {
    await world.advance(60_000)
    const before = (await conflicts(world, 'all')).length
    await lose()
    const dying = await world.engine()
    await workUntilDeath(world, world.store, diesAfter, (store) =>
      world.run(lookBackToTheEnd({ ...dying, store })),
    )
    await lookBackNow()
    expect(await conflicts(world, 'all'), `died after ${diesAfter}`).toHaveLength(before + 1)
  }
})

describe('what it costs', () => {
  const READ = 'hubspot POST /crm/v3/objects/{objectType}/batch/read'

  async function readsOf(work: () => Promise<unknown>): Promise<number> {
    const before = world.routes()[READ] ?? 0
    await work()
    return (world.routes()[READ] ?? 0) - before
  }

  /** Three people who are known by their addresses, and whose jobs HubSpot does not know yet. */
  async function adopted(): Promise<void> {
    for (const first of ['Grace', 'Mary', 'Emmy']) {
      const email = `${first.toLowerCase()}@king-family.com`
      attioPerson(world, { first, email, job: 'Engineer' })
      world.hubspot.edit({ action: 'create', object: 'contacts', values: { firstname: first, email } })
    }
    await world.advance(60_000)
  }

  test('one read of fifty contacts and their histories', async () => {
    inAttio({ job_title: 'Countess' })
    await world.sync()
    expect(await readsOf(lookBackNow)).toBe(1)
    expect(await readsOf(lookBackNow)).toBe(0)
  })

  test('nothing for a first load', async () => {
    await adopted()
    const engine = await world.engine()
    await world.store.startRun({ id: engine.run, kind: 'sync', pairing: null, atMs: world.runtime.now() })
    await world.run(runPass(engine, { report: () => undefined }))
    expect(engine.tally.updated.right).toBe(3)
    expect(await readsOf(lookBackNow)).toBe(0)
  })

  test('the usual for pairs that are made while following', async () => {
    await adopted()
    const engine = await world.engine()
    await world.store.startRun({ id: engine.run, kind: 'start', pairing: null, atMs: world.runtime.now() })
    await world.run(runPass(engine, { report: () => undefined }))
    expect(await readsOf(lookBackNow)).toBe(1)
  })

  test('never more at once than a round has time for', async () => {
    for (let i = 0; i < 60; i += 1) attioPerson(world, { first: `Ada${i}`, email: `ada${i}@king-family.com` })
    await syncAndLookBack()
    await world.advance(60_000)
    for (const id of Object.keys(world.attio.dump()['people'] ?? {})) {
      edit(world, 'attio', 'people', id, { job_title: 'Countess' })
    }
    await world.sync()
    const engine = await world.engine()
    expect(await world.run(lookBack(engine))).toBe(true)
    expect(await world.run(lookBack(engine))).toBe(false)
  })
})

test('a pass looks back by itself only where the settings say so', async () => {
  inAttio({ job_title: 'Countess' })
  inTheWindow('hubspot', () => inHubSpot({ jobtitle: 'Poet' }))
  await world.sync()
  expect(await conflicts(world, 'all')).toEqual([])
  await world.close()
  await open(FIELDS, { settings: { lookBack: 'always' } })
  inAttio({ job_title: 'Countess' })
  inTheWindow('hubspot', () => inHubSpot({ jobtitle: 'Poet' }))
  await world.sync()
  expect(await onlyConflict(world)).toMatchObject({ right: 'Poet' })
})
