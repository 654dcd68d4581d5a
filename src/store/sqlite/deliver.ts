/** Deliver: a write is announced before it is sent and acknowledged after (algorithms 5.1). */
import type { Store } from '../store.ts'
import { applyChanges } from './apply.ts'
import type { Database } from './database.ts'
import type { Tables } from './tables.ts'

type Deliver = Pick<Store, 'beginWrites' | 'ackWrites' | 'openIntents'>

export function openDeliver({ read, write }: Database, tables: Tables): Deliver {
  const { intents } = tables
  return {
    async beginWrites(announced) {
      return write(() => {
        const accepted = announced.filter((intent) => intents.open(intent))
        return new Set(accepted.map((intent) => intent.id))
      })
    },

    async ackWrites(changes) {
      return write(() => applyChanges(tables, changes))
    },

    async openIntents(request) {
      return read(() => intents.list(request))
    },
  }
}
