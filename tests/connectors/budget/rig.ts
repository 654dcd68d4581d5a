/** What the tests of rate windows share: one bucket, callers that always want more, a network like the world's. */
import { createBudget, type Budget } from '../../../src/connectors/budget/budget.ts'
import type { Traffic, WindowBucket } from '../../../src/connectors/traffic.ts'
import type { Transport } from '../../../src/connectors/transport.ts'
import type { Runtime } from '../../../src/runtime.ts'
import type { VirtualTime } from '../virtual-time.ts'
import { ask, type Trip } from './exact-server.ts'

export function budgetOf(
  transport: Transport,
  runtime: Runtime,
  bucket: Omit<WindowBucket, 'name' | 'kind'>,
  more: { lostMs?: number; traffic?: Partial<Traffic> } = {},
): Budget {
  return createBudget(transport, {
    traffic: {
      buckets: [{ name: 'all', ...bucket }],
      classify: () => ({ mutating: false, bucket: 'all' }),
      ...more.traffic,
    },
    runtime,
    inFlightMax: 500,
    attemptsMax: 4,
    lostMs: more.lostMs ?? 0,
  })
}

/** Saturates the budget for so long; resolves to how many requests the vendor counted. */
export async function saturate(
  time: VirtualTime,
  budget: Budget,
  server: { counted: number[] },
  forMs: number,
): Promise<number> {
  const before = server.counted.length
  let isOver = false
  const caller = async () => {
    while (!isOver) await budget.transport(ask(3))
  }
  const callers = Array.from({ length: 60 }, caller)
  await time.run(time.runtime.sleep(forMs))
  isOver = true
  const counted = server.counted.length - before
  await time.run(Promise.all(callers))
  return counted
}

/** Between 120 and 240 ms, in no particular order; one in 200 stalls. */
export function wideArea(n: number): Trip {
  const stall = n % 200 === 199 ? 1_800 : 0
  return { thereMs: 55 + ((n * 37) % 60), backMs: 65 + ((n * 53) % 60) + stall, dateAt: (n % 10) / 10 }
}
