import type { MatchRule, ObjectRules } from '../../../src/core/rules.ts'
import type { Case } from './case.ts'

/**
 * Records that only an open conflict shows to be a pair. Two equal records are linked without a stamp; when both then
 * get another key, an outsider has nothing left to know them by, and the conflict about the key names them both.
 */
export function pairedByConflict({ rules, reports }: Pick<Case, 'rules' | 'reports'>): ReadonlySet<string> {
  return new Set(
    reports.conflicts.flatMap(({ mapping, state, field, records: { left, right } }) => {
      if (state !== 'open' || left === null || right === null) return []
      return isKeyField(rules, mapping, field) ? [left, right] : []
    }),
  )
}

function isKeyField(rules: readonly ObjectRules[], mapping: string, field: string): boolean {
  const own = rules.find((each) => each.mapping === mapping)
  const rule = own?.fields.find(({ key }) => key === field)
  const isKey = ({ strength, field: { left } }: MatchRule) =>
    strength === 'strong' && Boolean(rule?.left.fields.includes(left))
  return Boolean(own?.match.some(isKey))
}
