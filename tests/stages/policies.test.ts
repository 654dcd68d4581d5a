/** Conflict policies, directions and blanks, end to end: what both vendors hold afterwards (algorithms 2.5). */
import { afterEach, describe, expect, test } from 'vitest'
import {
  attioPerson,
  calm,
  conflicts,
  counterpart,
  edit,
  expectRest,
  held,
  only,
  onlyConflict,
  peopleMapping,
} from './story.ts'
import { openTestWorld, type TestWorld } from './world.ts'

let world: TestWorld
let ada: { attio: string; hubspot: string }

/** Ada as an engineer on both sides, and one field entry about her job. */
async function open(field: string): Promise<void> {
  world = await openTestWorld({ empty: true, mappings: [peopleMapping(field)] })
  calm(world)
  const id = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com', job: 'Engineer' })
  await world.sync()
  ada = { attio: id, hubspot: (await counterpart(world, 'attio', id)) ?? '' }
  await world.advance(600_000)
}

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

const job = (text: string) =>
  edit(world, 'attio', 'people', ada.attio, { job_title: text === '' ? [] : text })
const title = (text: string) => edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: text })

async function settled(): Promise<{ attio: unknown; hubspot: unknown }> {
  await world.sync()
  return {
    attio: only(held(world, 'attio', 'people')['job_title']),
    hubspot: held(world, 'hubspot', 'contacts')['jobtitle'] ?? null,
  }
}

const both = (value: string | null) => ({ attio: value, hubspot: value })

const entry = (rest: string) => `{ left: job_title, right: jobtitle, ${rest} }`

describe('when both sides changed', () => {
  test('prefer-left lets Attio win, and keeps what lost', async () => {
    await open(entry('conflict: prefer-left'))
    job('Countess')
    title('Poet')
    expect(await settled()).toEqual(both('Countess'))
    expect(await onlyConflict(world, 'all')).toMatchObject({
      state: 'auto',
      rule: 'prefer-left',
      loser: 'right',
      right: 'Poet',
    })
  })

  test('prefer-right lets HubSpot win, also with a blank', async () => {
    await open(entry('conflict: prefer-right'))
    job('Countess')
    title('')
    expect((await settled()).attio).toBeNull()
  })

  test('prefer-right-unless-blank does not let a blank win', async () => {
    await open(entry('conflict: prefer-right-unless-blank'))
    job('Countess')
    title('')
    expect(await settled()).toEqual(both('Countess'))
  })

  test.each([
    ['attio', 'Countess'],
    ['hubspot', 'Poet'],
  ] as const)('most-recent follows the vendors’ own times: %s was later', async (later, winner) => {
    await open(entry('conflict: most-recent, otherwise: ask'))
    if (later === 'hubspot') job('Countess')
    else title('Poet')
    await world.advance(30_000)
    if (later === 'hubspot') title('Poet')
    else job('Countess')
    expect(await settled()).toEqual(both(winner))
    expect(await onlyConflict(world, 'all')).toMatchObject({ state: 'auto', rule: 'most-recent' })
  })

  test('most-recent asks when the times are too close to tell', async () => {
    await open(entry('conflict: most-recent, otherwise: ask'))
    job('Countess')
    await world.advance(500)
    title('Poet')
    expect(await settled()).toEqual({ attio: 'Countess', hubspot: 'Poet' })
    expect(await conflicts(world)).toHaveLength(1)
  })

  test('most-recent does not mistake an edit of another field for one of this', async () => {
    await open(entry('conflict: most-recent, otherwise: ask'))
    job('Countess')
    await world.advance(30_000)
    title('Poet')
    await world.advance(30_000)
    edit(world, 'attio', 'people', ada.attio, { description: 'edited later' })
    expect(await settled()).toEqual(both('Poet'))
  })
})

describe('policies that bind every write', () => {
  test('never-overwrite fills blanks only', async () => {
    await open(entry('conflict: never-overwrite'))
    job('Countess')
    expect(await settled()).toEqual({ attio: 'Countess', hubspot: 'Engineer' })
    title('')
    await world.sync()
    job('Pioneer')
    expect(await settled()).toEqual(both('Pioneer'))
  })

  test('write-once writes once', async () => {
    await open(entry('conflict: write-once'))
    job('Countess')
    expect((await settled()).hubspot).toBe('Engineer')
    title('')
    await world.sync()
    job('Pioneer')
    expect((await settled()).hubspot ?? '').toBe('')
  })

  test('advance never moves backwards', async () => {
    const values = 'values: { Clerk: Clerk, Engineer: Engineer, Countess: Countess }, as: option'
    await open(entry(`conflict: advance, ${values}`))
    job('Clerk')
    const after = await settled()
    expect(after.hubspot).toBe('Engineer')
    title('Countess')
    await world.sync()
    expect((await settled()).attio).toBe('Countess')
  })
})

describe('directions', () => {
  test('left-to-right does not carry an edit back, and ignores the drift', async () => {
    await open(entry('direction: left-to-right'))
    title('Poet')
    expect(await settled()).toEqual({ attio: 'Engineer', hubspot: 'Poet' })
    job('Countess')
    expect(await settled()).toEqual(both('Countess'))
  })

  test('drift: restore puts the value back', async () => {
    await open(entry('direction: left-to-right, drift: restore'))
    title('Poet')
    expect(await settled()).toEqual(both('Engineer'))
  })

  test('drift: report tells a person', async () => {
    await open(entry('direction: left-to-right, drift: report'))
    title('Poet')
    expect(await settled()).toEqual({ attio: 'Engineer', hubspot: 'Poet' })
    expect(await onlyConflict(world)).toMatchObject({ kind: 'drift' })
  })

  test('right-to-left creates no value in HubSpot', async () => {
    await open(entry('direction: right-to-left'))
    expect(held(world, 'hubspot', 'contacts')['jobtitle'] ?? null).toBeNull()
    title('Poet')
    expect(await settled()).toEqual(both('Poet'))
  })
})

describe('blanks', () => {
  test('are ignored where the mapping says so', async () => {
    await open(entry('blank: ignore'))
    job('')
    expect(await settled()).toEqual({ attio: null, hubspot: 'Engineer' })
  })
})
