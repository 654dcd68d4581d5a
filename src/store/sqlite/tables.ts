/** Every table of one database. */
import { openConflicts } from './conflicts.ts'
import { openDirtySet } from './dirty-set.ts'
import { openFacts } from './facts.ts'
import { openIdentity } from './identity.ts'
import { openIntents } from './intents.ts'
import { openKnownRecords } from './known-records.ts'
import { openLinks } from './links.ts'
import { openLogs } from './logs.ts'
import { openCounts } from './counts.ts'
import { openMatchKeys } from './match-keys.ts'
import { openOrigins } from './origins.ts'
import { openPendingEdges } from './pending-edges.ts'
import { openSetAside } from './set-aside.ts'
import type { Statements } from './statements.ts'
import { openStreams } from './streams.ts'
import { openSubjects } from './subjects.ts'

export type Tables = ReturnType<typeof openTables>

export function openTables(db: Statements) {
  const matchKeys = openMatchKeys(db)
  const identity = openIdentity(db)
  const conflicts = openConflicts(db)
  return {
    links: openLinks(db),
    identity,
    counts: openCounts(db),
    matchKeys,
    records: openKnownRecords(db, matchKeys),
    dirty: openDirtySet(db),
    streams: openStreams(db),
    edges: openPendingEdges(db),
    intents: openIntents(db),
    origins: openOrigins(db),
    logs: openLogs(db),
    conflicts,
    facts: openFacts(db),
    setAside: openSetAside(db),
    subjects: openSubjects(db, identity, conflicts),
  }
}
