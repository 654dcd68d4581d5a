/** An overwritten value comes back as an ordinary edit of the side that it stood on, and only over what was shown. */
import { describe, expect, test } from 'vitest'
import { NEVER_AGREED, type FieldBase } from '../../src/core/base.ts'
import { commitField } from '../../src/core/commit.ts'
import { mergeField } from '../../src/core/merge.ts'
import { restoreField } from '../../src/core/restore.ts'
import { CONTEXT, identityRule } from './rules.ts'

const rule = identityRule()
const agreed = (value: string, change: Partial<FieldBase> = {}): FieldBase => ({
  ...NEVER_AGREED,
  left: value,
  right: value,
  ...change,
})
const LOST = { side: 'right', value: 'lost', prevailed: 'new' } as const

describe('bringing a value back', () => {
  test('writes it where it was lost, and the merge then carries it to the other side', () => {
    const verdict = restoreField({ rule, base: agreed('new'), left: 'new', right: 'new' }, LOST)
    expect(verdict).toMatchObject({
      side: 'right',
      target: 'lost',
      before: 'new',
      source: 'new',
      human: true,
    })
    if (!verdict) throw new Error('nothing is written')
    const { base } = commitField({ ...verdict, stored: 'lost', known: 'post-image', writeOnce: false })
    const { verdict: next } = mergeField({
      rule,
      base,
      left: 'new',
      right: 'lost',
      evidence: undefined,
      frame: { readAtMs: { left: 0, right: 0 }, clockErrorMs: { left: 0, right: 0 } },
      context: CONTEXT,
      choice: null,
    })
    expect(next).toMatchObject({ kind: 'write', side: 'left', target: 'lost', before: 'new', conflict: null })
  })

  test.each([
    ['the side that lost it was changed since', { base: agreed('new'), left: 'new', right: 'newer' }],
    ['the other side was changed since', { base: agreed('new'), left: 'newer', right: 'new' }],
    ['both agreed on something else since', { base: agreed('newer'), left: 'newer', right: 'newer' }],
    ['a conflict is open on the field', { base: agreed('new', { held: 'a' }), left: 'new', right: 'new' }],
    ['a write is in doubt', { base: agreed('new', { doubt: true }), left: 'new', right: 'new' }],
    ['the pair never agreed', { base: null, left: 'new', right: 'new' }],
  ])('does nothing when %s', (_, seen) => {
    expect(restoreField({ rule, ...seen }, LOST)).toBeNull()
  })

  test('does nothing when it is back already', () => {
    const base = agreed('new', { right: 'lost' })
    expect(restoreField({ rule, base, left: 'new', right: 'lost' }, LOST)).toBeNull()
  })
})
