/**
 * The examples of a mapping file, run offline: given what one side holds, what does the other side get? No
 * account, no network and no history, so a person can try a rule before any record is touched.
 *
 * In fixtures a user is written as an e-mail address, and records on both sides that share an id are linked.
 */
import { otherSide, type Both, type Side } from '../core/record.ts'
import type { FieldRule, ObjectRules, Restored, SideContext } from '../core/rules.ts'
import {
  canonicalText,
  isBlank,
  isEqual,
  isList,
  type Canonical,
  type FieldValues,
  type Json,
} from '../core/value.ts'
import type { SourcePosition } from '../errors.ts'
import { compileMapping } from './compile.ts'
import { suggestion } from './did-you-mean.ts'
import type { FixtureEntry } from './document.ts'
import type { MappingDocument } from './load.ts'

export interface FixtureResult {
  readonly name: string
  readonly at: SourcePosition
  readonly passed: boolean
  readonly differences: readonly FixtureDifference[]
}

export interface FixtureDifference {
  readonly side: Side
  readonly field: string
  readonly at: SourcePosition
  readonly expected: Json
  readonly got: Json
  /** Why nothing was written, when that is the reason. */
  readonly because: string | null
}

/** Runs every fixture of the document. Throws `ConfigError` only where the mapping cannot be compiled at all. */
export function runFixtures(document: MappingDocument): readonly FixtureResult[] {
  const rules = compileMapping(document)
  return document.body.fixtures.map((fixture, index) => {
    const path = ['fixtures', index] as const
    const differences = [
      ...differencesOn('left', fixture, rules, (field) => document.at([...path, 'expect-left', field])),
      ...differencesOn('right', fixture, rules, (field) => document.at([...path, 'expect-right', field])),
    ]
    return {
      name: fixture.name ?? `fixture ${index + 1}`,
      at: document.at(path),
      passed: differences.length === 0,
      differences,
    }
  })
}

/** One line per difference: what was expected and what came, for terminals. */
export function differenceText(difference: FixtureDifference): string {
  const because = difference.because === null ? '' : ` (${difference.because})`
  return `${difference.side} ${difference.field}: expected ${canonicalText(difference.expected)}, got ${canonicalText(difference.got)}${because}`
}

function differencesOn(
  side: Side,
  fixture: FixtureEntry,
  rules: ObjectRules,
  at: (field: string) => SourcePosition,
): readonly FixtureDifference[] {
  const expectations = Object.entries(fixture[`expect-${side}`] ?? {})
  if (expectations.length === 0) return []
  const outcome = translate(rules, side, { left: jsonValues(fixture.left), right: jsonValues(fixture.right) })
  const mapped = rules.fields.flatMap((rule) => rule[side].fields)
  return expectations.flatMap(([field, raw]) => {
    const expected = toJson(raw)
    const got = outcome.values[field] ?? null
    if (matches(expected, got)) return []
    const because = mapped.includes(field)
      ? (outcome.kept.get(field) ?? null)
      : `not mapped; ${suggestion(field, mapped, 'see `fields`')}`
    return [{ side, field, at: at(field), expected, got, because }]
  })
}

interface Outcome {
  /** What the side holds afterwards. */
  readonly values: FieldValues
  /** Field → why it was left alone. */
  readonly kept: ReadonlyMap<string, string>
}

function translate(rules: ObjectRules, side: Side, given: Both<FieldValues>): Outcome {
  // A side that the example says nothing about has no record yet.
  const isNew = Object.keys(given[side]).length === 0
  let values = given[side]
  const kept = new Map<string, string>()
  for (const rule of rules.fields) {
    const source = otherSide(side)
    // A field the example does not speak of is unknown, not empty.
    if (!rule[source].fields.some((field) => given[source][field] !== undefined)) continue
    const current = rule[side].read(values, FIXTURE_CONTEXT)
    const restored = restore(rule, side, rule[source].read(given[source], FIXTURE_CONTEXT), current)
    if (restored.kind === 'keep') {
      for (const field of rule[side].fields) kept.set(field, restored.reason)
    } else if (!isEqual(restored.value, current)) {
      values = { ...values, ...rule[side].write(restored.value, values, FIXTURE_CONTEXT) }
    }
  }
  const defaults = isNew ? Object.entries(rules.defaults[side](0)) : []
  const filling = Object.fromEntries(defaults.filter(([name]) => isBlank(values[name] ?? null)))
  return { values: { ...values, ...filling }, kept }
}

function restore(rule: FieldRule, side: Side, source: Canonical, current: Canonical): Restored {
  const oneWay = side === 'left' ? 'left-to-right' : 'right-to-left'
  if (rule.direction === oneWay) return { kind: 'keep', reason: `the field goes ${oneWay} only` }
  if (rule.blank === 'ignore' && source === null) return { kind: 'keep', reason: 'blanks are ignored' }
  const context = { left: FIXTURE_CONTEXT, right: FIXTURE_CONTEXT }
  return side === 'left' ? rule.backward(source, current, context) : rule.forward(source, current, context)
}

const FIXTURE_CONTEXT: SideContext = {
  userEmail: (id) => (id.includes('@') ? id.toLowerCase() : null),
  userId: (email) => email,
  tokenOwner: () => 'token-owner@example.com',
  linkOf: (_object, id) => id,
  recordOf: (_object, link) => link,
}

/** Blank matches blank; an object needs only the members that were spelled out. */
function matches(expected: Json, got: Json): boolean {
  if (isBlank(expected)) return isBlank(got)
  if (isList(got)) {
    const list = isList(expected) ? expected : [expected]
    return list.length === got.length && list.every((element, index) => matches(element, got[index] ?? null))
  }
  if (typeof expected === 'object' && expected !== null && !isList(expected)) {
    if (typeof got !== 'object' || got === null) return false
    return Object.entries(expected).every(([key, member]) => matches(member, got[key] ?? null))
  }
  return isEqual(expected, got)
}

function jsonValues(values: Readonly<Record<string, unknown>> | undefined): FieldValues {
  return Object.fromEntries(Object.entries(values ?? {}).map(([field, raw]) => [field, toJson(raw)]))
}

/** Fixture values as `Json`. The loader has made text of numbers; `String` covers documents built by hand. */
function toJson(raw: unknown): Json {
  if (raw === null || raw === undefined) return null
  if (typeof raw === 'string' || typeof raw === 'boolean') return raw
  if (Array.isArray(raw)) return raw.map(toJson)
  if (typeof raw === 'object')
    return Object.fromEntries(Object.entries(raw).map(([key, member]) => [key, toJson(member)]))
  return JSON.stringify(raw)
}
