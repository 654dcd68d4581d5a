import { describe, expect, test } from 'vitest'
import { decidePair, type RecordState } from '../../src/core/pair.ts'
import type { DeletePolicy } from '../../src/core/rules.ts'

const STATES: readonly RecordState[] = ['unchanged', 'changed', 'outside', 'gone', 'hidden']

/** Left state → right state → action, under `archive` for both directions. Every cell of algorithms 2.7. */
const TABLE: Record<RecordState, Record<RecordState, string>> = {
  unchanged: {
    unchanged: 'reconcile',
    changed: 'reconcile',
    outside: 'pause',
    gone: 'remove',
    hidden: 'pause',
  },
  changed: {
    unchanged: 'reconcile',
    changed: 'reconcile',
    outside: 'pause',
    gone: 'contested-removal',
    hidden: 'pause',
  },
  outside: { unchanged: 'pause', changed: 'pause', outside: 'pause', gone: 'unlink', hidden: 'pause' },
  gone: {
    unchanged: 'remove',
    changed: 'contested-removal',
    outside: 'unlink',
    gone: 'tomb',
    hidden: 'pause',
  },
  hidden: { unchanged: 'pause', changed: 'pause', outside: 'pause', gone: 'pause', hidden: 'pause' },
}

describe('the truth table of a pair', () => {
  for (const left of STATES) {
    for (const right of STATES) {
      test(`left ${left}, right ${right}`, () => {
        expect(decidePair({ left, right }, { left: 'archive', right: 'archive' }).kind).toBe(
          TABLE[left][right],
        )
      })
    }
  }

  test.each<[DeletePolicy, string]>([
    ['unlink', 'unlink'],
    ['ignore', 'unlink'],
    ['archive', 'remove'],
    ['delete', 'remove'],
  ])('a deletion under the policy %s', (policy, expected) => {
    expect(decidePair({ left: 'gone', right: 'unchanged' }, { left: policy, right: 'unlink' }).kind).toBe(
      expected,
    )
  })

  test('what is not visible is never a deletion (I10)', () => {
    for (const other of STATES) {
      expect(decidePair({ left: 'hidden', right: other }, { left: 'delete', right: 'delete' }).kind).toBe(
        'pause',
      )
    }
  })
})
