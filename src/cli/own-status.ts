/** How one pairing stands right after its own pass, whatever the others of the same process are doing. */
import type { OpenedPairing } from '../stages/pairing.ts'
import type { StatusCounts } from '../store/operate.ts'
import type { Store } from '../store/store.ts'

/**
 * A pass ends when nothing is due, so that what was not tried yet was announced since, by a CRM or by another pairing that
 * hands its changes on: it leaves this pass no less finished. A write with an unknown outcome has its record postponed,
 * so that no intent needs counting beside them.
 */
export async function ownStatus(
  store: Pick<Store, 'status' | 'backlogs'>,
  { pairing }: OwnPairing,
  nowMs: number,
): Promise<StatusCounts> {
  const mappings = pairing.mappings.map(({ rules }) => rules.mapping)
  const backlogs = await store.backlogs({ mappings, nowMs })
  const dirty = [...backlogs.values()].reduce((sum, { postponed }) => sum + postponed, 0)
  return { ...(await store.status(nowMs, mappings)), dirty, resting: 0, openIntents: 0 }
}

export interface OwnPairing {
  readonly pairing: {
    readonly mappings: readonly {
      readonly rules: Pick<OpenedPairing['pairing']['mappings'][number]['rules'], 'mapping'>
    }[]
  }
}
