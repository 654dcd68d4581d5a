/** `undo` takes back what a run did where nobody touched it since, says what stays and why, and can be undone (I22). */
import { afterEach, describe, expect, test } from 'vitest'
import {
  associations,
  attioPerson,
  conflicts,
  counterpart,
  edit,
  expectRest,
  held,
  hubspotPerson,
  mappingFile,
  peopleMapping,
} from './story.ts'
import {
  ADA,
  because,
  DIRECTIONS,
  jobOf,
  openUndoWorld,
  pairOfAda,
  PEOPLE,
  setJob,
  SIDE,
  byPeople,
} from './undo-story.ts'
import { journalOf, preview, recordedPass, undo } from './undoing.ts'
import { shippedMapping, type TestWorld, type Pushing as Vendor } from './world.ts'

let world: TestWorld

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

describe.each(DIRECTIONS)('an edit made in %s and carried over', (_name, here, there) => {
  let ada: Record<Vendor, string>
  let run: string

  async function carried(): Promise<void> {
    world = await openUndoWorld()
    ada = await pairOfAda(world)
    setJob(world, here, ada[here], 'Countess')
    run = await recordedPass(world)
    expect(jobOf(world, there, ada[there])).toBe('Countess')
  }

  test('is taken back where it was carried to, and stays where it was made', async () => {
    await carried()
    const { plan, leftovers } = await undo(world, run)
    expect(leftovers).toEqual([])
    expect(plan.writes).toMatchObject([
      {
        kind: 'update',
        side: SIDE[there],
        record: ada[there],
        fields: [{ field: 'job_title', before: 'Countess', after: 'Engineer' }],
      },
    ])
    expect(jobOf(world, there, ada[there])).toBe('Engineer')
    expect(jobOf(world, here, ada[here])).toBe('Countess')
    await expectRest(world)
    expect([jobOf(world, here, ada[here]), jobOf(world, there, ada[there])]).toEqual(['Countess', 'Engineer'])
  })

  test.each([1, 4])('is taken back although the CRM says %i times to wait', async (times) => {
    await carried()
    world.faults[there].replace([{ kind: 'refuse', refusal: 'rate-limit', mutating: true, times }])
    const { leftovers } = await undo(world, run)
    expect(leftovers).toEqual([])
    expect(jobOf(world, there, ada[there])).toBe('Engineer')
  })

  test('travels again when it is edited again', async () => {
    await carried()
    await undo(world, run)
    setJob(world, here, ada[here], 'Poet')
    await world.sync()
    expect(jobOf(world, there, ada[there])).toBe('Poet')
  })

  test('is carried over again by undoing the undo, and taken back by undoing that', async () => {
    await carried()
    const undone = await undo(world, run)
    const redone = await undo(world, undone.run)
    expect(redone.leftovers).toEqual([])
    expect(jobOf(world, there, ada[there])).toBe('Countess')
    await expectRest(world)
    await undo(world, redone.run)
    expect(jobOf(world, there, ada[there])).toBe('Engineer')
  })

  test('stays when somebody changed it since, and that is said', async () => {
    await carried()
    setJob(world, there, ada[there], 'Enchantress')
    const { leftovers, plan } = await undo(world, run)
    expect(plan.writes).toEqual([])
    expect(leftovers).toMatchObject([{ side: SIDE[there], record: ada[there], field: 'job_title' }])
    expect(because(leftovers)).toEqual(['changed since, and kept'])
    expect(jobOf(world, there, ada[there])).toBe('Enchantress')
    await world.sync()
  })

  test('needs nothing when somebody took it back already', async () => {
    await carried()
    setJob(world, there, ada[there], 'Engineer')
    const before = world.writes()
    expect(await undo(world, run)).toMatchObject({ leftovers: [], plan: { writes: [], pairs: [] } })
    expect(world.writes()).toEqual(before)
    await world.sync()
  })

  test('and another field that somebody edited since: only the first goes back', async () => {
    await carried()
    const phone = here === 'attio' ? { phone: '+14155550100' } : { phone_numbers: ['+14155550100'] }
    edit(world, there, PEOPLE[there], ada[there], phone)
    const { leftovers } = await undo(world, run)
    expect(leftovers).toEqual([])
    expect(jobOf(world, there, ada[there])).toBe('Engineer')
    // The edit that nobody had looked at is not lost on the way: the next pass carries it.
    await world.sync()
    expect(held(world, here, PEOPLE[here], ada[here])).toMatchObject(
      here === 'attio' ? { phone_numbers: ['+14155550100'] } : { phone: '+14155550100' },
    )
    expect(jobOf(world, there, ada[there])).toBe('Engineer')
  })

  test('that a later run overwrote stays, until that run is undone', async () => {
    await carried()
    setJob(world, here, ada[here], 'Poet')
    const later = await recordedPass(world)
    expect(because((await undo(world, run)).leftovers)).toEqual([expect.stringMatching(/changed since/)])
    await undo(world, later)
    expect(jobOf(world, there, ada[there])).toBe('Countess')
    expect((await undo(world, run)).leftovers).toEqual([])
    expect(jobOf(world, there, ada[there])).toBe('Engineer')
  })
})

describe('two people who were matched', () => {
  let ada: Record<Vendor, string>
  let run: string
  let before: unknown

  const both = () => ({
    attio: held(world, 'attio', 'people', ada.attio),
    hubspot: byPeople(held(world, 'hubspot', 'contacts', ada.hubspot)),
  })

  async function matched(): Promise<void> {
    world = await openUndoWorld()
    ada = {
      attio: attioPerson(world, { ...ADA, job: 'Engineer' }),
      hubspot: hubspotPerson(world, {
        first: 'Ada',
        last: 'King',
        email: 'ada@king-family.com',
        phone: '+14155550100',
      }),
    }
    before = both()
    run = await recordedPass(world)
    expect(both()).not.toEqual(before)
    await world.advance(600_000)
  }

  test('are apart again with everything as it was, the ids of each other included, and stay apart', async () => {
    await matched()
    const { leftovers, plan } = await undo(world, run)
    expect(leftovers).toEqual([])
    expect(plan.pairs).toMatchObject([{ kind: 'unlink', left: ada.attio, right: ada.hubspot }])
    expect(both()).toEqual(before)
    setJob(world, 'attio', ada.attio, 'Poet')
    await world.sync()
    expect(jobOf(world, 'hubspot', ada.hubspot)).toBe(null)
    expect(await counterpart(world, 'attio', ada.attio)).toBe(null)
  })

  test('are a pair again when that is undone', async () => {
    await matched()
    const after = both()
    const undone = await undo(world, run)
    const redone = await undo(world, undone.run)
    expect(redone.leftovers).toEqual([])
    expect(both()).toEqual(after)
    expect(await counterpart(world, 'attio', ada.attio)).toBe(ada.hubspot)
    await expectRest(world)
    setJob(world, 'hubspot', ada.hubspot, 'Poet')
    await world.sync()
    expect(jobOf(world, 'attio', ada.attio)).toBe('Poet')
  })

  test('are apart again also when what was written is somebody else’s by now', async () => {
    await matched()
    setJob(world, 'hubspot', ada.hubspot, 'Poet')
    const { leftovers } = await undo(world, run)
    expect(leftovers).toMatchObject([{ side: 'right', field: 'job_title' }])
    expect(await counterpart(world, 'attio', ada.attio)).toBe(null)
    expect(jobOf(world, 'attio', ada.attio)).toBe('Engineer')
    expect(jobOf(world, 'hubspot', ada.hubspot)).toBe('Poet')
  })
})

test('a value that a rule overwrote comes back, and the other side keeps its own', async () => {
  const phones = '{ left: phone_numbers, right: phone, as: phones, region: US, conflict: prefer-left }'
  world = await openUndoWorld({ mappings: [peopleMapping(phones)] })
  const ada = await pairOfAda(world)
  edit(world, 'attio', 'people', ada.attio, { phone_numbers: ['+14155550100'] })
  edit(world, 'hubspot', 'contacts', ada.hubspot, { phone: '+14155550199' })
  const run = await recordedPass(world)
  expect(held(world, 'hubspot', 'contacts')['phone']).toBe('+14155550100')
  await undo(world, run)
  expect(held(world, 'hubspot', 'contacts')['phone']).toBe('+14155550199')
  expect(held(world, 'attio', 'people')['phone_numbers']).toEqual(['+14155550100'])
  // The conflict that the rule settled stays in the books.
  expect(await conflicts(world, 'all')).toMatchObject([{ state: 'auto', loser: 'right' }])
})

test('elements that were joined from both sides are parted again, on both', async () => {
  const deals = mappingFile(`version: 1
pairing: attio-hubspot
left: { object: deals }
right: { object: deals }
match:
  - { left: name, right: dealname, strength: weak }
create: { left: no, right: yes }
fields:
  - { left: name, right: dealname }
  - { left: stage, right: [pipeline, dealstage], as: stage, values: { Lead: default/appointmentscheduled } }
  - { left: associated_people, right: { association: contacts }, as: references, conflict: union }
`)
  world = await openUndoWorld({ mappings: [shippedMapping('people'), deals] })
  const people = ['Ada', 'Bob', 'Cleo'].map((first) => {
    return attioPerson(world, { first, email: `${first.toLowerCase()}@king-family.com` })
  })
  const [ada = '', bob = '', cleo = ''] = people
  const on = (...associated: string[]) => ({
    associated_people: associated.map((id) => ({ target_object: 'people', target_record_id: id })),
  })
  const { users } = (await world.pairing()).pairing
  const owner = [{ referenced_actor_type: 'workspace-member', referenced_actor_id: users.left[0]?.id ?? '' }]
  const values = { name: 'Ten licences', stage: 'Lead', owner, ...on(ada) }
  const deal = world.attio.edit({ action: 'create', object: 'deals', values }).id
  await recordedPass(world)
  const there = (await counterpart(world, 'attio', deal)) ?? ''
  const peopleHere = () =>
    (held(world, 'attio', 'deals')['associated_people'] as { id: string }[]).map(({ id }) => id).toSorted()
  const peopleThere = () => associations(world, 'deals', there).map((row) => row.split('/')[1] ?? '')
  await world.advance(600_000)
  edit(world, 'attio', 'deals', deal, on(ada, bob))
  const other = { object: 'contacts', id: (await counterpart(world, 'attio', cleo)) ?? '' }
  world.hubspot.edit({ action: 'associate', object: 'deals', id: there, other })
  const run = await recordedPass(world)
  expect(peopleHere()).toEqual([ada, bob, cleo].toSorted())
  expect(peopleThere()).toHaveLength(3)

  expect((await undo(world, run)).leftovers).toEqual([])
  expect(peopleHere()).toEqual([ada, bob].toSorted())
  expect(peopleThere()).toContain(other.id)
  expect(peopleThere()).toHaveLength(2)
  await expectRest(world)
  expect(peopleThere()).toHaveLength(2)
})

test('a preview writes nothing, and says what is then done', async () => {
  world = await openUndoWorld()
  const ada = await pairOfAda(world)
  setJob(world, 'attio', ada.attio, 'Countess')
  attioPerson(world, { first: 'Bob', email: 'bob@byron-poems.com' })
  const run = await recordedPass(world)
  const [writes, journal] = [world.writes(), (await journalOf(world.store, run)).length]
  const plan = await preview(world, run)
  expect(world.writes()).toEqual(writes)
  expect(await journalOf(world.store, run)).toHaveLength(journal)
  const undone = await undo(world, run)
  expect(undone.plan.writes.map(({ kind, record }) => ({ kind, record }))).toEqual(
    plan.writes.map(({ kind, record }) => ({ kind, record })),
  )
  const [mapping] = (await world.engine()).pairing.mappings.map(({ rules }) => rules.mapping)
  const did = (await world.store.run(undone.run))?.did
  expect(did).toEqual([
    { kind: 'remove', mapping, side: 'right', count: 1 },
    { kind: 'unlink', mapping, side: 'right', count: 1 },
    { kind: 'update', mapping, side: 'right', count: 1 },
  ])
})
