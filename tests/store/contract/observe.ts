/** Contract: change log, streams, sweeps. */
import { expect, test } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import {
  agree,
  claim,
  idsOf,
  left,
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
    expect(await store.appendChanges({ changes, lane: 0, stream: null })).toEqual({ marked: 2 })
    expect(await store.appendChanges({ changes, lane: 0, stream: null })).toEqual({ marked: 0 })
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
    expect(await store.appendChanges({ changes, lane: 0, stream: null })).toEqual({ marked: 2 })
    expect(idsOf(await claim(store))).toEqual(['left:b', 'right:a'])
    const { changes: logged } = await store.history({ link: 'k1', limit: 10 })
    expect(logged.map((change) => change.key)).toEqual(['echo'])
    const removal = [observed('gone', { kind: 'removed', version: 'v7' })]
    expect(await store.appendChanges({ changes: removal, lane: 0, stream: null })).toEqual({ marked: 1 })
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
    await store.endSweep({ ...SIDE, suspect: true, lane: 3, nowMs: 600 })
    expect(await store.unseen(SIDE)).toEqual({ known: 2, unseen: 0, linked: 0 })
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

    await store.beginSweep({ ...SIDE, nowMs: 300 })
    await listPage(store, ['r0', 'brand-new'])
    await store.recordReads({ ...SIDE, sightings: [sighting('just-read')] })
    expect(await store.unseen(SIDE)).toEqual({ known: 2_345, unseen: 2_344, linked: 2 })
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
    await store.beginSweep({ ...SIDE, nowMs: 100 })
    expect(await store.unseen(SIDE)).toEqual({ known: 1, unseen: 1, linked: 0 })
    await store.commitPlans([{ kind: 'forget-record', mapping: MAPPING, record: right('never seen') }])
  })
}
