/** The events that one change gives rise to, and their way to the webhooks. Attio fact sheet 16.4. */
import type { WebhookEvent } from './webhook.ts'
import { announce } from './webhook-queue.ts'
import { objectOf, parentOf } from './workspace.ts'
import type { Act, Attribute, StoredRecord, Workspace } from './workspace.ts'

/** The events of one change: those of the writer, and those of the far ends, which come later. */
export interface Ledger {
  readonly events: WebhookEvent[]
  readonly mirrored: WebhookEvent[]
}

export const newLedger = (): Ledger => ({ events: [], mirrored: [] })

/** An event of a record, or of an entry, which also names its parent. */
export function recordEvent(
  workspace: Workspace,
  verb: 'created' | 'updated' | 'deleted' | 'merged',
  options: { record: StoredRecord; act: Act; attribute?: Attribute },
): WebhookEvent {
  const { record, act, attribute } = options
  const part = attribute ? { attribute_id: attribute.id } : {}
  const place = objectOf(workspace, record)
  if (place.list && verb !== 'merged') {
    return {
      event_type: `list-entry.${verb}`,
      id: { workspace_id: workspace.id, list_id: place.id, entry_id: record.id, ...part },
      parent_object_id: place.list.parentObjectId,
      parent_record_id: parentOf(place, record),
      actor: act.actor,
    }
  }
  return {
    event_type: `record.${verb}`,
    id: { workspace_id: workspace.id, object_id: place.id, record_id: record.id, ...part },
    actor: act.actor,
  }
}

/** Announces the events and plans what the vendor does about a change on its own. */
export function commit(workspace: Workspace, ledger: Ledger, act: Act): void {
  announce(workspace, ledger.events, act.atMs)
  if (ledger.mirrored.length > 0) {
    const dueMs = act.atMs + workspace.settings.mirrorEventDelayMs
    workspace.chores.add(dueMs, { kind: 'announce', events: ledger.mirrored })
  }
}
