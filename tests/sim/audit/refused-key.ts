import { relativesOf } from './partners.ts'
import { kindOf } from './rules.ts'
import type { Case } from './case.ts'

/**
 * Records of which people were told that the other CRM refuses the key that they have now. Two equal records are linked
 * without a stamp; when one of them then gets a key that a third holds over there, its keys would pair it with that one.
 */
export function refusedKeys({ rules, reports }: Pick<Case, 'rules' | 'reports'>): ReadonlySet<string> {
  return new Set(
    reports.quarantined.flatMap(({ mapping, record, fields }) => {
      const own = rules.find((each) => each.mapping === mapping)
      const isKey = own?.match.some(
        ({ strength, field: { left, right } }) =>
          strength === 'strong' && (fields.includes(left) || fields.includes(right)),
      )
      return isKey ? [record.id] : []
    }),
  )
}

/** Whoever may be their other half: an outsider has nothing left to know it by. */
export function besideRefusedKeys(facts: Case): readonly string[] {
  const refused = refusedKeys(facts)
  return facts.reports.quarantined.flatMap(({ mapping, record }) => {
    const kind = refused.has(record.id) ? kindOf(facts, mapping) : undefined
    const biography = kind && facts.witness.find(facts.pairing[record.side], kind, record.id)
    return biography ? relativesOf(facts, biography).map(({ id }) => id) : []
  })
}
