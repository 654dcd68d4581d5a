/** The account setting that moves people and companies along with their deals (HubSpot fact sheet 14). */
import type { End } from './association-store.ts'
import type { Portal } from './portal.ts'
import { prepareWrite } from './prepare-write.ts'
import type { Source, StoredRecord } from './record-store.ts'
import { commitWrite } from './write.ts'

/** How a workflow signs what it changes (section 7.4). */
export const AUTOMATION: Source = { type: 'AUTOMATION_PLATFORM', id: null, userId: null }

const FOLLOWERS = new Set(['0-1', '0-2'])

/** A deal makes opportunities of the contacts and companies it has, a won one customers; never less. */
export function followDeal(portal: Portal, deal: StoredRecord): void {
  if (!portal.settings.lifecycleFollowsDeals) return
  const stage = deal.values['hs_is_closed_won'] === 'true' ? 'customer' : 'opportunity'
  for (const { to } of portal.associations.all(deal)) {
    if (FOLLOWERS.has(to.typeId) && portal.isVisible(to)) raise(portal, to, stage)
  }
}

/** Forward only, like the API. */
function raise(portal: Portal, end: End, lifecyclestage: string): void {
  const record = portal.records.find(end.typeId, end.id)
  if (record === undefined) return
  const prepared = prepareWrite(portal, {
    type: portal.types.byTypeId(end.typeId),
    record,
    properties: { lifecyclestage },
    source: AUTOMATION,
    viaApi: true,
    checksForm: false,
  })
  if (prepared.kind === 'ready') commitWrite(portal, prepared.draft)
}
