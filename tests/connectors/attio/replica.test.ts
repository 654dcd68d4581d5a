/** An answer that is older than our own last word is not believed, however often it comes (algorithms 2.5). */
import { expect, test } from 'vitest'
import { knowledge, type Aged } from '../../../src/connectors/attio/replica.ts'

/** Replicas that are `lagMs` behind when first asked, and catch up as time passes. */
function lagging(lagMs: number) {
  let nowMs = 100_000
  const accurateFromMs = nowMs - lagMs
  let asked = 0
  const known = knowledge({
    connection: 'attio',
    runtime: {
      now: () => nowMs,
      sleep: async (ms) => {
        nowMs += ms
      },
    },
    sinceMs: 0,
  })
  return {
    known,
    asked: () => asked,
    /** Every answer shows a state that is half as old as that of the answer before. */
    ask: async (): Promise<Aged<number>> => {
      asked += 1
      return { value: asked, accurateAtMs: 100_000 - (100_000 - accurateFromMs) / 2 ** (asked - 1) }
    },
  }
}

test('a second answer that is too old as well is not believed either', async () => {
  const { known, ask } = lagging(4_000)
  known.knows('person', 99_400)
  const answer = await known.fresh(known.aboutRecords(['person']), ask)
  expect(answer).toEqual({ value: 4, accurateAtMs: 99_500 })
})

test('replicas that do not catch up are trouble that passes, not an answer', async () => {
  const { known, ask, asked } = lagging(4_000)
  known.knows('person', 100_000)
  await expect(known.fresh(known.aboutRecords(['person']), ask)).rejects.toMatchObject({ kind: 'transient' })
  expect(asked()).toBe(6)
})
