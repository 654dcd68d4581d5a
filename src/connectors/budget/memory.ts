/**
 * What a budget leaves behind for the next process, as text for the store. A vendor counts what an earlier process
 * sent: a restart within a window starts with slots taken, one that follows a crash with an unknown number of them,
 * and every other one with none, so that nobody waits for a past that is over.
 */
import { z } from 'zod'
import type { DayRation } from './day.ts'
import type { Gate } from './gate.ts'

const memory = z.object({
  state: z.enum(['running', 'ended']),
  buckets: z.record(
    z.string(),
    z.object({
      limit: z.int().min(1),
      releases: z.array(z.number()),
      unlocked: z.object({ untilMs: z.number(), nextMs: z.number() }).nullable(),
    }),
  ),
  days: z.record(
    z.string(),
    z.object({
      hours: z.array(z.tuple([z.int(), z.int()])),
      endsAtMs: z.number().nullable(),
      othersPerMs: z.number().min(0),
    }),
  ),
})

interface Remembering {
  readonly gates: readonly Gate[]
  readonly days: readonly DayRation[]
  readonly nowMs: number
}

export function writeMemory(state: 'running' | 'ended', { gates, days, nowMs }: Remembering): string {
  const buckets = gates.flatMap(({ name, rule }) => {
    const remembered = rule.remember(nowMs)
    return remembered ? [[name, remembered] as const] : []
  })
  return JSON.stringify({
    state,
    buckets: Object.fromEntries(buckets),
    days: Object.fromEntries(days.map(({ name, plan }) => [name, plan.remember()])),
  })
}

/**
 * `answersTell`: the buckets whose use the vendor states. A text that does not parse is one of another release:
 * nothing is known then.
 */
export function readMemory(
  text: string,
  { gates, days, nowMs, answersTell }: Remembering & { readonly answersTell: ReadonlySet<string> },
): void {
  const { data } = memory.safeParse(json(text))
  const isKnown = data?.state === 'ended'
  for (const { name, rule } of gates) {
    const remembered = data?.buckets[name]
    if (remembered) rule.recall(isKnown ? remembered : { ...remembered, releases: [] }, nowMs)
    if (!isKnown) rule.distrust(nowMs, answersTell.has(name))
  }
  for (const { name, plan } of days) {
    const remembered = data?.days[name]
    if (remembered) plan.recall(remembered)
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
