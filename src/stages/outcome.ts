/** What one write's outcome means: store changes, and what the pair looks like now. Pure. */
import type { WriteOutcome } from '../connectors/connector.ts'
import { commitField } from '../core/commit.ts'
import type { FieldBase, LinkBase } from '../core/base.ts'
import type { Snapshot } from '../core/record.ts'
import type { Canonical } from '../core/value.ts'
import type { Change } from '../store/store.ts'
import type { Directory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { conflictRow } from './conflict-rows.ts'
import { noteRecord } from './link-changes.ts'
import { ruleOf } from './side-writes.ts'
import { blankOf, overlay, type Write } from './work.ts'

type Done = Extract<WriteOutcome, { kind: 'done' }>

export interface Applied {
  readonly changes: readonly Change[]
  /** The written record as it reads now. */
  readonly snapshot: Snapshot
  readonly bases: LinkBase
  /** Fields whose stored value differs from what was sent. */
  readonly deviations: readonly string[]
}

/**
 * A write that succeeded: base, journal, conflicts it settled, and the closed intent, in one transaction.
 * `before` is the record as this batch knows it, earlier writes of the batch included.
 */
export function applied(
  engine: Engine,
  mapping: MappingRuntime,
  write: Write,
  outcome: Done,
  options: { readonly directory: Directory; readonly before: Snapshot | null },
): Applied {
  const { side } = write
  const { directory } = options
  const nowMs = engine.runtime.now()
  const snapshot = storedSnapshot(engine, mapping, write, outcome, options.before)
  const bases: Record<string, FieldBase> = {}
  const after: Record<string, Canonical> = {}
  const deviations: string[] = []
  for (const [key, field] of Object.entries(write.fields)) {
    const rule = ruleOf(mapping, key)
    const stored = rule[side].read(snapshot.values, directory.context[side])
    const committed = commitField({
      base: write.base[key] ?? null,
      side,
      source: field.source,
      target: field.target,
      agreedAs: field.agreedAs,
      stored,
      known: 'post-image',
      human: field.human,
      writeOnce: rule.policy.kind === 'write-once',
    })
    bases[key] = committed.base
    after[key] = stored
    // A vendor that completes a value (a currency code, say) stores another value that still agrees.
    const agrees = rule.agree(committed.base.left, committed.base.right)
    if (committed.deviates && !agrees) deviations.push(key)
  }
  const changes: Change[] = [
    { kind: 'close-intent', intent: write.id },
    ...linkChanges(mapping, write, outcome, nowMs),
    { kind: 'set-base', link: write.link, fields: bases },
    {
      kind: 'journal',
      entry: {
        run: engine.run,
        link: write.link,
        mapping: mapping.rules.mapping,
        side,
        kind: write.kind,
        record: outcome.id,
        before: Object.fromEntries(Object.entries(write.fields).map(([key, field]) => [key, field.before])),
        after,
        cause: Object.fromEntries(Object.entries(write.fields).map(([key, field]) => [key, field.because])),
        version: outcome.version,
        atMs: nowMs,
      },
    },
    ...settledConflicts(engine, mapping, write, snapshot, nowMs),
  ]
  return { changes, snapshot, bases, deviations }
}

function storedSnapshot(
  engine: Engine,
  mapping: MappingRuntime,
  write: Write,
  outcome: Done,
  before: Snapshot | null,
): Snapshot {
  const { side } = write
  const schema = mapping.schemas[side]
  const blanks =
    write.kind === 'create'
      ? Object.fromEntries(mapping.rules.reads[side].map((field) => [field, blankOf(schema, field)]))
      : {}
  return overlay(before, {
    key: {
      connection: engine.pairing.connectors[side].connection,
      object: mapping.rules.object[side],
      id: outcome.id,
    },
    // An association call answers for each edge it made or removed; what it leaves out is what we asked for.
    image: { ...blanks, ...(write.edge ? write.values : {}), ...outcome.image },
    version: outcome.version,
    readAtMs: engine.runtime.now(),
  })
}

function linkChanges(mapping: MappingRuntime, write: Write, outcome: Done, atMs: number): Change[] {
  const versions = { [write.side]: outcome.version }
  if (write.kind !== 'create') return [{ kind: 'set-link', link: write.link, versions }]
  const sides = write.side === 'left' ? { left: outcome.id } : { right: outcome.id }
  return [
    { kind: 'set-link', link: write.link, ...sides, state: 'live', versions },
    noteRecord(mapping, write.side, outcome.id),
    ...(['left', 'right'] as const).map((side): Change => ({
      kind: 'release-waiting',
      targetMapping: mapping.rules.mapping,
      side,
      target: side === write.side ? outcome.id : write.source.key.id,
      atMs,
    })),
  ]
}

function settledConflicts(
  engine: Engine,
  mapping: MappingRuntime,
  write: Write,
  stored: Snapshot,
  nowMs: number,
): Change[] {
  const changes: Change[] = []
  for (const [field, settled] of Object.entries(write.settles)) {
    if (settled.decided || write.base[field]?.held) {
      const state = settled.decided ? 'resolved' : 'superseded'
      changes.push({ kind: 'close-conflict', link: write.link, field, state, loser: write.side, atMs: nowMs })
    }
    if (settled.report) {
      const pair = {
        left: write.side === 'left' ? stored : write.source,
        right: write.side === 'right' ? stored : write.source,
      }
      const { report } = settled
      const conflict = conflictRow(engine, mapping, { pair, link: write.link, field, report, state: 'auto' })
      changes.push({ kind: 'open-conflict', conflict })
    }
  }
  return changes
}
