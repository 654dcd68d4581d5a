import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FieldBase } from '../../src/core/base.ts'
import { commitField } from '../../src/core/commit.ts'
import { pairHash } from '../../src/core/fingerprint.ts'
import type { FieldRule, Policy } from '../../src/core/rules.ts'
import type { Canonical } from '../../src/core/value.ts'
import { base, decide, outcome } from './decide.ts'

describe('one field of a linked pair', () => {
  const B = base('b', 'b')
  test.each<[string, FieldBase | null, Canonical, Canonical, string]>([
    ['nothing moved', B, 'b', 'b', 'nothing'],
    ['left changed', B, 'x', 'b', 'write right "x"'],
    ['right changed', B, 'b', 'x', 'write left "x"'],
    ['both typed the same', B, 'x', 'x', 'rebase'],
    ['both changed differently', B, 'x', 'y', 'hold'],
    ['left cleared', B, null, 'b', 'write right null'],
    ['a refused value stays refused', base('long text', 'long'), 'long text', 'long', 'nothing'],
    ['a refused value, then left edits', base('long text', 'long'), 'new', 'long', 'write right "new"'],
    ['new link, both agree', null, 'x', 'x', 'rebase'],
    ['new link, right blank', null, 'x', null, 'write right "x"'],
    ['new link, left blank', null, null, 'x', 'write left "x"'],
    ['new link, they contradict: seeded from the left', null, 'x', 'y', 'write right "x"'],
    ['new link, both blank', null, null, null, 'rebase'],
    ['doubt counts as a change of both sides', base('b', 'b', { doubt: true }), 'x', 'b', 'hold'],
    ['doubt about a known difference', base('b', 'c', { doubt: true }), 'b', 'c', 'hold'],
    ['doubt about values that agree', base('b', 'c', { doubt: true }), 'x', 'x', 'rebase'],
  ])('%s', (_name, known, left, right, expected) => {
    expect(outcome(decide({ base: known, left, right }).verdict)).toBe(expected)
  })

  test('a stand-in is not taken for a choice when a pair begins without a base', () => {
    // An owner whom the left CRM does not know is represented there by somebody else.
    const rule: Partial<FieldRule> = {
      backward: (right) => ({ kind: 'value', value: right === 'left the company' ? 'stand-in' : right }),
    }
    const [left, right] = ['stand-in', 'left the company']
    expect(outcome(decide({ base: null, left, right }, { rule }).verdict)).toBe('rebase')
    const other = { base: null, left: 'somebody else', right }
    expect(outcome(decide(other, { rule }).verdict)).toBe('write right "somebody else"')
    const chosen = { base: base('b', 'b'), left, right: 'b' }
    expect(outcome(decide(chosen, { rule }).verdict)).toBe('write right "stand-in"')
  })

  test('an open conflict is not decided again on the same values, and is on others', () => {
    const held = base('b', 'b', { held: pairHash('x', 'y') })
    expect(outcome(decide({ base: held, left: 'x', right: 'y' }).verdict)).toBe('nothing')
    expect(outcome(decide({ base: held, left: 'x', right: 'z' }).verdict)).toBe('hold')
    expect(outcome(decide({ base: held, left: 'x', right: 'b' }).verdict)).toBe('write right "x"')
  })

  test("a person's choice is written through, whatever the policy", () => {
    const held = base('b', 'b', { held: pairHash('x', 'y') })
    expect(outcome(decide({ base: held, left: 'x', right: 'y' }, { choice: 'right' }).verdict)).toBe(
      'write left "y"',
    )
  })

  test('a conflict that a rule settles reports the losing value', () => {
    const policy: Policy = { kind: 'prefer', side: 'right' }
    const { verdict } = decide({ base: B, left: 'x', right: 'y' }, { rule: { policy } })
    expect(verdict).toMatchObject({
      kind: 'write',
      side: 'left',
      target: 'y',
      conflict: { loser: 'left', left: 'x' },
    })
  })

  test('a value that somebody cleared and that loses is reported; a blank that never was a value is not', () => {
    const policy: Policy = { kind: 'prefer', side: 'left' }
    const cleared = decide({ base: B, left: 'x', right: null }, { rule: { policy } }).verdict
    expect(cleared).toMatchObject({ kind: 'write', target: 'x', conflict: { loser: 'right', right: null } })
    const never = decide({ base: null, left: 'x', right: null }, { rule: { policy } }).verdict
    expect(never).toMatchObject({ kind: 'write', target: 'x', conflict: null })
  })

  test('a blank that must not overwrite is remembered as a difference', () => {
    const { verdict } = decide({ base: B, left: null, right: 'b' }, { rule: { blank: 'ignore' } })
    expect(verdict).toMatchObject({ kind: 'rebase', base: { left: null, right: 'b' } })
  })

  test('a value without a counterpart is kept and tried again later', () => {
    const rule: Partial<FieldRule> = { forward: () => ({ kind: 'keep', reason: 'no such user' }) }
    expect(decide({ base: B, left: 'x', right: 'b' }, { rule }).verdict).toEqual({
      kind: 'nothing',
      field: 'field',
      because: 'no such user',
    })
  })
})

describe('one-way fields', () => {
  const B = base('b', 'b')
  test.each<['ignore' | 'report' | 'restore', string]>([
    ['ignore', 'rebase'],
    ['report', 'hold'],
    ['restore', 'write right "b"'],
  ])('drift: %s', (drift, expected) => {
    const rule: Partial<FieldRule> = { direction: 'left-to-right', drift }
    expect(outcome(decide({ base: B, left: 'b', right: 'x' }, { rule }).verdict)).toBe(expected)
    expect(outcome(decide({ base: B, left: 'y', right: 'x' }, { rule }).verdict)).toBe('write right "y"')
  })
})

describe('sets', () => {
  const rule: Partial<FieldRule> = { shape: 'elements' }
  test('both sides added: the merged set goes right first and the left side follows by itself (B9)', () => {
    const B = base(['a'], ['a'])
    const first = decide({ base: B, left: ['a', 'l'], right: ['a', 'r'] }, { rule }).verdict
    expect(first).toMatchObject({
      kind: 'write',
      side: 'right',
      target: ['a', 'l', 'r'],
      agreedAs: { value: ['a', 'l'] },
    })
    if (first.kind !== 'write') throw new Error('not a write')
    const after = commitField({
      base: B,
      side: 'right',
      source: first.source,
      target: first.target,
      agreedAs: first.agreedAs,
      stored: first.target,
      known: 'post-image',
      human: false,
      writeOnce: false,
    })
    const second = decide({ base: after.base, left: ['a', 'l'], right: ['a', 'l', 'r'] }, { rule }).verdict
    expect(outcome(second)).toBe('write left ["a","l","r"]')
  })

  test('in doubt a merge may bring back what somebody removed, and reports it', () => {
    const doubted = base(null, null, { doubt: true })
    const back = decide({ base: doubted, left: ['l'], right: null }, { rule }).verdict
    expect(back).toMatchObject({ side: 'right', target: ['l'], conflict: { rule: 'union', loser: 'right' } })
    const both = decide({ base: doubted, left: ['l'], right: ['r'] }, { rule }).verdict
    expect(both).toMatchObject({ agreedAs: { value: ['l'] }, conflict: { rule: 'union', loser: 'right' } })
    const sure = decide({ base: base(null, null), left: ['l'], right: ['r'] }, { rule }).verdict
    expect(sure).toMatchObject({ agreedAs: { value: ['l'] }, conflict: null })
  })

  test('a removal on one side and an addition on the other both survive', () => {
    const { verdict } = decide(
      { base: base(['a', 'b'], ['a', 'b']), left: ['a'], right: ['a', 'b', 'c'] },
      { rule },
    )
    expect(verdict).toMatchObject({ target: ['a', 'c'] })
  })
})

describe('laws (I2, I15, I17, I19)', () => {
  const value = fc.constantFrom<Canonical>(null, 'a', 'b', 'c')
  const anyBase = fc.option(fc.tuple(value, value).map(([left, right]) => base(left, right)))
  const policies: Policy[] = [
    { kind: 'ask' },
    { kind: 'prefer', side: 'left' },
    { kind: 'prefer-unless-blank', side: 'left' },
    { kind: 'union' },
    { kind: 'never-overwrite' },
  ]

  test('after a settled write the same state leads to no write, whatever the vendor stored (Theorem 2)', () => {
    fc.assert(
      fc.property(
        anyBase,
        value,
        value,
        value,
        fc.constantFrom(...policies),
        (known, left, right, stored, policy) => {
          const { verdict } = decide({ base: known, left, right }, { rule: { policy } })
          if (verdict.kind !== 'write') return
          const { base: after } = commitField({
            base: verdict.base,
            side: verdict.side,
            source: verdict.source,
            target: verdict.target,
            agreedAs: verdict.agreedAs,
            stored,
            known: 'post-image',
            human: false,
            writeOnce: false,
          })
          const next = {
            base: after,
            left: verdict.side === 'left' ? stored : left,
            right: verdict.side === 'right' ? stored : right,
          }
          expect(decide(next, { rule: { policy } }).verdict.kind).not.toBe('write')
        },
      ),
    )
  })

  test('swapping the sides swaps the outcome', () => {
    const mirror = (policy: Policy): Policy =>
      policy.kind === 'prefer' || policy.kind === 'prefer-unless-blank'
        ? { ...policy, side: 'right' }
        : policy
    fc.assert(
      fc.property(anyBase, value, value, fc.constantFrom(...policies), (known, left, right, policy) => {
        const rule = { policy, seed: { kind: 'prefer-unless-blank', side: 'left' } as Policy }
        const swapped = {
          policy: mirror(policy),
          seed: { kind: 'prefer-unless-blank', side: 'right' } as Policy,
        }
        const there = decide({ base: known, left, right }, { rule }).verdict
        const back = decide(
          { base: known && base(known.right, known.left), left: right, right: left },
          { rule: swapped },
        ).verdict
        const flip = (text: string) =>
          text.replace(/left|right/, (side) => (side === 'left' ? 'right' : 'left'))
        expect(flip(outcome(back))).toBe(outcome(there))
      }),
    )
  })

  test('two automations that fight are stopped within eight writes', () => {
    // Each side's automation rewrites whatever it is given to its own favourite.
    let state = { base: base('L', 'R') as FieldBase, left: 'L' as Canonical, right: 'R' as Canonical }
    const system = { at: null, actor: { kind: 'system' as const, id: null } }
    let writes = 0
    state = { ...state, left: 'L2' }
    for (let round = 0; round < 40; round += 1) {
      const { verdict } = decide(state, { evidence: { left: system, right: system } })
      if (verdict.kind !== 'write') break
      writes += 1
      const { base: after } = commitField({
        ...verdict,
        stored: verdict.target,
        known: 'post-image',
        writeOnce: false,
      })
      state =
        verdict.side === 'right'
          ? { base: after, left: verdict.source, right: 'R' }
          : { base: after, left: 'L2', right: verdict.source }
    }
    expect(writes).toBeGreaterThan(0)
    expect(writes).toBeLessThanOrEqual(8)
    expect(decide(state, { evidence: { left: system, right: system } }).verdict).toMatchObject({
      kind: 'hold',
      conflict: { kind: 'automation-fight' },
    })
  })
})
