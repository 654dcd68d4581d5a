/** Contract: references to records that have a counterpart, and to those that wait for one. */
import { expect, test } from 'vitest'
import type { Change } from '../../../src/store/change.ts'
import type { Store } from '../../../src/store/store.ts'
import * as make from './samples.ts'
import { alias, claim, idsOf, MAPPING, OTHER_MAPPING, putLink } from './samples.ts'

export function referencesContract(open: () => Promise<Store>): void {
  test('links of references are those that stand for two known records', async () => {
    const store = await open()
    await store.commitPlans([
      putLink('live'),
      putLink('paused', { state: 'paused' }),
      putLink('half', { state: 'half', right: null }),
      putLink('unlinked', { state: 'unlinked' }),
      putLink('tomb', { state: 'tomb' }),
      putLink('elsewhere', { mapping: OTHER_MAPPING }),
      alias('old', 'live-l'),
    ])
    const ids = ['live', 'paused', 'half', 'unlinked', 'tomb', 'elsewhere']
    const asked = [...ids.map((id) => `${id}-l`), 'old']
    expect(await store.linksOf({ mapping: MAPPING, side: 'left', ids: asked })).toEqual(
      new Map([
        ['live-l', 'live'],
        ['paused-l', 'paused'],
        ['old', 'live'],
      ]),
    )
    expect(await store.recordsOf({ mapping: MAPPING, side: 'right', links: ids })).toEqual(
      new Map([
        ['live', 'live-r'],
        ['paused', 'paused-r'],
      ]),
    )
  })

  test('a target that becomes linked releases whoever waits for it, once', async () => {
    const store = await open()
    const edge = (link: string, target: string) =>
      ({ targetMapping: OTHER_MAPPING, side: 'left', target, link, field: 'company' }) as const
    const wait = (link: string, ...targets: string[]): Change => ({
      kind: 'await-targets',
      link,
      field: 'company',
      sides: ['left'],
      edges: targets.map((target) => edge(link, target)),
      atMs: 600,
    })
    await store.commitPlans([
      putLink('k1'),
      putLink('k2', { left: null, state: 'half' }),
      putLink('k3'),
      wait('k1', 'acme', 'globex'),
      wait('k2', 'acme'),
      wait('k3', 'acme'),
      wait('k3', 'initech'),
    ])
    expect((await store.status(0)).waiting).toBe(3)
    const release: Change = {
      kind: 'release-waiting',
      targetMapping: OTHER_MAPPING,
      side: 'left',
      target: 'acme',
      atMs: 700,
    }
    await store.commitPlans([release])
    const released = await claim(store, { nowMs: 700 })
    expect(idsOf(released)).toEqual(['left:k1-l', 'right:k2-r'])
    expect(released[0]).toMatchObject({ reasons: ['released'], lane: 0 })
    expect((await store.status(0)).waiting).toBe(2)
    await store.commitPlans([...released.map(make.settle), release])
    expect(await claim(store)).toEqual([])
  })

  test('whoever would wait for a target that got its link meanwhile is released at once', async () => {
    const store = await open()
    await store.commitPlans([putLink('k1')])
    await store.commitPlans([
      putLink('acme', { mapping: OTHER_MAPPING }),
      {
        kind: 'await-targets',
        link: 'k1',
        field: 'company',
        sides: ['left'],
        edges: [
          { targetMapping: OTHER_MAPPING, side: 'left', target: 'acme-l', link: 'k1', field: 'company' },
        ],
        atMs: 700,
      },
    ])
    const released = await claim(store, { nowMs: 700 })
    expect(idsOf(released)).toEqual(['left:k1-l'])
    expect(released[0]).toMatchObject({ reasons: ['released'], lane: 0 })
    expect((await store.status(0)).waiting).toBe(0)
  })
}
