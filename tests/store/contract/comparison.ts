/** Contract: pairs for whoever compares the two CRMs. */
import { expect, test } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import { conflict, intent, left, mark, MAPPING, putLink, quarantine, right } from './samples.ts'

export function comparisonContract(open: () => Promise<Store>): void {
  const page = (store: Store, after: string | null = null, limit = 100) =>
    store.comparablePairs({ mapping: MAPPING, links: null, after, limit })
  const busy = async (store: Store) =>
    (await page(store)).pairs.filter((pair) => pair.busy).map(({ link }) => link.id)

  test('every live pair is shown once, page by page; half, dead and other mappings’ ones are not', async () => {
    const store = await open()
    await store.commitPlans([
      ...Array.from({ length: 5 }, (_, i) => putLink(`k${i}`)),
      putLink('half', { right: null, state: 'half' }),
      putLink('dead', { state: 'unlinked' }),
      putLink('other', { mapping: 'companies' }),
    ])
    const seen: string[] = []
    let after: string | null = null
    do {
      const { pairs, next }: Awaited<ReturnType<typeof page>> = await page(store, after, 2)
      seen.push(...pairs.map(({ link }) => link.id))
      after = next
    } while (after !== null)
    expect(seen).toEqual(['k0', 'k1', 'k2', 'k3', 'k4'])
    const { pairs } = await store.comparablePairs({
      mapping: MAPPING,
      links: ['k3', 'half', 'unknown'],
      after: null,
      limit: 9,
    })
    expect(pairs.map(({ link }) => link.id)).toEqual(['k3'])
  })

  test('a pair is busy while a record of it is dirty or quarantined, or a write is open', async () => {
    const store = await open()
    await store.commitPlans(['k1', 'k2', 'k3', 'k4'].map((id) => putLink(id)))
    expect(await busy(store)).toEqual([])
    await store.commitPlans([
      mark(left('k1-l')),
      // Of the other side: another record.
      mark(right('k4-l')),
      { kind: 'quarantine', entry: quarantine(right('k2-r')) },
    ])
    await store.beginWrites([intent('i1', 'k3')])
    expect(await busy(store)).toEqual(['k1', 'k2', 'k3'])
  })

  test('fields that are open are named, and those that were are not', async () => {
    const store = await open()
    await store.commitPlans([putLink('k1'), putLink('k2')])
    await store.commitPlans([
      { kind: 'open-conflict', conflict: conflict('c1', { link: 'k1', field: 'name' }) },
      {
        kind: 'open-conflict',
        conflict: conflict('c2', { link: 'k2', field: 'name', state: 'auto', closedAtMs: 1 }),
      },
    ])
    expect((await page(store)).pairs.map(({ openFields }) => openFields)).toEqual([['name'], []])
  })
}
