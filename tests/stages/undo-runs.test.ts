/** Whole runs are taken back: a daemon’s of many passes, and the first sync of an untidy world (I22). */
import { afterEach, describe, expect, test } from 'vitest'
import { associations, attioPerson, expectRest, held, ids, peopleMapping, remove } from './story.ts'
import { ADA, because, jobOf, openUndoWorld, pairOfAda, setJob, byPeople } from './undo-story.ts'
import { recordedDay, recordedPass, undo } from './undoing.ts'
import { shippedMapping, type TestWorld, type Pushing as Vendor } from './world.ts'

let world: TestWorld

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

describe('a run of many passes', () => {
  let ada: Record<Vendor, string>

  test('takes a field back to before the first of its writes', async () => {
    world = await openUndoWorld()
    ada = await pairOfAda(world)
    const job = (text: string) => () => setJob(world, 'attio', ada.attio, text)
    const run = await recordedDay(world, job('Countess'), job('Poet'), job('Sage'))
    expect((await undo(world, run)).leftovers).toEqual([])
    expect(jobOf(world, 'hubspot', ada.hubspot)).toBe('Engineer')
    expect(jobOf(world, 'attio', ada.attio)).toBe('Sage')
  })

  test('goes back no further than to what somebody else put there in between, and says so', async () => {
    world = await openUndoWorld({
      mappings: [peopleMapping('{ left: job_title, right: jobtitle, direction: left-to-right }')],
    })
    ada = await pairOfAda(world)
    const run = await recordedDay(
      world,
      () => setJob(world, 'attio', ada.attio, 'Countess'),
      () => setJob(world, 'hubspot', ada.hubspot, 'Enchantress'),
      () => setJob(world, 'attio', ada.attio, 'Sage'),
    )
    expect(jobOf(world, 'hubspot', ada.hubspot)).toBe('Sage')
    expect(because((await undo(world, run)).leftovers)).toEqual([
      'somebody else changed it between two writes of the run; it goes back to that',
    ])
    expect(jobOf(world, 'hubspot', ada.hubspot)).toBe('Enchantress')
  })

  test('has nothing to take back of a record that came and went with it', async () => {
    world = await openUndoWorld()
    let person = ''
    const run = await recordedDay(
      world,
      () => (person = attioPerson(world, ADA)),
      () => remove(world, 'attio', 'people', person),
    )
    expect(ids(world, 'hubspot', 'contacts')).toEqual([])
    const { plan } = await undo(world, run)
    expect(plan.writes).toEqual([])
    expect(ids(world, 'hubspot', 'contacts')).toEqual([])
  })

  test('takes away what it made, with what it wrote to it later', async () => {
    world = await openUndoWorld()
    let person = ''
    const run = await recordedDay(
      world,
      () => (person = attioPerson(world, ADA)),
      () => setJob(world, 'attio', person, 'Countess'),
    )
    expect((await undo(world, run)).leftovers).toEqual([])
    expect(ids(world, 'hubspot', 'contacts')).toEqual([])
    expect(jobOf(world, 'attio', person)).toBe('Countess')
  })

  test('brings back what it removed as it was before it wrote to it', async () => {
    world = await openUndoWorld()
    ada = await pairOfAda(world)
    const run = await recordedDay(
      world,
      () => setJob(world, 'attio', ada.attio, 'Countess'),
      () => remove(world, 'attio', 'people', ada.attio),
    )
    await undo(world, run)
    const [again = ''] = ids(world, 'hubspot', 'contacts')
    expect(jobOf(world, 'hubspot', again)).toBe('Engineer')
  })
})

describe.each([1, 2, 3])('the first sync of an untidy generated world (seed %i)', (seed) => {
  /** The journal knows what values mean, not how they were spelled: "(415) 555-0100" comes back as "+14155550100". */
  function spelled(values: Record<string, unknown>): Record<string, unknown> {
    const { phone } = values
    const digits = typeof phone === 'string' ? { phone: phone.replaceAll(/\D/g, '').slice(-8) } : {}
    return JSON.parse(JSON.stringify({ ...values, ...digits }).normalize('NFC')) as Record<string, unknown>
  }

  /** Every record that people see, in their words; what CRMs count and date by themselves is left out. */
  function everything(): Record<string, unknown> {
    const records = (['attio', 'hubspot'] as const).flatMap((vendor) =>
      (vendor === 'attio' ? ['companies', 'people', 'deals'] : ['companies', 'contacts', 'deals']).flatMap(
        (object) =>
          ids(world, vendor, object).map((id) => {
            const labelled = associations(world, object, id).filter((row) => !row.endsWith('/'))
            const values = byPeople(held(world, vendor, object, id))
            return [`${vendor} ${object} ${id}`, { ...spelled(values), labelled }] as const
          }),
      ),
    )
    return Object.fromEntries(records)
  }

  async function generated(): Promise<void> {
    world = await openUndoWorld({
      people: 40,
      contradictions: 0.1,
      seed,
      empty: false,
      mappings: ['companies', 'people', 'deals'].map((name) => shippedMapping(name)),
      settings: { batchSize: 10 },
    })
  }

  test('is taken back although both CRMs fail now and then', { timeout: 60_000 }, async () => {
    await generated()
    const before = everything()
    const run = await recordedPass(world)
    await world.advance(600_000)
    const kinds = ['status', 'status-after', 'reset-before', 'reset-after', 'timeout-after'] as const
    const rules = kinds.map((kind) => {
      return { kind, mutating: true, status: 503, probability: 0.15, delayMs: 100 } as const
    })
    for (const vendor of ['attio', 'hubspot'] as const) world.faults[vendor].replace(rules)
    await undo(world, run, { guardsAccepted: true })
    const hits = [world.faults.attio, world.faults.hubspot].flatMap((layer) => layer.rules())
    expect(hits.reduce((sum, rule) => sum + rule.hits, 0)).toBeGreaterThan(5)
    for (const vendor of ['attio', 'hubspot'] as const) world.faults[vendor].replace([])
    await world.advance(60_000)
    const { leftovers } = await undo(world, run, { guardsAccepted: true })
    expect(because(leftovers)).toEqual([])
    expect(everything()).toEqual(before)
  })

  test(
    'is taken back to the last value, and done once more by undoing that',
    { timeout: 60_000 },
    async () => {
      await generated()
      const before = everything()
      const run = await recordedPass(world)
      const after = everything()
      expect(Object.keys(after).length).toBeGreaterThan(Object.keys(before).length)
      await world.advance(600_000)
      const undone = await undo(world, run, { guardsAccepted: true })
      expect(because(undone.leftovers)).toEqual([])
      expect(everything()).toEqual(before)
      await expectRest(world)

      const redone = await undo(world, undone.run, { guardsAccepted: true })
      expect(because(redone.leftovers)).toEqual([])
      expect(Object.keys(everything())).toHaveLength(Object.keys(after).length)
      const kept = Object.keys(before)
      const of = (picture: Record<string, unknown>) => kept.map((key) => [key, picture[key]])
      expect(withoutIds(of(everything()))).toEqual(withoutIds(of(after)))
      await expectRest(world)
      const third = await undo(world, redone.run, { guardsAccepted: true })
      expect(because(third.leftovers)).toEqual([])
      expect(everything()).toEqual(before)
    },
  )
})

/** Records made anew have other ids, wherever they are pointed at. */
function withoutIds(picture: unknown): unknown {
  const text = JSON.stringify(picture).replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\b9{6}\d{5}\b/g, '#')
  return JSON.parse(text)
}
