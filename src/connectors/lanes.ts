/**
 * One connector in several lanes. A lane is a matter of the budget, which sees requests; who knows it is the stage,
 * which calls methods. In between stands a connector over a transport that puts the lane on every request, so that
 * nothing in a connector has to hand it on.
 */
import type { Lane } from '../core/lane.ts'
import type { Connector } from './connector.ts'
import type { Transport } from './transport.ts'

/**
 * The interactive view, from which the others come. `build` makes a view over its transport, at most once per lane;
 * whatever a connector learns (schemas, who it is) belongs outside of it, so that all views share it.
 */
export function inLanes(
  transport: Transport,
  build: (transport: Transport) => Omit<Connector, 'inLane'>,
): Connector {
  const views = new Map<Lane, Connector>()
  const inLane = (lane: Lane): Connector => {
    const known = views.get(lane)
    if (known) return known
    const view = { ...build((request, signal) => transport({ ...request, lane }, signal)), inLane }
    views.set(lane, view)
    return view
  }
  return inLane(0)
}
