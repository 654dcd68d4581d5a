/** What the engine tells people at the end: the only part of its memory that the judge looks at. */
import { join } from 'node:path'
import type { ConflictView } from '../../src/cli/conflict-view.ts'
import { copyDatabase, openStore } from '../../src/compose.ts'
import type { StatusCounts } from '../../src/store/operate.ts'
import type { Reports } from '../sim/audit/case.ts'
import type { Stage } from './stage.ts'

const LOTS = 100_000

/** Read from a copy, since reading may not change anything either. */
export async function reportsOf(stage: Stage): Promise<Reports> {
  const copy = join(stage.folder, 'judged.db')
  await copyDatabase({ from: stage.database, to: copy })
  const store = await openStore({ file: copy })
  try {
    return {
      conflicts: await store.conflicts({ state: 'all', limit: LOTS }),
      reviews: await store.reviews(LOTS),
      quarantined: await store.quarantined(LOTS),
    }
  } finally {
    await store.close()
  }
}

/** What excuses a finding has to be what the command line says. A sentence for each difference. */
export async function checkAgainstCommands(
  stage: Stage,
  reports: Reports,
  status: StatusCounts,
): Promise<readonly string[]> {
  const exit = await stage.attune(['conflicts', '--json']).exit
  if (exit.code !== 0)
    throw new Error(`attune conflicts ended with ${exit.code}: ${exit.stdout} ${exit.stderr}`)
  const shown = JSON.parse(exit.stdout) as readonly ConflictView[]
  const open = reports.conflicts.filter(({ state }) => state === 'open')
  const pairs: readonly (readonly [string, number, number])[] = [
    ['open conflicts of `attune conflicts`', open.length, shown.length],
    ['open conflicts of `attune status`', open.length, status.openConflicts],
    ['reviews', reports.reviews.length, status.review],
    ['quarantined records', reports.quarantined.length, status.quarantined],
  ]
  const ids = new Set(shown.map(({ id }) => id))
  return [
    ...pairs
      .filter(([, kept, told]) => kept !== told)
      .map(([what, kept, told]) => `${what}: ${told} are told, ${kept} are there`),
    ...open.filter(({ id }) => !ids.has(id)).map(({ id }) => `the conflict ${id} is not shown`),
  ]
}
