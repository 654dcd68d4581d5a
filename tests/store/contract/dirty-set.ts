/** Contract: the dirty set. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { DirtyRecord, RecordRef } from '../../../src/store/records.ts'
import type { Store } from '../../../src/store/store.ts'
import { claim, idsOf, left, mark, MAPPING, OTHER_MAPPING, right, settle } from './samples.ts'

const postpone = (id: string, dueMs: number) =>
  ({ kind: 'postpone', mapping: MAPPING, record: left(id), dueMs }) as const

export function dirtySetContract(open: () => Promise<Store>): void {
  test('claims go by lane, then by due time, and respect limit, mapping and due', async () => {
    const store = await open()
    await store.commitPlans([
      mark(left('late'), { lane: 3, dueMs: 10 }),
      mark(left('second'), { lane: 1, dueMs: 200 }),
      mark(right('first'), { lane: 1, dueMs: 100 }),
      mark(left('urgent'), { lane: 0, dueMs: 300 }),
      mark(left('not yet'), { lane: 0, dueMs: 5_000 }),
      mark(left('elsewhere'), { mapping: OTHER_MAPPING, lane: 0 }),
    ])
    const three = await claim(store, { limit: 3, nowMs: 1_000 })
    expect(three.map((dirty) => dirty.id)).toEqual(['urgent', 'first', 'second'])
    expect((await claim(store, { nowMs: 1_000 })).map((dirty) => dirty.id)).toEqual(['late'])
    expect(await store.backlog({ mapping: MAPPING, nowMs: 1_000 })).toEqual({
      due: 4,
      postponed: 0,
      nextDueMs: 5_000,
      nextRetryMs: null,
    })
    expect(await store.backlog({ mapping: MAPPING, nowMs: 5_000 })).toEqual({
      due: 5,
      postponed: 0,
      nextDueMs: null,
      nextRetryMs: null,
    })
  })

  test('backlogs of several mappings can be had at once', async () => {
    const store = await open()
    await store.commitPlans([
      mark(left('now'), { lane: 0 }),
      mark(left('later'), { lane: 0, dueMs: 5_000 }),
      mark(left('now'), { mapping: OTHER_MAPPING, lane: 0 }),
      mark(left('catch-up'), { mapping: OTHER_MAPPING, lane: 2 }),
      postpone('later', 7_000),
    ])
    const asked = { mappings: [MAPPING, OTHER_MAPPING, 'nothing marked'], nowMs: 1_000 }
    expect(await store.backlogs(asked)).toEqual(
      new Map([
        [MAPPING, { due: 1, postponed: 1, nextDueMs: 7_000, nextRetryMs: 7_000 }],
        [OTHER_MAPPING, { due: 2, postponed: 0, nextDueMs: null, nextRetryMs: null }],
      ]),
    )
    expect(await store.backlogs({ ...asked, mappings: [] })).toEqual(new Map())
  })

  test('whether anything is due in some lanes, and when the next is, can be asked of several mappings', async () => {
    const store = await open()
    await store.commitPlans([
      mark(left('now'), { lane: 0 }),
      mark(left('later'), { lane: 0, dueMs: 7_000 }),
      mark(left('soon'), { lane: 1, dueMs: 5_000 }),
      mark(left('even later'), { mapping: OTHER_MAPPING, lane: 1, dueMs: 9_000 }),
      mark(left('catch-up'), { mapping: OTHER_MAPPING, lane: 2 }),
    ])
    const mappings = [MAPPING, OTHER_MAPPING, 'nothing marked']
    expect(await store.dueTimes({ mappings, nowMs: 1_000, lanes: [0, 1] })).toEqual(
      new Map([
        [MAPPING, { isDue: true, nextDueMs: 5_000 }],
        [OTHER_MAPPING, { isDue: false, nextDueMs: 9_000 }],
      ]),
    )
    expect(await store.dueTimes({ mappings, nowMs: 5_000, lanes: [1] })).toEqual(
      new Map([
        [MAPPING, { isDue: true, nextDueMs: null }],
        [OTHER_MAPPING, { isDue: false, nextDueMs: 9_000 }],
      ]),
    )
    expect(await store.dueTimes({ mappings, nowMs: 1_000, lanes: [2, 3] })).toEqual(
      new Map([[OTHER_MAPPING, { isDue: true, nextDueMs: null }]]),
    )
    expect(await store.dueTimes({ mappings: [], nowMs: 1_000, lanes: [0] })).toEqual(new Map())
  })

  test('urgent records are claimed alone, what nobody waits for together', async () => {
    const store = await open()
    await store.commitPlans([
      mark(left('backfill'), { lane: 3 }),
      mark(left('catch-up'), { lane: 2 }),
      mark(left('recovery'), { lane: 1 }),
      mark(left('interactive'), { lane: 0 }),
    ])
    expect((await claim(store)).map((dirty) => dirty.id)).toEqual(['interactive', 'recovery'])
    expect((await claim(store)).map((dirty) => dirty.id)).toEqual(['catch-up', 'backfill'])
    expect(await claim(store)).toEqual([])
  })

  test('claims can be had for some lanes alone', async () => {
    const store = await open()
    await store.commitPlans([
      mark(left('interactive'), { lane: 0 }),
      mark(left('catch-up'), { lane: 2 }),
      mark(left('backfill later'), { lane: 3, dueMs: 9_000 }),
    ])
    expect(idsOf(await claim(store, { nowMs: 1_000, lanes: [2, 3] }))).toEqual(['left:catch-up'])
    expect(idsOf(await claim(store, { nowMs: 1_000, lanes: [0, 1] }))).toEqual(['left:interactive'])
  })

  test('what is due can be looked through without being claimed', async () => {
    const store = await open()
    await store.commitPlans([
      ...['a', 'b', 'c'].map((id) => mark(left(id), { lane: 3 })),
      mark(right('a'), { lane: 0 }),
      mark(right('not yet'), { dueMs: 9_000 }),
      mark(right('claimed'), { lane: 1 }),
      mark(left('elsewhere'), { mapping: OTHER_MAPPING }),
    ])
    expect(idsOf(await claim(store, { lanes: [1], nowMs: 1_000 }))).toEqual(['right:claimed'])
    const page = async (after: RecordRef | null) =>
      store.dueRecords({ mapping: MAPPING, after, limit: 3, nowMs: 1_000 })
    expect(await page(null)).toEqual([left('a'), left('b'), left('c')])
    expect(await page(left('c'))).toEqual([right('a')])
    expect(await page(right('a'))).toEqual([])
    const all = [await claim(store, { nowMs: 1_000 }), await claim(store, { nowMs: 1_000 })]
    expect(idsOf(all.flat())).toEqual(['left:a', 'left:b', 'left:c', 'right:a'])
  })

  test('what would be claimed next can be had without claiming it', async () => {
    const store = await open()
    const next = () => store.nextDirty({ mapping: MAPPING, limit: 2, nowMs: 1_000 })
    expect(await next()).toEqual([])
    await store.commitPlans([
      mark(left('a'), { lane: 3, dueMs: 10 }),
      mark(right('b'), { lane: 3, dueMs: 20 }),
      mark(left('c'), { lane: 2, dueMs: 30 }),
      mark(left('not yet'), { lane: 2, dueMs: 5_000 }),
      mark(left('elsewhere'), { mapping: OTHER_MAPPING, lane: 2 }),
    ])
    const expected = await next()
    expect(expected.map(({ id }) => id)).toEqual(['c', 'a'])
    expect(await next()).toEqual(expected)
    expect(await claim(store, { limit: 2, nowMs: 1_000 })).toEqual(expected)
    expect(idsOf(await next())).toEqual(['right:b'])
  })

  test('a lease that expires gives the record back unchanged', async () => {
    const store = await open()
    await store.commitPlans([mark(left('a'))])
    const [claimed] = await claim(store, { nowMs: 1_000, leaseMs: 500 })
    expect(await claim(store, { nowMs: 1_499 })).toEqual([])
    expect(await claim(store, { nowMs: 1_500 })).toEqual([claimed])
  })

  test('the owner forgets every lease at its start', async () => {
    const store = await open()
    await store.commitPlans([mark(left('a')), mark(left('b'))])
    await claim(store)
    await store.releaseClaims()
    expect(idsOf(await claim(store))).toEqual(['left:a', 'left:b'])
  })

  test('marks collapse: smaller lane, earlier due, all reasons, first time', async () => {
    const store = await open()
    await store.commitPlans([mark(left('a'), { lane: 2, dueMs: 500, reason: 'polled', atMs: 300 })])
    await store.commitPlans([mark(left('a'), { lane: 3, dueMs: 400, reason: 'listed', atMs: 350 })])
    const [dirty] = await claim(store, { nowMs: 400 })
    expect(dirty).toMatchObject({ lane: 2, reasons: ['listed', 'polled'], firstAtMs: 300, attempts: 0 })
  })

  test('a mark that arrives while the record is worked on survives the settling, and is due at once', async () => {
    const store = await open()
    await store.commitPlans([mark(left('a'))])
    const [first] = await claim(store)
    await store.commitPlans([mark(left('a'), { atMs: 900 })])
    expect(await claim(store)).toEqual([])
    await store.commitPlans([settle(first!)])
    const [second] = await claim(store)
    expect(second?.seq).toBeGreaterThan(first!.seq)
    expect(second?.firstAtMs).toBe(900)
    await store.commitPlans([settle(second!)])
    expect(await claim(store)).toEqual([])
  })

  test('settling and marking in one transaction leaves the new mark', async () => {
    const store = await open()
    await store.commitPlans([mark(left('a'))])
    const [dirty] = await claim(store)
    await store.commitPlans([mark(left('a'), { reason: 'follow-up' }), settle(dirty!)])
    expect(await claim(store)).toHaveLength(1)
  })

  test('an old number never settles a newer mark, not even after the row was gone', async () => {
    const store = await open()
    await store.commitPlans([mark(left('a'))])
    const [old] = await claim(store)
    await store.commitPlans([settle(old!)])
    await store.commitPlans([mark(left('a'))])
    await store.commitPlans([settle(old!)])
    expect(await claim(store)).toHaveLength(1)
  })

  test('a postponed record comes back when it is due, with one attempt more', async () => {
    const store = await open()
    await store.commitPlans([mark(left('a'))])
    await claim(store, { nowMs: 1_000 })
    await store.commitPlans([postpone('a', 3_000), postpone('never marked', 3_000)])
    expect(await claim(store, { nowMs: 2_999 })).toEqual([])
    const [dirty, ...others] = await claim(store, { nowMs: 3_000 })
    expect(dirty).toMatchObject({ id: 'a', attempts: 1 })
    expect(others).toEqual([])
    await store.commitPlans([postpone('a', 9_000), mark(left('b'), { dueMs: 8_000 })])
    expect(await store.backlog({ mapping: MAPPING, nowMs: 3_000 })).toEqual({
      due: 0,
      postponed: 1,
      nextDueMs: 8_000,
      nextRetryMs: 9_000,
    })
  })

  test('an unclaimed record is due again at once, as if nobody had had it', async () => {
    const store = await open()
    await store.commitPlans([mark(left('a'))])
    const [before] = await claim(store, { nowMs: 1_000 })
    expect(await claim(store, { nowMs: 1_000 })).toEqual([])
    await store.commitPlans([{ kind: 'unclaim', mapping: MAPPING, record: left('a') }])
    expect(await claim(store, { nowMs: 1_000 })).toEqual([before])
  })

  test('a mark brings a postponed record forward', async () => {
    const store = await open()
    await store.commitPlans([mark(left('a')), postpone('a', 9_000)])
    await store.commitPlans([mark(left('a'), { dueMs: 500, lane: 0 })])
    expect(await claim(store, { nowMs: 500 })).toMatchObject([{ id: 'a', lane: 0, attempts: 1 }])
  })

  test('named records are claimed as they are asked for, marked or not, and by nobody else', async () => {
    const store = await open()
    await store.commitPlans([mark(left('a'), { lane: 3, dueMs: 9_000 }), mark(left('b'))])
    const records = [right('c'), left('a')]
    const request = { mapping: MAPPING, records, nowMs: 500, leaseMs: 1_000 }
    const claimed = await store.claimRecords(request)
    expect(claimed).toMatchObject([
      { ...right('c'), lane: 0, reasons: ['manual'], attempts: 0 },
      { ...left('a'), lane: 0, reasons: ['manual'] },
    ])
    expect(idsOf(await claim(store, { nowMs: 500 }))).toEqual(['left:b'])
    expect(await store.claimRecords({ ...request, records: [] })).toEqual([])
    await store.commitPlans(claimed.map(settle))
    expect(idsOf(await claim(store, { nowMs: 20_000 }))).toEqual(['left:b'])
  })

  // On a file, thousands of transactions wait for the disk, which others may be using.
  test(
    'no order of marks, claims, settlings and postponements loses a mark',
    { timeout: 60_000 },
    async () => {
      const record = fc.constantFrom('a', 'b', 'c')
      const step = fc.oneof(
        { weight: 3, arbitrary: fc.record({ does: fc.constant('mark' as const), id: record }) },
        {
          weight: 3,
          arbitrary: fc.record({
            does: fc.constant('claim' as const),
            limit: fc.integer({ min: 1, max: 3 }),
          }),
        },
        { weight: 3, arbitrary: fc.record({ does: fc.constant('settle' as const), which: fc.nat() }) },
        { weight: 1, arbitrary: fc.record({ does: fc.constant('postpone' as const), id: record }) },
        {
          weight: 1,
          arbitrary: fc.record({ does: fc.constant('wait' as const), ms: fc.nat({ max: 1_500 }) }),
        },
      )
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
          const store = await open()
          // The model: which records have a mark that no worker took up, or took up and has not settled.
          const marks = new Map<string, number>()
          const claims: { dirty: DirtyRecord; marksSeen: number }[] = []
          const waiting = new Map<string, boolean>()
          let nowMs = 1_000
          for (const action of steps) {
            switch (action.does) {
              case 'mark':
                await store.commitPlans([mark(left(action.id), { dueMs: nowMs, atMs: nowMs })])
                marks.set(action.id, (marks.get(action.id) ?? 0) + 1)
                waiting.set(action.id, true)
                break
              case 'claim':
                for (const dirty of await claim(store, { limit: action.limit, nowMs, leaseMs: 1_000 })) {
                  claims.push({ dirty, marksSeen: marks.get(dirty.id) ?? 0 })
                }
                break
              case 'settle': {
                const done = claims.splice(action.which % Math.max(1, claims.length), 1)[0]
                if (!done) break
                await store.commitPlans([settle(done.dirty)])
                if (done.marksSeen === marks.get(done.dirty.id)) waiting.set(done.dirty.id, false)
                break
              }
              case 'postpone':
                await store.commitPlans([postpone(action.id, nowMs + 500)])
                break
              case 'wait':
                nowMs += action.ms
            }
          }
          await store.releaseClaims()
          const remaining = await claim(store, { nowMs: nowMs + 10_000 })
          const expected = [...waiting].filter(([, isOpen]) => isOpen).map(([id]) => `left:${id}`)
          expect(idsOf(remaining)).toEqual(expected.toSorted())
          await store.close()
        }),
        { numRuns: 60 },
      )
    },
  )
}
