/** Contract: forgetting what is old, a step at a time. */
import { expect, test } from 'vitest'
import type { Change, ObservedChange } from '../../../src/store/change.ts'
import type { Store } from '../../../src/store/store.ts'
import { conflict, journalEntry, observed, putLink } from './samples.ts'

const logged = (change: ObservedChange): Change => ({ kind: 'log', change })

type Pruned = Parameters<Store['prune']>[0]

/** Every step until nothing older is left; how many rows each forgot. */
async function prune(store: Store, what: Pruned['what'], bounds: Partial<Pruned> = {}): Promise<number[]> {
  const steps: number[] = []
  let after: string | null = null
  do {
    const request = {
      what,
      after,
      limit: 10,
      beforeMs: 1_000,
      removedBeforeMs: 0,
      readUntil: null,
      ...bounds,
    }
    const step = await store.prune(request)
    steps.push(step.forgotten)
    after = step.next
    expect(steps.length).toBeLessThan(100)
  } while (after !== null)
  return steps
}

export function retentionContract(open: () => Promise<Store>): void {
  const changesOf = async (store: Store) =>
    (await store.history({ link: 'x', limit: 1_000 })).changes.map(({ key }) => key)

  test('old changes are forgotten in steps, young ones and their order stay', async () => {
    const store = await open()
    await store.commitPlans([putLink('x', { left: 'a', right: 'b' })])
    const changes = Array.from({ length: 35 }, (_, i) =>
      observed(`k${i}`, { atMs: i < 25 ? 10 + i : 2_000 + i }),
    )
    await store.commitPlans(changes.map(logged))
    expect(await prune(store, 'changes')).toEqual([10, 10, 5])
    expect(await changesOf(store)).toEqual(Array.from({ length: 10 }, (_, i) => `k${34 - i}`))
    expect(await prune(store, 'changes')).toEqual([0])
  })

  test('removals have a bound of their own, and do not hide what lies behind them', async () => {
    const store = await open()
    await store.commitPlans([putLink('x', { left: 'a', right: 'b' })])
    const removed = Array.from({ length: 15 }, (_, i) => observed(`r${i}`, { atMs: i, kind: 'removed' }))
    await store.commitPlans([...removed, observed('changed', { atMs: 20 })].map(logged))
    expect((await prune(store, 'changes')).reduce((sum, count) => sum + count)).toBe(1)
    expect(await changesOf(store)).toHaveLength(15)
    await prune(store, 'changes', { removedBeforeMs: 5 })
    expect(await changesOf(store)).toHaveLength(10)
  })

  test('old writes are forgotten, with the runs that have none left and are over', async () => {
    const store = await open()
    await store.commitPlans([putLink('x')])
    for (const [id, atMs] of [
      ['old', 10],
      ['mixed', 500],
      ['going on', 20],
    ] as const) {
      await store.startRun({ id, kind: 'sync', pairing: null, atMs })
      if (id !== 'going on') await store.endRun({ id, atMs: atMs + 1, summary: null })
    }
    await store.commitPlans([
      ...Array.from({ length: 12 }, () => journalEntry('x', { run: 'old', atMs: 10 })),
      journalEntry('x', { run: 'mixed', atMs: 500 }),
      journalEntry('x', { run: 'mixed', atMs: 1_500 }),
    ])
    expect(await prune(store, 'journal')).toEqual([10, 3])
    expect((await store.runs(10)).map(({ id }) => id).toSorted()).toEqual(['going on', 'mixed'])
    expect((await store.history({ link: 'x', limit: 100 })).journal).toHaveLength(1)
  })

  test('what somebody who follows the journal has not read is kept, however old', async () => {
    const store = await open()
    await store.commitPlans([putLink('x')])
    await store.commitPlans(Array.from({ length: 25 }, () => journalEntry('x', { atMs: 10 })))
    const ids = (await store.history({ link: 'x', limit: 100 })).journal
      .map(({ id }) => id)
      .toSorted((a, b) => a - b)
    await prune(store, 'journal', { readUntil: ids[11] ?? 0 })
    expect(
      (await store.history({ link: 'x', limit: 100 })).journal.map(({ id }) => id).toSorted((a, b) => a - b),
    ).toEqual(ids.slice(12))
    await prune(store, 'journal')
    expect((await store.history({ link: 'x', limit: 100 })).journal).toEqual([])
  })

  test('closed conflicts are forgotten, open ones never', async () => {
    const store = await open()
    await store.commitPlans([putLink('x'), putLink('y', { left: 'yl', right: 'yr' })])
    await store.commitPlans([
      { kind: 'open-conflict', conflict: conflict('open', { link: 'x', openedAtMs: 1 }) },
      { kind: 'open-conflict', conflict: conflict('closed', { link: 'y', openedAtMs: 1 }) },
      {
        kind: 'close-conflict',
        link: 'y',
        field: conflict('closed').field,
        state: 'resolved',
        loser: 'left',
        atMs: 900,
      },
    ])
    expect(await prune(store, 'conflicts', { beforeMs: 900 })).toEqual([0])
    expect(await prune(store, 'conflicts', { beforeMs: 901 })).toEqual([1])
    expect((await store.conflicts({ state: 'all', limit: 10 })).map(({ id }) => id)).toEqual(['open'])
  })
}
