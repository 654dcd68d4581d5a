/** One connector call for writes of one side and kind, and the durable intents that precede it. */
import { ConnectorError } from '../errors.ts'
import type { Connector } from '../connectors/connector.ts'
import type { WriteOutcome } from '../connectors/writing.ts'
import type { Side } from '../core/record.ts'
import type { Intent } from '../store/writes.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import type { Task, Write } from './work.ts'

export function intentOf(engine: Engine, mapping: MappingRuntime, task: Task, write: Write): Intent {
  return {
    id: write.id,
    link: write.link,
    mapping: mapping.rules.mapping,
    epoch: task.epoch,
    run: engine.run,
    side: write.side,
    kind: write.kind,
    record: write.record,
    stamp: write.stamp,
    payload: write.values,
    fields: write.fields,
    versionBefore: write.target?.version ?? null,
    sentAtMs: engine.runtime.now(),
  }
}

/** Turned back so often for having waited too long, a write waits as long as it takes, or it would never leave. */
const HURRIED_TRIES = 2

/**
 * Whether a write must not wait for long: what it replaces is what was seen a moment ago, and nothing else guards it.
 */
export function isHurried(task: Task, write: Write | undefined): boolean {
  if (write?.kind !== 'update' && write?.kind !== 'remove') return false
  return task.tries < HURRIED_TRIES
}

/**
 * Whatever the call throws becomes every item's outcome; an item it does not mention has an unknown one. `hurried`
 * writes that would have to wait for longer than reads are fresh are `stale`.
 */
export async function send(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  writes: readonly Write[],
  hurried: boolean,
): Promise<(write: Write) => WriteOutcome> {
  const patient = engine.pairing.connectors[side]
  const connector = hurried ? patient.hurried(engine.settings.freshMs) : patient
  try {
    const outcomes = await call(connector, mapping.rules.object[side], writes)
    const byId = new Map(outcomes.map((outcome) => [outcome.writeId, outcome]))
    return (write) => byId.get(write.id) ?? lost(connector, write)
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    return (write) => ({ kind: 'failed', writeId: write.id, error })
  }
}

async function call(
  connector: Connector,
  object: string,
  writes: readonly Write[],
): Promise<readonly WriteOutcome[]> {
  const kind = writes[0]?.kind ?? 'update'
  switch (kind) {
    case 'create':
      return connector.create(
        object,
        writes.map((write) => ({ writeId: write.id, values: write.values, stamp: write.stamp })),
      )
    case 'update':
      return connector.update(
        object,
        writes.map((write) => ({
          writeId: write.id,
          id: write.record ?? '',
          values: write.values,
          ...(write.target && { seen: write.target.values }),
          version: write.target?.version ?? null,
        })),
      )
    case 'associate':
      return connector.associate(
        object,
        writes.flatMap((write) =>
          write.edge ? [{ writeId: write.id, id: write.record ?? '', ...write.edge }] : [],
        ),
      )
    case 'remove':
      return connector.remove(
        object,
        writes.map((write) => ({
          writeId: write.id,
          id: write.record ?? '',
          mode: write.removal ?? 'archive',
        })),
      )
  }
}

/** A connector that answers for some items only broke its contract; the missing ones are unknown, not failed. */
function lost(connector: Connector, write: Write): WriteOutcome {
  const error = new ConnectorError('ambiguous', 'the answer does not mention this write', {
    connection: connector.connection,
    hint: 'Its outcome is looked up before anything is sent again.',
  })
  return { kind: 'failed', writeId: write.id, error }
}
