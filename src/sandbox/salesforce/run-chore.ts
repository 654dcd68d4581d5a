/** Does what was due. */
import { stepIngest } from './bulk/ingest-run.ts'
import { stepQuery } from './bulk/query-run.ts'
import type { Chore } from './chores.ts'
import type { Org } from './org.ts'
import { purgeExpired } from './rows/delete.ts'

export function runChore(org: Org, chore: Chore): void {
  switch (chore.kind) {
    case 'commit': {
      for (const object of org.rows.objects()) {
        for (const row of org.rows.pendingOf(object)) {
          if (row.pending !== null && row.pending.until <= org.now()) org.rows.release(row)
        }
      }
      org.events.release(org.now(), chore.transaction)
      org.channels.release(org.now(), chore.transaction)
      return
    }
    case 'bulk': {
      const job = org.jobs.get(chore.job)
      if (job?.kind === 'ingest' || job?.kind === 'ingest-batch') stepIngest(org, job)
      else if (job?.kind === 'query' || job?.kind === 'query-batch') stepQuery(org, job)
      return
    }
    case 'purge':
      purgeExpired(org)
  }
}
