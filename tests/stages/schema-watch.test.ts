/** What an administrator changes under a running daemon is noticed, and pauses one field with the line to change. */
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadMapping } from '../../src/mapping/load.ts'
import { openPairing } from '../../src/stages/pairing.ts'
import { keepWatchingSchemas, pausedFields, SchemaChanged } from '../../src/stages/schema-watch.ts'
import { quarantine } from '../store/contract/samples.ts'
import { calm, peopleMapping } from './story.ts'
import { openTestWorld, type TestWorld } from './world.ts'

const MINUTE_MS = 60_000
const STAMPS = { left: 'hubspot_id', right: 'attio_record_id' }

let world: TestWorld
let stopping: AbortController
let asked: number
let ended: Promise<unknown>

async function call(path: string, method: string, body?: unknown): Promise<void> {
  const answer = world.hubspot.handle({
    method,
    url: `http://hubspot.invalid${path}`,
    headers: { authorization: `Bearer ${world.hubspot.token}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  } as Parameters<typeof world.hubspot.handle>[0])
  expect(answer.status).toBeLessThan(300)
}

const PROPERTY = {
  name: 'about_them',
  label: 'About them',
  type: 'string',
  fieldType: 'text',
  groupName: 'contactinformation',
}

beforeEach(async () => {
  const mapping = peopleMapping('{ left: description, right: about_them, as: text }')
  world = await openTestWorld({ empty: true, mappings: [mapping] })
  calm(world)
  await call('/crm/v3/properties/contacts', 'POST', PROPERTY)
  const engine = await world.engine({ fresh: true })
  expect(pausedFields(engine.pairing).size).toBe(0)
  stopping = new AbortController()
  asked = 0
  const documents = [loadMapping(readFileSync(mapping, 'utf8'), mapping)]
  const { name, connectors } = engine.pairing
  ended = keepWatchingSchemas({ ...engine, signal: stopping.signal }, () => {
    asked += 1
    return openPairing({ name, connectors, documents, stamps: STAMPS })
  }).catch((error: unknown) => error)
})

afterEach(async () => {
  stopping.abort(new Error('stopped'))
  await world.run(ended)
  await world.close()
})

const minutes = (count: number) => world.run(world.runtime.sleep(count * MINUTE_MS))

/** Waits for the change, and says which fields are paused after it. */
async function paused(): Promise<ReadonlyMap<string, string>> {
  const error = await world.run(ended)
  expect(error).toBeInstanceOf(SchemaChanged)
  return pausedFields((error as SchemaChanged).opened.pairing)
}

test('nothing happens while nothing changes', async () => {
  await minutes(65)
  expect(asked).toBe(4)
})

test.each([
  ['removed', async () => call('/crm/v3/properties/contacts/about_them', 'DELETE')],
  [
    'retyped',
    async () =>
      call('/crm/v3/properties/contacts/about_them', 'PATCH', { type: 'number', fieldType: 'number' }),
  ],
])('a field that is %s is paused within a quarter of an hour, and names its line', async (_, change) => {
  await change()
  const startMs = world.runtime.now()
  const [[field, why] = ['', ''], ...others] = [...(await paused())]
  expect(world.runtime.now() - startMs).toBeLessThan(17 * MINUTE_MS)
  expect(others).toEqual([])
  expect(field).toMatch(/\.description$/)
  expect(why).toMatch(/\.yaml:10:\d+: .*about_them/)
})

test('a record that is refused makes it ask at once, and once', async () => {
  const [mapping] = (await world.pairing()).pairing.mappings
  await call('/crm/v3/properties/contacts/about_them', 'DELETE')
  await minutes(2)
  expect(asked).toBe(0)
  const entry = quarantine({ side: 'left', id: 'x' }, { mapping: mapping?.rules.mapping ?? '' })
  await world.store.commitPlans([{ kind: 'quarantine', entry }])
  const startMs = world.runtime.now()
  expect((await paused()).size).toBe(1)
  expect(world.runtime.now() - startMs).toBeLessThan(2 * MINUTE_MS)
  expect(asked).toBe(1)
})
