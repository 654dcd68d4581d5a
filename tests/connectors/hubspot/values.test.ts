import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decodeValue, encodeValue, valueKind } from '../../../src/connectors/hubspot/values.ts'
import type { PropertyDefinition } from '../../../src/connectors/hubspot/catalogue-calls.ts'
import { definition } from './scripted.ts'

function kindOf(name: string, type: string, fieldType: string, more: object = {}) {
  return valueKind(definition(name, type, fieldType, more) as unknown as PropertyDefinition)
}

describe('the kind of a property', () => {
  test.each([
    ['jobtitle', 'string', 'text', 'text', false],
    ['email', 'string', 'text', 'email', false],
    ['phone', 'string', 'phonenumber', 'phone', false],
    ['their_own_number', 'string', 'phonenumber', 'phone', false],
    ['domain', 'string', 'text', 'domain', false],
    ['website', 'string', 'text', 'url', false],
    ['hs_additional_emails', 'enumeration', 'checkbox', 'email', true],
    ['amount', 'number', 'number', 'number', false],
    ['score', 'number', 'calculation_score', 'number', false],
    ['hs_object_id', 'number', 'number', 'text', false],
    ['is_customer', 'bool', 'booleancheckbox', 'boolean', false],
    ['birthday', 'date', 'date', 'date', false],
    ['closedate', 'datetime', 'date', 'instant', false],
    ['lifecyclestage', 'enumeration', 'radio', 'option', false],
    ['interests', 'enumeration', 'checkbox', 'option', true],
    ['consent', 'enumeration', 'booleancheckbox', 'boolean', false],
    ['hubspot_owner_id', 'enumeration', 'select', 'user', false],
    ['somewhere', 'object_coordinates', 'text', 'opaque', false],
    ['from_the_future', 'vector', 'hologram', 'text', false],
  ])('%s (%s/%s) is %s', (name, type, fieldType, expected, multiple) => {
    expect(kindOf(name, type, fieldType)).toEqual({ type: expected, multiple })
  })

  test('a reference to an owner is a user, a number that refers to a record is an id', () => {
    expect(kindOf('x', 'enumeration', 'select', { referencedObjectType: 'OWNER' }).type).toBe('user')
    expect(kindOf('x', 'number', 'number', { referencedObjectType: 'COMPANY' }).type).toBe('text')
  })

  test('an unknown property is text', () => {
    expect(valueKind(undefined)).toEqual({ type: 'text', multiple: false })
  })
})

describe('reading a value', () => {
  test.each([
    ['number', '1000', '1000'],
    ['number', '0', '0'],
    ['number', '12.50', '12.50'],
    ['number', '1.5E3', '1500'],
    ['number', '-1.25e-3', '-0.00125'],
    ['number', '9007199254740993', '9007199254740993'],
    ['boolean', 'true', true],
    ['boolean', 'false', false],
    ['boolean', 'maybe', 'maybe'],
    ['date', '2026-11-22', '2026-11-22'],
    ['date', '1795305600000', '2026-11-22'],
    ['instant', '2026-11-22T00:00:00Z', '2026-11-22T00:00:00Z'],
    ['instant', '1795305600000', '2026-11-22T00:00:00.000Z'],
    ['text', '', null],
    ['text', null, null],
    ['text', '0', '0'],
  ] as const)('%s %j is %j', (type, wire, value) => {
    expect(decodeValue({ type, multiple: false }, wire)).toBe(value)
  })

  test('a list is split at its separators, and a blank one is empty', () => {
    expect(decodeValue({ type: 'option', multiple: true }, 'a;b;;c')).toEqual(['a', 'b', 'c'])
    expect(decodeValue({ type: 'option', multiple: true }, null)).toEqual([])
    expect(decodeValue({ type: 'option', multiple: true }, '')).toEqual([])
  })
})

describe('writing a value', () => {
  test.each([
    [null, ''],
    [[], ''],
    [false, 'false'],
    ['0', '0'],
    [['a', 'b'], 'a;b'],
    [{ amount: '12.5', currency: 'EUR' }, '12.5'],
    [{ amount: null, currency: null }, ''],
  ] as const)('%j is %j', (value, wire) => {
    expect(encodeValue(value)).toBe(wire)
  })

  test('refuses what would come back as something else', () => {
    expect(() => encodeValue(['a;b'])).toThrow(RangeError)
    expect(() => encodeValue({ first_name: 'Ada' })).toThrow(RangeError)
  })

  test('a list of options reads back as it was written', () => {
    const element = fc.string({ minLength: 1 }).filter((text) => !text.includes(';'))
    fc.assert(
      fc.property(fc.array(element), (list) => {
        expect(decodeValue({ type: 'option', multiple: true }, encodeValue(list))).toEqual(list)
      }),
    )
  })
})
