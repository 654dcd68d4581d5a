/** A write whose answer was lost, and a person who acts before anybody looked (algorithms 5.3; B3, B6). */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  attioPerson,
  calm,
  conflicts,
  counterpart,
  edit,
  expectRest,
  held,
  hubspotPerson,
  ids,
  only,
  onlyConflict,
  peopleMapping,
  remove,
} from './story.ts'
import { drain } from '../../src/stages/drain.ts'
import { recover } from '../../src/stages/recover.ts'
import { sweep } from '../../src/stages/sweep.ts'
import { openTestWorld, type TestWorld, type Vendor } from './world.ts'

let world: TestWorld
let ada: { attio: string; hubspot: string }

beforeEach(async () => {
  await openWorldOf(
    peopleMapping(
      '{ left: job_title, right: jobtitle, conflict: ask }',
      '{ left: phone_numbers, right: phone, as: phones, region: US }',
    ),
  )
})

async function openWorldOf(rules: string): Promise<void> {
  world = await openTestWorld({ empty: true, mappings: [rules] })
  calm(world)
}

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

async function pairOfAda(): Promise<void> {
  const id = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'Engineer' })
  await world.sync()
  ada = { attio: id, hubspot: (await counterpart(world, 'attio', id)) ?? '' }
  await world.advance(600_000)
}

/** Loses one answer of a write; `then` happens right after, before anybody looks. */
function loseOneAnswer(vendor: Vendor, kind: 'reset-before' | 'reset-after', then: () => void): void {
  let lost = false
  world.onRequest = (at, request) => {
    if (at !== vendor) return
    if (lost) {
      world.onRequest = () => undefined
      world.faults[vendor].replace([])
      then()
    } else if (world[vendor].isMutating(request)) {
      lost = true
      world.faults[vendor].replace([{ kind, mutating: true, times: 1 }])
    }
  }
}

describe('an update that arrived, its answer lost', () => {
  beforeEach(pairOfAda)

  test('and that a person took back is not sent again: it is a conflict', async () => {
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    loseOneAnswer('hubspot', 'reset-after', () => {
      expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Countess')
      edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Engineer' })
    })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Engineer')
    expect(only(held(world, 'attio', 'people')['job_title'])).toBe('Countess')
    expect(await onlyConflict(world)).toMatchObject({ left: 'Countess', right: 'Engineer' })
  })

  test('and that a person changed further is followed', async () => {
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    loseOneAnswer('hubspot', 'reset-after', () => {
      edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Poet' })
    })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Poet')
    expect(await conflicts(world)).toHaveLength(1)
  })
})

describe('an update that arrived and was changed further, its answer lost', () => {
  beforeEach(pairOfAda)

  test('is a conflict also where the source went back to what it was: both people acted since', async () => {
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    loseOneAnswer('hubspot', 'reset-after', () => {
      edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Poet' })
      edit(world, 'attio', 'people', ada.attio, { job_title: 'Engineer' })
    })
    await world.sync()
    expect(only(held(world, 'attio', 'people')['job_title'])).toBe('Engineer')
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Poet')
    expect(await onlyConflict(world)).toMatchObject({ left: 'Engineer', right: 'Poet' })
  })
})

describe('an update that a rule decided, its answer lost', () => {
  beforeEach(async () => {
    const rules = peopleMapping('{ left: job_title, right: jobtitle, conflict: prefer-left }')
    await openWorldOf(rules)
    await pairOfAda()
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Poet' })
  })

  test('still reports whose value it overwrote', async () => {
    loseOneAnswer('hubspot', 'reset-after', () => undefined)
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Countess')
    expect(await onlyConflict(world, 'all')).toMatchObject({
      state: 'auto',
      rule: 'prefer-left',
      loser: 'right',
      right: 'Poet',
      records: { left: ada.attio, right: ada.hubspot },
    })
  })

  test('and the record deleted before anybody looked: it can come back, and then without that value', async () => {
    loseOneAnswer('hubspot', 'reset-after', () => {
      expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Countess')
      remove(world, 'hubspot', 'contacts', ada.hubspot)
    })
    await world.sync()
    expect(await onlyConflict(world, 'all')).toMatchObject({ state: 'auto', loser: 'right', right: 'Poet' })
  })
})

describe('an update that never arrived', () => {
  beforeEach(pairOfAda)

  test('is sent once more, although a person changed another field meanwhile', async () => {
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    loseOneAnswer('hubspot', 'reset-before', () => {
      edit(world, 'hubspot', 'contacts', ada.hubspot, { phone: '+14155550100' })
    })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')).toMatchObject({ jobtitle: 'Countess', phone: '+14155550100' })
    expect(held(world, 'attio', 'people')).toMatchObject({ phone_numbers: ['+14155550100'] })
    expect(await conflicts(world, 'all')).toEqual([])
  })

  test('into Attio is sent once more, although a person changed another field meanwhile', async () => {
    edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Countess' })
    loseOneAnswer('attio', 'reset-before', () => {
      edit(world, 'attio', 'people', ada.attio, { phone_numbers: ['+14155550100'] })
    })
    await world.sync()
    expect(only(held(world, 'attio', 'people')['job_title'])).toBe('Countess')
    expect(held(world, 'hubspot', 'contacts')).toMatchObject({ phone: '+14155550100' })
    expect(await conflicts(world, 'all')).toEqual([])
  })
})

describe('a creation that arrived, its answer lost', () => {
  test('and that a person deleted is not made again', async () => {
    attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'Engineer' })
    loseOneAnswer('hubspot', 'reset-after', () => {
      const [created = ''] = ids(world, 'hubspot', 'contacts')
      remove(world, 'hubspot', 'contacts', created)
    })
    await world.sync()
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([])
    expect(ids(world, 'attio', 'people')).toHaveLength(1)
  })

  test('and that a person edited keeps the edit', async () => {
    attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'Engineer' })
    loseOneAnswer('hubspot', 'reset-after', () => {
      const [created = ''] = ids(world, 'hubspot', 'contacts')
      edit(world, 'hubspot', 'contacts', created, { jobtitle: 'Poet' })
    })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Poet')
    expect(only(held(world, 'attio', 'people')['job_title'])).toBe('Poet')
    expect(await conflicts(world, 'all')).toEqual([])
  })

  test('and that a listing showed before a person deleted it is not made again, even where there is no bin', async () => {
    hubspotPerson(world, { first: 'Carol' })
    const engine = await world.engine()
    const [people] = engine.pairing.mappings
    if (!people) throw new Error('people are mapped')
    world.faults.attio.replace([{ kind: 'reset-after', mutating: true, times: 1 }])
    await world.run(sweep(engine, people, 'right', 3))
    await world.run(drain(engine, people))
    // Nothing but its stamp tells whose counterpart it is: nobody looks for it by that before the horizon.
    await world.run(sweep(engine, people, 'left', 3))
    const [created = ''] = ids(world, 'attio', 'people')
    remove(world, 'attio', 'people', created)
    await world.run(drain(engine, people))
    await world.advance(60_000)
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([])
    expect(ids(world, 'hubspot', 'contacts')).toHaveLength(1)
  })

  test.each([[false], [true]])(
    'and that a person merged into another pair is reported and not made again (deleted as well: %s)',
    async (isDeleted) => {
      Object.assign(world.hubspot.settings, { primaryIdPreservation: true })
      const augusta = attioPerson(world, { first: 'Augusta', email: 'augusta@king-family.com' })
      const hers = hubspotPerson(world, { first: 'Augusta', email: 'augusta@king-family.com' })
      await world.sync()
      expect(await counterpart(world, 'attio', augusta)).toBe(hers)
      await world.advance(600_000)
      const person = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'Engineer' })
      loseOneAnswer('hubspot', 'reset-after', () => {
        const created = ids(world, 'hubspot', 'contacts').find((id) => id !== hers) ?? ''
        const other = { object: 'contacts', id: created }
        world.hubspot.edit({ action: 'merge', object: 'contacts', id: hers, other })
        if (isDeleted) remove(world, 'hubspot', 'contacts', hers)
      })
      await world.sync()
      await world.sync()
      expect(ids(world, 'hubspot', 'contacts')).toEqual(isDeleted ? [] : [hers])
      expect(ids(world, 'attio', 'people').toSorted()).toEqual([person, augusta].toSorted())
      expect(await world.store.reviews(10)).toMatchObject([
        { kind: 'duplicate', record: { side: 'left', id: person }, candidates: [{ id: augusta }] },
      ])
    },
  )

  test('and that a person merged into a contact without a pair, which they deleted, is not made again', async () => {
    Object.assign(world.hubspot.settings, { primaryIdPreservation: true })
    const hers = hubspotPerson(world, { first: 'Augusta', email: 'augusta@king-family.com' })
    const person = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'Engineer' })
    // The contact's own counterpart is under way meanwhile, and does not arrive.
    world.faults.attio.replace([{ kind: 'reset-before', mutating: true, times: 1 }])
    loseOneAnswer('hubspot', 'reset-after', () => {
      const created = ids(world, 'hubspot', 'contacts').find((id) => id !== hers) ?? ''
      const other = { object: 'contacts', id: created }
      world.hubspot.edit({ action: 'merge', object: 'contacts', id: hers, other })
      remove(world, 'hubspot', 'contacts', hers)
    })
    await world.sync()
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([])
    expect(ids(world, 'attio', 'people')).toEqual([person])
    expect(await world.store.reviews(10)).toMatchObject([
      { kind: 'duplicate', record: { side: 'left', id: person }, candidates: [] },
    ])
  })
})

describe('a creation that is under way', () => {
  test('is left to its sender when its answer comes while another one is looked for', async () => {
    const first = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'Engineer' })
    const engine = await world.engine()
    const [people] = engine.pairing.mappings
    if (!people) throw new Error('people are mapped')
    // One creation with an unknown outcome …
    world.faults.hubspot.replace([{ kind: 'reset-before', mutating: true, times: 1 }])
    await world.run(sweep(engine, people, 'left', 3))
    await world.run(drain(engine, people))
    // … is looked for, which takes a while, when another one is on its way.
    const second = attioPerson(world, { first: 'Bob', email: 'bob@byron-poems.com', job: 'Poet' })
    await world.run(sweep(engine, people, 'left', 3))
    let looking: Promise<unknown> = Promise.resolve()
    world.onRequest = (vendor, request) => {
      if (vendor !== 'hubspot' || !world.hubspot.isMutating(request)) return
      world.onRequest = () => undefined
      world.faults.hubspot.replace([{ kind: 'delay', delayMs: 1_000, mutating: false, times: 1 }])
      looking = recover(engine, people)
    }
    await world.run(drain(engine, people).then(() => looking))
    world.faults.hubspot.replace([])
    await world.advance(60_000)
    await world.sync()
    for (const id of [first, second]) expect(await counterpart(world, 'attio', id)).not.toBeNull()
    expect(ids(world, 'hubspot', 'contacts')).toHaveLength(2)
  })
})
