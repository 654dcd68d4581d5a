/** Contract: conflicts, reviews, quarantine, history, counts; runs, facts and the lease. */
import { describe, expect, test } from 'vitest'
import type { Change } from '../../../src/store/change.ts'
import type { RecordRef } from '../../../src/store/records.ts'
import type { Store } from '../../../src/store/store.ts'
import type { Quarantine } from '../../../src/store/waiting.ts'
import * as make from './samples.ts'
import { claim, conflict, idsOf, left, mark, MAPPING, observed, putLink, right } from './samples.ts'

const openConflict = (...args: Parameters<typeof conflict>): Change => ({
  kind: 'open-conflict',
  conflict: conflict(...args),
})

async function statesOf(store: Store): Promise<Record<string, string>> {
  const all = await store.conflicts({ state: 'all', limit: 100 })
  return Object.fromEntries(all.map(({ id, state }) => [id, state]))
}

const closeOverwritten = (link = 'k1'): Change => ({
  kind: 'close-conflict',
  only: 'overwritten',
  link,
  field: 'email',
  state: 'superseded',
  loser: null,
  atMs: 200,
})

export function operateContract(open: () => Promise<Store>): void {
  describe('conflicts', () => {
    test('are reported once per pair of values (I6)', async () => {
      const store = await open()
      await store.commitPlans([openConflict('c1'), openConflict('c2'), openConflict('c3', { field: 'name' })])
      expect(await statesOf(store)).toEqual({ c1: 'open', c3: 'open' })
      expect(await store.conflict('c1')).toEqual(conflict('c1'))
      expect(await store.conflict('c2')).toBeNull()
      await store.commitPlans([openConflict('c4', { left: 'other', openedAtMs: 300 })])
      expect(await statesOf(store)).toEqual({ c1: 'superseded', c3: 'open', c4: 'open' })
      expect(await store.conflict('c1')).toMatchObject({ closedAtMs: 300, loser: null })
      expect((await store.status(0)).openConflicts).toBe(2)
    })

    test('about an overwritten value tell what was lost, whatever is chosen', async () => {
      const store = await open()
      const lost = { side: 'left', value: 'l@example.com', prevailed: { address: 'r@example.com' } }
      await store.commitPlans([putLink('k1')])
      for (const choice of ['left', 'right'] as const) {
        await store.commitPlans([openConflict(choice, { kind: 'overwritten' })])
        const { left: one, right: other } = conflict(choice)
        const decision = { id: choice, choice, expect: { left: one, right: other }, atMs: 1 }
        expect(await store.decideConflict(decision)).toBe('decided')
        const { decisions } = await make.subjectOf(store, right('k1-r'))
        expect(decisions).toEqual({ email: { conflict: choice, choice, lost } })
        await store.commitPlans([closeOverwritten()])
      }
    })

    test('about an overwritten value replace their like, and push no other question aside', async () => {
      const store = await open()
      await store.commitPlans([openConflict('c1'), openConflict('c2', { kind: 'overwritten', left: 'lost' })])
      expect(await statesOf(store)).toEqual({ c1: 'open', c2: 'auto' })
      expect(await store.conflict('c2')).toMatchObject({ loser: 'left', closedAtMs: 100 })
      await store.commitPlans([closeOverwritten()])
      expect(await statesOf(store)).toEqual({ c1: 'open', c2: 'auto' })

      const elsewhere = { link: 'k2', kind: 'overwritten' } as const
      await store.commitPlans([
        openConflict('c3', elsewhere),
        openConflict('c4', { ...elsewhere, left: 'new' }),
      ])
      await store.commitPlans([closeOverwritten('k2')])
      expect(await statesOf(store)).toMatchObject({ c3: 'superseded', c4: 'superseded' })
    })

    test('that a rule decided are stored as they are, beside the open one', async () => {
      const store = await open()
      const auto = conflict('c2', { state: 'auto', loser: 'left', closedAtMs: 100 })
      await store.commitPlans([openConflict('c1'), { kind: 'open-conflict', conflict: auto }])
      expect(await statesOf(store)).toEqual({ c1: 'open', c2: 'auto' })
      expect(await store.conflict('c2')).toEqual(auto)
    })

    test('close per link and field, and may be opened again', async () => {
      const store = await open()
      await store.commitPlans([openConflict('c1'), openConflict('c2', { link: 'k2' })])
      const close: Change = {
        kind: 'close-conflict',
        link: 'k1',
        field: 'email',
        state: 'resolved',
        loser: 'left',
        atMs: 200,
      }
      await store.commitPlans([close])
      expect(await store.conflict('c1')).toMatchObject({ state: 'resolved', loser: 'left', closedAtMs: 200 })
      expect(await store.conflicts({ state: 'open', limit: 9 })).toMatchObject([{ id: 'c2' }])
      await store.commitPlans([openConflict('c3'), { ...close, loser: null, atMs: 300 }, close])
      expect(await statesOf(store)).toEqual({ c1: 'resolved', c2: 'open', c3: 'resolved' })
    })

    test('are decided on exactly the values that were shown', async () => {
      const store = await open()
      await store.commitPlans([putLink('k1'), openConflict('c1')])
      const expectValues = { left: 'l@example.com', right: { address: 'r@example.com' } }
      const decision = { id: 'c1', choice: 'right', expect: expectValues, atMs: 800 } as const
      expect(await store.decideConflict({ ...decision, id: 'none' })).toBe('unknown')
      const stale = await store.decideConflict({ ...decision, expect: { ...expectValues, left: 'older' } })
      expect(stale).toBe('stale')
      expect(await claim(store)).toEqual([])

      expect(await store.decideConflict(decision)).toBe('decided')
      expect(await claim(store, { nowMs: 800 })).toMatchObject([
        { ...left('k1-l'), reasons: ['manual'], lane: 0 },
      ])
      const { decisions } = await make.subjectOf(store, right('k1-r'))
      expect(decisions).toEqual({ email: { conflict: 'c1', choice: 'right', lost: null } })
      expect(await store.decideConflict(decision)).toBe('stale')
      expect(await store.conflicts({ state: 'open', limit: 9 })).toEqual([])

      // The values moved before the engine wrote the choice: it no longer applies.
      await store.commitPlans([openConflict('c2'), openConflict('c3', { right: 'newer' })])
      expect(await statesOf(store)).toEqual({ c1: 'superseded', c3: 'open' })
      expect((await make.subjectOf(store, left('k1-l'))).decisions).toEqual({})
    })
  })

  test('a repeated review keeps its id and age but shows the newest candidates', async () => {
    const store = await open()
    const first = make.review('v1', left('a'))
    await store.commitPlans([
      { kind: 'put-review', review: first },
      { kind: 'put-review', review: make.review('v2', left('b'), { atMs: 200 }) },
      {
        kind: 'put-review',
        review: make.review('v3', left('a'), { candidates: [right('z')], kind: 'duplicate', atMs: 300 }),
      },
    ])
    expect(await store.reviews(9)).toEqual([
      make.review('v2', left('b'), { atMs: 200 }),
      { ...first, candidates: [right('z')], kind: 'duplicate' },
    ])
    await store.commitPlans([{ kind: 'drop-review', mapping: MAPPING, record: left('b') }])
    expect((await store.status(0)).review).toBe(1)
  })

  test('the keys of records are told in the order asked for, of one mapping and side each', async () => {
    const store = await open()
    const at = { side: 'left', id: 'a' } as const
    await store.recordReads({
      mapping: MAPPING,
      side: 'left',
      sightings: [make.sighting('a', { keys: ['0:ada@x.example', '1:Ada Lovelace'] })],
    })
    expect(
      await store.matchKeys([
        { mapping: MAPPING, side: 'right', id: 'a' },
        { mapping: MAPPING, ...at },
        { mapping: 'elsewhere', ...at },
      ]),
    ).toEqual([[], ['0:ada@x.example', '1:Ada Lovelace'], []])
  })

  test('a record without a pair is found with all that keeps it so, under its id on either side', async () => {
    const store = await open()
    const keep = (record: RecordRef, reason: string, atMs: number): Change => {
      return { kind: 'suppress', mapping: MAPPING, record, reason, atMs }
    }
    const review = make.review('v1', left('a'))
    const quarantine = make.quarantine(right('a'))
    await store.commitPlans([
      { kind: 'put-review', review },
      { kind: 'put-review', review: make.review('v2', left('b')) },
      { kind: 'quarantine', entry: quarantine },
      keep(right('a'), 'apart', 100),
      keep(right('b'), 'apart', 200),
      keep(left('b'), 'other', 300),
    ])
    const kept = (record: RecordRef, reason: string, atMs: number) => ({
      mapping: MAPPING,
      record,
      reason,
      atMs,
    })
    expect(await store.unpaired('a')).toEqual({
      reviews: [review],
      quarantined: [quarantine],
      keptAlone: [kept(right('a'), 'apart', 100)],
    })
    expect(await store.unpaired('z')).toEqual({ reviews: [], quarantined: [], keptAlone: [] })
    const apart = [kept(right('b'), 'apart', 200), kept(right('a'), 'apart', 100)]
    expect(await store.keptAlone({ reason: 'apart', limit: 9 })).toEqual(apart)
    expect(await store.keptAlone({ reason: 'apart', limit: 1 })).toEqual(apart.slice(0, 1))
    await store.commitPlans([{ kind: 'release', mapping: MAPPING, record: right('b') }])
    expect(await store.keptAlone({ reason: 'apart', limit: 9 })).toEqual(apart.slice(1))
  })

  test('a record that a pair let go of is still found in what was done with that pair', async () => {
    const store = await open()
    const held = { left: 'a', right: 'b', state: 'live' }
    await store.commitPlans([
      make.putLink('k1', { left: null, right: 'b', state: 'unlinked' }),
      make.journalEntry('k1', { kind: 'link', side: 'left', record: 'a', before: {}, after: held }),
      make.journalEntry('k1', {
        kind: 'unlink',
        side: 'right',
        record: 'b',
        before: held,
        after: { ...held, left: null },
      }),
      make.putLink('k2', { left: 'c', right: 'd' }),
      make.journalEntry('k2', { kind: 'update', record: 'd', before: { name: 'a' }, after: { name: 'b' } }),
    ])
    expect(await store.findLinks('a')).toEqual([])
    expect((await store.formerLinks('a')).map(({ id }) => id)).toEqual(['k1'])
    expect((await store.formerLinks('b')).map(({ id }) => id)).toEqual(['k1'])
    expect(await store.formerLinks('aa')).toEqual([])
  })

  test('quarantined records that are due are retried, once per waiting mark', async () => {
    const store = await open()
    const entries = [
      make.quarantine(left('due'), { retryAtMs: 500 }),
      make.quarantine(left('cause changed'), { cause: 'old schema' }),
      make.quarantine(left('neither'), { attempts: 3, link: 'k1', atMs: 900 }),
      make.quarantine(left('waiting'), { retryAtMs: 500 }),
    ]
    await store.commitPlans([
      ...entries.map((entry) => ({ kind: 'quarantine', entry }) as const),
      mark(left('waiting'), { dueMs: 50_000 }),
    ])
    expect((await store.quarantined(1))[0]).toEqual(entries[2])
    const request = {
      mapping: MAPPING,
      nowMs: 500,
      isDue: ({ cause, retryAtMs }: Quarantine) => retryAtMs <= 500 || cause === 'old schema',
    }
    expect(await store.retryQuarantined(request)).toEqual(entries.slice(0, 2))
    expect(await store.retryQuarantined(request)).toEqual([])
    const retried = await claim(store, { nowMs: 500 })
    expect(idsOf(retried)).toEqual(['left:cause changed', 'left:due'])
    expect(retried[0]).toMatchObject({ reasons: ['retry'], lane: 1 })
    await store.commitPlans([{ kind: 'heal', mapping: MAPPING, record: left('due') }])
    expect((await store.status(0)).quarantined).toBe(3)
  })

  test('figures can be had of some mappings alone', async () => {
    const store = await open()
    const elsewhere = { mapping: make.OTHER_MAPPING }
    await store.commitPlans([
      putLink('k1'),
      putLink('k2', elsewhere),
      putLink('k3', { ...elsewhere, right: null, state: 'half' }),
      mark(left('a'), { dueMs: 500 }),
      mark(left('b'), { ...elsewhere, dueMs: 900 }),
      { kind: 'put-review', review: make.review('v1', left('a'), elsewhere) },
      { kind: 'quarantine', entry: make.quarantine(left('a'), elsewhere) },
      openConflict('c1'),
      openConflict('c2', { ...elsewhere, link: 'k2' }),
    ])
    const figures = await Promise.all(
      [undefined, [MAPPING], [make.OTHER_MAPPING], []].map((mappings) => store.status(600, mappings)),
    )
    expect(figures.map(({ links, dirty, resting }) => [links, dirty, resting])).toEqual([
      [2, 2, 1],
      [1, 1, 0],
      [1, 1, 1],
      [0, 0, 0],
    ])
    expect(
      figures.map(({ review, quarantined, openConflicts }) => [review, quarantined, openConflicts]),
    ).toEqual([
      [1, 1, 2],
      [0, 0, 1],
      [1, 1, 1],
      [0, 0, 0],
    ])
  })

  test('history shows the newest first, of both records, within its limit', async () => {
    const store = await open()
    await store.commitPlans([
      putLink('k1'),
      make.journalEntry('k1', { kind: 'link' }),
      make.journalEntry('k1'),
    ])
    const changes = [
      observed('1', { record: 'k1-l' }),
      observed('2', { record: 'k1-r', side: 'right', actor: null }),
      observed('3', { record: 'k1-l', side: 'right' }),
      observed('4', { record: 'k1-l' }),
    ]
    await store.appendChanges({ changes, lane: 0, stream: null })
    await store.commitPlans([openConflict('c1'), openConflict('c2', { left: 'x', openedAtMs: 200 })])
    const history = await store.history({ link: 'k1', limit: 2 })
    expect(history.journal.map((entry) => entry.kind)).toEqual(['update', 'link'])
    expect(history.journal[0]).toMatchObject({ after: { email: 'ada@example.com' }, before: { email: null } })
    expect(history.changes).toEqual([changes[3], changes[1]])
    expect(history.conflicts.map(({ id }) => id)).toEqual(['c2', 'c1'])
    expect(await store.history({ link: 'none', limit: 2 })).toEqual({
      journal: [],
      conflicts: [],
      changes: [],
    })
  })

  test('status counts what stands and what waits', async () => {
    const store = await open()
    expect(await store.status(1_000)).toEqual({
      links: 0,
      dirty: 0,
      resting: 0,
      openIntents: 0,
      openConflicts: 0,
      review: 0,
      quarantined: 0,
      waiting: 0,
      lagMs: 0,
    })
    await store.commitPlans([
      putLink('k1'),
      putLink('k2', { state: 'unlinked' }),
      putLink('k3', { state: 'half', right: null }),
      mark(left('a'), { atMs: 400, dueMs: 400 }),
      mark(left('later'), { atMs: 100, dueMs: 5_000 }),
    ])
    await store.beginWrites([make.intent('i1', 'k1')])
    expect(await store.status(1_000)).toMatchObject({
      links: 1,
      dirty: 2,
      resting: 1,
      openIntents: 1,
      lagMs: 600,
    })
    await claim(store, { nowMs: 5_000 })
    const postponed = { kind: 'postpone', mapping: MAPPING, record: left('later'), dueMs: 9_000 } as const
    await store.commitPlans([postponed])
    expect(await store.status(6_000)).toMatchObject({ dirty: 2, resting: 0 })
    expect(await store.countLinks(MAPPING)).toBe(2)
  })
}
