/** What webhooks hear of attributes, of objects and of lists. Attio fact sheet 16.4. */
import type { Call } from './call.ts'
import { announce } from './webhook-queue.ts'
import type { Attribute } from './workspace.ts'

export function announceAttribute(
  { workspace, act }: Call,
  verb: 'created' | 'updated',
  { id, objectId }: Attribute,
): void {
  const isOfList = workspace.lists.some((list) => list.id === objectId)
  const place = isOfList ? { list_id: objectId } : { object_id: objectId }
  announce(
    workspace,
    [
      {
        event_type: isOfList ? `list-attribute.${verb}` : `object-attribute.${verb}`,
        id: { workspace_id: workspace.id, ...place, attribute_id: id },
        actor: act.actor,
      },
    ],
    act.atMs,
  )
}
