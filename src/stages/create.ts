/** Creating counterparts: half a link for each record, and the write that will complete it. */
import { otherSide, type Side, type Snapshot } from '../core/record.ts'
import { isBlank, type FieldValue } from '../core/value.ts'
import type { Change } from '../store/change.ts'
import type { Link } from '../store/links.ts'
import type { Quarantine } from '../store/waiting.ts'
import type { IntentField } from '../store/writes.ts'
import { openDirectory, type Directory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { isRefusalActive } from './refusal-cause.ts'
import { withOrigins } from './hub.ts'
import type { Loner } from './loners.ts'
import { carries } from './rule-index.ts'
import { taskOf, type Task, type Write } from './work.ts'

/** Half a link first, so that the record is spoken for while its counterpart is being created. */
export async function planCreations(
  engine: Engine,
  mapping: MappingRuntime,
  creating: readonly Loner[],
): Promise<{ changes: readonly Change[]; tasks: readonly Task[] }> {
  const snapshots = (side: Side) =>
    creating.filter((loner) => loner.subject.side === side).map((loner) => loner.snapshot)
  const directory = await openDirectory(engine.store, engine.pairing, {
    left: snapshots('left'),
    right: snapshots('right'),
  })
  const changes: Change[] = []
  const tasks: Task[] = []
  for (const loner of creating) {
    const { subject, snapshot, dirty } = loner
    const { side } = subject
    const left = side === 'left' ? snapshot : null
    const right = side === 'right' ? snapshot : null
    const link: Link = subject.link ?? {
      id: engine.runtime.id(),
      mapping: mapping.rules.mapping,
      left: left?.key.id ?? null,
      right: right?.key.id ?? null,
      state: 'half',
      epoch: 0,
      rules: mapping.rules.version,
      versions: { left: left?.version ?? null, right: right?.version ?? null },
    }
    if (!subject.link) changes.push({ kind: 'put-link', link })
    // A review that made the record wait is answered by its being created.
    changes.push({ kind: 'drop-review', mapping: mapping.rules.mapping, record: subject })
    const refused = subject.quarantine
    const active =
      refused && isRefusalActive(engine, mapping, refused, { source: snapshot, dirty }) ? refused : null
    if (refused && !active) {
      changes.push({ kind: 'heal', mapping: mapping.rules.mapping, record: subject })
    }
    const write = planCreation(engine, mapping, {
      link: link.id,
      side: otherSide(side),
      source: snapshot,
      directory,
      skip: skippedFields(mapping, otherSide(side), active),
    })
    const task = taskOf({ link, dirty, subjects: [subject] }, left, right, {
      priorAttempts: refused?.attempts ?? 0,
      queue: [write],
    })
    tasks.push({ ...task, pair: { decisions: {}, quarantines: active ? [active] : [] } })
  }
  return { changes, tasks }
}

function skippedFields(mapping: MappingRuntime, side: Side, refused: Quarantine | null): ReadonlySet<string> {
  const blames = (fields: readonly string[]) => fields.some((field) => refused?.fields.includes(field))
  return new Set(mapping.rules.fields.filter((rule) => blames(rule[side].fields)).map((rule) => rule.key))
}

/** A creation on `side` from the one record there is. Associations follow when the record exists. */
function planCreation(
  engine: Engine,
  mapping: MappingRuntime,
  options: {
    link: string
    side: Side
    source: Snapshot
    directory: Directory
    skip: ReadonlySet<string>
  },
): Write {
  const { side, source, directory } = options
  const from = otherSide(side)
  const fields: Record<string, IntentField> = {}
  const values: Record<string, FieldValue> = {}
  for (const rule of mapping.rules.fields) {
    if (mapping.paused[rule.key] !== undefined || options.skip.has(rule.key)) continue
    if (!carries(rule, from)) continue
    if (rule[side].channel === 'edge') continue
    const value = rule[from].read(source.values, directory.context[from])
    const blank = rule[side].read({}, directory.context[side])
    const restored =
      side === 'right'
        ? rule.forward(value, blank, directory.context)
        : rule.backward(value, blank, directory.context)
    if (restored.kind === 'keep' || isBlank(restored.value)) continue
    Object.assign(values, rule[side].write(restored.value, values, directory.context[side]))
    fields[rule.key] = {
      source: value,
      target: restored.value,
      before: blank,
      agreedAs: null,
      human: false,
      because: `created from the ${from} side`,
      settles: null,
    }
  }
  for (const [name, value] of Object.entries(mapping.rules.defaults[side](engine.runtime.now()))) {
    if (isBlank(values[name] ?? null)) values[name] = value
  }
  const stampField = mapping.rules.stamp[side]
  const stamp = stampField === null ? null : { field: stampField, value: source.key.id }
  return {
    id: engine.runtime.id(),
    link: options.link,
    side,
    kind: 'create',
    record: null,
    values: stamp ? { ...values, [stamp.field]: stamp.value } : values,
    edge: null,
    removal: null,
    stamp,
    fields: withOrigins(engine, mapping, { side, source, fields }),
    target: null,
    source,
    base: {},
  }
}
