/** How one pairing among several stands: what the others have yet to look at does not make its own pass unfinished. */
import type { OpenedPairing } from '../stages/pairing.ts'
import type { StatusCounts } from '../store/operate.ts'
import type { Store } from '../store/store.ts'

export async function ownStatus(
  store: Pick<Store, 'status' | 'backlogs'>,
  { pairing }: Pick<OpenedPairing, 'pairing'>,
  nowMs: number,
): Promise<StatusCounts> {
  const mappings = pairing.mappings.map(({ rules }) => rules.mapping)
  const backlogs = [...(await store.backlogs({ mappings, nowMs })).values()]
  const due = backlogs.reduce((sum, backlog) => sum + backlog.due, 0)
  // A write with an unknown outcome has its record postponed, so that no intent needs counting beside them. How many
  // are postponed is not asked: that there are some is what matters.
  const postponed = backlogs.filter(({ nextRetryMs }) => nextRetryMs !== null).length
  return { ...(await store.status(nowMs)), dirty: due + postponed, resting: 0, openIntents: 0 }
}
