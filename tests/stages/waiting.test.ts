/** A write that has to wait for the vendor's allowance: what it was decided on grows old meanwhile (algorithms 5.5). */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  attioPerson,
  calm,
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
let ada: { readonly attio: string; readonly hubspot: string }

beforeEach(async () => {
  world = await openTestWorld({
    empty: true,
    mappings: [peopleMapping('{ left: job_title, right: jobtitle, conflict: ask }')],
  })
  calm(world)
  const id = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'Engineer' })
  await world.sync()
  ada = { attio: id, hubspot: (await counterpart(world, 'attio', id)) ?? '' }
  await world.advance(600_000)
})

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

/** The vendor refuses the first write as too many; `then` happens once it has. */
function refuseOnce(vendor: 'attio' | 'hubspot', then: () => void): void {
  let isRefused = false
  world.faults[vendor].replace([{ kind: 'refuse', refusal: 'rate-limit', mutating: true, times: 1 }])
  world.onAnswer = (at, request) => {
    if (at !== vendor || isRefused || !world[vendor].isMutating(request)) return
    isRefused = true
    then()
  }
}

const jobInHubSpot = () => held(world, 'hubspot', 'contacts')['jobtitle']
const jobInAttio = () => only(held(world, 'attio', 'people')['job_title'])

describe('what a person enters while a refused write waits', () => {
  test('is not overwritten by it', async () => {
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    refuseOnce('hubspot', () => edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Poet' }))
    await world.sync()
    expect(jobInHubSpot()).toBe('Poet')
    expect(await onlyConflict(world)).toMatchObject({ left: 'Countess', right: 'Poet' })
  })

  test('is carried over where it is another field, and the write follows', async () => {
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    refuseOnce('hubspot', () => edit(world, 'hubspot', 'contacts', ada.hubspot, { lastname: 'King' }))
    await world.sync()
    await world.sync()
    expect(jobInHubSpot()).toBe('Countess')
    expect(jobInAttio()).toBe('Countess')
  })
})
