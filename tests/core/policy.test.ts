/** What each policy makes of a field that both sides changed. */
import { describe, expect, test } from 'vitest'
import type { Actor, Evidence } from '../../src/core/record.ts'
import type { Policy } from '../../src/core/rules.ts'
import type { Canonical } from '../../src/core/value.ts'
import { base, decide, outcome } from './decide.ts'

describe('policies', () => {
  const B = base('1', '1')
  const person: Actor = { kind: 'human', id: 'u1' }
  const at = (text: string): Evidence => ({ at: text, actor: person })

  test.each<[string, Policy, Canonical, Canonical, string]>([
    ['max', { kind: 'max' }, '5', '3', 'write right "5"'],
    ['min', { kind: 'min' }, '5', '3', 'write left "3"'],
    ['never-overwrite with both set', { kind: 'never-overwrite' }, '5', '3', 'rebase'],
    ['never-overwrite into a blank', { kind: 'never-overwrite' }, '5', null, 'write right "5"'],
    [
      'prefer-unless-blank, blank',
      { kind: 'prefer-unless-blank', side: 'left' },
      null,
      '3',
      'write left "3"',
    ],
    ['union of whole values asks', { kind: 'union' }, '5', '3', 'hold'],
  ])('%s', (_name, policy, left, right, expected) => {
    expect(outcome(decide({ base: B, left, right }, { rule: { policy } }).verdict)).toBe(expected)
  })

  test('most-recent asks for evidence, then picks the later edit, and never guesses within the clock error', () => {
    const policy: Policy = { kind: 'most-recent', otherwise: { kind: 'ask' } }
    const state = { base: B, left: '5', right: '3' }
    expect(decide(state, { rule: { policy }, evidence: undefined }).wantsEvidence).toBe(true)
    const later = { left: at('2026-01-01T10:00:00Z'), right: at('2026-01-01T10:01:00.5Z') }
    expect(outcome(decide(state, { rule: { policy }, evidence: later }).verdict)).toBe('write left "3"')
    const close = { left: at('2026-01-01T10:00:00Z'), right: at('2026-01-01T10:00:03Z') }
    expect(outcome(decide(state, { rule: { policy }, evidence: close }).verdict)).toBe('hold')
    const unknown = { left: null, right: at('2026-01-01T10:00:03Z') }
    expect(outcome(decide(state, { rule: { policy }, evidence: unknown }).verdict)).toBe('hold')
  })

  test('a stamp of the whole record says when the field did not change any more, and nothing else', () => {
    const policy: Policy = { kind: 'most-recent', otherwise: { kind: 'ask' } }
    const state = { base: B, left: '5', right: '3' }
    const stamped = (time: string, notBefore: string | null) => ({ ...at(time), notBefore })
    const verdict = (left: Evidence, right: Evidence) =>
      outcome(decide(state, { rule: { policy }, evidence: { left, right } }).verdict)
    // Whatever the right side changed at 10:00, this field was not changed later.
    expect(verdict(at('2026-01-01T10:01:00Z'), stamped('2026-01-01T10:00:00Z', null))).toBe('write right "5"')
    // It changed until 10:01, perhaps years ago.
    expect(verdict(at('2026-01-01T10:00:00Z'), stamped('2026-01-01T10:01:00Z', null))).toBe('hold')
    // It was seen unchanged at 10:00:30.
    const since = stamped('2026-01-01T10:01:00Z', '2026-01-01T10:00:30Z')
    expect(verdict(at('2026-01-01T10:00:00Z'), since)).toBe('write left "3"')
  })

  test('write-once writes a blank target once per link', () => {
    const policy: Policy = { kind: 'write-once' }
    const first = base(null, null)
    expect(outcome(decide({ base: first, left: '5', right: null }, { rule: { policy } }).verdict)).toBe(
      'write right "5"',
    )
    const done = base('5', '5', { once: true })
    expect(outcome(decide({ base: done, left: '6', right: null }, { rule: { policy } }).verdict)).toBe(
      'rebase',
    )
  })
})
