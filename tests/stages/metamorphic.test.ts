/**
 * What must not matter: which CRM is called left (I19), and in which order and how often bells come (I18). The same
 * story is told twice with only that changed, and the CRMs have to hold the same in the end.
 */
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { parse, stringify } from 'yaml'
import { expect, test } from 'vitest'
import { drain } from '../../src/stages/drain.ts'
import { recover } from '../../src/stages/recover.ts'
import { openBells } from './bells.ts'
import { attioPerson, calm, conflicts, edit, expectRest, live, mappingFile, only } from './story.ts'
import { openTestWorld, type TestWorld, type Pushing } from './world.ts'

const PEOPLE = ['ada', 'bob', 'cleo'] as const

type Act =
  | {
      readonly do: 'edit'
      readonly vendor: Pushing
      readonly who: number
      readonly field: 'job' | 'phone'
      readonly n: number
    }
  | { readonly do: 'delete'; readonly vendor: Pushing; readonly who: number }
  | { readonly do: 'sync' }

const FIELDS = {
  attio: {
    job: (n: number) => ({ job_title: `Title ${n}` }),
    phone: (n: number) => ({ phone_numbers: [`+1415555010${n}`] }),
  },
  hubspot: {
    job: (n: number) => ({ jobtitle: `Title ${n}` }),
    phone: (n: number) => ({ phone: `+1415555010${n}` }),
  },
} as const

const MAPPING = mappingFile(`version: 1
pairing: attio-hubspot
left: { object: people }
right: { object: contacts }
match:
  - { left: email_addresses, right: email }
delete: { left-to-right: archive, right-to-left: unlink }
fields:
  - { left: email_addresses, right: email, as: emails }
  - { left: job_title, right: jobtitle, conflict: ask }
  - { left: phone_numbers, right: phone, as: phones, region: US, conflict: prefer-right }
`)

/** The same mapping, said from the other side. */
function mirrored(file: string): string {
  const turn = (node: unknown): unknown => {
    if (typeof node === 'string') return turnWords(node)
    if (Array.isArray(node)) return node.map(turn)
    if (typeof node !== 'object' || node === null) return node
    return Object.fromEntries(Object.entries(node).map(([key, value]) => [turnWords(key), turn(value)]))
  }
  return mappingFile(stringify(turn(parse(readFileSync(file, 'utf8')))))
}

function turnWords(text: string): string {
  const swap: Readonly<Record<string, string>> = { left: 'right', right: 'left' }
  return text.replaceAll(/\b(left|right)\b/g, (word) => swap[word] ?? word)
}

async function openPeople(swapped: boolean): Promise<TestWorld> {
  const world = await openTestWorld({
    empty: true,
    mappings: [swapped ? mirrored(MAPPING) : MAPPING],
    swapped,
  })
  calm(world)
  for (const name of PEOPLE) {
    attioPerson(world, {
      first: name,
      email: `${name}@king-family.com`,
      job: 'Engineer',
      phone: '+14155550199',
    })
  }
  await world.sync()
  await world.advance(60_000)
  return world
}

function person(world: TestWorld, vendor: Pushing, who: number): string | undefined {
  const email = `${PEOPLE[who]}@king-family.com`
  const object = vendor === 'attio' ? 'people' : 'contacts'
  return Object.entries(live(world, vendor, object)).find(
    ([, { values }]) => only(values['email_addresses']) === email || values['email'] === email,
  )?.[0]
}

function perform(world: TestWorld, act: Exclude<Act, { do: 'sync' }>): void {
  const id = person(world, act.vendor, act.who)
  const object = act.vendor === 'attio' ? 'people' : 'contacts'
  if (id === undefined) return
  if (act.do === 'edit') edit(world, act.vendor, object, id, FIELDS[act.vendor][act.field](act.n))
  else world[act.vendor].edit({ action: 'delete', object, id })
}

/** What people find in either CRM, without ids and times. */
function truth(world: TestWorld): unknown {
  const attio = Object.values(live(world, 'attio', 'people')).map(({ values }) => ({
    email: only(values['email_addresses']),
    job: only(values['job_title']),
    phone: only(values['phone_numbers']),
  }))
  const hubspot = Object.values(live(world, 'hubspot', 'contacts')).map(({ values }) => ({
    email: values['email'],
    job: values['jobtitle'],
    phone: values['phone'],
  }))
  const sorted = (rows: readonly unknown[]) => rows.map((row) => JSON.stringify(row)).toSorted()
  return { attio: sorted(attio), hubspot: sorted(hubspot) }
}

const anyEdit = fc.record({
  do: fc.constant('edit' as const),
  vendor: fc.constantFrom<Pushing>('attio', 'hubspot'),
  who: fc.nat({ max: PEOPLE.length - 1 }),
  field: fc.constantFrom('job' as const, 'phone' as const),
  n: fc.integer({ min: 1, max: 4 }),
})
const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: anyEdit },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('delete' as const),
      vendor: fc.constantFrom<Pushing>('attio', 'hubspot'),
      who: fc.nat({ max: PEOPLE.length - 1 }),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ do: 'sync' as const }) },
)

async function told(acts: readonly Act[], swapped: boolean): Promise<unknown> {
  const world = await openPeople(swapped)
  try {
    for (const act of acts) {
      await world.advance(5_000)
      if (act.do === 'sync') await world.sync()
      else perform(world, act)
    }
    await world.sync()
    await expectRest(world)
    const found = await conflicts(world, 'all')
    const kept = found.map(({ left, right, loser, state }) => {
      const sides = swapped ? { attio: right, hubspot: left } : { attio: left, hubspot: right }
      const lost = loser === null ? null : (loser === 'left') === swapped ? 'hubspot' : 'attio'
      return JSON.stringify({ ...sides, lost, state })
    })
    return { truth: truth(world), conflicts: kept.toSorted() }
  } finally {
    await world.close()
  }
}

test('swapping the sides, mappings and policies included, changes nothing in either CRM (I19)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyAct, { minLength: 4, maxLength: 12 }), async (acts) => {
      expect(await told(acts, true)).toEqual(await told(acts, false))
    }),
    { numRuns: 12, seed: 1 },
  )
}, 60_000)

/** Bells are kept back and then rung in this order, some of them twice; what they tell of is worked off in between. */
async function rung(
  edits: readonly Extract<Act, { do: 'edit' }>[],
  order: readonly number[],
): Promise<unknown> {
  const world = await openPeople(false)
  try {
    const engine = await world.engine()
    const [mapping] = engine.pairing.mappings
    if (!mapping) throw new Error('people are mapped')
    const bells = await openBells(world, engine, { kept: true })
    for (const act of edits) {
      perform(world, act)
      await world.advance(20)
    }
    await world.advance(10_000)
    await world.run(bells.ring('attio'))
    await world.run(bells.ring('hubspot'))
    const kept = bells.release()
    expect(kept.length).toBeGreaterThan(0)
    for (const place of order) {
      await world.run(kept[place % kept.length]?.() ?? Promise.resolve())
      if (place % 2 === 0) await world.run(recover(engine, mapping).then(() => drain(engine, mapping)))
    }
    // Every bell at least once.
    for (const ring of kept) await world.run(ring())
    await world.advance(60_000)
    await world.run(drain(engine, mapping))
    const end = truth(world)
    await expectRest(world)
    expect(truth(world), 'nothing was left for the sweep').toEqual(end)
    return end
  } finally {
    await world.close()
  }
}

test('permuting and doubling bells changes nothing in either CRM (I18)', async () => {
  // One writer per field and person: without conflicts the end is a function of the edits.
  const edits = fc.uniqueArray(anyEdit, {
    minLength: 3,
    maxLength: 6,
    selector: ({ who, field }) => `${who} ${field}`,
  })
  await fc.assert(
    fc.asyncProperty(edits, fc.array(fc.nat({ max: 20 }), { maxLength: 10 }), async (acts, order) => {
      expect(await rung(acts, order)).toEqual(await rung(acts, []))
    }),
    { numRuns: 12, seed: 1 },
  )
}, 60_000)
