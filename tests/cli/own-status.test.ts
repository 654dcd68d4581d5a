/** What one pairing of several says of itself after its own pass. */
import { expect, test } from 'vitest'
import { ownStatus } from '../../src/cli/own-status.ts'
import { openStore } from '../../src/compose.ts'
import { claim, left, mark, MAPPING, OTHER_MAPPING, putLink } from '../store/contract/samples.ts'

const PAIRING = { pairing: { mappings: [{ rules: { mapping: MAPPING } }] } }

test('what another pairing handed on meanwhile leaves its pass finished; what was tried in vain does not', async () => {
  const store = await openStore({ file: ':memory:' })
  await store.commitPlans([
    putLink('k1'),
    putLink('k2', { mapping: OTHER_MAPPING }),
    ...['a', 'b'].map((id) => mark(left(id))),
    ...['c', 'd'].map((id) => mark(left(id), { mapping: OTHER_MAPPING })),
  ])
  expect(await ownStatus(store, PAIRING, 1_000)).toMatchObject({ links: 1, dirty: 0, openIntents: 0 })
  const claimed = await claim(store, { nowMs: 1_000, limit: 1 })
  await store.commitPlans(
    claimed.map(({ side, id }) => ({
      kind: 'postpone',
      mapping: MAPPING,
      record: { side, id },
      dueMs: 60_000,
    })),
  )
  expect(await ownStatus(store, PAIRING, 2_000)).toMatchObject({ dirty: 1, resting: 0 })
})
