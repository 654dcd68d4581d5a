/** Stories in which one write goes wrong in a way that leaves its outcome open: every write in turn, in every way. */
import type { FaultRule } from '../../src/sandbox/faults.ts'
import type { TestWorld, Vendor } from './world.ts'

const FAULTS: readonly FaultRule[] = [
  { kind: 'timeout-before', delayMs: 30_000 },
  { kind: 'reset-after' },
  { kind: 'status-after', status: 500 },
  { kind: 'refuse', refusal: 'server-error' },
  { kind: 'late', delayMs: 5_000 },
]

/** What may happen to the write, each with its name. */
export const MISHAPS = FAULTS.map((rule) => [`${rule.kind} ${rule.refusal ?? ''}`.trim(), rule] as const)

/**
 * Plays `story` once for each write that it makes to either vendor, with that write hit. The story calls `calm` when no
 * more is to be hit and what is still on its way shall arrive, `waitMs` later; `which` names the write.
 */
export async function hitEachWrite(
  world: TestWorld,
  rule: FaultRule,
  story: (calm: (waitMs?: number) => Promise<void>, which: string) => Promise<void>,
): Promise<void> {
  for (const vendor of ['attio', 'hubspot'] as const) {
    for (let index = 0; await isHit({ world, vendor, rule, index }, story); index += 1);
  }
}

/** False when the story made fewer writes. */
async function isHit(
  { world, vendor, rule, index }: { world: TestWorld; vendor: Vendor; rule: FaultRule; index: number },
  story: Parameters<typeof hitEachWrite>[2],
): Promise<boolean> {
  const which = `write ${index} to ${vendor}`
  let writes = 0
  world.onRequest = (at, request) => {
    if (at !== vendor || !world[vendor].isMutating(request)) return
    world.faults[vendor].replace(writes === index ? [{ ...rule, mutating: true, times: 1 }] : [])
    writes += 1
  }
  const calm = async (waitMs = 0) => {
    world.onRequest = () => undefined
    world.faults[vendor].replace([])
    if (waitMs > 0) await world.advance(waitMs)
    await world.faults[vendor].settled()
  }
  try {
    await story(calm, which)
  } catch (error) {
    throw new Error(`${rule.kind} on ${which}`, { cause: error })
  }
  return index < writes
}
