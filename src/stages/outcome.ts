/** What one write's outcome means: store changes, and what the pair looks like now. Pure. */
import type { WriteOutcome } from '../connectors/writing.ts'
import { commitField } from '../core/commit.ts'
import type { FieldBase, LinkBase } from '../core/base.ts'
import { SIDES, type Both, type RecordId, type Snapshot } from '../core/record.ts'
import type { SideRule } from '../core/rules.ts'
import type { Canonical } from '../core/value.ts'
import type { Change } from '../store/change.ts'
import type { JournalEntry } from '../store/writes.ts'
import type { Directory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { settledConflicts } from './conflict-rows.ts'
import { writtenOver } from './attribution.ts'
import { handedOn } from './hub.ts'
import { noteRecord } from './link-changes.ts'
import { blanksOf, ruleOf } from './rule-index.ts'
import { overlay, type Write } from './work.ts'

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
      known: isShown(write, outcome, rule[side]) ? 'post-image' : 'read-back-unknown',
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
        cause: causeOf(write),
        version: outcome.version,
        atMs: nowMs,
      },
    },
    ...handedOn(engine, mapping, { side, record: outcome.id, fields: write.fields }),
    // Of a record that we created nothing was told before.
    ...(write.target === null
      ? []
      : writtenOver(engine, mapping, {
          side,
          record: outcome.id,
          fields: Object.keys(write.fields),
          sinceMs: write.target.readAtMs,
        })),
    ...settledConflicts(engine, mapping, {
      link: { id: write.link, ...idsOf(write, outcome) },
      side,
      fields: write.fields,
      base: write.base,
    }),
  ]
  return { changes, snapshot, bases, deviations }
}

/** One text where it is the same for all fields, as of a creation. */
function causeOf({ fields }: Write): JournalEntry['cause'] {
  const causes = Object.entries(fields).map(([key, { because }]) => [key, because] as const)
  const [first] = causes
  const isOne = first !== undefined && causes.every(([, because]) => because === first[1])
  return isOne ? first[1] : Object.fromEntries(causes)
}

/**
 * Whether the answer proves what is stored. What a creation leaves out is blank, and an association call answers for
 * each edge it made or removed; a value missing from the answer to an update is simply not known.
 */
function isShown(write: Write, { image }: Done, { fields }: SideRule): boolean {
  return write.kind !== 'update' || fields.every((field) => field in image || !(field in write.values))
}

function storedSnapshot(
  engine: Engine,
  mapping: MappingRuntime,
  write: Write,
  outcome: Done,
  before: Snapshot | null,
): Snapshot {
  const { side } = write
  return overlay(before, {
    key: {
      connection: engine.pairing.connectors[side].connection,
      object: mapping.rules.object[side],
      id: outcome.id,
    },
    // What an answer leaves out of a creation is blank; of an update, what we asked for: certainly not what was there.
    image: { ...(write.kind === 'create' ? blanksOf(mapping, side) : write.values), ...outcome.image },
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
    ...SIDES.map((side): Change => ({
      kind: 'release-waiting',
      targetMapping: mapping.rules.mapping,
      side,
      target: side === write.side ? outcome.id : write.source.key.id,
      atMs,
    })),
  ]
}

/** Both records of the pair, now that the written one exists. */
function idsOf({ side, source }: Write, { id }: Done): Both<RecordId> {
  return side === 'left' ? { left: id, right: source.key.id } : { left: source.key.id, right: id }
}
