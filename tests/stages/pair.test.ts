/** A person says who is who: decided one way or the other, twice, on what changed since; and what is told afterwards. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { copyDatabase, openStore } from '../../src/compose.ts'
import { rehearse } from '../../src/stages/dry-run.ts'
import { explainField } from '../../src/stages/explain.ts'
import { applyPairDecisions, type PairDecision, type PairOutcome } from '../../src/stages/pair.ts'
import { pairingReport, type MappingReport } from '../../src/stages/pairing-report.ts'
import type { Store } from '../../src/store/store.ts'
import { attioPerson, calm, edit, hubspotPerson, ids, remove } from './story.ts'
import { recordedPass, undo } from './undoing.ts'
import { openTestWorld, shippedMapping, type TestWorld } from './world.ts'

const MAPPING = 'attio-hubspot/people-contacts'
const ADA = { first: 'Ada', last: 'King' }

let world: TestWorld
let folder: string
let store: Store

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'attune-pair-'))
  world = await openTestWorld({ empty: true, mappings: [shippedMapping('people')] })
  calm(world)
  store = await openStore({ file: join(folder, 'attune.db') })
})

afterEach(async () => {
  const writes = world.writes()
  await world.sync({ store })
  expect(world.writes(), 'I2: writes of a further pass').toEqual(writes)
  await store.close()
  await world.close()
  rmSync(folder, { recursive: true })
})

type Say = readonly [left: string | null, right: string | null, decision: PairDecision['decision']]

async function decide(...says: readonly Say[]): Promise<readonly PairOutcome[]> {
  const engine = await world.engine({ store })
  const decisions = says.map(([left, right, decision]) => ({ mapping: MAPPING, left, right, decision }))
  return world.run(applyPairDecisions(engine, decisions))
}

const outcomesOf = (outcomes: readonly PairOutcome[]) => outcomes.map(({ outcome }) => outcome)

async function report(): Promise<MappingReport> {
  const copy = join(folder, `${world.runtime.id()}.db`)
  await copyDatabase({ from: join(folder, 'attune.db'), to: copy })
  const rehearsed = await openStore({ file: copy })
  try {
    const engine = await world.engine({ store: rehearsed })
    const before = new Map([[MAPPING, await rehearsed.countLinks(MAPPING)]])
    const rehearsal = await world.run(rehearse(engine, { report: () => undefined }))
    const [only] = await world.run(pairingReport(engine, rehearsal, before))
    if (!only) throw new Error('no report')
    return only
  } finally {
    await rehearsed.close()
  }
}

async function partner(id: string): Promise<string | null> {
  const link = (await store.findLinks(id)).find(({ state }) => state === 'live')
  return (link?.left === id ? link.right : link?.left) ?? null
}

async function inReview(): Promise<number> {
  return (await store.reviews(100)).length
}

const explained = (record: string) => explainField(store, { record, keyOf: () => 'job_title' })

describe('one on each side who share a name', () => {
  let person: string
  let contact: string

  beforeEach(async () => {
    person = attioPerson(world, { ...ADA, job: 'Countess' })
    contact = hubspotPerson(world, ADA)
    await world.sync({ store })
    expect(await inReview()).toBe(2)
  })

  test('are shown by what they are called, with the fields that say so', async () => {
    const { cases, labels } = await report()
    expect(cases).toMatchObject([
      {
        shape: 'one-to-one',
        proposal: 'review',
        left: [person],
        right: [contact],
        evidence: { rule: 'name = firstname, lastname', strength: 'weak', keys: 1 },
      },
    ])
    expect([labels.get(`left:${person}`), labels.get(`right:${contact}`)]).toEqual(['Ada King', 'Ada King'])
  })

  test('are explained while they wait', async () => {
    expect(await explained(contact)).toMatchObject([
      {
        kind: 'review',
        side: 'right',
        record: contact,
        candidates: [{ side: 'left', id: person }],
        link: null,
      },
    ])
  })

  test('are made equal once they are linked, and saying it twice changes nothing', async () => {
    const writes = world.writes()
    expect(outcomesOf(await decide([person, contact, 'link']))).toEqual(['linked'])
    expect(world.writes()).toEqual(writes)
    expect(outcomesOf(await decide([person, contact, 'link']))).toEqual(['linked'])
    expect(await inReview()).toBe(0)
    await world.sync({ store })
    expect(await partner(person)).toBe(contact)
    expect((await explained(contact)).map(({ kind }) => kind)).toEqual(['link', 'write', 'now'])
  })

  test('stay alone once they are left apart, whoever edits them, and can be linked all the same', async () => {
    expect(outcomesOf(await decide([person, contact, 'apart']))).toEqual(['apart'])
    expect(outcomesOf(await decide([person, contact, 'apart']))).toEqual(['apart'])
    edit(world, 'hubspot', 'contacts', contact, { jobtitle: 'Countess' })
    const writes = world.writes()
    await world.sync({ store })
    expect(world.writes()).toEqual(writes)
    expect(await inReview()).toBe(0)
    expect(await explained(person)).toMatchObject([{ kind: 'alone', because: 'left apart by a person' }])

    const { cases } = await report()
    expect(cases).toMatchObject([
      { shape: 'one-to-one', proposal: 'apart', left: [person], right: [contact], evidence: { keys: 1 } },
    ])
    expect(outcomesOf(await decide([person, contact, 'link']))).toEqual(['linked'])
    await world.sync({ store })
    expect(await partner(person)).toBe(contact)
    expect((await report()).cases).toEqual([])
  })

  test('are not linked once one of them is gone or is another', async () => {
    remove(world, 'hubspot', 'contacts', contact)
    const [gone] = await decide([person, contact, 'link'])
    expect(gone).toMatchObject({ outcome: 'refused', because: expect.stringContaining('not there any more') })
    const [unknown, half] = await decide([person, 'nobody', 'apart'], [person, null, 'link'])
    expect(unknown).toMatchObject({ outcome: 'refused' })
    expect(half).toMatchObject({ outcome: 'refused', because: 'linking needs a record on both sides' })
    await world.sync({ store })
  })

  test('are refused when they are pulled apart after they were linked', async () => {
    const outcomes = await decide(
      [person, contact, 'link'],
      [person, contact, 'apart'],
      [person, null, 'apart'],
    )
    expect(outcomesOf(outcomes)).toEqual(['linked', 'refused', 'refused'])
    await world.sync({ store })
    expect(await partner(person)).toBe(contact)
  })
})

describe('two on each side who share a name', () => {
  test('are told apart row by row, whatever the order of the rows', async () => {
    const [ada, augusta] = [attioPerson(world, ADA), attioPerson(world, ADA)]
    const [one, other] = [hubspotPerson(world, ADA), hubspotPerson(world, ADA)]
    await world.sync({ store })
    expect((await report()).cases).toMatchObject([{ shape: 'many-to-many', proposal: 'review' }])
    const outcomes = await decide(
      [ada, one, 'apart'],
      [ada, other, 'link'],
      [augusta, one, 'link'],
      [augusta, other, 'apart'],
    )
    expect(outcomesOf(outcomes)).toEqual(['apart', 'linked', 'linked', 'apart'])
    await world.sync({ store })
    expect([await partner(ada), await partner(augusta)]).toEqual([other, one])
    expect(await inReview()).toBe(0)
  })

  test('leave whoever is left over alone, and nobody is stolen', async () => {
    const ada = attioPerson(world, ADA)
    const [one, other] = [hubspotPerson(world, ADA), hubspotPerson(world, ADA)]
    await world.sync({ store })
    const outcomes = await decide([ada, one, 'link'], [ada, other, 'apart'], [ada, other, 'link'])
    expect(outcomes).toMatchObject([
      { outcome: 'linked' },
      { outcome: 'apart' },
      { outcome: 'refused', because: `the left record ${ada} is linked to ${one}` },
    ])
    await world.sync({ store })
    expect(await partner(ada)).toBe(one)
    expect(ids(world, 'attio', 'people')).toEqual([ada])
    expect((await report()).cases).toMatchObject([{ shape: 'right-only', proposal: 'apart', right: [other] }])
  })
})

test('records that an undo set apart are in the report, and are paired again by a person', async () => {
  const email = 'ada@king-family.com'
  const [person, contact] = [attioPerson(world, { ...ADA, email }), hubspotPerson(world, { ...ADA, email })]
  await undo(world, await recordedPass(world, store), { store })
  await world.sync({ store })
  expect(await partner(person)).toBeNull()
  expect((await report()).cases).toMatchObject([
    { shape: 'one-to-one', proposal: 'apart', left: [person], right: [contact] },
  ])
  expect(outcomesOf(await decide([person, contact, 'link']))).toEqual(['linked'])
  await world.sync({ store })
  expect(await partner(person)).toBe(contact)
})

describe('what a person left apart', () => {
  /** As `attune pair --from` does it. */
  async function recorded(...says: readonly Say[]): Promise<string> {
    const engine = await world.engine({ store })
    await store.startRun({ id: engine.run, kind: 'pair', pairing: null, atMs: world.runtime.now() })
    const decisions = says.map(([left, right, decision]) => ({ mapping: MAPPING, left, right, decision }))
    await world.run(applyPairDecisions(engine, decisions))
    return engine.run
  }
  const reviewed = async () => (await store.reviews(10)).map(({ record }) => record.id)

  test('is in review again once the run is taken back, and apart again once that is', async () => {
    const [left, right] = [attioPerson(world, ADA), hubspotPerson(world, ADA)]
    await world.sync({ store })
    const run = await recorded([left, right, 'apart'])
    await world.sync({ store })
    expect(await reviewed()).toEqual([])
    expect((await store.run(run))?.did).toMatchObject([{ kind: 'apart' }, { kind: 'apart' }])

    const undone = await undo(world, run, { store })
    expect(undone.plan.pairs.map(({ kind }) => kind)).toEqual(['release', 'release'])
    expect(undone.leftovers).toEqual([])
    await world.sync({ store })
    expect((await reviewed()).length).toBeGreaterThan(0)
    expect((await undo(world, run, { store })).plan.pairs, 'nothing is left to take back').toEqual([])

    await undo(world, undone.run, { store })
    await world.sync({ store })
    expect(await reviewed()).toEqual([])
    expect(ids(world, 'attio', 'people')).toHaveLength(1)
  })

  test('and then linked all the same stays linked', async () => {
    const [left, right] = [attioPerson(world, ADA), hubspotPerson(world, ADA)]
    await world.sync({ store })
    const run = await recorded([left, right, 'apart'])
    const undone = await undo(world, run, { store })
    await decide([left, right, 'link'])
    await world.sync({ store })
    expect((await undo(world, run, { store })).plan.pairs).toEqual([])
    const again = await undo(world, undone.run, { store })
    expect(again.plan.pairs).toEqual([])
    expect(new Set(again.leftovers.map(({ record }) => record))).toEqual(new Set([left, right]))
  })

  test('by an earlier run is that one’s to take back', async () => {
    const [left, right] = [attioPerson(world, ADA), hubspotPerson(world, ADA)]
    await world.sync({ store })
    await recorded([left, right, 'apart'])
    const second = await recorded([left, right, 'apart'])
    expect((await undo(world, second, { store })).plan.pairs).toEqual([])
    await world.sync({ store })
    expect(await reviewed()).toEqual([])
  })
})
