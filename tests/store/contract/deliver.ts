/** Contract: intents and acknowledgements. */
import { expect, test } from 'vitest'
import type { Store } from '../../../src/store/store.ts'
import {
  fieldBase,
  intent,
  journalEntry,
  left,
  link,
  MAPPING,
  OTHER_MAPPING,
  putLink,
  subjectOf,
} from './samples.ts'

export function deliverContract(open: () => Promise<Store>): void {
  test('an intent is refused under another epoch, for an unknown link, and beside an open one (I14)', async () => {
    const store = await open()
    const epochs = await store.commitPlans([putLink('k1'), putLink('k2')])
    await store.commitPlans([{ kind: 'set-base', link: 'k2', fields: {} }])
    expect(epochs.get('k2')).toBe(1)
    const accepted = await store.beginWrites([
      intent('i1', 'k1'),
      intent('second of k1', 'k1'),
      intent('old epoch', 'k2', { epoch: 1 }),
      intent('no link', 'k3'),
    ])
    expect(accepted).toEqual(new Set(['i1']))
    expect(await store.beginWrites([intent('third of k1', 'k1')])).toEqual(new Set())
    expect(await store.beginWrites([intent('i2', 'k2', { epoch: 2 })])).toEqual(new Set(['i2']))
  })

  test('open intents are listed oldest first, by mapping or all', async () => {
    const store = await open()
    await store.commitPlans([putLink('k1'), putLink('k2'), putLink('k3', { mapping: OTHER_MAPPING })])
    const first = intent('i1', 'k1', { sentAtMs: 10, kind: 'create', record: null })
    const intents = [
      intent('i2', 'k2', { sentAtMs: 20 }),
      first,
      intent('i3', 'k3', { sentAtMs: 5, mapping: OTHER_MAPPING }),
    ]
    await store.beginWrites(intents)
    const ids = async (mapping: string | null, limit = 9) =>
      (await store.openIntents({ mapping, limit })).map((open) => open.id)
    expect(await ids(null)).toEqual(['i3', 'i1', 'i2'])
    expect(await ids(MAPPING)).toEqual(['i1', 'i2'])
    expect(await ids(null, 1)).toEqual(['i3'])
    expect((await store.openIntents({ mapping: MAPPING, limit: 1 }))[0]).toEqual(first)
  })

  test('an acknowledgement closes the intent and moves the base, all or nothing', async () => {
    const store = await open()
    await store.commitPlans([putLink('k1')])
    await store.beginWrites([intent('i1', 'k1')])
    const outcome = [
      { kind: 'close-intent', intent: 'i1' },
      { kind: 'set-base', link: 'k1', fields: { email: fieldBase('ada@example.com') } },
      { kind: 'log', change: { ...seenAgain('k1-r') } },
      journalEntry('k1'),
    ] as const
    await expect(store.ackWrites([...outcome, putLink('k1')])).rejects.toThrow(/I7/)
    expect(await subjectOf(store, left('k1-l'))).toMatchObject({ base: {}, openIntent: { id: 'i1' } })
    expect((await store.history({ link: 'k1', limit: 5 })).journal).toEqual([])

    expect(await store.ackWrites(outcome)).toEqual(new Map([['k1', 2]]))
    expect(await subjectOf(store, left('k1-l'))).toMatchObject({
      link: { ...link('k1'), epoch: 2 },
      base: { email: fieldBase('ada@example.com') },
      openIntent: null,
    })
    expect(await store.openIntents({ mapping: null, limit: 5 })).toEqual([])
    expect((await store.status(0)).dirty).toBe(0)
    expect(await store.beginWrites([intent('i2', 'k1', { epoch: 2 })])).toEqual(new Set(['i2']))
  })

  test('an outcome is recorded once: a second answer moves nothing', async () => {
    const store = await open()
    await store.commitPlans([putLink('k1')])
    await store.beginWrites([intent('i1', 'k1')])
    await store.ackWrites([{ kind: 'close-intent', intent: 'i1' }])
    const late = store.ackWrites([
      { kind: 'set-base', link: 'k1', fields: { email: fieldBase('stale') } },
      { kind: 'close-intent', intent: 'i1' },
    ])
    await expect(late).rejects.toThrow(/I14/)
    expect(await subjectOf(store, left('k1-l'))).toMatchObject({ base: {}, link: { epoch: 2 } })
  })

  test('closing an intent alone fences what was planned before it', async () => {
    const store = await open()
    await store.commitPlans([putLink('k1')])
    await store.beginWrites([intent('i1', 'k1')])
    expect(await store.ackWrites([{ kind: 'close-intent', intent: 'i1' }])).toEqual(new Map([['k1', 2]]))
    expect(await store.beginWrites([intent('i2', 'k1', { epoch: 1 })])).toEqual(new Set())
  })
}

const seenAgain = (record: string) => ({
  key: `webhook-${record}`,
  mapping: MAPPING,
  side: 'right' as const,
  record,
  source: 'webhook' as const,
  kind: 'changed' as const,
  actor: null,
  vendorAt: null,
  atMs: 1_000,
  version: 'v2',
})
