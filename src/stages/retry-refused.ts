/**
 * What a CRM refused is tried again when its wait is over, or when the schema that refused it has changed. Whatever else may
 * have been the cause changes where nobody tells of it: a validation rule, a right of our user, another record that held
 * the value.
 */
import { otherSide, SIDES, type Side } from '../core/record.ts'
import { remembered } from '../remembered.ts'
import type { Quarantine } from '../store/waiting.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { refusedUnder, schemaPrint } from './refusal-cause.ts'

/** What a vendor refuses once it refuses at once again; only a change of cause shortens the wait. */
const FIRST_MS = 600_000
/** Longest wait: 80 minutes. Whoever repaired the cause looks whether it helped. */
const DOUBLINGS_MAX = 3

/** How long a refusal is left alone that comes after so many others. */
export function refusalWaitMs(priorAttempts: number): number {
  return FIRST_MS * 2 ** Math.min(priorAttempts, DOUBLINGS_MAX)
}

/** How often a daemon looks. */
const EVERY_MS = 60_000

/** Marks what is due; reconciling it is the caller's. */
export async function retryRefused(engine: Engine): Promise<void> {
  for (const mapping of engine.pairing.mappings) await retryDue(engine, mapping, () => true)
}

/**
 * Again and again, between complete looks. A try that leads to no answer, since the record is left alone for another
 * reason now, leaves the refusal as it was: it is not repeated with every round.
 */
export async function keepRetryingRefused(engine: Engine): Promise<never> {
  const { pairing, runtime, signal } = engine
  const patience = createPatience()
  // Ends with the signal.
  for (;;) {
    await runtime.sleep(EVERY_MS, signal)
    signal.throwIfAborted()
    for (const mapping of pairing.mappings) {
      const nowMs = runtime.now()
      const tried = await retryDue(engine, mapping, (entry) => patience.isOver(entry, nowMs))
      for (const entry of tried) patience.begin(entry, nowMs)
    }
    patience.forgetAnswered()
  }
}

async function retryDue(
  { store, runtime }: Engine,
  mapping: MappingRuntime,
  mayTry: (entry: Quarantine) => boolean,
): Promise<readonly Quarantine[]> {
  const nowMs = runtime.now()
  // One print of each side for thousands of entries.
  const print = remembered((side: Side) => schemaPrint(mapping, side), SIDES.length)
  return store.retryQuarantined({
    mapping: mapping.rules.mapping,
    nowMs,
    isDue: (entry) => {
      const isSame = refusedUnder(entry) === print(otherSide(entry.record.side))
      return (entry.retryAtMs <= nowMs || !isSame) && mayTry(entry)
    },
  })
}

/** What was tried without an answer, until it is answered. */
function createPatience() {
  const waits = new Map<
    string,
    { readonly attempts: number; readonly rounds: number; readonly endMs: number }
  >()
  const asked = new Set<string>()
  const keyOf = ({ mapping, record }: Quarantine) => JSON.stringify([mapping, record.side, record.id])
  const standing = (entry: Quarantine) => {
    const wait = waits.get(keyOf(entry))
    return wait?.attempts === entry.attempts ? wait : null
  }
  return {
    isOver(entry: Quarantine, nowMs: number): boolean {
      asked.add(keyOf(entry))
      return (standing(entry)?.endMs ?? 0) <= nowMs
    },
    begin(entry: Quarantine, nowMs: number): void {
      const rounds = standing(entry)?.rounds ?? 0
      const { attempts } = entry
      waits.set(keyOf(entry), { attempts, rounds: rounds + 1, endMs: nowMs + refusalWaitMs(rounds) })
    },
    /** After a round: whatever was not due in it is healed, or was refused once more and has its own time. */
    forgetAnswered(): void {
      for (const key of waits.keys()) if (!asked.has(key)) waits.delete(key)
      asked.clear()
    },
  }
}
