/** The judge of own writes can say no: somebody plays an engine that answers itself. */
import { expect, test } from 'vitest'
import { sealFetch } from '../../src/connectors/transport.ts'
import { HANDS } from '../sim/cast.ts'
import type { Draft } from '../sim/hands/hands.ts'
import type { By } from '../sim/chronicle.ts'
import { caseOf } from '../sim/world-case.ts'
import { openWorld, type World } from '../sim/world.ts'
import { drawSoak } from './draw.ts'
import { watchOwnWrites } from './own-writes.ts'

sealFetch()

type Vendor = 'attio' | 'hubspot'

function hand(world: World, vendor: Vendor) {
  const [model, hands] = [world.models.get(vendor), HANDS.get(vendor)]
  if (!model || !hands) throw new Error(`there is no ${vendor}`)
  const object = hands.object.person
  const see = <T>(by: By, act: () => T) => world.witness.see(vendor, by, ['person'], act)
  return {
    create: (by: By, draft: Draft, stamp: Readonly<Record<string, string>> = {}) =>
      see(by, () => {
        const values = { ...hands.values('person', draft), ...stamp }
        return model.edit({ action: 'create', object, values }).id
      }),
    update: async (by: By, id: string, draft: Draft) => {
      await world.kernel.sleep(1_000)
      see(by, () => model.edit({ action: 'update', object, id, values: hands.values('person', draft) }))
    },
  }
}

async function pair(world: World) {
  const [attio, hubspot] = [hand(world, 'attio'), hand(world, 'hubspot')]
  const draft = { first: 'Ada', last: 'King', email: 'ada@king-family.com', job: 'Engineer' }
  const left = attio.create('human', draft)
  await world.kernel.sleep(1_000)
  const right = hubspot.create('engine', draft, { attio_record_id: left })
  return { attio, hubspot, left, right }
}

const inWorld = async (play: (world: World) => Promise<void>): Promise<readonly string[]> => {
  const scenario = drawSoak({ seed: 1, days: 1 })
  const settings = { ...scenario.settings, attio: { enrichment: false, createCompanies: false } }
  const world = await openWorld({ ...scenario, settings })
  const judge = watchOwnWrites()
  await world.kernel.run(play(world))
  const found = judge.judge(caseOf(world, { conflicts: [], reviews: [], quarantined: [] }))
  await world.close()
  return found
}

test('an edit that comes across is nobody answering himself, however often', async () => {
  const found = await inWorld(async (world) => {
    const { attio, hubspot, left, right } = await pair(world)
    for (const job of ['Countess', 'Poet']) {
      await attio.update('human', left, { job })
      await hubspot.update('engine', right, { job })
      await hubspot.update('human', right, { job: `${job} too` })
      await attio.update('engine', left, { job: `${job} too` })
    }
  })
  expect(found).toEqual([])
})

test('two edits at once, of which one gives way, are none either', async () => {
  const found = await inWorld(async (world) => {
    const { attio, hubspot, left, right } = await pair(world)
    await attio.update('human', left, { job: 'Countess' })
    await hubspot.update('human', right, { job: 'Poet' })
    await attio.update('engine', left, { job: 'Poet' })
  })
  expect(found).toEqual([])
})

test('what comes back without anybody having touched it is found', async () => {
  const found = await inWorld(async (world) => {
    const { attio, hubspot, left, right } = await pair(world)
    await attio.update('human', left, { job: 'Countess' })
    await hubspot.update('engine', right, { job: 'countess' })
    await attio.update('engine', left, { job: 'countess' })
  })
  expect(found).toHaveLength(1)
  expect(found[0]).toMatch(/^attio person .*: job_title was written/)
})
