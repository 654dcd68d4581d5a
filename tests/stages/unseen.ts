/**
 * Ada in both CRMs, and people who are faster than our writes to her. Whoever imports this has a world of its own around
 * each test, which ends at rest.
 */
import { afterEach, beforeEach, expect } from 'vitest'
import type { Conflict } from '../../src/store/waiting.ts'
import { lookBackToTheEnd } from '../../src/stages/look-back.ts'
import {
  hubspotPerson,
  attioPerson,
  calm,
  counterpart,
  edit,
  expectRest,
  onlyConflict,
  peopleMapping,
} from './story.ts'
import { openTestWorld, shippedMapping, type TestWorld, type TestWorldOptions } from './world.ts'

export let world: TestWorld
export let ada: { attio: string; hubspot: string }

export const FIELDS = [
  '{ left: job_title, right: jobtitle, conflict: ask }',
  '{ left: phone_numbers, right: phone, as: phones, region: US }',
]

/** Ada on both sides, at rest. */
export async function open(fields: readonly string[] = FIELDS, options: Partial<TestWorldOptions> = {}) {
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
export async function openArchiving(): Promise<void> {
  await world.close()
  await open(FIELDS, { mappings: [shippedMapping('people')] })
}

/** The same, who was entered in HubSpot before it has told who we are. */
export async function openFromHubSpot(): Promise<void> {
  await world.close()
  world = await openTestWorld({ empty: true, mappings: [peopleMapping(...FIELDS)] })
  calm(world)
  const email = 'ada@king-family.com'
  const hubspot = hubspotPerson(world, { first: 'Ada', email, job: 'Engineer' })
  await world.sync()
  ada = { hubspot, attio: (await counterpart(world, 'hubspot', hubspot)) ?? '' }
}

beforeEach(() => open())

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

export const inAttio = (values: Record<string, unknown>) => edit(world, 'attio', 'people', ada.attio, values)

export const inHubSpot = (values: Record<string, unknown>) =>
  edit(world, 'hubspot', 'contacts', ada.hubspot, values)

export const named = (first: string, last = 'King') => ({
  name: { first_name: first, last_name: last, full_name: `${first} ${last}` },
})

export const WRITES: Record<'attio' | 'hubspot', RegExp> = {
  attio: /^PUT .*\/records\/[^/]+$/,
  hubspot: /\/batch\/update$/,
}

/** Somebody is faster: `act` happens while the next write to this vendor travels there. */
export function inTheWindow(vendor: keyof typeof WRITES, act: () => void): void {
  world.onRequest = (at, { method, url }) => {
    if (at !== vendor || !WRITES[vendor].test(`${method} ${url}`)) return
    world.onRequest = () => undefined
    act()
    world.faults[vendor].replace([{ kind: 'delay', delayMs: 50, times: 1 }])
  }
}

export async function lookBackNow(): Promise<void> {
  const engine = await world.engine()
  await world.run(lookBackToTheEnd(engine))
}

export async function syncAndLookBack(): Promise<void> {
  await world.sync()
  await lookBackNow()
}

export const auto = (values: Partial<Conflict>) => ({
  kind: 'overwritten',
  rule: 'overwritten-in-window',
  state: 'auto',
  ...values,
})

export async function decide(choice: 'left' | 'right'): Promise<void> {
  const { id, left, right } = await onlyConflict(world)
  const atMs = world.runtime.now()
  expect(await world.store.decideConflict({ id, choice, expect: { left, right }, atMs })).toBe('decided')
  await world.sync()
}
