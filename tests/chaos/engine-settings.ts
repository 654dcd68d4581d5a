/**
 * The settings that the engine runs under: those that ship, impatient. Waits that are as long as the vendors' in the
 * settings that ship would fill a storm of a minute with waiting.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import { CASTS } from '../sim/cast.ts'
import { filesOf } from '../sim/mappings.ts'
import type { ChaosScenario } from './scenario.ts'

/** A record that was read longer ago is read again before it is written to. */
export const FRESH_MS = 500
export const REQUEST_TIMEOUT_MS = 2_000
/** How long a request without an answer may still take effect. No fault of a storm is later than it says. */
export const ZOMBIE_HORIZON_MS = 5_000
/** The latest effect that a fault causes: what arrives after the horizon is a stated residual (algorithms 5.6). */
export const LATE_MAX_MS = 3_000
export const SWEEP_MS = 5_000

export interface EngineFiles {
  readonly config: string
  /** Pairing → its mapping files, absolute, parents first. */
  readonly mappings: ReadonlyMap<string, readonly string[]>
}

/** Where the settings are, and where webhooks are to come in. */
export interface Place {
  readonly folder: string
  readonly packageRoot: string
  readonly port: number
}

/** Writes `attune.yaml` into the folder: the shipped one of the package, with the mappings that it ships. */
export async function writeSettings(
  { folder, packageRoot, port }: Place,
  { engine, cast, hasLeads }: ChaosScenario,
): Promise<EngineFiles> {
  const document = parseDocument(await readFile(join(packageRoot, 'config/attune.yaml'), 'utf8'))
  const mappings = new Map(
    CASTS[cast].map(({ name }) => {
      const files = filesOf(name, hasLeads).map((file) => join(packageRoot, 'mappings', `${file}.yaml`))
      return [name, files] as const
    }),
  )
  for (const [pairing, files] of mappings) {
    document.setIn(['pairings', pairing, 'mappings'], files)
    // In the order of the cast, which is that in which they take turns.
    const node = document.getIn(['pairings', pairing], true)
    document.deleteIn(['pairings', pairing])
    document.setIn(['pairings', pairing], node)
  }
  // Whoever does not take part is not there.
  for (const { name, right } of CASTS.hub.filter((pairing) => !mappings.has(pairing.name))) {
    document.deleteIn(['pairings', name])
    document.deleteIn(['connections', right])
  }
  document.setIn(['schedule'], { poll: '1s', listing: '1s', sweep: `${SWEEP_MS / 1_000}s` })
  const at = `127.0.0.1:${port}`
  document.setIn(['web'], { bind: at, 'public-url': `http://${at}` })
  document.setIn(['engine'], {
    'batch-size': engine.batchSize,
    'batches-in-flight': engine.batchesInFlight,
    'fresh-seconds': FRESH_MS / 1_000,
    'request-timeout-seconds': REQUEST_TIMEOUT_MS / 1_000,
    'zombie-horizon-seconds': ZOMBIE_HORIZON_MS / 1_000,
    // The passes at the end look back on what the last life had no time to look back on.
    'look-back': 'always',
  })
  const config = join(folder, 'attune.yaml')
  await writeFile(config, document.toString())
  return { config, mappings }
}
