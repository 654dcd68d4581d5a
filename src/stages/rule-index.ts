/** What every record asks about the fields of its mapping, worked out once per compiled rules. */
import { otherSide, SIDES, type Both, type Side } from '../core/record.ts'
import type { FieldRule, ObjectRules } from '../core/rules.ts'
import type { FieldValues } from '../core/value.ts'
import type { MappingRuntime } from './engine.ts'
import { blankOf } from './work.ts'

interface RuleIndex {
  readonly byKey: ReadonlyMap<string, FieldRule>
  /** What a read of each side asks for: `edges` cost requests of their own, `plain` come along. */
  readonly reads: Both<{ readonly plain: readonly string[]; readonly edges: readonly string[] }>
}

/** What takes the live schemas to know. */
interface SchemaIndex {
  /** Keys of the rules of fields that point at other records. */
  readonly references: ReadonlySet<string>
  readonly referenceRules: readonly FieldRule[]
  readonly blanks: Both<FieldValues>
}

const indexes = new WeakMap<ObjectRules, RuleIndex>()
const schemaIndexes = new WeakMap<MappingRuntime, SchemaIndex>()

export function ruleOf({ rules }: MappingRuntime, field: string): FieldRule {
  const rule = indexOf(rules).byKey.get(field)
  if (!rule) throw new Error(`No rule for field ${field} in mapping ${rules.mapping}`)
  return rule
}

/** Fields of a side, by whether reading them costs requests of their own. */
export function readsOf(rules: ObjectRules, side: Side): RuleIndex['reads'][Side] {
  return indexOf(rules).reads[side]
}

/** Whether a field's value goes from this side to the other. */
export function carries({ direction }: FieldRule, from: Side): boolean {
  return direction === 'both' || direction === `${from}-to-${otherSide(from)}`
}

/** Whether a field points at other records on either side. */
export function isReference(mapping: MappingRuntime, key: string): boolean {
  return schemaIndexOf(mapping).references.has(key)
}

/** The rules of fields that point at other records, in mapping order. */
export function referenceRules(mapping: MappingRuntime): readonly FieldRule[] {
  return schemaIndexOf(mapping).referenceRules
}

/** Everything that is read of a side, as it reads where the record has nothing. */
export function blanksOf(mapping: MappingRuntime, side: Side): FieldValues {
  return schemaIndexOf(mapping).blanks[side]
}

function schemaIndexOf(mapping: MappingRuntime): SchemaIndex {
  const known = schemaIndexes.get(mapping)
  if (known) return known
  const { rules, schemas } = mapping
  const referenceRules = rules.fields.filter((rule) =>
    SIDES.some((side) =>
      rule[side].fields.some((field) => schemas[side].fields.get(field)?.type === 'reference'),
    ),
  )
  const blanks = (side: Side) =>
    Object.fromEntries(rules.reads[side].map((field) => [field, blankOf(schemas[side], field)]))
  const index: SchemaIndex = {
    references: new Set(referenceRules.map((rule) => rule.key)),
    referenceRules,
    blanks: { left: blanks('left'), right: blanks('right') },
  }
  schemaIndexes.set(mapping, index)
  return index
}

function indexOf(rules: ObjectRules): RuleIndex {
  const known = indexes.get(rules)
  if (known) return known
  const split = (side: Side) => {
    const edges = new Set(
      rules.fields.flatMap((rule) => (rule[side].channel === 'edge' ? rule[side].fields : [])),
    )
    return {
      plain: rules.reads[side].filter((field) => !edges.has(field)),
      edges: rules.reads[side].filter((field) => edges.has(field)),
    }
  }
  const index: RuleIndex = {
    byKey: new Map(rules.fields.map((rule) => [rule.key, rule])),
    reads: { left: split('left'), right: split('right') },
  }
  indexes.set(rules, index)
  return index
}
