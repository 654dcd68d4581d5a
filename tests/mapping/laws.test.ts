/** The laws of `core/rules.ts`, for every transform and for values nobody would expect. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isEqual, type Json } from '../../src/core/value.ts'
import { TRANSFORM_NAMES } from '../../src/mapping/document.ts'
import { TRANSFORMS } from '../../src/mapping/transforms/registry.ts'
import { CONTEXT } from './shapes.ts'
import { CASES } from './law-cases.ts'

test('every transform is held to the laws', () => {
  const covered = new Set(CASES.map(({ transform }) => transform.replace(/s$/, '')))
  expect(TRANSFORM_NAMES.filter((name) => !covered.has(name.replace(/s$/, '')))).toEqual([])
})

describe.each(CASES)('$title', (one) => {
  const rule = TRANSFORMS[one.transform](one.spec)

  test('what is written reads back as what was meant, and agrees with its source', () => {
    fc.assert(
      fc.property(one.left, one.right, (left, right) => {
        const l = rule.left.read(left, CONTEXT.left)
        const r = rule.right.read(right, CONTEXT.right)
        const isRepairable = one.isRepairable?.(left, right) ?? true

        const forward = rule.forward(l, r, CONTEXT)
        if (forward.kind === 'value') {
          const after = { ...right, ...rule.right.write(forward.value, right, CONTEXT.right) }
          expect(rule.right.read(after, CONTEXT.right)).toEqual(forward.value)
          if (isRepairable) expect(rule.agree(l, forward.value)).toBe(true)
        }
        const backward = rule.backward(r, l, CONTEXT)
        if (backward.kind === 'value') {
          const after = { ...left, ...rule.left.write(backward.value, left, CONTEXT.left) }
          expect(rule.left.read(after, CONTEXT.left)).toEqual(backward.value)
          expect(rule.agree(backward.value, r)).toBe(true)
        }
      }),
    )
  })

  test('values that agree are not touched', () => {
    fc.assert(
      fc.property(one.left, one.right, (left, right) => {
        const l = rule.left.read(left, CONTEXT.left)
        const r = rule.right.read(right, CONTEXT.right)
        // Random pairs rarely agree, so what a restorer made is tried as well.
        const forward = rule.forward(l, r, CONTEXT)
        for (const target of [r, ...(forward.kind === 'value' ? [forward.value] : [])]) {
          if (!rule.agree(l, target)) continue
          expect(rule.forward(l, target, CONTEXT)).toEqual({ kind: 'value', value: target })
          expect(rule.backward(target, l, CONTEXT)).toEqual({ kind: 'value', value: l })
        }
      }),
    )
  })

  test('reading is idempotent: a canonical value, stored, reads as itself', () => {
    fc.assert(
      fc.property(one.left, one.right, (left, right) => {
        for (const [side, values] of [
          ['left', left],
          ['right', right],
        ] as const) {
          const canonical = rule[side].read(values, CONTEXT[side])
          const stored = { ...values, ...rule[side].write(canonical, values, CONTEXT[side]) }
          expect(rule[side].read(stored, CONTEXT[side])).toEqual(canonical)
        }
      }),
    )
  })

  test('any value at all can be read, and order is total', () => {
    const anything = fc.jsonValue().map((json) => withoutNumbers(json))
    fc.assert(
      fc.property(anything, anything, anything, (a, b, c) => {
        const [x, y, z] = [a, b, c].map((raw) =>
          rule.left.read(Object.fromEntries(rule.left.fields.map((name) => [name, raw])), CONTEXT.left),
        ) as [Json, Json, Json]
        rule.right.read(Object.fromEntries(rule.right.fields.map((name) => [name, a])), CONTEXT.right)
        expect(Math.sign(rule.compare(x, y))).toBe(-Math.sign(rule.compare(y, x)) + 0)
        if (rule.compare(x, y) <= 0 && rule.compare(y, z) <= 0)
          expect(rule.compare(x, z)).toBeLessThanOrEqual(0)
        expect(isEqual(x, x)).toBe(true)
      }),
    )
  })
})

function withoutNumbers(json: unknown): Json {
  if (typeof json === 'number') return String(json)
  if (Array.isArray(json)) return json.map(withoutNumbers)
  if (typeof json !== 'object' || json === null) return json as Json
  return Object.fromEntries(Object.entries(json).map(([key, member]) => [key, withoutNumbers(member)]))
}
