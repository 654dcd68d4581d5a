/**
 * Somebody who looks after the engine: where a guard has stopped a pairing, he knows what people did, and says go on. A
 * company with many employees that is merged into another one is reason enough.
 */
import { existsSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import type { Pause, PairingState } from '../../src/stages/supervise.ts'
import type { Stage } from './stage.ts'
import { until } from './wait.ts'

export interface OnCall {
  /** Looks until the signal is aborted. */
  watch(signal: AbortSignal): Promise<void>
  readonly figures: { resumed: number }
  /** A sentence for each pause that asks for more than a word. */
  readonly violations: readonly string[]
}

const LOOK_EVERY_MS = 1_000

export function createOnCall(stage: Stage): OnCall {
  const figures = { resumed: 0 }
  const violations: string[] = []
  /** Pairing → the pause that was answered last: what a killed process says stays until the next one speaks. */
  const answered = new Map<string, number>()

  const answer = async (pairing: string, { why, sinceMs, message }: Pause): Promise<void> => {
    if (answered.get(pairing) === sinceMs) return
    answered.set(pairing, sinceMs)
    if (why === 'defect') violations.push(`${pairing} stopped: ${message}`)
    if (why !== 'guard') return
    const exit = await stage.attune(['resume', pairing, '--accept-guards', '--json']).exit
    // One that is killed, or gone on by itself meanwhile, leaves nothing to resume.
    if (exit.code === 0) figures.resumed += 1
    else if (exit.code !== 1) violations.push(`attune resume ended with ${exit.code}: ${exit.stderr}`)
  }

  return {
    figures,
    violations,
    async watch(signal) {
      while (!signal.aborted) {
        for (const [pairing, state] of pairingStatesOf(stage)) {
          if (state.kind === 'paused') await answer(pairing, state)
        }
        await until(Date.now() + LOOK_EVERY_MS, signal)
      }
    },
  }
}

/** As the process last noted them; none while there is no process, or its database is being made. */
function pairingStatesOf({ database: file }: Pick<Stage, 'database'>): readonly [string, PairingState][] {
  if (!existsSync(file)) return []
  const database = new Sqlite(file, { readonly: true })
  try {
    const row = database.prepare<[], { value: string }>(`select value from meta where key = 'pairings'`).get()
    return row ? Object.entries(JSON.parse(row.value) as Record<string, PairingState>) : []
  } catch (error) {
    // A database that is being made has no tables yet, or is locked while it gets them.
    if (error instanceof Sqlite.SqliteError) return []
    throw error
  } finally {
    database.close()
  }
}
