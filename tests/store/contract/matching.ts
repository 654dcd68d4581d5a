/** Contract: matching keys, who holds one, and the records that they connect. */
import { expect, test } from 'vitest'
import type { Side } from '../../../src/core/record.ts'
import { outsiderKey } from '../../../src/store/records.ts'
import type { Store } from '../../../src/store/store.ts'
import * as make from './samples.ts'
import { idsOf, left, MAPPING, OTHER_MAPPING, putLink, right, sighting } from './samples.ts'

export function matchingContract(open: () => Promise<Store>): void {
  test('matching keys connect both sides, the strongest rule first', async () => {
    const store = await open()
    await store.commitPlans([putLink('k1', { left: 'l1', right: 'r9' })])
    await store.commitPlans([
      { kind: 'suppress', mapping: MAPPING, record: right('r2'), reason: 'merged-counterpart', atMs: 1 },
    ])
    const see = (side: 'left' | 'right', ...sightings: [string, ...string[]][]) =>
      store.recordReads({
        mapping: MAPPING,
        side,
        sightings: sightings.map(([id, ...keys]) => sighting(id, { keys })),
      })
    await see('left', ['l1', '0:a', '1:p'], ['l2', '0:b', '1:p'], ['alone', '0:z'], ['keyless'])
    await see('right', ['r1', '0:a', '0:c'], ['r2', '0:c'], ['r3', '1:p'])
    const [first, second, alone, keyless, unknown] = await store.components({
      mapping: MAPPING,
      records: [left('l1'), left('l2'), left('alone'), left('keyless'), right('unknown')],
      limit: 10,
    })
    expect(first).toEqual({
      record: left('l1'),
      rule: 0,
      members: [
        {
          ...left('l1'),
          link: { ...make.link('k1', { left: 'l1', right: 'r9' }), epoch: 1 },
          suppressed: false,
        },
        { ...right('r1'), link: null, suppressed: false },
        { ...right('r2'), link: null, suppressed: true },
      ],
      cut: false,
      outsiders: [],
    })
    expect(second?.rule).toBe(1)
    expect(idsOf(second?.members ?? [])).toEqual(['left:l1', 'left:l2', 'right:r3'])
    for (const lonely of [alone, keyless, unknown]) {
      expect(lonely).toMatchObject({ rule: null, members: [lonely?.record], cut: false })
    }
    // Keys are replaced by the next read, and stay within their mapping.
    await see('left', ['l1', '0:b'])
    await store.recordReads({
      mapping: OTHER_MAPPING,
      side: 'right',
      sightings: [sighting('x', { keys: ['0:b'] })],
    })
    const [moved] = await store.components({ mapping: MAPPING, records: [left('l1')], limit: 10 })
    expect(idsOf(moved?.members ?? [])).toEqual(['left:l1', 'left:l2'])
  })

  test('holders of keys are found on their side of their mapping; stamps connect nobody', async () => {
    const store = await open()
    const see = (mapping: string, side: Side, id: string, ...keys: string[]) =>
      store.recordReads({ mapping, side, sightings: [sighting(id, { keys })] })
    await see(MAPPING, 'right', 'r1', 'stamp:l1', '0:a')
    await see(MAPPING, 'right', 'r2', 'stamp:l1')
    await see(MAPPING, 'left', 'l2', 'stamp:l1')
    await see(OTHER_MAPPING, 'right', 'r3', 'stamp:l1')
    const keys = ['stamp:l1', 'stamp:nobody']
    expect(await store.holders({ mapping: MAPPING, side: 'right', keys })).toEqual(
      new Map([['stamp:l1', ['r1', 'r2']]]),
    )
    const [alone] = await store.components({ mapping: MAPPING, records: [right('r1')], limit: 10 })
    expect(alone).toMatchObject({ rule: null, members: [{ id: 'r1' }] })
  })

  test('who holds a key outside the scope connects nobody, and is named where the other side holds it', async () => {
    const store = await open()
    await store.commitPlans([putLink('k1', { left: 'l9', right: 'r1' })])
    const see = (side: Side, id: string, ...keys: string[]) =>
      store.recordReads({ mapping: MAPPING, side, sightings: [sighting(id, { keys })] })
    await see('left', 'l1', '0:a', '0:b')
    await see('left', 'l2', outsiderKey('0:a'))
    await see('left', 'l3', '0:a')
    await see('right', 'r1', outsiderKey('0:a'), outsiderKey('0:b'))
    await see('right', 'r2', outsiderKey('0:c'))
    const request = { mapping: MAPPING, records: [left('l1'), left('l2'), right('r1')], limit: 10 }
    const [inside, beside, outside] = await store.components(request)
    expect(idsOf(inside?.members ?? [])).toEqual(['left:l1', 'left:l3'])
    expect(inside?.outsiders).toMatchObject([{ ...right('r1'), link: { id: 'k1' }, suppressed: false }])
    for (const alone of [beside, outside]) {
      expect(alone).toMatchObject({ rule: null, members: [alone?.record], outsiders: [] })
    }
  })

  test('a component is cut at its limit', async () => {
    const store = await open()
    const sightings = Array.from({ length: 30 }, (_, i) =>
      sighting(`l${i}`, { keys: ['0:info@example.com'] }),
    )
    await store.recordReads({ mapping: MAPPING, side: 'left', sightings })
    const request = { mapping: MAPPING, records: [left('l7')] }
    const [cut] = await store.components({ ...request, limit: 5 })
    expect(cut).toMatchObject({ cut: true, rule: 0 })
    expect(cut?.members).toHaveLength(5)
    expect(cut?.members[0]).toMatchObject(left('l7'))
    const [whole] = await store.components({ ...request, limit: 30 })
    expect(whole).toMatchObject({ cut: false })
    expect(whole?.members).toHaveLength(30)
  })
}
