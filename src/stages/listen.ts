/**
 * Hears a vendor's line for as long as the signal lets it. Where the vendor keeps the line closed (an org without change
 * events, say) it asks again from time to time: feeds and listings bring the same changes, only later.
 */
import type { Connector } from '../connectors/connector.ts'
import { ConnectorError } from '../errors.ts'
import type { Engine } from './engine.ts'
import { observe } from './observe.ts'
import { webhookWishes } from './webhook-wishes.ts'

const AGAIN_MS = 300_000

/** Rejects with the signal's reason. Where there is no line, or nobody keeps its objects, it only waits for that. */
export async function keepListening(
  engines: readonly [Engine, ...Engine[]],
  connector: Connector,
  signal: AbortSignal,
): Promise<never> {
  const { connection } = connector
  const [{ store, runtime, log }] = engines
  const wanted = webhookWishes(
    engines.map(({ pairing }) => pairing),
    connection,
  )
  const objects = [...new Set(wanted.map(({ object }) => object))]
  const key = `line/${connection}`
  // Ends with the signal.
  for (;;) {
    signal.throwIfAborted()
    try {
      const place = await store.meta(key)
      const news = objects.length === 0 ? [] : (connector.line?.({ objects, place, signal }) ?? [])
      for await (const { bells, place: next } of news) {
        await observe(engines, { connection, bells })
        // After the bells: a crash in between tells them again.
        if (next !== null) await store.setMeta(key, next)
      }
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof ConnectorError)) throw error
      log.warn(
        { connection, kind: error.kind, error: error.message, againMs: AGAIN_MS },
        'nothing is heard over the line',
      )
    }
    await runtime.sleep(AGAIN_MS, signal)
  }
}
