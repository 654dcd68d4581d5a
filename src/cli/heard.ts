/** Which connections of a pairing tell of changes as they happen. What they do not tell of is found by looking. */
import type { OpenedPairing } from '../stages/pairing.ts'
import type { Listener } from './listener.ts'

export interface Heard {
  /** By webhook. */
  readonly webhooks: readonly string[]
  /** Over a line that is kept open, where the vendor opens one. */
  readonly lines: readonly string[]
}

export function heardBy({ pairing: { connectors } }: OpenedPairing, listener: Listener | null): Heard {
  const own = [connectors.left, connectors.right]
  const names = (those: typeof own) => those.map(({ connection }) => connection)
  return {
    webhooks: names(own.filter(({ connection }) => listener?.connections.includes(connection))),
    lines: names(own.filter((connector) => connector.line !== undefined)),
  }
}
