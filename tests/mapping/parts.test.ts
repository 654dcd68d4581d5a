/** Transforms of values with parts, and of those that stand for somebody or something: names, places, users, references. */
import { describe, expect, test } from 'vitest'
import type { FieldValue } from '../../src/core/value.ts'
import { TRANSFORMS } from '../../src/mapping/transforms/registry.ts'
import type { Transform } from '../../src/mapping/transforms/transform.ts'
import { many, shape, spec } from './shapes.ts'
import { carryLeft, carryRight } from './carry.ts'
describe('person names', () => {
  const two = TRANSFORMS['person-name'](
    spec(shape('l', 'person-name'), [shape('f', 'text'), shape('n', 'text')]),
  )
  const one = TRANSFORMS['person-name'](spec(shape('l', 'person-name'), shape('r', 'text')))

  test('spelling is kept, stray blanks are not', () => {
    expect(carryLeft(two, { f: ' ada ', n: 'LOVELACE  KING' })).toEqual({
      first_name: 'ada',
      last_name: 'LOVELACE KING',
      full_name: 'ada LOVELACE KING',
    })
  })

  test('a single name is a first name', () => {
    expect(carryLeft(two, { f: 'Madonna', n: null })).toMatchObject({
      first_name: 'Madonna',
      last_name: null,
    })
  })

  test('right-to-left scripts and emoji pass unchanged', () => {
    expect(carryRight(two, { first_name: 'ليلى', last_name: 'حداد 🎉', full_name: null })).toEqual({
      f: 'ليلى',
      n: 'حداد 🎉',
    })
  })

  test('one text is split at the first blank, unless the split is already known', () => {
    expect(carryLeft(one, { r: 'Ada King Lovelace' })).toMatchObject({
      first_name: 'Ada',
      last_name: 'King Lovelace',
    })
    const known = { first_name: 'Ada King', last_name: 'Lovelace', full_name: 'Ada King Lovelace' }
    expect(carryLeft(one, { r: 'Ada King Lovelace' }, known)).toEqual(known)
  })
})

describe('users', () => {
  const rule = (fallback: 'leave' | 'token-owner' | 'ada@example.com', required = false): Transform =>
    TRANSFORMS.user(spec(shape('l', 'user', { required }), shape('r', 'user'), { fallback }))

  test('the same address is the same person', () => {
    expect(carryRight(rule('leave'), 'left-ada')).toEqual({ r: 'right-ada' })
  })

  test('somebody unknown on the other side is not written', () => {
    expect(carryRight(rule('leave'), 'left-only')).toBe('the owner is not a user of the other side')
    expect(carryRight(rule('leave'), 'gone', { r: 'right-ada' })).toBe(
      'the owner is not a user of the other side',
    )
  })

  test('a stand-in fills an empty field and never replaces an owner', () => {
    expect(carryRight(rule('token-owner'), 'left-only')).toEqual({ r: 'right-grace' })
    expect(carryRight(rule('ada@example.com'), 'left-only')).toEqual({ r: 'right-ada' })
    expect(carryRight(rule('token-owner'), 'left-only', { r: 'right-ada' })).toBe(
      'the owner is not a user of the other side',
    )
  })

  test('where an owner is required, nobody is replaced by the stand-in', () => {
    expect(carryLeft(rule('token-owner', true), { r: null })).toBe('left-grace')
    expect(carryLeft(rule('leave', true), { r: null }, 'left-ada')).toBe('an owner is required')
  })
})

describe('references', () => {
  const company = (id: string): FieldValue => [{ object: 'companies', id }]
  const target = { targets: ['companies'] }
  const one = TRANSFORMS.reference(spec(shape('l', 'reference', target), shape('r', 'reference', target)))
  const set = TRANSFORMS.references(spec(many('l', 'reference', target), many('r', 'reference', target)))

  test('a link becomes the other side’s record', () => {
    expect(carryRight(one, company('linked1'))).toEqual({ r: company('linked1') })
  })

  test('a record without a link waits', () => {
    expect(carryRight(one, company('loose'))).toContain('pending')
    expect(carryLeft(one, { r: [] }, company('loose'))).toBe(
      'the other side points at a record without a link',
    )
  })

  test('a record without a link is not replaced by another', () => {
    expect(carryRight(one, company('linked1'), { r: company('loose') })).toBe(
      'the other side points at a record without a link',
    )
  })

  test('in sets, records without a link survive', () => {
    const right = {
      r: [
        { object: 'companies', id: 'loose' },
        { object: 'companies', id: 'linked1' },
      ],
    }
    expect(carryRight(set, [{ object: 'companies', id: 'linked2' }], right)).toEqual({
      r: [
        { object: 'companies', id: 'loose' },
        { object: 'companies', id: 'linked2' },
      ],
    })
  })
})

describe('locations', () => {
  const fields = ['street', 'city', 'state', 'zip', 'country'].map((name) => shape(name, 'text'))
  const rule = TRANSFORMS.location(spec(shape('l', 'location'), fields))
  const right = {
    street: 'Unter den Linden 1',
    city: 'Berlin',
    state: null,
    zip: '10117',
    country: 'Germany',
  }

  test('all ten members are written, and old coordinates are not', () => {
    expect(
      carryLeft(rule, right, { line_1: 'Old 1', line_2: 'Back door', latitude: '1', longitude: '2' }),
    ).toEqual({
      line_1: 'Unter den Linden 1',
      line_2: null,
      line_3: null,
      line_4: null,
      locality: 'Berlin',
      region: null,
      postcode: '10117',
      country_code: 'DE',
      latitude: null,
      longitude: null,
    })
  })

  test('further lines stay with their street', () => {
    const left = { line_1: 'Unter den Linden 1', line_2: 'Back door', postcode: '1' }
    expect(carryLeft(rule, right, left)).toMatchObject({ line_2: 'Back door', postcode: '10117' })
  })

  test('countries are written by name, and a spelling that means the same stays', () => {
    const left = {
      line_1: null,
      locality: 'Utrecht',
      region: null,
      postcode: null,
      country_code: 'NL',
    }
    expect(carryRight(rule, left)).toMatchObject({ country: 'Netherlands' })
    expect(carryRight(rule, left, { country: 'Holland' })).toMatchObject({ country: 'Holland' })
  })

  test('a country that nobody knows is not written into an address field', () => {
    expect(carryLeft(rule, { ...right, country: 'Atlantis' })).toBe('not a country')
  })
})
