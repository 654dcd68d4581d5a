/**
 * Deliver: a write is announced before it is sent and acknowledged after (algorithms 5.1). The announcement waits for
 * the disk. The acknowledgement need not: should a power failure take it, the intent is still open, and what became of
 * it is found out by looking, as after a crash between call and acknowledgement.
 */
import type { Deliver } from '../deliver.ts'
import { applyChanges } from './apply.ts'
import type { Database } from './database.ts'
import type { Tables } from './tables.ts'

export function openDeliver(database: Database, tables: Tables): Deliver {
  const { look, write, writeSoon } = database
  const { intents } = tables
  return {
    async beginWrites(announced) {
      return write(() => intents.open(announced))
    },

    async ackWrites(changes) {
      return writeSoon(() => applyChanges(database, tables, changes))
    },

    async openIntents(request) {
      return look(() => intents.list(request))
    },
  }
}
