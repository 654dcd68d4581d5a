/** Pushing into a channel of generic streaming (Salesforce fact sheet 21.3). */
import { asList, asObject, asText, bodyObject, param, type Call, type Route } from '../call.ts'
import { normalId } from '../ids.ts'
import { ok, unknownRecord, type Answer } from '../wire.ts'

export const pushRoutes: readonly Route[] = [
  {
    method: 'POST',
    template: '/services/data/{version}/sobjects/StreamingChannel/{id}/push',
    mutates: false,
    handle: push,
  },
]

/** Without users an event is for all who listen, and nobody counts them: -1. */
function push(call: Call): Answer {
  const { org, actor } = call
  const id = param(call, 'id')
  const channel = org.rows.find('StreamingChannel', normalId(id) ?? '')
  if (channel === undefined || channel.deletedAt !== null) throw unknownRecord(id)
  const events = asList(bodyObject(call)['pushEvents'], 'pushEvents').map(asObject)
  return ok(
    events.map((event) => {
      const users = asList(event['userIds'] ?? [], 'userIds').map((user) => asText(user, 'userIds'))
      const isForUs = users.length === 0 || users.some((user) => normalId(user) === actor.userId)
      if (isForUs)
        org.channels.push(org.now(), String(channel.values['Name']), asText(event['payload'], 'payload'))
      return {
        fanoutCount: users.length === 0 ? -1 : Number(isForUs),
        userOnlineStatus: Object.fromEntries(users.map((user) => [user, normalId(user) === actor.userId])),
      }
    }),
  )
}
