/** A vendor that keeps a line open is heard at once, from where the line was left. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Engine } from '../../src/stages/engine.ts'
import { keepListening } from '../../src/stages/listen.ts'
import { calm, edit, expectRest, held, ids, only, onlyConflict, salesforcePerson } from './story.ts'
import { openTestWorld, type TestWorld } from './world.ts'

const STOPPED = new Error('stopped')
const CONTACTS = 'attio-salesforce/people-Contact'

let world: TestWorld
let engine: Engine
let contact: string

beforeEach(async () => {
  world = await openTestWorld({ empty: true, crms: ['salesforce'] })
  calm(world)
  contact = salesforcePerson(world, 'Contact', { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
  await world.sync()
  await world.advance(60_000)
  engine = await world.engine()
})

afterEach(async () => {
  await world.sync()
  await expectRest(world)
  await world.close()
})

async function listening(story: () => Promise<void>): Promise<void> {
  const stopping = new AbortController()
  const line = keepListening([engine], engine.pairing.connectors.right, stopping.signal).catch(
    (error: unknown) => {
      if (error !== STOPPED) throw error
    },
  )
  await story()
  stopping.abort(STOPPED)
  await world.run(line)
}

const due = async () =>
  (await world.store.backlog({ mapping: CONTACTS, nowMs: world.runtime.now() + 60_000 })).due

test('an edit is heard of within seconds', async () => {
  await listening(async () => {
    await world.advance(5_000)
    edit(world, 'salesforce', 'Contact', contact, { Title: 'Countess' })
    await world.advance(5_000)
    expect(await due()).toBe(1)
  })
  await world.sync()
  const [person = ''] = ids(world, 'attio', 'people')
  expect(only(held(world, 'attio', 'people', person)['job_title'])).toBe('Countess')
})

test('what happened while nobody listened is told afterwards, and what was heard is not told again', async () => {
  await listening(async () => {
    await world.advance(5_000)
    edit(world, 'salesforce', 'Contact', contact, { Title: 'Countess' })
    await world.advance(5_000)
  })
  await world.sync()
  expect(await due()).toBe(0)
  await listening(() => world.advance(5_000))
  expect(await due()).toBe(0)
  edit(world, 'salesforce', 'Contact', contact, { Title: 'Analyst' })
  await world.advance(5_000)
  await listening(() => world.advance(5_000))
  expect(await due()).toBe(1)
})

describe('a field that both sides changed', () => {
  const title = (person: string) => only(held(world, 'attio', 'people', person)['job_title'])

  test('is that of the later edit, since the line told when it was changed in the org', async () => {
    const [person = ''] = ids(world, 'attio', 'people')
    await listening(async () => {
      edit(world, 'attio', 'people', person, { job_title: 'Poet' })
      await world.advance(60_000)
      edit(world, 'salesforce', 'Contact', contact, { Title: 'Countess' })
      await world.advance(60_000)
      // Of another field, and the record's time is of this one now.
      edit(world, 'salesforce', 'Contact', contact, { Phone: '+14155550123' })
      await world.advance(5_000)
    })
    await world.sync()
    expect(title(person)).toBe('Countess')
    const { rule, loser, state } = await onlyConflict(world, 'all')
    expect({ rule, loser, state }).toEqual({ rule: 'most-recent', loser: 'left', state: 'auto' })
  })

  test('is a question where only the time of the record is known', async () => {
    const [person = ''] = ids(world, 'attio', 'people')
    edit(world, 'attio', 'people', person, { job_title: 'Poet' })
    await world.advance(60_000)
    edit(world, 'salesforce', 'Contact', contact, { Title: 'Countess' })
    await world.advance(60_000)
    await world.sync()
    expect(title(person)).toBe('Poet')
    expect(await onlyConflict(world)).toMatchObject({ state: 'open', field: 'job_title' })
  })

  test('is that of the other CRM where it was edited last', async () => {
    const [person = ''] = ids(world, 'attio', 'people')
    await listening(async () => {
      edit(world, 'salesforce', 'Contact', contact, { Title: 'Countess' })
      await world.advance(60_000)
      edit(world, 'attio', 'people', person, { job_title: 'Poet' })
      await world.advance(5_000)
    })
    await world.sync()
    expect(title(person)).toBe('Poet')
    expect(held(world, 'salesforce', 'Contact', contact)['Title']).toBe('Poet')
  })
})

test('a fight of two automations over what a person typed is stopped, although the line told of the person', async () => {
  const [person = ''] = ids(world, 'attio', 'people')
  await listening(async () => {
    await world.advance(5_000)
    edit(world, 'salesforce', 'Contact', contact, { Title: 'Countess' })
    await world.advance(5_000)
  })
  const insist = (
    vendor: 'attio' | 'salesforce',
    object: string,
    id: string,
    values: Record<string, string>,
  ) => world[vendor].edit({ action: 'update', object, id, values, automated: true })
  await world.sync()
  const before = world.writes()
  for (let turn = 0; turn < 6; turn += 1) {
    // Of neither is anything heard.
    await world.advance(60_000)
    insist('attio', 'people', person, { job_title: 'COUNTESS' })
    await world.sync()
    await world.advance(60_000)
    insist('salesforce', 'Contact', contact, { Title: 'countess' })
    await world.sync()
  }
  const after = world.writes()
  expect(after.attio + after.salesforce - before.attio - before.salesforce).toBeLessThanOrEqual(8)
  expect(await onlyConflict(world)).toMatchObject({ kind: 'automation-fight', field: 'job_title' })
})

test('an org without change events is asked again after a while, and everything else goes on', async () => {
  Object.assign(world.salesforce.settings, { dailyEvents: 0 })
  await listening(async () => {
    edit(world, 'salesforce', 'Contact', contact, { Title: 'Countess' })
    await world.advance(60_000)
    expect(await due()).toBe(0)
  })
})
