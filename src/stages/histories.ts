/** What records held through time, as the vendors' value histories tell. */
import { timelineOf, valuesIn, type Held } from '../core/overwritten.ts'
import type { History, RecordId, Side, Snapshot, Version } from '../core/record.ts'
import type { FieldRule, SideContext } from '../core/rules.ts'
import { ConnectorError } from '../errors.ts'
import { openDirectory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { blankOf } from './work.ts'

/** A CRM that cannot or will not tell is no reason to stop: then nothing is known, as where there is no history. */
export async function historiesOf(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  records: readonly { readonly id: RecordId; readonly fields: readonly string[] }[],
): Promise<ReadonlyMap<RecordId, History>> {
  const connector = engine.pairing.connectors[side]
  const object = mapping.rules.object[side]
  try {
    const found = await connector.history({
      object,
      records: records.map(({ id, fields }) => ({ id, fields })),
    })
    return connector.self.id() === null ? withPossibleSelves(found) : found
  } catch (error) {
    if (!(error instanceof ConnectorError) || isAboutConnection(error)) throw error
    engine.log.warn({ side, object, kind: error.kind }, 'no history to look back on')
    return new Map()
  }
}

/**
 * While the CRM has not told who we are (HubSpot does with the first creation), every other application may be us:
 * better to miss a value of theirs than one of a person's.
 */
function withPossibleSelves(histories: ReadonlyMap<RecordId, History>): ReadonlyMap<RecordId, History> {
  const asOurs = (version: Version): Version =>
    version.actor.kind === 'integration' ? { ...version, actor: { ...version.actor, kind: 'us' } } : version
  return new Map(
    [...histories].map(([id, history]) => [
      id,
      Object.fromEntries(Object.entries(history).map(([field, versions]) => [field, versions.map(asOurs)])),
    ]),
  )
}

function isAboutConnection({ kind }: ConnectorError): boolean {
  return kind === 'transient' || kind === 'rate-limited' || kind === 'ambiguous' || kind === 'unauthorized'
}

/** What it takes to read the values that histories mention. */
export async function historyContext(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  histories: ReadonlyMap<RecordId, History>,
): Promise<SideContext> {
  const directory = await openDirectory(engine.store, engine.pairing, {
    left: [],
    right: [],
    [side]: [...histories].map(([id, history]) => pretended(engine, mapping, side, id, history)),
  })
  return directory.context[side]
}

/** Null when the history of one of the rule's fields could not be read. */
export function timelineIn(
  mapping: MappingRuntime,
  side: Side,
  rule: FieldRule,
  history: History,
  context: SideContext,
): readonly Held[] | null {
  const blank = (field: string) => blankOf(mapping.schemas[side], field)
  return timelineOf(rule[side], history, { blank, context })
}

/** All that a history mentions, for the directory to look up. */
function pretended(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  id: RecordId,
  history: History,
): Snapshot {
  const { connection } = engine.pairing.connectors[side]
  const key = { connection, object: mapping.rules.object[side], id }
  return { key, values: valuesIn(history), version: null, readAtMs: engine.runtime.now(), evidence: {} }
}
