/** Contract: change log, streams, sweeps. */
import { describe, expect, test } from 'vitest'
import type { ObservedChange } from '../../../src/store/change.ts'
import type { Debounce } from '../../../src/store/records.ts'
import type { Store } from '../../../src/store/store.ts'
import {
  agree,
  claim,
  idsOf,
  left,
  mark,
  MAPPING,
  observed,
  OTHER_MAPPING,
  putLink,
  right,
  settle,
  sighting,
} from './samples.ts'

const SIDE = { mapping: MAPPING, side: 'left' } as const

async function listPage(store: Store, ids: readonly string[], next: string | null = null) {
  const sightings = ids.map((id) => sighting(id))
  return store.recordPage({ ...SIDE, sightings, next, lane: 3, nowMs: 500 })
}

export function observeContract(open: () => Promise<Store>): void {
  test('a doubled webhook appends once and marks once', async () => {
    const store = await open()
    const changes = [observed('k1'), observed('k1'), observed('k2', { side: 'right', record: 'b' })]
    const append = () => store.appendChanges({ changes, lane: 0, stream: null })
    expect(await append()).toEqual({ appended: 2, marked: 2 })
    expect(await append()).toEqual({ appended: 0, marked: 0 })
    expect(idsOf(await claim(store))).toEqual(['left:a', 'right:b'])
  })

  test('reasons follow the source, and a removal is an archived record', async () => {
    const store = await open()
    const changes = [
      observed('1', { source: 'webhook' }),
      observed('2', { source: 'poll' }),
      observed('3', { source: 'sweep' }),
      observed('4', { source: 'poll', kind: 'removed' }),
    ]
    await store.appendChanges({ changes, lane: 2, stream: null })
    const [dirty] = await claim(store)
    expect(dirty).toMatchObject({ id: 'a', lane: 2, attempts: 0, firstAtMs: 100 })
    expect(dirty?.reasons.toSorted()).toEqual(['archived', 'listed', 'polled', 'webhook'])
  })

  test('our own write coming back at the agreed version is logged but not marked', async () => {
    const store = await open()
    await store.commitPlans([putLink('k1', { left: 'a' }), agree(left('a'), 'f1', 'v7')])
    const changes = [
      observed('echo', { version: 'v7' }),
      observed('other side', { side: 'right', version: 'v7' }),
      observed('newer', { record: 'b', version: 'v8' }),
    ]
    expect(await store.appendChanges({ changes, lane: 0, stream: null })).toEqual({ appended: 3, marked: 2 })
    expect(idsOf(await claim(store))).toEqual(['left:b', 'right:a'])
    const { changes: logged } = await store.history({ link: 'k1', limit: 10 })
    expect(logged.map((change) => change.key)).toEqual(['echo'])
    const removal = [observed('gone', { kind: 'removed', version: 'v7' })]
    expect(await store.appendChanges({ changes: removal, lane: 0, stream: null })).toMatchObject({
      marked: 1,
    })
  })

  describe('with a debounce', () => {
    const debounce: Debounce = {
      restMs: 300,
      flurryMs: 1_000,
      busyMs: 5_000,
      touchesMax: 5,
      withinMs: 60_000,
      waitMaxMs: 30_000,
      ownMs: 20_000,
    }
    let count = 0
    const touch = (store: Store, atMs: number, change: Partial<ObservedChange> = {}) =>
      store.appendChanges({
        changes: [observed(`touch-${(count += 1)}`, { atMs, ...change })],
        lane: 0,
        stream: null,
        debounce,
      })
    const dueMs = async (store: Store) => (await store.backlog({ mapping: MAPPING, nowMs: 0 })).nextDueMs

    test('a touch is due after a rest, and its followers do not put it off', async () => {
      const store = await open()
      await touch(store, 10_000)
      await touch(store, 10_200)
      expect(await dueMs(store)).toBe(10_300)
      expect(await claim(store, { nowMs: 10_299 })).toEqual([])
      expect(await claim(store, { nowMs: 10_300 })).toMatchObject([
        { id: 'a', lane: 0, reasons: ['webhook'] },
      ])
    })

    test('a record that is touched while it is worked on waits until it is left alone', async () => {
      const store = await open()
      await touch(store, 10_000)
      const [first] = await claim(store, { nowMs: 10_300, leaseMs: 5_000 })
      await touch(store, 10_400)
      await store.commitPlans([settle(first!)])
      expect(await dueMs(store)).toBe(11_400)
      await touch(store, 11_000)
      expect(await dueMs(store)).toBe(12_000)
      expect(await claim(store, { nowMs: 11_999 })).toEqual([])
      expect(await claim(store, { nowMs: 12_000 })).toHaveLength(1)
    })

    test('more than five touches in a minute make five seconds, whichever way they came', async () => {
      const store = await open()
      const settleAll = async () => store.commitPlans((await claim(store)).map(settle))
      for (let i = 0; i < 5; i += 1) {
        // Several bells of one moment are one touch.
        const atMs = 10_000 + i * 2_000
        await touch(store, atMs)
        await touch(store, atMs)
        expect(await dueMs(store)).toBe(atMs + 300)
        await settleAll()
      }
      await touch(store, 20_000)
      expect(await dueMs(store)).toBe(25_000)
      await settleAll()
      await touch(store, 90_000)
      expect(await dueMs(store)).toBe(90_300)
    })

    test('a removal is not hurried, and our own change even less, until somebody else touches the record', async () => {
      const store = await open()
      await touch(store, 10_000, { kind: 'removed' })
      expect(await dueMs(store)).toBe(15_000)
      await store.commitPlans((await claim(store)).map(settle))
      await touch(store, 20_000, { actor: { kind: 'us', id: 'app' } })
      expect(await claim(store, { nowMs: 39_999 })).toEqual([])
      expect(await claim(store, { nowMs: 40_000 })).toMatchObject([{ lane: 2 }])
      await store.releaseClaims()
      await touch(store, 22_000)
      expect(await claim(store, { nowMs: 22_300 })).toMatchObject([{ lane: 0, firstAtMs: 20_000 }])
    })

    test('only bells about this record by others are touches of it', async () => {
      const store = await open()
      const near: Partial<ObservedChange>[] = [
        { record: 'b' },
        { side: 'right' },
        { mapping: OTHER_MAPPING },
        { actor: { kind: 'us', id: 'app' } },
        { source: 'poll' },
      ]
      for (const change of near) await touch(store, 10_000, change)
      await store.commitPlans((await claim(store)).map(settle))
      await touch(store, 10_500)
      const [row] = await claim(store, { nowMs: 10_800 })
      expect(row).toMatchObject({ id: 'a', firstAtMs: 10_500 })
    })

    test('what catches up does not hurry a record that waits, a complete pass and a person do', async () => {
      const store = await open()
      for (const atMs of [10_000, 10_100]) {
        await touch(store, atMs)
        await store.commitPlans((await claim(store)).map(settle))
      }
      await touch(store, 10_200)
      expect(await dueMs(store)).toBe(11_200)
      await store.beginSweep({ ...SIDE, nowMs: 10_300 })
      await store.recordPage({ ...SIDE, sightings: [sighting('a')], next: null, lane: 2, nowMs: 10_300 })
      await store.appendChanges({ changes: [observed('poll', { atMs: 10_300 })], lane: 2, stream: null })
      expect(await dueMs(store)).toBe(11_200)
      await store.recordPage({ ...SIDE, sightings: [sighting('a')], next: null, lane: 3, nowMs: 10_450 })
      expect(await dueMs(store)).toBe(10_450)
      await store.commitPlans([mark(left('a'), { dueMs: 10_400, lane: 0 })])
      expect(await claim(store, { nowMs: 10_400 })).toMatchObject([
        { reasons: ['listed', 'webhook', 'manual'], firstAtMs: 10_200 },
      ])
    })

    test('a listing still brings a failed try forward', async () => {
      const store = await open()
      await touch(store, 10_000)
      const [row] = await claim(store)
      const postponed = { kind: 'postpone', mapping: MAPPING, record: left('a'), dueMs: 99_000 } as const
      await store.commitPlans([postponed])
      await store.recordPage({ ...SIDE, sightings: [sighting('a')], next: null, lane: 2, nowMs: 11_000 })
      expect(await claim(store, { nowMs: 11_000 })).toMatchObject([{ id: row!.id, attempts: 1 }])
    })
  })

  test('a cursor moves with its changes, per side, and only when given', async () => {
    const store = await open()
    expect(await store.stream(SIDE)).toMatchObject({ cursor: null, sweep: 0, sweepStartedMs: null })
    await store.appendChanges({ changes: [], lane: 2, stream: { ...SIDE, cursor: 'c1' } })
    await store.appendChanges({ changes: [observed('k')], lane: 2, stream: null })
    expect((await store.stream(SIDE)).cursor).toBe('c1')
    expect((await store.stream({ ...SIDE, side: 'right' })).cursor).toBeNull()
  })

  test('a killed sweep resumes where it was, a finished one starts anew', async () => {
    const store = await open()
    await store.appendChanges({ changes: [], lane: 2, stream: { ...SIDE, cursor: 'poll' } })
    const begun = await store.beginSweep({ ...SIDE, nowMs: 400 })
    expect(begun).toMatchObject({ sweep: 1, sweepCursor: null, sweepStartedMs: 400, sweepSeen: 0 })
    await listPage(store, ['a', 'b'], 'page-2')
    expect(await store.beginSweep({ ...SIDE, nowMs: 900 })).toEqual({
      cursor: 'poll',
      sweep: 1,
      sweepCursor: 'page-2',
      sweepStartedMs: 400,
      sweepDoneMs: null,
      sweepSeen: 2,
      sweepKnown: 0,
    })
    await store.endSweep({ ...SIDE, suspect: true, lane: 3, nowMs: 950 })
    expect(await store.stream(SIDE)).toMatchObject({ sweepStartedMs: 400, sweepDoneMs: 950 })
    const again = await store.beginSweep({ ...SIDE, nowMs: 1_000 })
    expect(again).toMatchObject({ sweep: 2, sweepDoneMs: null, sweepStartedMs: 1_000, sweepSeen: 0 })
  })

  test('a page marks what differs from the agreed fingerprint, and a repeat changes nothing', async () => {
    const store = await open()
    await store.commitPlans([agree(left('same'), 'seen-same'), agree(left('moved'), 'old')])
    await store.beginSweep({ ...SIDE, nowMs: 400 })
    expect(await listPage(store, ['same', 'moved', 'new'])).toEqual({ seen: 3, marked: 2 })
    const [first, ...others] = await claim(store, { leaseMs: 0 })
    expect(first).toMatchObject({ reasons: ['listed'], lane: 3, firstAtMs: 500 })
    expect(others).toHaveLength(1)
    await listPage(store, ['same', 'moved', 'new'])
    expect(idsOf(await claim(store))).toEqual(['left:moved', 'left:new'])
    expect(await store.endSweep({ ...SIDE, suspect: true, lane: 3, nowMs: 600 })).toEqual({ marked: 0 })
  })

  test('what a listing does not show is suspected, whatever its number, and only where it is known', async () => {
    const store = await open()
    const ids = Array.from({ length: 2_345 }, (_, i) => `r${i}`)
    await store.beginSweep({ ...SIDE, nowMs: 100 })
    await listPage(store, ids)
    await store.recordReads({ ...SIDE, side: 'right', sightings: [sighting('r1')] })
    await store.recordReads({ ...SIDE, mapping: OTHER_MAPPING, sightings: [sighting('r1')] })
    await store.endSweep({ ...SIDE, suspect: true, lane: 3, nowMs: 200 })
    await store.commitPlans((await claim(store)).map(settle))
    await store.commitPlans([
      putLink('k1', { left: 'r1' }),
      putLink('k2', { left: 'r2', state: 'tomb' }),
      putLink('k3', { left: 'r3', state: 'paused' }),
    ])

    expect(await store.beginSweep({ ...SIDE, nowMs: 300 })).toMatchObject({ sweepKnown: 2_345 })
    await listPage(store, ['r0', 'brand-new'])
    await store.recordReads({ ...SIDE, sightings: [sighting('just-read')] })
    const ended = await store.endSweep({ ...SIDE, suspect: true, lane: 2, nowMs: 700 })
    expect(ended).toEqual({ marked: 2_344 })
    const suspected = (await claim(store)).filter((dirty) => dirty.reasons.includes('unseen'))
    expect(suspected).toHaveLength(2_344)
    expect(suspected[0]).toMatchObject({ lane: 2, firstAtMs: 700 })
    expect(await store.suspects({ ...SIDE, after: null, limit: 1 })).toEqual(['r1'])
    expect(await store.suspects({ ...SIDE, after: 'r1', limit: 9 })).toEqual(['r3'])
    expect(await store.suspects({ ...SIDE, side: 'right', after: null, limit: 9 })).toEqual([])
  })

  test('a sweep that is not trusted suspects nobody', async () => {
    const store = await open()
    await store.recordReads({ ...SIDE, sightings: [sighting('a')] })
    await store.beginSweep({ ...SIDE, nowMs: 100 })
    expect(await store.endSweep({ ...SIDE, suspect: false, lane: 3, nowMs: 200 })).toEqual({ marked: 0 })
    expect(await claim(store)).toEqual([])
  })

  test('a forgotten record is not missed by the next sweep', async () => {
    const store = await open()
    await store.recordReads({ ...SIDE, sightings: [sighting('a', { keys: ['0:x'] }), sighting('b')] })
    await store.commitPlans([{ kind: 'forget-record', mapping: MAPPING, record: left('a') }])
    expect(await store.beginSweep({ ...SIDE, nowMs: 100 })).toMatchObject({ sweepKnown: 1 })
    expect(await store.endSweep({ ...SIDE, suspect: true, lane: 3, nowMs: 200 })).toEqual({ marked: 1 })
    await store.commitPlans([{ kind: 'forget-record', mapping: MAPPING, record: right('never seen') }])
  })
}
