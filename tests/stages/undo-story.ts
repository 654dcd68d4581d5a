/** Who is in the stories about undoing, and what is looked at. */
import type { Leftover } from '../../src/stages/undo-fields.ts'
import { attioPerson, calm, counterpart, edit, held, only, PEOPLE_ONLY } from './story.ts'
import { recordedPass } from './undoing.ts'
import { openTestWorld, type Pushing as Vendor, type TestWorld, type TestWorldOptions } from './world.ts'

/** An empty world of people, unless it is said otherwise. */
export async function openUndoWorld(options: Partial<TestWorldOptions> = {}): Promise<TestWorld> {
  const world = await openTestWorld({ empty: true, mappings: PEOPLE_ONLY, ...options })
  calm(world)
  return world
}

export const ADA = { first: 'Ada', last: 'King', email: 'ada@king-family.com', job: 'Engineer' }

/** Ada in both CRMs, paired by an earlier run. */
export async function pairOfAda(world: TestWorld): Promise<Record<Vendor, string>> {
  const attio = attioPerson(world, ADA)
  await recordedPass(world)
  await world.advance(600_000)
  return { attio, hubspot: (await counterpart(world, 'attio', attio)) ?? '' }
}

export const because = (leftovers: readonly Leftover[]) => leftovers.map((leftover) => leftover.because)

/** The two CRMs, each once as the one where somebody acts. */
export const DIRECTIONS = [
  ['Attio', 'attio', 'hubspot'],
  ['HubSpot', 'hubspot', 'attio'],
] as const

export const PEOPLE = { attio: 'people', hubspot: 'contacts' } as const
export const SIDE = { attio: 'left', hubspot: 'right' } as const
export const STAMP = { attio: 'hubspot_id', hubspot: 'attio_record_id' } as const

export function setJob(world: TestWorld, vendor: Vendor, id: string, job: string): void {
  const values = vendor === 'attio' ? { job_title: job === '' ? [] : [job] } : { jobtitle: job }
  edit(world, vendor, PEOPLE[vendor], id, values)
}

export function jobOf(world: TestWorld, vendor: Vendor, id: string): unknown {
  const values = held(world, vendor, PEOPLE[vendor], id)
  return vendor === 'attio' ? only(values['job_title']) : (values['jobtitle'] ?? null)
}

/** What a person sees; vendors keep their own clocks and counters in further values. */
export function byPeople(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).filter(
      ([key]) => !/date|time|updated|revision|score|_at$|^num_associated_/.test(key),
    ),
  )
}
