/** The pairing report of every configured pairing: a rehearsal on a copy, grouped into cases. */
import { createEngine } from '../compose.ts'
import { rehearse } from '../stages/dry-run.ts'
import type { OpenedPairing } from '../stages/pairing.ts'
import { pairingReport, type MappingReport } from '../stages/pairing-report.ts'
import type { Progress } from '../stages/pass.ts'
import type { Session } from './session.ts'

export async function makePairingReport(
  session: Session,
  pairings: readonly OpenedPairing[],
  progress: Progress,
): Promise<readonly MappingReport[]> {
  const { runtime, store, signal } = session
  const reports: MappingReport[] = []
  for (const { pairing } of pairings) {
    const engine = createEngine({
      pairings,
      app: session,
      store,
      pairing,
      run: runtime.id(),
      signal,
      guardsAccepted: false,
    })
    const linkedBefore = new Map<string, number>()
    for (const { rules } of pairing.mappings) {
      linkedBefore.set(rules.mapping, await store.countLinks(rules.mapping))
    }
    const rehearsal = await rehearse(engine, progress)
    reports.push(...(await pairingReport(engine, rehearsal, linkedBefore)))
  }
  return reports
}
