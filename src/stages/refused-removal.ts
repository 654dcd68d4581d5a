/**
 * A removal that a vendor refuses, mostly because of what hangs on the record: set aside with its words under the record that
 * is gone, and tried again ever less often. What it takes to be accepted changes elsewhere and is told by nobody, so that
 * a first try comes soon, and no listing makes another one.
 */
import type { ConnectorError } from '../errors.ts'
import { otherSide, type Side } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import type { RecordRef } from '../store/records.ts'
import type { Quarantine } from '../store/waiting.ts'
import { answered } from './dirty-rows.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { isSchemaAsRefused, schemaPrint } from './refusal-cause.ts'
import type { LinkedGroup, Task, Write } from './work.ts'

/** Then twice as long each time, an hour or so at most. */
const FIRST_MS = 60_000
const DOUBLINGS_MAX = 6

/** Never the cause of a refused value: a record that came back is not held up by it. */
const CAUSE = 'removal'

export function refusedRemoval(
  engine: Engine,
  mapping: MappingRuntime,
  task: Task,
  write: Write,
  error: ConnectorError,
): readonly Change[] {
  const { mapping: name } = mapping.rules
  const atMs = engine.runtime.now()
  const record = { side: otherSide(write.side), id: write.source.key.id }
  const retryAtMs = atMs + FIRST_MS * 2 ** Math.min(task.priorAttempts, DOUBLINGS_MAX)
  const entry: Quarantine = {
    mapping: name,
    record,
    link: write.link,
    fields: [],
    reason: error.message,
    cause: `${CAUSE}/${schemaPrint(mapping, write.side)}`,
    attempts: task.priorAttempts + 1,
    retryAtMs,
    atMs,
  }
  return [
    { kind: 'quarantine', entry },
    // It is known to be gone: no listing has to miss it any more.
    { kind: 'forget-record', mapping: name, record },
    ...answered(mapping, task.dirty),
    tryAgain(name, record, retryAtMs),
  ]
}

/** The refusals of removing what is left of this pair, now that `gone` is gone. */
export function removalRefusals({ subjects }: LinkedGroup, gone: Side): readonly Quarantine[] {
  return subjects.flatMap(({ quarantine }) =>
    quarantine?.record.side === gone && quarantine.cause.startsWith(`${CAUSE}/`) ? [quarantine] : [],
  )
}

/** What leaves the pair alone until the next try; null when it is time. */
export function waitForRemoval(
  engine: Engine,
  mapping: MappingRuntime,
  { dirty }: LinkedGroup,
  refusals: readonly Quarantine[],
): readonly Change[] | null {
  const standing = refusals.find(
    (entry) => entry.retryAtMs > engine.runtime.now() && isSchemaAsRefused(mapping, entry),
  )
  if (!standing) return null
  // What announced it this time goes, or it would be due at once and all the time.
  return [...answered(mapping, dirty), tryAgain(mapping.rules.mapping, standing.record, standing.retryAtMs)]
}

/** As if it were only marked then: until it is due, it is not late. */
function tryAgain(mapping: string, record: RecordRef, atMs: number): Change {
  return { kind: 'mark', mapping, record, reason: 'retry', lane: 1, dueMs: atMs, atMs }
}
