import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toId18 } from '../../../src/connectors/salesforce/ids.ts'
import {
  decodeValue,
  encodeValue,
  valueKind,
  type ValueKind,
} from '../../../src/connectors/salesforce/values.ts'

const plain = (type: string, ...referenceTo: string[]): ValueKind =>
  valueKind({ name: 'F', type, referenceTo })

describe('kinds of fields', () => {
  test.each([
    ['string', [], { type: 'text', multiple: false }],
    ['picklist', [], { type: 'option', multiple: false }],
    ['multipicklist', [], { type: 'option', multiple: true }],
    ['currency', [], { type: 'number', multiple: false }],
    ['date', [], { type: 'date', multiple: false }],
    ['datetime', [], { type: 'instant', multiple: false }],
    ['address', [], { type: 'location', multiple: false }],
    ['reference', ['Account'], { type: 'reference', multiple: false, target: 'Account' }],
    ['reference', ['User'], { type: 'user', multiple: false }],
    ['reference', ['Group', 'User'], { type: 'user', multiple: false }],
    // A queue alone is nobody, and one of many objects is only known by its id.
    ['reference', ['Contact', 'Lead'], { type: 'opaque', multiple: false }],
    ['reference', [], { type: 'opaque', multiple: false }],
    ['anyType', [], { type: 'opaque', multiple: false }],
  ])('%s to %j', (type, referenceTo, kind) => {
    expect(valueKind({ name: 'F', type, referenceTo })).toEqual(kind)
  })
})

describe('values from Salesforce', () => {
  test.each<[string, unknown, unknown]>([
    ['string', 'Ada', 'Ada'],
    ['string', '', null],
    ['string', null, null],
    ['boolean', true, true],
    ['boolean', false, false],
    ['currency', 15000, '15000'],
    ['currency', '15000.00', '15000'],
    ['double', '1.5E+4', '15000'],
    ['double', '-2.50E-3', '-0.0025'],
    ['double', '1.2E1', '12'],
    ['double', '0', '0'],
    ['multipicklist', 'a;b', ['a', 'b']],
    ['multipicklist', null, []],
    ['date', '2026-05-01', '2026-05-01'],
    ['datetime', '2026-05-01T07:25:37.000+0000', '2026-05-01T07:25:37.000+0000'],
    ['anyType', { odd: 1 }, '{"odd":1}'],
  ])('%s %j', (type, wire, value) => {
    expect(decodeValue(plain(type), wire)).toEqual(value)
  })

  test('an address has the lines of its street, and a code where the org has one', () => {
    expect(
      decodeValue(plain('address'), {
        street: '1 Main St\r\n\nFloor 2',
        city: 'Berlin',
        state: null,
        postalCode: '10115',
        country: 'Germany',
        countryCode: 'DE',
        latitude: 52.5,
        longitude: 13.4,
      }),
    ).toEqual({
      line_1: '1 Main St',
      line_2: 'Floor 2',
      line_3: null,
      line_4: null,
      locality: 'Berlin',
      region: null,
      postcode: '10115',
      country_code: 'DE',
      latitude: '52.5',
      longitude: '13.4',
    })
  })

  test('references are lists of one record, or of none', () => {
    const kind = plain('reference', 'Account')
    expect(decodeValue(kind, '001000000000001AAA')).toEqual([{ object: 'Account', id: '001000000000001AAA' }])
    expect(decodeValue(kind, null)).toEqual([])
  })

  test('record types go by their developer name', () => {
    const kind: ValueKind = { type: 'option', multiple: false, names: new Map([['012A', 'Renewal']]) }
    expect(decodeValue(kind, '012A')).toBe('Renewal')
    expect(encodeValue(kind, 'Renewal')).toBe('012A')
    expect(() => encodeValue(kind, 'Other')).toThrow('no such record type')
  })
})

describe('values to Salesforce', () => {
  test.each<[string, unknown, unknown]>([
    ['string', 'Ada', 'Ada'],
    ['string', '', null],
    ['string', null, null],
    ['boolean', false, false],
    ['currency', '12.30', '12.30'],
    ['multipicklist', ['b', 'a'], 'b;a'],
    ['multipicklist', 'a', 'a'],
    ['multipicklist', [], null],
  ])('%s %j', (type, value, wire) => {
    expect(encodeValue(plain(type), value as never)).toEqual(wire)
  })

  test('a lookup takes the id of one record, in either length', () => {
    const kind = plain('reference', 'Account')
    const id = '001000000000001AAA'
    expect(encodeValue(kind, [{ object: 'Account', id }])).toBe(id)
    expect(encodeValue(kind, [{ object: 'Account', id: id.slice(0, 15) }])).toBe(id)
    expect(encodeValue(kind, [])).toBeNull()
    expect(() => encodeValue(kind, [{ object: 'Account', id: '42' }])).toThrow('no Salesforce id')
    expect(() =>
      encodeValue(
        kind,
        [id, id].map((each) => ({ object: 'Account', id: each })),
      ),
    ).toThrow('one record')
  })

  test('a choice with a separator in it is refused before it becomes two', () => {
    expect(() => encodeValue(plain('multipicklist'), ['a;b'])).toThrow('";"')
  })

  test('texts, numbers and choices come back as they went', () => {
    const text = fc.string({ minLength: 1 }).filter((each) => each.trim() === each)
    fc.assert(
      fc.property(text, (value) => {
        expect(decodeValue(plain('string'), encodeValue(plain('string'), value))).toBe(value)
      }),
    )
    const choice = text.filter((each) => !each.includes(';'))
    fc.assert(
      fc.property(fc.uniqueArray(choice), (values) => {
        const kind = plain('multipicklist')
        expect(decodeValue(kind, encodeValue(kind, values))).toEqual(values)
      }),
    )
  })

  test('a number in any notation is the same number, to the last digit', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), fc.nat(16), (digits, shift) => {
        const expanded = digits * 10n ** BigInt(shift)
        const wire = `${digits}E+${shift}`
        expect(BigInt(decodeValue(plain('double'), wire) as string)).toBe(expanded)
      }),
    )
  })
})

describe('ids', () => {
  // Published pairs of the vendor's documentation.
  test.each([
    ['0013000000abcdE', '0013000000abcdEAAR'],
    ['500A0000001aBcD', '500A0000001aBcDIAU'],
  ])('%s with its checksum', (short, long) => {
    expect(toId18(short)?.slice(0, 15)).toBe(short)
    expect(toId18(short)).toHaveLength(18)
    expect(toId18(long)).toBe(toId18(short))
  })

  test('a checksum tells capitals apart', () => {
    expect(toId18('001000000000aaa')).not.toBe(toId18('001000000000AAA'))
  })

  test.each(['', '42', '0013000000abcd!', '0013000000abcdEA'])('%j is none', (text) => {
    expect(toId18(text)).toBeNull()
  })
})
