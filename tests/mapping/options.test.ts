/** Transforms of what is chosen from a list: options and stages. */
import { describe, expect, test } from 'vitest'
import type { FieldValue } from '../../src/core/value.ts'
import { TRANSFORMS } from '../../src/mapping/transforms/registry.ts'
import { CONTEXT, many, shape, spec } from './shapes.ts'
import { carryLeft, carryRight, readLeft } from './carry.ts'
describe('options', () => {
  const values = { New: 'NEW', Fresh: 'NEW', Open: ['OPEN', 'REOPENED'] }
  const rule = TRANSFORMS.option(spec(shape('l', 'option'), shape('r', 'option'), { values }))

  test('the finer value stays while it still corresponds', () => {
    expect(carryRight(rule, 'Open', { r: 'REOPENED' })).toEqual({ r: 'REOPENED' })
    expect(carryLeft(rule, { r: 'NEW' }, 'Fresh')).toBe('Fresh')
  })

  test('the first listed one represents the others', () => {
    expect(carryRight(rule, 'Open')).toEqual({ r: 'OPEN' })
    expect(carryLeft(rule, { r: 'NEW' })).toBe('New')
  })

  test('an unlisted option is not written', () => {
    expect(carryLeft(rule, { r: 'STRANGE' }, 'Open')).toContain('no counterpart')
  })

  test('a blank travels, and is not an option', () => {
    expect(carryRight(rule, null, { r: 'NEW' })).toEqual({ r: null })
  })

  test('the order of the table ranks both sides', () => {
    expect(rule.rank?.left('Open')).toBe(rule.rank?.right('REOPENED'))
    expect(rule.rank?.left('New')).toBeLessThan(rule.rank?.right('OPEN') ?? 0)
    expect(rule.rank?.left(null)).toBe(-1)
  })

  test('yes and no can be options', () => {
    const yesNo = TRANSFORMS.option(
      spec(shape('l', 'option'), shape('r', 'boolean'), { values: { Ja: 'true', Nein: 'false' } }),
    )
    expect(carryRight(yesNo, 'Nein')).toEqual({ r: false })
    expect(carryLeft(yesNo, { r: true })).toBe('Ja')
  })

  test('in sets, words outside the table survive every write', () => {
    const sets = TRANSFORMS.options(
      spec(many('l', 'option'), many('r', 'option'), { values: { A: 'a', B: ['b', 'b2'] } }),
    )
    expect(carryRight(sets, ['A', 'Odd', 'B'], { r: ['strange', 'b2'] })).toEqual({
      r: ['strange', 'b2', 'a'],
    })
    expect(sets.agree(readLeft(sets, ['B']), sets.right.read({ r: ['b2', 'strange'] }, CONTEXT.right))).toBe(
      true,
    )
  })

  test('an option that the target does not have is not written', () => {
    const lists = TRANSFORMS.option(
      spec(shape('l', 'option', { options: ['A'] }), shape('r', 'option', { options: ['A', 'B'] })),
    )
    expect(carryLeft(lists, { r: 'B' })).toBe('l has no such option')
  })
})

describe('stage', () => {
  const values = { Lead: ['main/1', 'partner/p1'], Won: ['main/9', 'partner/p9'], Lost: 'main/0' }
  const rule = TRANSFORMS.stage(
    spec(shape('l', 'option'), [shape('p', 'option'), shape('s', 'option')], { values }),
  )

  test.each<[string, FieldValue, Record<string, FieldValue>, unknown]>([
    ['a new deal gets the first stage', 'Lead', {}, { p: 'main', s: '1' }],
    ['a deal stays in its pipeline', 'Won', { p: 'partner', s: 'p1' }, { p: 'partner', s: 'p9' }],
    ['it leaves a pipeline that has no such stage', 'Lost', { p: 'partner', s: 'p1' }, { p: 'main', s: '0' }],
    [
      'an unlisted pipeline is left alone',
      'Won',
      { p: 'other', s: '1' },
      'the record is in pipeline other, which `values` does not list',
    ],
    [
      'an unlisted status is not guessed',
      'Odd',
      { p: 'main', s: '1' },
      '`values` lists no stage for this status',
    ],
  ])('%s', (_title, left, right, expected) => {
    expect(carryRight(rule, left, right)).toEqual(expected)
  })
})
