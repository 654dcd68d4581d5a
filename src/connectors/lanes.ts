/**
 * One connector in several lanes, patient or not. Both are matters of the budget, which sees requests; who knows them
 * is the stage, which calls methods. In between stands a connector over a transport that puts them on every request,
 * so that nothing in a connector has to hand them on.
 */
import type { Lane } from '../core/lane.ts'
import type { Connector } from './connector.ts'
import type { Transport } from './transport.ts'

/** What a vendor's connector is made of, whatever its lane and patience. */
export type ConnectorView = Omit<Connector, 'inLane' | 'hurried' | 'pressure' | 'paceMs'>

/** A transport, how much of what it may carry is in use (`Connector.pressure`), and how long that has to last. */
export interface Metered {
  readonly transport: Transport
  readonly pressure?: () => number
  readonly paceMs?: () => number
}

/**
 * The interactive, patient view, from which the others come. `build` makes a view over its transport, at most once each;
 * whatever a connector learns (schemas, who it is) belongs outside of it, so that all views share it.
 */
export function inLanes(
  { transport, pressure = () => 0, paceMs = () => 0 }: Metered,
  build: (transport: Transport) => ConnectorView,
): Connector {
  const views = new Map<string, Connector>()
  const viewOf = (lane: Lane, patienceMs: number | null): Connector => {
    const key = `${lane}/${patienceMs}`
    const known = views.get(key)
    if (known) return known
    const marks = { lane, ...(patienceMs !== null && { patienceMs }) }
    const view: Connector = {
      ...build((request, signal) => transport({ ...request, ...marks }, signal)),
      pressure,
      paceMs,
      inLane: (other) => viewOf(other, patienceMs),
      hurried: (ms) => viewOf(lane, ms),
    }
    views.set(key, view)
    return view
  }
  return viewOf(0, null)
}
