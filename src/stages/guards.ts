/** Counts what a pass is about to do in bulk, before any of it is done (I11). */
import { GuardTripped } from '../errors.ts'
import { guardDeletions } from '../core/guard.ts'
import { SIDES } from '../core/record.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'

const PAGE = 500

/**
 * Asks by id for every linked record that a listing missed, and stops the pairing when too many are really
 * gone. Costs nothing while there are few suspects.
 */
export async function guardAgainstMassDeletion(engine: Engine, mapping: MappingRuntime): Promise<void> {
  if (engine.settings.guardsAccepted) return
  const { mapping: name } = mapping.rules
  const links = await engine.store.countLinks(name)
  let gone = 0
  for (const side of SIDES) {
    let after: string | null = null
    for (;;) {
      const ids = await engine.store.suspects({ mapping: name, side, after, limit: PAGE })
      if (ids.length === 0) break
      after = ids.at(-1) ?? null
      // Few suspects cannot trip the guard: reconciling asks for them anyway.
      if (ids.length <= engine.settings.guards.deletionsFree && gone === 0) break
      const readings = await fetchRecords(engine, mapping, side, ids, { edges: false })
      for (const reading of readings.values()) if (reading.kind === 'gone') gone += 1
    }
  }
  const tripped = guardDeletions(gone, links, engine.settings.guards)
  if (!tripped) return
  throw new GuardTripped(
    tripped.guard,
    `${name}: ${tripped.message}`,
    'Nothing was deleted. Check the CRM; if this is right, run the same command with --accept-guards.',
  )
}
