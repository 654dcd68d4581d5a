/** A write that failed: who has to act, and what the store remembers until they did. */
import type { ConnectorError } from '../errors.ts'
import { otherSide, type Side } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import type { Quarantine } from '../store/waiting.ts'
import { answered, backoffMs, followUp, postponed } from './dirty-rows.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { rematch } from './rematch.ts'
import { quarantineCause } from './refusal-cause.ts'
import { refusedRemoval } from './refused-removal.ts'
import { refusalWaitMs } from './retry-refused.ts'
import { agreedPrint } from './sighting.ts'
import { refKey, type Task, type Write } from './work.ts'

/** Tries after a uniqueness refusal before a person is asked (algorithms 3.3: never loop). */
const REMATCH_MAX = 3

/** Changes that record the failure; marks the task as given back. An unknown outcome keeps its intent open. */
export async function failed(
  engine: Engine,
  mapping: MappingRuntime,
  task: Task,
  write: Write,
  error: ConnectorError,
): Promise<readonly Change[]> {
  if (error.kind === 'not-unique' && write.kind === 'create') await rematch(engine, mapping, write, error)
  return failure(engine, mapping, task, write, error)
}

/** The same without I/O: whoever holds the unique value is known by now. */
export function failure(
  engine: Engine,
  mapping: MappingRuntime,
  task: Task,
  write: Write,
  error: ConnectorError,
): readonly Change[] {
  const attempts = Math.max(0, ...task.dirty.map((row) => row.attempts))
  task.state = 'given-back'
  task.queue = []
  engine.log.info(
    { linkId: write.link, side: write.side, kind: error.kind, code: error.code, status: error.status },
    'write failed',
  )
  const close: Change = { kind: 'close-intent', intent: write.id }
  const now = engine.runtime.now()
  switch (error.kind) {
    case 'ambiguous':
      return postponed(mapping, task.dirty, now + engine.settings.zombieHorizonMs)
    case 'rejected':
    case 'unavailable':
      if (write.kind === 'remove') return [close, ...refusedRemoval(engine, mapping, task, write, error)]
      return [close, ...quarantine(engine, mapping, task, write, error)]
    case 'not-unique':
      if (write.kind !== 'create') return [close, ...quarantine(engine, mapping, task, write, error)]
      if (attempts < REMATCH_MAX) return [close, ...postponed(mapping, task.dirty, now)]
      return [close, ...giveToReview(engine, mapping, task, write)]
    case 'not-found':
    case 'stale':
      return [close, ...postponed(mapping, task.dirty, now + backoffMs(attempts, engine.runtime.random()))]
    case 'rate-limited':
      return [
        close,
        ...postponed(mapping, task.dirty, now + (error.retryAfterMs ?? backoffMs(attempts, 0.5))),
      ]
    case 'transient':
    case 'unauthorized':
      return [close, ...postponed(mapping, task.dirty, now + backoffMs(attempts, engine.runtime.random()))]
  }
}

/**
 * Sets the record aside with the vendor's words. When the vendor blames fields, only those are set aside and
 * the rest of the record proceeds with the next claim.
 */
function quarantine(
  engine: Engine,
  mapping: MappingRuntime,
  task: Task,
  write: Write,
  error: ConnectorError,
): readonly Change[] {
  const source = otherSide(write.side)
  const record = { side: source, id: write.source.key.id }
  const known = task.pair.quarantines.flatMap((entry) => entry.fields)
  const blamed = blamedFields(mapping, write, error).filter((field) => !known.includes(field))
  const now = engine.runtime.now()
  const entry: Quarantine = {
    mapping: mapping.rules.mapping,
    record,
    link: write.link,
    fields: blamed.length > 0 ? [...known, ...blamed] : [],
    reason: error.message,
    cause: quarantineCause(mapping, write.side, write.source.values),
    attempts: task.priorAttempts + 1,
    retryAtMs: now + refusalWaitMs(task.priorAttempts),
    atMs: now,
  }
  // Another look for what is left of the record, under a reason of its own: the one that led here is answered. Kept, a
  // `retry` would lift the refusal that it has just met, for ever.
  const rest = blamed.length > 0 ? task.dirty.map((row) => followUp(engine, entry.mapping, row)) : []
  return [
    { kind: 'quarantine', entry },
    ...seen(mapping, task, source, write),
    ...answered(mapping, task.dirty),
    ...rest,
  ]
}

/**
 * Which fields to set aside. What is refused of an association can only be that reference, and a taken unique value can
 * only be in a field that has to be unique.
 */
function blamedFields(mapping: MappingRuntime, write: Write, error: ConnectorError): readonly string[] {
  if (write.edge) return [write.edge.field]
  if (error.fields.length > 0 || error.kind !== 'not-unique') return error.fields
  const { side } = write
  const mapped = new Set(mapping.rules.fields.flatMap((rule) => rule[side].fields))
  const isUnique = (field: string) => mapping.schemas[side].fields.get(field)?.unique === true
  return Object.keys(write.values).filter((field) => mapped.has(field) && isUnique(field))
}

/** The source was looked at in this state: a sweep that finds it unchanged need not come back. */
function seen(mapping: MappingRuntime, task: Task, side: Side, write: Write): readonly Change[] {
  const { rules } = mapping
  const record = { side, id: write.source.key.id }
  const known = task.agreed.get(refKey(record)) ?? null
  const fingerprint = agreedPrint(rules, side, write.source.values, known)
  if (fingerprint === null) return []
  const { version } = write.source
  return [{ kind: 'agree-record', mapping: rules.mapping, record, fingerprint, version }]
}

function giveToReview(engine: Engine, mapping: MappingRuntime, task: Task, write: Write): readonly Change[] {
  const source = otherSide(write.side)
  return [
    {
      kind: 'put-review',
      review: {
        id: engine.runtime.id(),
        mapping: mapping.rules.mapping,
        record: { side: source, id: write.source.key.id },
        kind: 'not-unique',
        candidates: [],
        because: `the ${write.side} side already holds a unique value of this record`,
        atMs: engine.runtime.now(),
      },
    },
    ...seen(mapping, task, source, write),
    ...answered(mapping, task.dirty),
  ]
}
