/** How many requests a piece of work took, per connection. */
import type { RequestCounts } from '../connectors/counted.ts'
import type { Session } from './session.ts'

/** Requests per connection so far. */
export function countRequests(session: Session): Record<string, RequestCounts> {
  return Object.fromEntries([...session.connections.byName].map(([name, { counts }]) => [name, counts()]))
}

export function requestsSince(
  after: Readonly<Record<string, RequestCounts>>,
  before: Readonly<Record<string, RequestCounts>>,
): Record<string, RequestCounts> {
  return Object.fromEntries(
    Object.entries(after).map(([name, counts]) => {
      const earlier = before[name] ?? { read: 0, write: 0, throttled: 0 }
      return [
        name,
        {
          read: counts.read - earlier.read,
          write: counts.write - earlier.write,
          throttled: counts.throttled - earlier.throttled,
        },
      ]
    }),
  )
}
