/** Looks that cost a request each and look superfluous: right before a write, and right before a creation. */
import { afterEach, expect, test } from 'vitest'
import { drain } from '../../src/stages/drain.ts'
import { sweep } from '../../src/stages/sweep.ts'
import {
  attioCompany,
  attioPerson,
  calm,
  conflicts,
  counterpart,
  edit,
  expectRest,
  held,
  hubspotCompany,
  ids,
  only,
  peopleMapping,
} from './story.ts'
import { openTestWorld, shippedMapping, type TestWorld } from './world.ts'

let world: TestWorld

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

test('a target that was read a while ago is read again, so that what a person typed meanwhile is not overwritten', async () => {
  const phone = '{ left: phone_numbers, right: phone, as: phones, region: US, conflict: ask }'
  const rules = peopleMapping('{ left: job_title, right: jobtitle, conflict: ask }', phone)
  world = await openTestWorld({ empty: true, mappings: [rules] })
  calm(world)
  const attio = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'Engineer' })
  await world.sync()
  const hubspot = (await counterpart(world, 'attio', attio)) ?? ''
  await world.advance(60_000)
  edit(world, 'attio', 'people', attio, { job_title: 'Countess' })
  edit(world, 'hubspot', 'contacts', hubspot, { phone: '+14155550100' })
  let slow: string | null = null
  world.onRequest = (vendor, request) => {
    if (slow !== null || !world[vendor].isMutating(request)) return
    // The first of two writes takes longer than what was read for the second one stays fresh.
    slow = vendor
    world.faults[vendor].replace([{ kind: 'delay', delayMs: 3_000, mutating: true, times: 1 }])
    if (vendor === 'attio') edit(world, 'hubspot', 'contacts', hubspot, { jobtitle: 'Poet' })
    else edit(world, 'attio', 'people', attio, { phone_numbers: ['+14155550155'] })
  }
  await world.sync()
  if (slow === 'attio') expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Poet')
  else expect(only(held(world, 'attio', 'people')['phone_numbers'])).toBe('+14155550155')
  expect(await conflicts(world)).toHaveLength(1)
})

test('a company that nobody has listed yet is found before a second one is created', async () => {
  world = await openTestWorld({ empty: true, mappings: [shippedMapping('companies')] })
  calm(world)
  await world.sync()
  await world.advance(3_600_000)
  hubspotCompany(world, 'Acme', 'acme-of-ours.com')
  attioCompany(world, 'Acme', 'acme-of-ours.com')
  await world.advance(60_000)
  const engine = await world.engine()
  const [companies] = engine.pairing.mappings
  if (!companies) throw new Error('companies are mapped')
  await world.run(sweep(engine, companies, 'left', 3))
  await world.run(drain(engine, companies))
  expect(ids(world, 'hubspot', 'companies')).toHaveLength(1)
  expect(ids(world, 'attio', 'companies')).toHaveLength(1)
})
