/** An org with leads beside an empty Attio. Whoever imports this has a world of its own around each test, which ends at rest. */
import { afterEach, beforeEach } from 'vitest'
import type { Engine, MappingRuntime } from '../../src/stages/engine.ts'
import { calm, expectRest } from './story.ts'
import { openTestWorld, type TestWorld, type TestWorldOptions } from './world.ts'

export const LEADS = 'attio-salesforce/people-Lead'
export const CONTACTS = 'attio-salesforce/people-Contact'
export const ADA = { first: 'Ada', last: 'King', email: 'ada@king-family.com', job: 'Engineer' }

export let world: TestWorld

/** By the shipped mapping files, unless others are given. */
export async function open(mappings?: TestWorldOptions['mappings']): Promise<void> {
  world = await openTestWorld({ empty: true, crms: ['salesforce'], ...(mappings && { mappings }) })
  calm(world)
}

beforeEach(() => open())

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

export function convert(lead: string, values: Record<string, unknown> = {}): string {
  const choices = { opportunityName: null, ...values }
  return world.salesforce.edit({ action: 'convert', object: 'Lead', id: lead, values: choices }).id
}

/** Says no twice: postponed records come back at once, and the pair that they wait for is another mapping's. */
export function twice(): () => boolean {
  let asked = 0
  return () => (asked += 1) > 2
}

export function reference(id: string): unknown {
  return { target_object: 'people', target_record_id: id }
}

export function peopleOf(deal: string): readonly string[] {
  const { associations } = world.salesforce.dump()['Opportunity']?.[deal] ?? { associations: [] }
  return associations.map(({ id }) => id)
}

export async function mappings(): Promise<{
  engine: Engine
  leads: MappingRuntime
  contacts: MappingRuntime
}> {
  const engine = await world.engine()
  const [leads, contacts] = [LEADS, CONTACTS].map((name) =>
    engine.pairing.mappings.find(({ rules }) => rules.mapping === name),
  )
  if (!leads || !contacts) throw new Error('leads and contacts are mapped')
  return { engine, leads, contacts }
}

export async function pairs(mapping: string): Promise<number> {
  return world.store.countLinks(mapping)
}
