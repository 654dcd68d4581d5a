/** When the engine can last have looked before something it did. */
import type { World } from '../world.ts'

/** A target that was read this recently is not read again (`freshMs`). */
const FRESH_MS = 2_000

/**
 * The latest moment whose state the engine must have seen before the effect at `effectMs`: its look may be `freshMs`
 * older than the sending, and a round trip and the lag of a replica older than that. What was entered later was not
 * there to be seen.
 */
export function lookedMs(world: World, vendor: string, effectMs: number): number {
  const exchanges = [...world.networks.values()].flatMap((network) => network.exchanges)
  // A late request takes effect after others that were sent after it.
  const sentMs = exchanges.filter(({ effectMs: at }) => at === effectMs).map((exchange) => exchange.sentMs)
  const lagMs = Number(world.scenario.settings[vendor]?.['replicaLagMs'] ?? 0)
  return Math.min(...sentMs) - FRESH_MS - world.scenario.latencyMs[1] * 2 - lagMs
}
