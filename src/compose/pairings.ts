/** Pairings as the settings name them: their mapping files, and their two connections. */
import type { Connection, Connections } from '../compose.ts'
import { MAPPING_PATH_HINT, readText } from '../config.ts'
import type { PairingSettings } from '../config/settings.ts'
import { ConfigError } from '../errors.ts'
import { loadMapping, type MappingDocument } from '../mapping/load.ts'
import type { PairingOutline } from '../stages/hub.ts'
import { openPairing, outlinePairing, type OpenedPairing, type OpenPairing } from '../stages/pairing.ts'
import { stampField } from './vendors.ts'

/** Throws `ConfigError` for a file that cannot stand beside the others. */
export function loadMappings(
  pairing: Pick<PairingSettings, 'name' | 'mappings'>,
): readonly MappingDocument[] {
  const documents: MappingDocument[] = []
  for (const file of pairing.mappings) {
    const document = loadMapping(readText(file, MAPPING_PATH_HINT), file)
    const misfit = misplaced(document, pairing.name, documents)
    if (misfit) throw misfit
    documents.push(document)
  }
  return documents
}

/**
 * What is wrong with a mapping file that the settings list under the pairing `name` after `others`, or null. Pairs are
 * known by the pairing and the two objects, so that neither another name nor a second file will do.
 */
export function misplaced(
  document: MappingDocument,
  name: string,
  others: readonly MappingDocument[],
): ConfigError | null {
  const { pairing, left, right } = document.body
  if (pairing !== name) {
    return new ConfigError(`the settings list this file under the pairing \`${name}\``, {
      at: document.at(['pairing']),
      hint: `write pairing: ${name}, or list the file under the other pairing`,
    })
  }
  const same = others.find(
    ({ body }) => body.left.object === left.object && body.right.object === right.object,
  )
  if (!same) return null
  return new ConfigError(`${left.object} and ${right.object} have a mapping file already: ${same.file}`, {
    at: document.at(['left', 'object']),
    hint: 'put everything about two objects into one file',
  })
}

export async function openConfiguredPairing(
  connections: Connections,
  pairing: PairingSettings,
): Promise<OpenedPairing> {
  return openPairing(openingOf(connections, pairing))
}

/** See `outlinePairing`. */
export async function outlineConfiguredPairing(
  connections: Connections,
  pairing: PairingSettings,
  isShared: (connection: string) => boolean,
): Promise<PairingOutline> {
  return outlinePairing(openingOf(connections, pairing), isShared)
}

function openingOf(connections: Connections, pairing: PairingSettings): OpenPairing {
  const left = connectionNamed(connections, pairing.left)
  const right = connectionNamed(connections, pairing.right)
  return {
    name: pairing.name,
    connectors: { left: left.connector, right: right.connector },
    documents: loadMappings(pairing),
    stamps: {
      left: stampField(left.settings.vendor, right.settings.vendor),
      right: stampField(right.settings.vendor, left.settings.vendor),
    },
  }
}

function connectionNamed(connections: Connections, name: string): Connection {
  const connection = connections.byName.get(name)
  if (!connection) {
    throw new ConfigError(`there is no connection \`${name}\``, { hint: 'add it under `connections`' })
  }
  return connection
}
