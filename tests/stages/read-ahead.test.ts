/** Records are read while the batch before theirs is decided about, and nothing is decided that rests on what has passed. */
import { afterEach, expect, test } from 'vitest'
import type { HttpRequest } from '../../src/connectors/transport.ts'
import { attioPerson, calm, expectRest, hubspotPerson } from './story.ts'
import { openTestWorld, shippedMapping, type TestWorld, type Vendor } from './world.ts'

let world: TestWorld

afterEach(() => world.close())

async function open(freshMs: number): Promise<void> {
  const settings = { batchSize: 2, batchesInFlight: 4, freshMs }
  world = await openTestWorld({ empty: true, mappings: [shippedMapping('people')], settings })
  calm(world)
  // Answers count for as old as they may be, and clocks are compared by whole seconds.
  await world.advance(10_000)
}

function isReadById(vendor: Vendor, { url, body }: HttpRequest): boolean {
  return vendor === 'attio' && url.endsWith('/people/records/query') && (body ?? '').includes('record_id')
}

function isCreation(vendor: Vendor, { url }: HttpRequest): boolean {
  return vendor === 'hubspot' && url.endsWith('/batch/upsert')
}

const PEOPLE = ['Ada', 'Bo', 'Cy', 'Di']

/** Four people, in two batches; `edit` happens when the second of these was read, and before it is decided about. */
async function load(
  edit: (id: string) => void,
): Promise<{ readonly order: string; readonly title: unknown }> {
  const ids: string[] = []
  for (const first of PEOPLE) {
    const email = `${first}@king-family.com`.toLowerCase()
    ids.push(attioPerson(world, { first, last: 'King', email, job: 'Cook' }))
    // Listed in the order of their creation.
    await world.advance(1_000)
  }
  const last = ids.at(-1) ?? ''
  const order: string[] = []
  let title: unknown = null
  world.onRequest = (vendor, request) => {
    if (isReadById(vendor, request)) {
      order.push('read')
      // The second request is that of the present batch: it takes longer, so that the edit comes before its decision.
      if (order.length === 2) world.faults.attio.replace([{ kind: 'delay', delayMs: 200, times: 1 }])
    }
    if (!isCreation(vendor, request)) return
    order.push('create')
    const { inputs } = JSON.parse(request.body ?? '') as { inputs: { properties: Record<string, string> }[] }
    const made = inputs.find(({ properties }) => properties['firstname'] === 'Di')
    title = made?.properties['jobtitle'] ?? title
  }
  world.onAnswer = (vendor, request) => {
    if (isReadById(vendor, request) && request.body?.includes(last)) {
      world.onAnswer = () => undefined
      edit(last)
    }
  }
  await world.sync()
  return { order: order.join(' '), title }
}

function promote(id: string): void {
  world.attio.edit({ action: 'update', object: 'people', id, values: { job_title: 'Chef' } })
}

test('a batch is read before the one before it is sent', async () => {
  await open(5_000)
  const { order, title } = await load(() => undefined)
  expect(order).toBe('read read create create')
  expect(title).toBe('Cook')
  await expectRest(world)
})

test('what is marked meanwhile is read again', async () => {
  await open(5_000)
  const engine = await world.engine()
  const { title } = await load((id) => {
    promote(id)
    const atMs = world.runtime.now()
    const { mapping } = engine.pairing.mappings[0]!.rules
    void world.store.commitPlans([
      { kind: 'mark', mapping, record: { side: 'left', id }, reason: 'polled', lane: 3, dueMs: atMs, atMs },
    ])
  })
  expect(title).toBe('Chef')
  await expectRest(world)
})

test('what was read too long ago is read again', async () => {
  await open(5)
  const { title } = await load(promote)
  expect(title).toBe('Chef')
  await expectRest(world)
})

test('a change that nobody told of comes across with the next look', async () => {
  await open(5_000)
  const { title } = await load(promote)
  expect(title).toBe('Cook')
  await world.sync()
  const contacts = Object.values(world.hubspot.dump()['contacts'] ?? {})
  expect(contacts.map(({ values }) => values['jobtitle'])).toEqual(['Cook', 'Cook', 'Cook', 'Chef'])
  await expectRest(world)
})

test('what got its pair in the batch before is read as a pair, after what was written to it', async () => {
  await open(5_000)
  for (const first of ['Ada', 'Bo']) {
    const email = `${first}@king-family.com`.toLowerCase()
    attioPerson(world, { first, last: 'King', email, job: 'Cook' })
    hubspotPerson(world, { first, last: 'King', email })
  }
  const before = world.writes()
  await world.sync()
  expect(world.writes().attio).toBe(before.attio)
  const contacts = Object.values(world.hubspot.dump()['contacts'] ?? {})
  expect(contacts.map(({ values }) => values['jobtitle'])).toEqual(['Cook', 'Cook'])
  await expectRest(world)
})
