/** Contract: who owns the database, and what else is worth keeping. */
import { expect, test } from 'vitest'
import type { Store } from '../../../src/store/store.ts'

export function ownershipContract(open: () => Promise<Store>): void {
  test('one process owns the database until it leaves, dies or expires', async () => {
    const store = await open()
    const acquire = (holder: string, nowMs: number, isAlive = true) =>
      store.acquireLease({ holder, nowMs, ttlMs: 1_000, isAlive: () => isAlive })
    expect(await acquire('one', 0)).toBeNull()
    expect(await acquire('two', 999)).toBe('one')
    expect(await acquire('one', 500)).toBeNull()
    expect(await acquire('two', 1_499)).toBe('one')
    expect(await acquire('two', 1_500)).toBeNull()
    expect(await store.renewLease({ holder: 'one', nowMs: 1_600, ttlMs: 1_000 })).toBe(false)
    expect(await store.renewLease({ holder: 'two', nowMs: 2_400, ttlMs: 1_000 })).toBe(true)
    expect(await acquire('three', 2_600)).toBe('two')
    expect(await acquire('three', 2_600, false)).toBeNull()
    await store.releaseLease('two')
    expect(await acquire('four', 2_700)).toBe('three')
    await store.releaseLease('three')
    expect(await acquire('four', 2_700)).toBeNull()
  })

  test('the last word about a fact is kept', async () => {
    const store = await open()
    expect(await store.meta('schema')).toBeNull()
    await store.setMeta('schema', 'one')
    await store.setMeta('schema', 'two')
    expect(await store.meta('schema')).toBe('two')
  })
}
