/**
 * Duplicate rules (Salesforce fact sheet 6.3). They run on every save through every API. People in the user
 * interface see an alert and save all the same; only blocking rules stop them.
 */
import type { Actor } from '../actor.ts'
import type { Org } from '../org.ts'
import type { ObjectType } from '../schema/object-type.ts'
import type { DuplicateRule, MatchingRule } from '../settings.ts'
import { Problem } from '../wire.ts'
import { attributes } from './print.ts'
import type { Row, Values } from './row-store.ts'
import { indexKey } from './value-index.ts'

interface Match {
  readonly rule: MatchingRule
  readonly rows: readonly Row[]
}

export function requireNoDuplicates(
  org: Org,
  actor: Actor,
  { type, row, next }: { type: ObjectType; row: Row | null; next: Values },
): void {
  for (const rule of org.settings.duplicateRules) {
    if (rule.object !== type.name || rule.action === 'report') continue
    const mayPass = rule.action === 'alert' && (actor.kind === 'person' || actor.allowDuplicates)
    if (mayPass) continue
    const matches = rule.matching.flatMap((matching): Match[] => {
      // A save that touches none of the compared fields cannot make a duplicate.
      const touched = Object.keys(matching.fields).some((name) => row?.values[name] !== next[name])
      const rows = touched ? matchingRows(org, matching, { row, next }) : []
      return rows.length === 0 ? [] : [{ rule: matching, rows }]
    })
    if (matches.length > 0) throw duplicates(rule, matches, versionOf(actor))
  }
}

function matchingRows(
  org: Org,
  { object, fields }: MatchingRule,
  { row, next }: { row: Row | null; next: Values },
): Row[] {
  const pairs = Object.entries(fields)
  const [first] = pairs
  const wanted = first && next[first[0]]
  if (first === undefined || wanted === undefined) return []
  return [...org.rows.withValue(object, first[1], indexKey(wanted))].filter(
    (other) =>
      other.id !== row?.id &&
      other.deletedAt === null &&
      pairs.every(([here, there]) => {
        const value = next[here]
        const held = other.values[there]
        return value !== undefined && held !== undefined && indexKey(value) === indexKey(held)
      }),
  )
}

/** The member's name is the vendor's own spelling (fact sheet 0.13). */
function duplicates(rule: DuplicateRule, matches: readonly Match[], version: string): Problem {
  const errorMessage = 'Use one of these records?'
  const duplicateResut = {
    allowSave: rule.action === 'alert',
    duplicateRule: rule.name,
    duplicateRuleEntityType: rule.object,
    errorMessage,
    matchResults: matches.map(({ rule: { object }, rows }) => ({
      entityType: object,
      errors: [],
      matchEngine: 'FuzzyMatchEngine',
      rule: `Standard_${object}_Match_Rule_v1_1`,
      size: rows.length,
      success: true,
      matchRecords: rows.map(({ id }) => ({
        additionalInformation: [],
        fieldDiffs: [],
        matchConfidence: 100,
        record: { attributes: attributes({ name: object }, id, version), Id: id },
      })),
    })),
  }
  return new Problem(400, [{ duplicateResut, errorCode: 'DUPLICATES_DETECTED', message: errorMessage }])
}

/** The version of the request, which URLs repeat (3). */
function versionOf({ origin }: Actor): string {
  return /\/(\d+\.\d)(;|$)/.exec(origin)?.[1] ?? '64.0'
}
