/** Attio as the sandbox models it: what a write of a list of references does to what somebody else adds meanwhile. */
import { expect, test } from 'vitest'
import type { FieldValue } from '../../../src/core/value.ts'
import { createAttioConnector } from '../../../src/connectors/attio/connector.ts'
import { createAttioModel } from '../../../src/sandbox/attio/model.ts'
import type { Runtime } from '../../../src/runtime.ts'

const FIELD = 'associated_people'

function world() {
  let now = Date.UTC(2026, 10, 1)
  const model = createAttioModel({ clock: () => now, seed: 7, limits: 'off' })
  Object.assign(model.settings, { enrichment: false })
  const runtime: Runtime = {
    now: () => now,
    sleep: async (ms) => {
      now += ms
    },
    random: () => 0.5,
    id: () => 'id',
  }
  const connector = createAttioConnector({
    connection: 'attio',
    baseUrl: 'https://attio.invalid',
    token: model.token,
    transport: async (request) => {
      now += 20
      return model.handle(request)
    },
    runtime,
  })
  const people = [1, 2, 3].map(
    (n) =>
      model.edit({
        action: 'create',
        object: 'people',
        values: { email_addresses: [`person${n}@example.org`] },
      }).id,
  )
  const person = (n: number) => ({ object: 'people', id: people[n - 1] ?? '' })
  const setPeople = (id: string, ...numbers: readonly number[]) => {
    const values = {
      [FIELD]: numbers.map((n) => ({ target_object: 'people', target_record_id: person(n).id })),
    }
    model.edit({ action: 'update', object: 'deals', id, values })
  }
  const deal = async () => {
    const [member] = await connector.users()
    const values = { name: 'Big', stage: 'Lead', owner: member?.id ?? null }
    const [outcome] = await connector.create('deals', [{ writeId: 'new', values, stamp: null }])
    if (outcome?.kind !== 'done') throw new Error('no deal was made')
    return outcome.id
  }
  const read = async (id: string) => {
    const [reading] = await connector.read({ object: 'deals', ids: [id], fields: [FIELD, 'name'] })
    if (reading?.kind !== 'found') throw new Error('the deal is not there')
    return reading.snapshot
  }
  return { connector, person, setPeople, deal, read }
}

function sortedIds(value: FieldValue | undefined): readonly string[] {
  return ((value ?? []) as readonly { readonly id: string }[]).map(({ id }) => id).toSorted()
}

const ids = (...people: readonly { readonly id: string }[]) => people.map(({ id }) => id).toSorted()

test('what somebody added since the look stays, and is not taken for ours', async () => {
  const { connector, person, setPeople, deal, read } = world()
  const id = await deal()
  setPeople(id, 1)
  const seen = (await read(id)).values
  setPeople(id, 1, 2)
  const values = { [FIELD]: [person(1), person(3)], name: 'Bigger' }
  const [outcome] = await connector.update('deals', [{ writeId: 'w', id, values, seen }])
  expect(outcome).toMatchObject({ kind: 'done', image: { name: 'Bigger' }, version: null })
  expect(outcome).not.toHaveProperty(['image', FIELD])
  const now = (await read(id)).values
  expect(sortedIds(now[FIELD])).toEqual(ids(person(1), person(2), person(3)))
  expect(now['name']).toBe('Bigger')
})

test('what somebody removed since the look stays removed, and is not taken for ours', async () => {
  const { connector, person, setPeople, deal, read } = world()
  const id = await deal()
  setPeople(id, 1, 2)
  const seen = (await read(id)).values
  setPeople(id, 1)
  const values = { [FIELD]: [person(1), person(2), person(3)] }
  const [outcome] = await connector.update('deals', [{ writeId: 'w', id, values, seen }])
  expect(outcome).toMatchObject({ kind: 'done', image: {}, version: null })
  expect(sortedIds((await read(id)).values[FIELD])).toEqual(ids(person(1), person(3)))
})

test('undisturbed, the answer shows the list and the version of the record', async () => {
  const { connector, person, setPeople, deal, read } = world()
  const id = await deal()
  setPeople(id, 1)
  const seen = (await read(id)).values
  const values = { [FIELD]: [person(1), person(3)] }
  const [outcome] = await connector.update('deals', [{ writeId: 'w', id, values, seen }])
  const now = await read(id)
  expect(outcome).toMatchObject({ kind: 'done', version: now.version })
  expect(sortedIds(outcome?.kind === 'done' ? outcome.image[FIELD] : [])).toEqual(ids(person(1), person(3)))
})

test('a list that loses something is made equal to what is given', async () => {
  const { connector, person, setPeople, deal, read } = world()
  const id = await deal()
  setPeople(id, 1, 2)
  const seen = (await read(id)).values
  const values = { [FIELD]: [person(2), person(3)] }
  await connector.update('deals', [{ writeId: 'w', id, values, seen }])
  expect(sortedIds((await read(id)).values[FIELD])).toEqual(ids(person(2), person(3)))
})

test('without what was seen, a list is made equal to what is given', async () => {
  const { connector, person, setPeople, deal, read } = world()
  const id = await deal()
  setPeople(id, 1)
  await connector.update('deals', [{ writeId: 'w', id, values: { [FIELD]: [person(3)] } }])
  expect(sortedIds((await read(id)).values[FIELD])).toEqual(ids(person(3)))
})
