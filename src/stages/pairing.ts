/**
 * Opens a pairing: asks both accounts who they are and what their objects look like, and compiles the mapping
 * files against that. What cannot run is left out with a warning, as narrowly as possible: a field before a
 * mapping, a mapping before the pairing.
 */
import { ConfigError, ConnectorError } from '../errors.ts'
import type { Connector } from '../connectors/connector.ts'
import type { Account, User } from '../connectors/reading.ts'
import { checkMapping } from '../mapping/check.ts'
import { compileMapping } from '../mapping/compile.ts'
import { mappingName } from '../mapping/document.ts'
import type { MappingDocument } from '../mapping/load.ts'
import { positionText, type Problem } from '../mapping/problem.ts'
import { SIDES, type Both, type Side } from '../core/record.ts'
import type { ObjectRules } from '../core/rules.ts'
import type { ObjectSchema } from '../core/schema.ts'
import type { MappingRuntime, Pairing } from './engine.ts'
import type { PairingOutline } from './hub.ts'
import { together } from './together.ts'

export interface OpenPairing {
  readonly name: string
  readonly connectors: Both<Connector>
  readonly documents: readonly MappingDocument[]
  /** Names of the stamp fields on each side. */
  readonly stamps: Both<string>
}

export interface OpenedPairing {
  readonly pairing: Pairing
  /** For people: what was left out and why. */
  readonly warnings: readonly string[]
  /** Stamp fields that do not exist yet, by side and object; `setup` creates them. */
  readonly missingStamps: readonly { readonly side: Side; readonly object: string; readonly field: string }[]
}

export async function openPairing(options: OpenPairing): Promise<OpenedPairing> {
  const { connectors } = options
  const schemas = new Map<string, Promise<ObjectSchema | ConnectorError>>()
  const asking = {
    accounts: bothSides((side): Promise<Account> => connectors[side].account()),
    users: bothSides((side): Promise<readonly User[]> => usersOf(connectors[side])),
    descriptions: Promise.all(
      options.documents.map(({ body }) =>
        bothSides((side) => describe(schemas, connectors[side], side, body[side].object)),
      ),
    ),
  }
  // Of several failures the account's is told: a dead token has to be told as such.
  await together<unknown>([asking.accounts, asking.users, asking.descriptions])
  const [accounts, users, descriptions] = [
    await asking.accounts,
    await asking.users,
    await asking.descriptions,
  ]
  const warnings: string[] = []
  const missingStamps: { side: Side; object: string; field: string }[] = []
  const mappings: MappingRuntime[] = []

  for (const [i, document] of options.documents.entries()) {
    const { body } = document
    const described = descriptions[i]
    if (!described) continue
    const unavailable = SIDES.flatMap((side) => {
      const found = described[side]
      return found instanceof ConnectorError ? [{ side, error: found }] : []
    })
    if (unavailable.length > 0) {
      for (const { side, error } of unavailable) {
        const object = body[side].object
        warnings.push(
          `${document.file}: skipped, ${object} of ${error.connection}: ${error.message}. ${error.hint}`,
        )
      }
      continue
    }
    const live = described as Both<ObjectSchema>
    const stamps = stampsThatExist(options.stamps, live)
    for (const side of SIDES) {
      if (stamps[side] === null) {
        missingStamps.push({ side, object: body[side].object, field: options.stamps[side] })
      }
    }
    const problems = checkMapping(document, { schemas: live }).filter(
      (problem) => problem.severity === 'error',
    )
    const rules = compileMapping(document, { schemas: live, stamps })
    const { paused, fatal } = pausedFields(rules, problems)
    const [first] = fatal
    if (first) throw new ConfigError(first.message, { at: first.at, hint: first.hint })
    for (const [field, why] of Object.entries(paused)) warnings.push(`${field} is paused: ${why}`)
    mappings.push({
      rules: { ...rules, pairing: options.name },
      schemas: live,
      source: { body, stamps },
      paused,
    })
  }
  const pairing: Pairing = { name: options.name, connectors, accounts, users, mappings }
  return { pairing, warnings, missingStamps }
}

/**
 * The outline of a pairing that cannot be opened: what it keeps in the connections that others share with it, which answer
 * them. Throws what `openPairing` throws when they do not.
 */
export async function outlinePairing(
  { name, connectors, documents, stamps }: OpenPairing,
  isShared: (connection: string) => boolean,
): Promise<PairingOutline> {
  const schemas = new Map<string, Promise<ObjectSchema | ConnectorError>>()
  const outlined = documents.map(async ({ body }) => {
    const object = { left: body.left.object, right: body.right.object }
    const found = await bothSides(async (side) =>
      isShared(connectors[side].connection) ? describe(schemas, connectors[side], side, object[side]) : null,
    )
    // Skipped once it is opened, too.
    if (SIDES.some((side) => found[side] instanceof ConnectorError)) return []
    const existing = (side: Side): string | null => {
      const schema = found[side]
      const isThere =
        schema !== null && !(schema instanceof ConnectorError) && schema.fields.has(stamps[side])
      return isThere ? stamps[side] : null
    }
    const stamp = { left: existing('left'), right: existing('right') }
    return [{ rules: { mapping: mappingName(body), object, stamp } }]
  })
  return { name, connectors, mappings: (await together(outlined)).flat() }
}

async function bothSides<T>(of: (side: Side) => Promise<T>): Promise<Both<T>> {
  const [left, right] = await Promise.all([of('left'), of('right')])
  return { left, right }
}

/** Owners are optional: without the scope, user fields stay as they are and everything else goes on. */
async function usersOf(connector: Connector): Promise<readonly User[]> {
  try {
    return await connector.users()
  } catch (error) {
    if (error instanceof ConnectorError && error.kind === 'unauthorized' && error.status === 403) return []
    throw error
  }
}

function describe(
  asked: Map<string, Promise<ObjectSchema | ConnectorError>>,
  connector: Connector,
  side: Side,
  object: string,
): Promise<ObjectSchema | ConnectorError> {
  const key = `${side}/${object}`
  const before = asked.get(key)
  if (before) return before
  const asking = connector.describe(object).catch((error: unknown) => {
    if (error instanceof ConnectorError && error.kind === 'unavailable') return error
    throw error
  })
  asked.set(key, asking)
  return asking
}

function stampsThatExist(stamps: Both<string>, schemas: Both<ObjectSchema>): Both<string | null> {
  const existing = (side: Side) => (schemas[side].fields.has(stamps[side]) ? stamps[side] : null)
  return { left: existing('left'), right: existing('right') }
}

/**
 * Assigns each live problem to the field entry it stands in: that field pauses and nothing else (I27). A
 * problem outside the fields concerns the whole mapping.
 */
function pausedFields(
  rules: ObjectRules,
  problems: readonly Problem[],
): { paused: Record<string, string>; fatal: readonly Problem[] } {
  const paused: Record<string, string> = {}
  const fatal: Problem[] = []
  const fields = rules.fields.toSorted((a, b) => b.at.line - a.at.line || b.at.column - a.at.column)
  for (const problem of problems) {
    const owner = fields.find(
      (rule) =>
        rule.at.line < problem.at.line ||
        (rule.at.line === problem.at.line && rule.at.column <= problem.at.column),
    )
    if (!owner) fatal.push(problem)
    else paused[owner.key] = `${positionText(problem.at)}: ${problem.message} (${problem.hint})`
  }
  return { paused, fatal }
}
