/** What a write of ours replaced unseen, told from a value history (algorithms 5.5; I4, I5). */
import { describe, expect, test } from 'vitest'
import { findOverwritten, timelineOf, type Held } from '../../src/core/overwritten.ts'
import type { Actor, History } from '../../src/core/record.ts'
import { toSet } from '../../src/core/sets.ts'
import type { Canonical } from '../../src/core/value.ts'
import { CONTEXT } from './rules.ts'

const ACTORS = { us: 'us', ann: 'human', bot: 'automation', nobody: 'unknown', vendor: 'system' } as const
type Who = keyof typeof ACTORS

const actor = (who: Who): Actor => ({ kind: ACTORS[who], id: who === 'nobody' ? null : who })
const at = (moment: number) => `2026-01-01T00:00:${String(moment).padStart(2, '0')}.000Z`

/** `['us', 'x']`: we stored x. One entry a second, after the blank that every field begins with. */
function through(...entries: readonly (readonly [Who, Canonical])[]): readonly Held[] {
  return [
    { value: null, evidence: { at: null, actor: actor('nobody') } },
    ...entries.map(([who, value], i) => ({ value, evidence: { at: at(i), actor: actor(who) } })),
  ]
}

const wrote = (before: Canonical, after: Canonical) => ({ before, after })

/** The lost value of one write; null where nothing was lost. */
function lostBy(
  timeline: readonly Held[],
  write: ReturnType<typeof wrote>,
  shape: 'whole' | 'elements' = 'whole',
): Canonical {
  return findOverwritten(timeline, [write], shape)[0]?.lost.value ?? null
}

describe('a write', () => {
  test('that replaced what the decision saw overwrote nothing', () => {
    expect(lostBy(through(['ann', 'old'], ['us', 'new']), wrote('old', 'new'))).toBeNull()
    expect(lostBy(through(['us', 'new']), wrote(null, 'new'))).toBeNull()
    expect(lostBy(through(['us', 'old'], ['us', 'new']), wrote('old', 'new'))).toBeNull()
  })

  test.each(['ann', 'bot', 'nobody'] as const)('that came after an unseen edit by %s lost it', (who) => {
    const timeline = through(['ann', 'old'], [who, 'unseen'], ['us', 'new'])
    expect(findOverwritten(timeline, [wrote('old', 'new')], 'whole')).toEqual([
      { lost: { value: 'unseen', evidence: { at: at(1), actor: actor(who) } }, stands: true },
    ])
  })

  test('into a field that was blank loses what was entered meanwhile', () => {
    expect(lostBy(through(['ann', 'unseen'], ['us', 'new']), wrote(null, 'new'))).toBe('unseen')
  })

  test('loses a blank as well: somebody had cleared the field', () => {
    const found = findOverwritten(
      through(['us', 'old'], ['nobody', null], ['us', 'new']),
      [wrote('old', 'new')],
      'whole',
    )
    expect(found[0]?.lost.value).toBeNull()
    expect(found[0]?.stands).toBe(true)
  })

  test('of several unseen edits loses the last: the others were replaced on their own side', () => {
    const timeline = through(['us', 'old'], ['ann', 'first'], ['ann', 'second'], ['us', 'new'])
    expect(lostBy(timeline, wrote('old', 'new'))).toBe('second')
  })

  test('loses nothing when the edit was taken back, or came to the same', () => {
    expect(
      lostBy(through(['ann', 'old'], ['ann', 'x'], ['ann', 'old'], ['us', 'new']), wrote('old', 'new')),
    ).toBeNull()
    expect(lostBy(through(['ann', 'old'], ['ann', 'new'], ['us', 'new']), wrote('old', 'new'))).toBeNull()
    // A vendor need not make an entry of a write that changed nothing.
    expect(lostBy(through(['ann', 'old'], ['ann', 'new']), wrote('old', 'new'))).toBeNull()
  })

  test('after a write of ours that the look did not show yet lost nothing: that was no edit', () => {
    expect(lostBy(through(['ann', 'older'], ['us', 'old'], ['us', 'new']), wrote('older', 'new'))).toBeNull()
  })

  test('whose history does not reach back to what was seen is not judged', () => {
    expect(lostBy(through(['ann', 'unseen'], ['us', 'new']), wrote('forgotten', 'new'))).toBeNull()
  })

  test('does not stand where somebody has changed the field since', () => {
    const timeline = through(['us', 'old'], ['ann', 'unseen'], ['us', 'new'], ['ann', 'newer'])
    expect(findOverwritten(timeline, [wrote('old', 'new')], 'whole')[0]).toMatchObject({ stands: false })
  })

  test('that only removed, where the vendor does not say who removed, is found by its value', () => {
    const timeline = through(['us', ['a', 'b']], ['ann', ['a', 'b', 'c']], ['nobody', ['a']])
    expect(lostBy(timeline, wrote(['a', 'b'], ['a']), 'elements')).toEqual(['a', 'b', 'c'])
  })
})

describe('several writes of one field', () => {
  test('are each found at their own place, also where their values repeat', () => {
    const timeline = through(
      ['us', 'old'],
      ['ann', 'lost first'],
      ['us', 'new'],
      ['us', 'old'],
      ['ann', 'lost second'],
      ['us', 'new'],
    )
    const writes = [wrote('old', 'new'), wrote('new', 'old'), wrote('old', 'new')]
    expect(findOverwritten(timeline, writes, 'whole').map((each) => each?.lost.value ?? null)).toEqual([
      'lost first',
      null,
      'lost second',
    ])
  })

  test('are not found among entries from before they were sent', () => {
    const timeline = through(['ann', 'x'], ['ann', 'lost'], ['us', 'y'], ['bot', 'x'])
    const sentMs = (moment: number) => Date.parse(at(moment))
    // The second one has not arrived, and may never do.
    const writes = [wrote('x', 'y'), { ...wrote('x', 'y'), sinceMs: sentMs(4) }]
    const found = findOverwritten(timeline, writes, 'whole')
    expect(found.map((each) => each?.lost.value)).toEqual(['lost', undefined])
  })

  test('do not take for lost what a later decision saw', () => {
    const timeline = through(['us', 'old'], ['us', 'new'], ['ann', 'seen'], ['us', 'new'])
    const writes = [wrote('old', 'new'), wrote('seen', 'new')]
    expect(findOverwritten(timeline, writes, 'whole')).toEqual([null, null])
  })
})

describe('a set', () => {
  const set = (...elements: string[]) => toSet(elements)

  test('loses the element that was added meanwhile', () => {
    const timeline = through(['us', set('a')], ['ann', set('a', 'b')], ['us', set('a', 'c')])
    expect(lostBy(timeline, wrote(set('a'), set('a', 'c')), 'elements')).toEqual(set('a', 'b'))
  })

  test('loses the removal of an element that our write brought back', () => {
    const timeline = through(['us', set('a', 'b')], ['ann', set('a')], ['us', set('a', 'b', 'c')])
    expect(lostBy(timeline, wrote(set('a', 'b'), set('a', 'b', 'c')), 'elements')).toEqual(set('a'))
  })

  test('loses nothing when the write happens to hold all that was changed meanwhile', () => {
    const timeline = through(['us', set('a')], ['ann', set('a', 'b')], ['us', set('a', 'b', 'c')])
    expect(lostBy(timeline, wrote(set('a'), set('a', 'b', 'c')), 'elements')).toBeNull()
  })
})

describe('the timeline of a rule with several fields', () => {
  const name = {
    fields: ['first', 'last'],
    read: (values: Readonly<Record<string, Canonical>>): Canonical => [
      values['first'] ?? null,
      values['last'] ?? null,
    ],
  }
  const options = { blank: () => null, context: CONTEXT.left }
  const version = (who: Who, moment: number, value: string) => ({ value, at: at(moment), actor: actor(who) })
  const valuesOf = (history: History) => timelineOf(name, history, options)?.map(({ value }) => value)

  test('takes what was saved together as one, and the rest in its order', () => {
    const history = {
      first: [version('us', 1, 'Ada'), version('us', 3, 'Augusta')],
      last: [version('us', 1, 'King'), version('ann', 2, 'Byron'), version('us', 3, 'King')],
    }
    expect(valuesOf(history)).toEqual([
      [null, null],
      ['Ada', 'King'],
      ['Ada', 'Byron'],
      ['Augusta', 'King'],
    ])
    const timeline = timelineOf(name, history, options) ?? []
    expect(lostBy(timeline, wrote(['Ada', 'King'], ['Augusta', 'King']))).toEqual(['Ada', 'Byron'])
  })

  test('puts an edit of the same moment before ours, so that it is not missed', () => {
    const history = {
      first: [version('us', 1, 'Ada'), version('us', 2, 'Augusta')],
      last: [version('us', 1, 'King'), version('us', 2, 'King'), version('ann', 2, 'Byron')],
    }
    const timeline = timelineOf(name, history, options) ?? []
    expect(lostBy(timeline, wrote(['Ada', 'King'], ['Augusta', 'King']))).toEqual(['Ada', 'Byron'])
  })

  test('takes what the vendor derives from a save for a part of it', () => {
    const history = {
      first: [version('us', 1, 'Ada'), version('us', 2, 'Augusta')],
      last: [version('us', 1, 'King'), version('vendor', 2, 'Byron')],
    }
    expect(valuesOf(history)?.slice(-2)).toEqual([
      ['Ada', 'King'],
      ['Augusta', 'Byron'],
    ])
    const timeline = timelineOf(name, history, options) ?? []
    expect(lostBy(timeline, wrote(['Ada', 'King'], ['Augusta', 'Byron']))).toBeNull()
  })

  test('is not known when one of them has no history', () => {
    expect(timelineOf(name, { first: [version('us', 1, 'Ada')] }, options)).toBeNull()
  })
})
