/** Every table of one database with its statements, prepared once when the database is opened. */
import { openConflicts } from './conflicts.ts'
import type { Orm } from './database.ts'
import { openDirtySet } from './dirty-set.ts'
import { openIdentity } from './identity.ts'
import { openIntents } from './intents.ts'
import { openKnownRecords } from './known-records.ts'
import { openLinks } from './links.ts'
import { openLogs } from './logs.ts'
import { openPendingEdges } from './pending-edges.ts'
import { openSetAside } from './set-aside.ts'
import { openStreams } from './streams.ts'

export type Tables = ReturnType<typeof openTables>

export function openTables(orm: Orm) {
  return {
    links: openLinks(orm),
    identity: openIdentity(orm),
    records: openKnownRecords(orm),
    dirty: openDirtySet(orm),
    streams: openStreams(orm),
    edges: openPendingEdges(orm),
    intents: openIntents(orm),
    logs: openLogs(orm),
    conflicts: openConflicts(orm),
    setAside: openSetAside(orm),
  }
}
