/** What the comparer takes for agreement, for a difference that was left so, and for one that nothing explains. */
import { describe, expect, test } from 'vitest'
import type { FieldBase } from '../../src/core/base.ts'
import { compareField } from '../../src/core/drift.ts'
import type { FieldRule } from '../../src/core/rules.ts'
import { CONTEXT, identityRule } from './rules.ts'

const BASE: FieldBase = { left: 'a', right: 'a', doubt: false, held: null, once: false, ring: [] }

const compare = (left: string | null, right: string | null, own: Partial<FieldRule> = {}, base?: FieldBase) =>
  compareField(identityRule(own), { left, right }, base, CONTEXT)

test('equal values agree, others differ, whatever the base says about one of them', () => {
  expect(compare('a', 'a')).toBe('agrees')
  expect(compare('a', 'b')).toBe('differs')
  expect(compare('a', 'b', {}, BASE)).toBe('differs')
  expect(compare('b', 'b', {}, BASE)).toBe('agrees')
})

describe('a difference', () => {
  test('that the books know of was left so, unless they are in doubt', () => {
    const base = { ...BASE, right: 'b' }
    expect(compare('a', 'b', {}, base)).toBe('known')
    expect(compare('a', 'c', {}, base)).toBe('differs')
    expect(compare('a', 'b', {}, { ...base, doubt: true })).toBe('differs')
  })

  test('on the side that a one-way field is not read from is none where nothing can be carried', () => {
    const keeps = { kind: 'keep', reason: 'not a number' } as const
    expect(compare('a', 'b', { direction: 'left-to-right' })).toBe('differs')
    expect(compare('a', 'b', { direction: 'left-to-right', forward: () => keeps })).toBe('agrees')
    expect(compare('a', 'b', { direction: 'left-to-right', backward: () => keeps })).toBe('differs')
    expect(compare('a', 'b', { backward: () => keeps })).toBe('agrees')
  })

  test('between a value and a blank that is ignored is none', () => {
    expect(compare(null, 'b', { direction: 'left-to-right', blank: 'ignore' })).toBe('agrees')
    expect(compare('a', null, { direction: 'left-to-right', blank: 'ignore' })).toBe('differs')
    expect(compare(null, 'b', { direction: 'left-to-right' })).toBe('differs')
  })
})
