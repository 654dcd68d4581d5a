/** Contract: ids under which a record is known since a merge. */
import { expect, test } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import * as make from './samples.ts'
import { alias, left, MAPPING, OTHER_MAPPING, putLink, right } from './samples.ts'

export function aliasesContract(open: () => Promise<Store>): void {
  test('aliases are followed to the end, and a circle ends', async () => {
    const store = await open()
    await store.commitPlans([putLink('k1', { left: 'c' }), alias('a', 'b'), alias('b', 'c')])
    expect(await make.subjectOf(store, left('a'))).toMatchObject({
      id: 'c',
      askedId: 'a',
      link: { id: 'k1' },
    })
    expect(await make.subjectOf(store, right('a'))).toMatchObject({ id: 'a', link: null })
    expect((await store.findLinks('a')).map((link) => link.id)).toEqual(['k1'])
    await store.commitPlans([alias('c', 'a')])
    expect((await make.subjectOf(store, left('a'))).askedId).toBe('a')
  })

  test('a dropped alias leaves the record its own id, and others their aliases', async () => {
    const store = await open()
    await store.commitPlans([putLink('k1', { left: 'c' }), alias('a', 'c'), alias('b', 'c')])
    await store.commitPlans([{ kind: 'drop-alias', mapping: MAPPING, record: left('a') }])
    expect(await make.subjectOf(store, left('a'))).toMatchObject({ id: 'a', askedId: 'a', link: null })
    expect(await make.subjectOf(store, left('b'))).toMatchObject({ id: 'c', link: { id: 'k1' } })
    await store.commitPlans([{ kind: 'drop-alias', mapping: MAPPING, record: right('b') }])
    expect((await make.subjectOf(store, left('b'))).id).toBe('c')
  })

  test('what went into a record is known over any number of merges, and a circle ends', async () => {
    const store = await open()
    await store.commitPlans([
      alias('a', 'c'),
      alias('b', 'c'),
      alias('c', 'd'),
      alias('x', 'y'),
      alias('y', 'x'),
    ])
    const request = { mapping: MAPPING, side: 'left', ids: ['d', 'c', 'y', 'nobody'] } as const
    const found = await store.mergedInto(request)
    expect(new Map([...found].map(([id, names]) => [id, names.toSorted()]))).toEqual(
      new Map([
        ['d', ['a', 'b', 'c']],
        ['c', ['a', 'b']],
        ['y', ['x']],
      ]),
    )
    expect(await store.mergedInto({ ...request, side: 'right' })).toEqual(new Map())
    expect(await store.mergedInto({ ...request, mapping: OTHER_MAPPING })).toEqual(new Map())
  })
}
