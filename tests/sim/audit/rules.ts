/** The rules of the mappings, and what a record's chapter means under them. */
import { NO_LOOKUPS, type FieldRule, type ObjectRules } from '../../../src/core/rules.ts'
import type { Side } from '../../../src/core/record.ts'
import type { Canonical } from '../../../src/core/value.ts'
import type { Vendor } from '../../../src/config/connection.ts'
import { HANDS, vendorsOf as vendorsIn } from '../cast.ts'
import { KINDS, type Kind } from '../hands/hands.ts'
import type { Chapter } from '../chronicle.ts'
import type { Case } from './case.ts'

/** The two whose records are judged. */
export function vendorsOf({ pairing }: Pick<Case, 'pairing'>): readonly Vendor[] {
  return vendorsIn([pairing])
}

export function rulesOf({ rules }: Pick<Case, 'rules'>, kind: Kind): ObjectRules {
  const object = HANDS.get('attio')?.object[kind]
  const keeping = rules.filter((each) => each.object.left === object)
  // Of several mappings the one that makes counterparts: leads have the fields that contacts have.
  const found = keeping.find(({ create }) => create.right) ?? keeping[0]
  if (!found) throw new Error(`no mapping of ${kind}`)
  return found
}

/** The kind of records that a mapping keeps; undefined where it is not one of this case. */
export function kindOf({ rules }: Pick<Case, 'rules'>, mapping: string): Kind | undefined {
  const object = rules.find((each) => each.mapping === mapping)?.object.left
  return KINDS.find((kind) => HANDS.get('attio')?.object[kind] === object)
}

/** Fields whose meaning needs no look-up: all but users and references. */
export function plainRules(rules: ObjectRules): readonly FieldRule[] {
  return rules.fields.filter(({ key }) => !LOOKED_UP.has(key))
}

const LOOKED_UP = new Set(['owner', 'company', 'associated_company', 'associated_people'])

export function sideOf(vendor: string): Side {
  const hands = HANDS.get(vendor)
  if (!hands) throw new Error(`nobody knows ${vendor}`)
  return hands.side
}

/** A field's canonical value in a chapter. What the vendor does not print is blank. */
export function meaning(rule: FieldRule, side: Side, { values }: Pick<Chapter, 'values'>): Canonical {
  const known = Object.fromEntries(rule[side].fields.map((field) => [field, values[field] ?? null]))
  return rule[side].read(known, NO_LOOKUPS)
}

/** Keys by which a record is recognised without a person: `<number of the rule>:<key>`. */
export function strongKeys(
  facts: Pick<Case, 'rules'>,
  vendor: string,
  kind: Kind,
  { values }: Chapter,
): readonly string[] {
  const side = sideOf(vendor)
  return rulesOf(facts, kind).match.flatMap((rule, index) =>
    rule.strength === 'strong' ? rule.keys[side](values).map((key) => `${index}:${key}`) : [],
  )
}
