/**
 * Edits that land between our look at a record and the effect of our write: the vendors let nobody prevent that, and
 * keep the history that tells of it afterwards (algorithms 5.5; I4, I5).
 */
import { describe, expect, test } from 'vitest'
import { drain } from '../../src/stages/drain.ts'
import { recover } from '../../src/stages/recover.ts'
import { sweep } from '../../src/stages/sweep.ts'
import { lookBackToTheEnd } from '../../src/stages/look-back.ts'
import { explainField } from '../../src/stages/explain.ts'
import { workUntilDeath } from './process.ts'
import { attioPerson, conflicts, edit, held, ids, only, onlyConflict, remove } from './story.ts'
import {
  ada,
  auto,
  inAttio,
  inHubSpot,
  inTheWindow,
  lookBackNow,
  named,
  open,
  openArchiving,
  openFromHubSpot,
  syncAndLookBack,
  world,
  WRITES,
} from './unseen.ts'

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
    await openFromHubSpot()
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
