/**
 * What is wrong with a setup, as far as it can be seen from here. One broken thing hides as little as possible
 * of the rest: a dead token on one side leaves the other side's schema to check the mappings against.
 */
import { z } from 'zod'
import { openConnections, type Connection, type Connections } from '../compose.ts'
import { misplaced, openConfiguredPairing } from '../compose/pairings.ts'
import { loadConfig, MAPPING_PATH_HINT, readText } from '../config.ts'
import { canConnect } from '../config/connection.ts'
import type { PairingSettings, Settings } from '../config/settings.ts'
import { SIDES, type Both, type Side } from '../core/record.ts'
import type { ObjectSchema } from '../core/schema.ts'
import { ConfigError, ConnectorError, type SourcePosition } from '../errors.ts'
import { createLogger } from '../logging.ts'
import { checkMapping } from '../mapping/check.ts'
import { parseMapping, parseYaml, type MappingDocument } from '../mapping/load.ts'
import { systemRuntime } from '../runtime.ts'
import { findScopes } from './find-scopes.ts'
import { finding, ofConnectorError, ofError, ofProblem, type Finding } from './findings.ts'
import { DEFAULT_CONFIG, type CommonOptions } from './options.ts'

export interface Findings {
  readonly findings: readonly Finding[]
  /** Connection → the account that answers there. */
  readonly accounts: Readonly<Record<string, string>>
  /** Optional connections without any variable set. */
  readonly leftOut: readonly string[]
}

/** Never throws for what a person can correct. */
export async function findAll(options: CommonOptions): Promise<Findings> {
  const file = options.config ?? DEFAULT_CONFIG
  const findings: Finding[] = []
  let settings: Settings
  try {
    settings = loadConfig(file, process.env, {
      onMissingToken: (missing) => void findings.push(...ofError(missing, null)),
    })
  } catch (error) {
    return {
      findings: [...findings, ...ofError(error, { file, line: 1, column: 1 })],
      accounts: {},
      leftOut: [],
    }
  }
  const log = createLogger({ level: options.logLevel })
  const connections = openConnections({ settings, runtime: systemRuntime, log, dryRun: true })
  try {
    const positions = positionsIn(file)
    const accounts = await reachAccounts(connections, positions, findings)
    for (const pairing of settings.pairings) {
      const found = await checkPairing(connections, pairing, new Set(Object.keys(accounts)), positions)
      findings.push(...found)
    }
    return { findings, accounts, leftOut: settings.leftOut ?? [] }
  } finally {
    connections.close()
  }
}

/** Where the settings speak of something. */
interface Positions {
  connection(name: string): SourcePosition | null
  mapping(pairing: string, place: number): SourcePosition | null
}

function positionsIn(file: string): Positions {
  const { document } = parseYaml(z.unknown(), readText(file), file, { help: '' })
  const at = (path: readonly (string | number)[]) => document?.at(path) ?? null
  return {
    connection: (name) => at(['connections', name]),
    mapping: (pairing, place) => at(['pairings', pairing, 'mappings', place]),
  }
}

async function reachAccounts(
  connections: Connections,
  positions: Positions,
  findings: Finding[],
): Promise<Readonly<Record<string, string>>> {
  const accounts: Record<string, string> = {}
  for (const [name, { connector, settings }] of connections.byName) {
    // A token that is not set was reported with the settings.
    if (!canConnect(settings)) continue
    try {
      const account = await connector.account()
      accounts[name] = `${account.name} (${settings.baseUrl})`
    } catch (error) {
      findings.push(...ofError(error, positions.connection(name)))
    }
  }
  return accounts
}

async function checkPairing(
  connections: Connections,
  pairing: PairingSettings,
  reached: ReadonlySet<string>,
  positions: Positions,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const sides = { left: sideOf(pairing.left), right: sideOf(pairing.right) }
  function sideOf(name: string): Connection | null {
    return reached.has(name) ? (connections.byName.get(name) ?? null) : null
  }
  const documents = readMappings(pairing, positions, findings)
  for (const [place, document] of documents.entries()) {
    const misfit = misplaced(document, pairing.name, documents.slice(0, place))
    if (misfit) findings.push(...ofError(misfit, null))
    findings.push(...(await checkDocument(document, sides, positions)))
  }
  if (sides.left && sides.right && findings.every(({ severity }) => severity !== 'error')) {
    findings.push(...(await checkOpening(connections, pairing, positions)))
  }
  return findings
}

function readMappings(
  pairing: PairingSettings,
  positions: Positions,
  findings: Finding[],
): readonly MappingDocument[] {
  return pairing.mappings.flatMap((file, place) => {
    try {
      const { document, problems } = parseMapping(readText(file, MAPPING_PATH_HINT), file)
      findings.push(...problems.map(ofProblem))
      return document ? [document] : []
    } catch (error) {
      findings.push(...ofError(error, positions.mapping(pairing.name, place)))
      return []
    }
  })
}

async function checkDocument(
  document: MappingDocument,
  sides: Both<Connection | null>,
  positions: Positions,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const described = {
    left: await describe(document, 'left', sides.left, positions),
    right: await describe(document, 'right', sides.right, positions),
  }
  const skipped = SIDES.flatMap((side) => described[side].finding ?? [])
  if (skipped.some(({ severity }) => severity === 'warning')) return [...findings, ...skipped]
  const missingScope = await findScopes(document, sides)
  const schemas = { left: described.left.schema, right: described.right.schema }
  const isOffline = !schemas.left && !schemas.right
  const problems = checkMapping(document, {
    schemas: isOffline ? null : schemas,
    ...(missingScope && { missingScope }),
  })
  // Without a schema the check takes the object for missing; here the account was merely not reached.
  const unseen = SIDES.filter((side) => described[side].state === 'unknown')
  const known = problems.filter(
    ({ at, message }) =>
      !unseen.some((side) => {
        const object = document.at([side, 'object'])
        return at.line === object.line && at.column === object.column && message.includes('has no object')
      }),
  )
  return [...findings, ...skipped, ...known.map(ofProblem)]
}

interface Described {
  readonly schema: ObjectSchema | null
  /** `unknown`: nobody could be asked. */
  readonly state: 'known' | 'absent' | 'unknown'
  readonly finding: Finding | null
}

async function describe(
  document: MappingDocument,
  side: Side,
  connection: Connection | null,
  positions: Positions,
): Promise<Described> {
  if (!connection) return { schema: null, state: 'unknown', finding: null }
  const { object } = document.body[side]
  try {
    return { schema: await connection.connector.describe(object), state: 'known', finding: null }
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    if (error.kind === 'not-found') return { schema: null, state: 'absent', finding: null }
    if (error.kind === 'unavailable') {
      const message = `this mapping is skipped: ${error.connection}: ${error.message}`
      const skipped = finding('warning', document.at([side, 'object']), message, error.hint)
      return { schema: null, state: 'unknown', finding: skipped }
    }
    const at =
      error.kind === 'unauthorized' ? document.at([side, 'object']) : positions.connection(error.connection)
    return { schema: null, state: 'unknown', finding: ofConnectorError(error, at) }
  }
}

/** Opens the pairing as a pass would: what only shows then is found too, and the missing fields for record ids. */
async function checkOpening(
  connections: Connections,
  pairing: PairingSettings,
  positions: Positions,
): Promise<readonly Finding[]> {
  try {
    const { missingStamps } = await openConfiguredPairing(connections, pairing)
    return missingStamps.map(({ side, object, field }) => {
      const message = `${object} in ${pairing[side]} has no field \`${field}\` for the other record's id`
      return finding(
        'warning',
        positions.connection(pairing[side]),
        message,
        'run `attune setup`, which creates it',
      )
    })
  } catch (error) {
    if (error instanceof ConfigError || error instanceof ConnectorError) return ofError(error, null)
    throw error
  }
}
