/** What a vendor fills in by itself right after a person never beats that person. */
import { describe, expect, test } from 'vitest'
import type { FieldBase } from '../../src/core/base.ts'
import { pairHash } from '../../src/core/fingerprint.ts'
import type { FieldInput } from '../../src/core/field.ts'
import { mergeField } from '../../src/core/merge.ts'
import type { Verdict } from '../../src/core/plan.ts'
import { QUIET_MS } from '../../src/core/quiet.ts'
import type { Actor, Both, Evidence } from '../../src/core/record.ts'
import type { FieldRule, Policy } from '../../src/core/rules.ts'
import type { Canonical } from '../../src/core/value.ts'
import { CONTEXT, identityRule } from './rules.ts'

const TYPED_AT = Date.parse('2026-01-01T10:00:00Z')
const READ_AT = TYPED_AT + 60_000

function by(kind: Actor['kind'], atMs: number): Evidence {
  return { at: new Date(atMs).toISOString(), actor: { kind, id: null } }
}

const PERSON = by('human', TYPED_AT)
const ENRICHED = by('system', TYPED_AT + 1_000)

function agreed(value: Canonical, ring: FieldBase['ring'] = []): FieldBase {
  return { left: value, right: value, doubt: false, held: null, once: false, ring }
}

/** The right side holds what a person typed; the left side what the vendor made of it. */
function decide(
  options: {
    readonly base?: FieldBase | null
    readonly left?: Canonical
    readonly right?: Canonical
    readonly evidence?: Both<Evidence | null> | 'not asked'
    readonly rule?: Partial<FieldRule>
  } = {},
) {
  const { base = agreed('typed'), left = 'enriched', right = 'typed', rule = {} } = options
  const { evidence = { left: ENRICHED, right: PERSON } } = options
  const known: Pick<FieldInput, 'evidence' | 'seen'> =
    evidence === 'not asked'
      ? { evidence: undefined, seen: { left: ENRICHED, right: null } }
      : { evidence, seen: evidence }
  return mergeField({
    rule: identityRule(rule),
    base,
    left,
    right,
    ...known,
    frame: { readAtMs: { left: READ_AT, right: READ_AT }, clockErrorMs: { left: 2_000, right: 2_000 } },
    context: CONTEXT,
    choice: null,
  })
}

function outcome(verdict: Verdict): string {
  if (verdict.kind === 'write') return `${verdict.side} := ${JSON.stringify(verdict.target)}`
  return verdict.kind === 'hold' ? `hold ${verdict.conflict.kind}` : verdict.kind
}

describe('an agreed value that the vendor replaced', () => {
  test('is put back, and what the vendor had filled in is reported', () => {
    const { verdict } = decide()
    expect(outcome(verdict)).toBe('left := "typed"')
    expect(verdict).toMatchObject({ conflict: { rule: 'quiet-window', loser: 'left', left: 'enriched' } })
  })

  test.each<[string, Both<Evidence | null>, string]>([
    [
      'after the window',
      { left: by('system', TYPED_AT + QUIET_MS + 1), right: PERSON },
      'right := "enriched"',
    ],
    ['at its very end', { left: by('system', TYPED_AT + QUIET_MS), right: PERSON }, 'left := "typed"'],
    ['of an integration', { left: ENRICHED, right: by('integration', TYPED_AT) }, 'right := "enriched"'],
    ['by a workflow', { left: by('automation', TYPED_AT + 1_000), right: PERSON }, 'right := "enriched"'],
    ['by a person', { left: by('human', TYPED_AT + 1_000), right: PERSON }, 'right := "enriched"'],
    ['that nobody knows about', { left: ENRICHED, right: null }, 'right := "enriched"'],
    ['without a time', { left: { ...ENRICHED, at: null }, right: PERSON }, 'right := "enriched"'],
  ])('%s: %s', (_name, evidence, expected) => {
    expect(outcome(decide({ evidence }).verdict)).toBe(expected)
  })

  test('is asked about only where a value would be overwritten', () => {
    expect(decide({ evidence: 'not asked' }).wantsEvidence).toBe(true)
    const blank = decide({ evidence: 'not asked', base: agreed(null), right: null })
    expect(blank).toMatchObject({ wantsEvidence: false, verdict: { kind: 'write', side: 'right' } })
  })

  test('is not fought for: a vendor who insists makes it a conflict', () => {
    const entry = { pair: pairHash('typed', 'typed'), side: 'left', human: false } as const
    expect(outcome(decide({ base: agreed('typed', [entry]) }).verdict)).toBe('left := "typed"')
    expect(outcome(decide({ base: agreed('typed', [entry, entry]) }).verdict)).toBe('hold automation-fight')
  })

  test('is not meant where a reference moved: what is filled in was blank', () => {
    const rule = { isReference: true }
    expect(outcome(decide({ rule }).verdict)).toBe('right := "enriched"')
    expect(outcome(decide({ rule, left: null }).verdict)).toBe('right := null')
    const base = { ...agreed('typed'), left: null }
    expect(outcome(decide({ rule, base }).verdict)).toBe('left := "typed"')
  })

  test('stays where the field does not go the other way', () => {
    const { verdict } = decide({ rule: { direction: 'left-to-right' } })
    expect(verdict).toMatchObject({ kind: 'rebase', base: { left: 'enriched', right: 'typed' } })
  })
})

describe('when both changed', () => {
  const base = agreed('before')
  const policies: readonly Policy[] = [
    { kind: 'ask' },
    { kind: 'most-recent', otherwise: { kind: 'ask' } },
    { kind: 'prefer', side: 'left' },
    { kind: 'prefer-unless-blank', side: 'left' },
  ]
  test.each(policies)('the person wins under $kind, though the vendor came later', (policy) => {
    expect(outcome(decide({ base, rule: { policy } }).verdict)).toBe('left := "typed"')
    expect(decide({ base, rule: { policy }, evidence: 'not asked' }).wantsEvidence).toBe(true)
  })

  test('policies without a loser go their way', () => {
    const rule = { policy: { kind: 'max' }, compare: () => 1 } as const
    expect(outcome(decide({ base, rule }).verdict)).toBe('right := "enriched"')
  })

  test('a new link asks only about what was filled in just now', () => {
    const seed: Policy = { kind: 'prefer', side: 'left' }
    expect(outcome(decide({ base: null, rule: { seed } }).verdict)).toBe('left := "typed"')
    const longAgo = { left: by('system', READ_AT - QUIET_MS - 1), right: by('human', READ_AT - QUIET_MS - 2) }
    expect(outcome(decide({ base: null, rule: { seed }, evidence: longAgo }).verdict)).toBe(
      'right := "enriched"',
    )
  })
})

test('swapping the sides swaps the outcome', () => {
  const mirrored = decide({
    left: 'typed',
    right: 'enriched',
    evidence: { left: PERSON, right: ENRICHED },
  })
  expect(outcome(mirrored.verdict)).toBe('right := "typed"')
})
