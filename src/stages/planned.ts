/**
 * Operations as a plan states them: what is written where, from what to what and why. Each carries a guard, which
 * says under which circumstances it was decided; `apply` carries an operation out only if both come out the same.
 */
import { hashText } from '../core/fingerprint.ts'
import { otherSide, type RecordId, type Side } from '../core/record.ts'
import { canonicalText, isList, type Canonical, type FieldValue, type Json } from '../core/value.ts'
import { compileMapping } from '../mapping/compile.ts'
import type { LinkId } from '../store/links.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { referencesIn } from './directory.ts'
import { isReference, ruleOf } from './rule-index.ts'
import type { Pair, Write } from './work.ts'

export interface PlannedField {
  readonly field: string
  readonly before: Canonical
  readonly after: Canonical
  readonly because: string
}

export interface PlannedWrite {
  readonly mapping: string
  readonly link: LinkId
  readonly side: Side
  readonly connection: string
  readonly object: string
  readonly kind: Write['kind']
  /** `$<link>.<side>` for a record that the plan creates, here and wherever else it is named. */
  readonly record: RecordId
  /** The record of the other side that causes it. */
  readonly source: RecordId
  readonly fields: readonly PlannedField[]
  readonly guard: string
}

export interface PlannedLink {
  readonly mapping: string
  readonly link: LinkId
  readonly left: RecordId
  readonly right: RecordId
  readonly guard: string
}

export interface PlannedConflict {
  readonly mapping: string
  readonly link: LinkId
  readonly leftRecord: RecordId
  readonly rightRecord: RecordId
  readonly field: string
  readonly left: Canonical
  readonly right: Canonical
  readonly rule: string
  readonly because: string
}

export interface PlannedOperations {
  readonly writes: readonly PlannedWrite[]
  readonly links: readonly PlannedLink[]
  readonly conflicts: readonly PlannedConflict[]
}

/**
 * - `applied`: the journal has it.
 * - `stale`: the engine would decide otherwise now, or on other grounds; it was not executed.
 * - `failed`: it was sent, and the CRM did not take it.
 */
export interface OperationOutcome {
  readonly operation: PlannedWrite | PlannedLink
  readonly outcome: 'applied' | 'stale' | 'failed'
  /** Why it was not applied; empty otherwise. */
  readonly because: string
}

/** What a plan calls links and records that exist under other ids by now; everything else keeps its own. */
export interface Names {
  link(id: LinkId): LinkId
  record(side: Side, object: string, id: RecordId): RecordId
}

const OWN_NAMES: Names = { link: (id) => id, record: (_side, _object, id) => id }

/** What a record is called before it exists. */
export function symbolOf(link: LinkId, side: Side): RecordId {
  return `$${link}.${side}`
}

export function plannedWrite(
  engine: Engine,
  mapping: MappingRuntime,
  write: Write,
  names: Names = OWN_NAMES,
): PlannedWrite {
  const { side, kind, record } = write
  const { object } = mapping.rules
  const far = otherSide(side)
  const link = names.link(write.link)
  return {
    mapping: mapping.rules.mapping,
    link,
    side,
    connection: engine.pairing.connectors[side].connection,
    object: object[side],
    kind,
    record: record === null ? symbolOf(link, side) : names.record(side, object[side], record),
    source: names.record(far, object[far], write.source.key.id),
    fields: Object.keys(write.fields).map((field) => plannedField(mapping, write, field, names)),
    guard: guardOf(mapping, write, names),
  }
}

export function plannedLink(mapping: MappingRuntime, { link, left, right }: Pair): PlannedLink {
  const guard = hashText(`${rulesOfPlan(mapping)} ${left.key.id} ${right.key.id}`)
  return { mapping: mapping.rules.mapping, link: link.id, left: left.key.id, right: right.key.id, guard }
}

/** References are compared as pairs of ours; people know the records by their ids in the CRM. */
function plannedField(mapping: MappingRuntime, write: Write, key: string, names: Names): PlannedField {
  const planned = write.fields[key]
  const [name] = ruleOf(mapping, key)[write.side].fields
  const pointsAtRecords =
    name !== undefined && mapping.schemas[write.side].fields.get(name)?.type === 'reference'
  const named = (value: FieldValue | undefined) => withRecordNames(value ?? null, write.side, names)
  return {
    field: key,
    before: pointsAtRecords ? named(write.target?.values[name]) : (planned?.before ?? null),
    after: pointsAtRecords ? named(write.values[name]) : (planned?.target ?? null),
    because: planned?.because ?? '',
  }
}

/**
 * Hash of what the decision rests on, for the fields it is about: what each side held when both last agreed, what
 * both hold now, the rules, and the rule that decided.
 */
function guardOf(mapping: MappingRuntime, write: Write, names: Names): string {
  const fields = Object.entries(write.fields).map(([key, { source, before, because }]): Json => {
    const held = isReference(mapping, key)
      ? (value: Canonical) => orderless(withLinkNames(value, names))
      : (value: Canonical) => value
    const known = write.base[key]
    const base = known && [held(known.left), held(known.right), known.doubt, known.held !== null, known.once]
    return [key, base ?? null, held(source), held(before), because]
  })
  return hashText(canonicalText([rulesOfPlan(mapping), write.kind, ...fields]))
}

/** A reference's canonical value is a link, or several. */
function withLinkNames(value: Canonical, names: Names): Canonical {
  if (typeof value === 'string') return names.link(value)
  return isList(value) ? value.map((element) => withLinkNames(element, names)) : value
}

function withRecordNames(value: FieldValue, side: Side, names: Names): FieldValue {
  return orderless(
    referencesIn(value).map(({ object, id }) => ({ object, id: names.record(side, object, id) })),
  )
}

/** References have no order of their own; ours is that of ids which another database does not share. */
function orderless(value: Json): Json {
  if (!isList(value)) return value
  return value.toSorted((a, b) => (canonicalText(a) < canonicalText(b) ? -1 : 1))
}

/**
 * Null when both are the same operation on the same grounds, else what speaks against it. Values are not repeated
 * in it: reports are kept and passed on.
 */
export function differenceBetween(planned: PlannedWrite, now: PlannedWrite): string | null {
  if (planned.link !== now.link || planned.source !== now.source) {
    return 'the records belong to another pair by now'
  }
  const then = new Map(planned.fields.map((field) => [field.field, field]))
  for (const field of now.fields) {
    const known = then.get(field.field)
    then.delete(field.field)
    if (!known) return `${field.field} would be written as well now`
    if (canonicalText(known.before) !== canonicalText(field.before)) {
      return `${field.field} held another value when the plan was made`
    }
    if (canonicalText(known.after) !== canonicalText(field.after)) {
      return `another value would be written to ${field.field} now`
    }
  }
  const [left] = then.keys()
  if (left !== undefined) return `${left} would not be written any more`
  return planned.guard === now.guard ? null : 'what the decision rests on changed since the plan was made'
}

const versions = new WeakMap<MappingRuntime, string>()

/**
 * The version of a mapping's rules for plans: without the stamps, because a plan may be made before the fields that
 * hold them exist, and what is to be written does not depend on them.
 */
export function rulesOfPlan(mapping: MappingRuntime): string {
  const known = versions.get(mapping)
  if (known !== undefined) return known
  const file = mapping.rules.mapping
  const at = () => ({ file, line: 1, column: 1 })
  const { version } = compileMapping(
    { file, body: mapping.source.body, at },
    { schemas: mapping.schemas, stamps: { left: null, right: null } },
  )
  versions.set(mapping, version)
  return version
}
