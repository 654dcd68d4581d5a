/** The pure half of I22: what goes back, what stays, and that taking back can be taken back. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSomebodysWork, restoreField, type Written } from '../../src/core/undo.ts'
import { isEqual, type Canonical } from '../../src/core/value.ts'
import type { Actor } from '../../src/core/record.ts'

const value: fc.Arbitrary<Canonical> = fc.constantFrom(null, 'a', 'b', 'c', ['a', 'b'], { first: 'a' })

/** A run's writes to one field, newest first, each one finding what the one before had left. */
const chain: fc.Arbitrary<readonly [Written, ...Written[]]> = fc
  .array(value, { minLength: 2, maxLength: 5 })
  .map((values) => {
    const steps = values.slice(1).map((after, i) => ({ before: values[i] ?? null, after }))
    return steps.toReversed() as [Written, ...Written[]]
  })

const restored = (writes: readonly Written[], now: Canonical) => restoreField(writes, now).restoration

describe('a field', () => {
  test.each<[string, Written[], Canonical, ReturnType<typeof restoreField>]>([
    [
      'that is as we left it goes back',
      [{ before: 'old', after: 'new' }],
      'new',
      { restoration: { kind: 'restore', to: 'old' }, isPartial: false },
    ],
    [
      'that was blank becomes blank',
      [{ before: null, after: 'new' }],
      'new',
      { restoration: { kind: 'restore', to: null }, isPartial: false },
    ],
    [
      'that somebody changed since stays',
      [{ before: 'old', after: 'new' }],
      'newer',
      { restoration: { kind: 'changed-since' }, isPartial: false },
    ],
    [
      'that somebody took back is as wanted',
      [{ before: 'old', after: 'new' }],
      'old',
      { restoration: { kind: 'nothing' }, isPartial: false },
    ],
    [
      'that was written twice goes back to before both',
      [
        { before: 'second', after: 'third' },
        { before: 'first', after: 'second' },
      ],
      'third',
      { restoration: { kind: 'restore', to: 'first' }, isPartial: false },
    ],
    [
      'that somebody changed between two writes goes back to what they had put there',
      [
        { before: 'theirs', after: 'third' },
        { before: 'first', after: 'second' },
      ],
      'third',
      { restoration: { kind: 'restore', to: 'theirs' }, isPartial: true },
    ],
    [
      'that we had put back ourselves is as wanted',
      [
        { before: 'new', after: 'old' },
        { before: 'old', after: 'new' },
      ],
      'old',
      { restoration: { kind: 'nothing' }, isPartial: false },
    ],
    [
      'that we had put back ourselves, and somebody moved again, stays',
      [
        { before: 'new', after: 'old' },
        { before: 'old', after: 'new' },
      ],
      'new',
      { restoration: { kind: 'changed-since' }, isPartial: false },
    ],
  ])('%s', (_what, writes, now, expected) => {
    expect(restoreField(writes, now)).toEqual(expected)
  })

  test('is left to others exactly when it holds neither what we left nor what was there before', () => {
    fc.assert(
      fc.property(chain, value, (writes, now) => {
        const before = writes.at(-1)?.before ?? null
        const isOurs = isEqual(now, writes[0].after)
        const isAsBefore = isEqual(now, before)
        const kind = isAsBefore ? 'nothing' : isOurs ? 'restore' : 'changed-since'
        expect(restored(writes, now).kind).toBe(kind)
      }),
    )
  })

  test('that was taken back needs nothing a second time, and taking that back again is the run once more', () => {
    fc.assert(
      fc.property(chain, (writes) => {
        const now = writes[0].after
        const undone = restored(writes, now)
        if (undone.kind !== 'restore') return
        expect(restored(writes, undone.to)).toEqual({ kind: 'nothing' })
        const undo: Written = { before: now, after: undone.to }
        expect(restored([undo], undone.to)).toEqual({ kind: 'restore', to: now })
      }),
    )
  })
})

describe('a value in a record that we made, and did not leave there,', () => {
  test.each<[Actor['kind'] | null, boolean, boolean]>([
    ['human', false, true],
    ['integration', false, true],
    ['unknown', false, true],
    [null, false, true],
    ['us', false, true],
    ['us', true, false],
    ['system', false, false],
    ['human', true, true],
  ])('of %s (ours: %s) is somebody’s work: %s', (kind, ours, expected) => {
    const evidence = kind === null ? null : { at: null, actor: { kind, id: null } }
    expect(isSomebodysWork(evidence, { ours })).toBe(expected)
  })
})
