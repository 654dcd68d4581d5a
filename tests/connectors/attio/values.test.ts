import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FieldValue } from '../../../src/core/value.ts'
import { UnreadableValue } from '../../../src/connectors/attio/codecs.ts'
import { decimalText, exactNumber } from '../../../src/connectors/attio/decimal.ts'
import {
  fieldTypeOf,
  filterFor,
  readValue,
  UnwritableValue,
  writeValue,
} from '../../../src/connectors/attio/values.ts'
import { wireAttribute, wireValue } from './answers.ts'

interface Row {
  readonly type: string
  readonly neutral: string
  /** As Attio prints it (Attio fact sheet 8). */
  readonly read: Readonly<Record<string, unknown>>
  readonly value: FieldValue
  readonly written: unknown
}

const place = {
  line_1: '1 Infinite Loop',
  line_2: null,
  line_3: null,
  line_4: null,
  locality: 'Cupertino',
  region: 'CA',
  postcode: '95014',
  country_code: 'US',
  latitude: '37.331741',
  longitude: null,
}
const ada = { first_name: 'Ada', last_name: 'Lovelace', full_name: 'Ada Lovelace' }
const member = '50cf242c-7fa3-4cad-87d0-75b1af71c57b'

const rows: readonly Row[] = [
  { type: 'text', neutral: 'text', read: { value: 'CTO' }, value: 'CTO', written: { value: 'CTO' } },
  { type: 'number', neutral: 'number', read: { value: 12.5 }, value: '12.5', written: { value: 12.5 } },
  { type: 'rating', neutral: 'number', read: { value: 0 }, value: '0', written: { value: 0 } },
  { type: 'checkbox', neutral: 'boolean', read: { value: false }, value: false, written: { value: false } },
  {
    type: 'currency',
    neutral: 'money',
    read: { currency_value: 1e6, currency_code: 'USD' },
    value: { amount: '1000000', currency: 'USD' },
    written: { currency_value: 1_000_000 },
  },
  {
    type: 'date',
    neutral: 'date',
    read: { value: '2026-02-28' },
    value: '2026-02-28',
    written: { value: '2026-02-28' },
  },
  {
    type: 'timestamp',
    neutral: 'instant',
    read: { value: '2026-05-09T21:43:08.480000000Z' },
    value: '2026-05-09T21:43:08.480000000Z',
    written: { value: '2026-05-09T21:43:08.480000000Z' },
  },
  {
    type: 'select',
    neutral: 'option',
    read: { option: { id: { option_id: 'x' }, title: 'Gold', is_archived: false } },
    value: 'Gold',
    written: { option: 'Gold' },
  },
  {
    type: 'status',
    neutral: 'option',
    read: {
      status: { id: { status_id: 'x' }, title: 'Won 🎉', is_archived: false },
      attribute_type: 'select',
    },
    value: 'Won 🎉',
    written: { status: 'Won 🎉' },
  },
  {
    type: 'actor-reference',
    neutral: 'user',
    read: { referenced_actor_type: 'workspace-member', referenced_actor_id: member },
    value: member,
    written: { referenced_actor_type: 'workspace-member', referenced_actor_id: member },
  },
  {
    type: 'domain',
    neutral: 'domain',
    read: { domain: 'app.attio.com', root_domain: 'attio.com' },
    value: 'app.attio.com',
    written: { domain: 'app.attio.com' },
  },
  {
    type: 'email-address',
    neutral: 'email',
    read: { email_address: 'ada@x.org', original_email_address: 'Ada@x.org', email_domain: 'x.org' },
    value: 'ada@x.org',
    written: { email_address: 'ada@x.org' },
  },
  {
    type: 'phone-number',
    neutral: 'phone',
    read: { phone_number: '+14155550100', original_phone_number: '(415) 555-0100', country_code: 'US' },
    value: '+14155550100',
    written: '+14155550100',
  },
  { type: 'personal-name', neutral: 'person-name', read: ada, value: ada, written: ada },
  { type: 'location', neutral: 'location', read: place, value: place, written: place },
]

describe('one value of each attribute type', () => {
  test.each(rows)('$type is $neutral both ways', ({ type, neutral, read, value, written }) => {
    const attribute = wireAttribute('a', type)
    expect(fieldTypeOf(attribute)).toBe(neutral)
    expect(readValue(attribute, [wireValue(read)])).toEqual(value)
    expect(writeValue(attribute, value)).toEqual([written])
  })

  test.each(rows)(
    'a blank $type is null, several are a list, and both clear with []',
    ({ type, read, value }) => {
      const single = wireAttribute('a', type)
      const several = wireAttribute('a', type, { is_multiselect: true })
      expect(readValue(single, [])).toBeNull()
      expect(readValue(several, [])).toEqual([])
      expect(readValue(several, [wireValue(read), wireValue(read)])).toEqual([value, value])
      expect(writeValue(single, null)).toEqual([])
      expect(writeValue(several, [])).toEqual([])
      expect(writeValue(several, [value, value])).toHaveLength(2)
      expect(() => writeValue(single, [value, value])).toThrow(UnwritableValue)
    },
  )

  test('references are lists of object and id, also when there is room for one', () => {
    const company = wireAttribute('company', 'record-reference')
    const read = readValue(company, [wireValue({ target_object: 'companies', target_record_id: 'c1' })])
    expect(read).toEqual([{ object: 'companies', id: 'c1' }])
    expect(readValue(company, [])).toEqual([])
    expect(writeValue(company, read)).toEqual([{ target_object: 'companies', target_record_id: 'c1' }])
  })

  test('a creator that is no person is nobody', () => {
    const creator = wireAttribute('created_by', 'actor-reference')
    expect(
      readValue(creator, [wireValue({ referenced_actor_type: 'api-token', referenced_actor_id: 't' })]),
    ).toBeNull()
  })

  test('interactions and unheard-of types are opaque, and not writable', () => {
    const interaction = wireAttribute('last_interaction', 'interaction')
    expect(fieldTypeOf(interaction)).toBe('opaque')
    expect(readValue(interaction, [wireValue({ interaction_type: 'email' })])).toBe(
      '{"interaction_type":"email"}',
    )
    expect(() => writeValue(interaction, 'x')).toThrow(UnwritableValue)
  })
})

describe('values that must not pass', () => {
  test.each([
    ['text', {}],
    ['number', { value: 'many' }],
    ['checkbox', { value: 'yes' }],
    ['currency', { currency_value: 1 }],
    ['select', { option: 'Gold' }],
    ['personal-name', { first_name: 'Ada' }],
  ])('an unknown form of %s is an error, never a blank', (type, read) => {
    expect(() => readValue(wireAttribute('a', type), [wireValue(read)])).toThrow(UnreadableValue)
  })

  test('another currency than the attribute has is refused and named', () => {
    const attribute = wireAttribute('value', 'currency')
    expect(() => writeValue(attribute, { amount: '5', currency: 'EUR' })).toThrow(/^value: .*USD.*EUR/)
    expect(writeValue(attribute, { amount: '5', currency: null })).toEqual([{ currency_value: 5 }])
  })

  test('a number that a float would change is refused', () => {
    expect(() => writeValue(wireAttribute('n', 'number'), '12345678901234567890')).toThrow(UnwritableValue)
  })

  test('a read-only attribute is refused', () => {
    expect(() => writeValue(wireAttribute('a', 'text', { is_writable: false }), 'x')).toThrow(UnwritableValue)
  })

  test('the message never quotes the value', () => {
    expect(() => writeValue(wireAttribute('a', 'checkbox'), 'secret')).not.toThrow(/secret/)
  })
})

test('a name gets all three parts, and a location all ten', () => {
  expect(
    writeValue(wireAttribute('name', 'personal-name'), { first_name: 'Ada', last_name: 'Lovelace' }),
  ).toEqual([ada])
  expect(
    writeValue(wireAttribute('name', 'personal-name'), { last_name: 'Plato', first_name: null }),
  ).toEqual([{ first_name: '', last_name: 'Plato', full_name: 'Plato' }])
  const [location] = writeValue(wireAttribute('l', 'location'), { locality: 'Paris' })
  expect(Object.keys(location as object)).toHaveLength(10)
})

test('filters compare with $eq, numbers as numbers', () => {
  expect(filterFor(wireAttribute('email', 'email-address'), ['a@x.org', 'b@x.org'])).toEqual({
    $or: [{ email: { $eq: 'a@x.org' } }, { email: { $eq: 'b@x.org' } }],
  })
  expect(filterFor(wireAttribute('n', 'number'), ['7.50'])).toEqual({ $or: [{ n: { $eq: 7.5 } }] })
  for (const type of ['location', 'record-reference', 'actor-reference', 'checkbox', 'interaction']) {
    expect(filterFor(wireAttribute('a', type), ['x'])).toBeNull()
  }
})

describe('decimal text', () => {
  test.each([
    [0, '0'],
    [-0, '0'],
    [0.1 + 0.2, '0.30000000000000004'],
    [1e21, '1000000000000000000000'],
    [1.5e-7, '0.00000015'],
    [-2.5e22, '-25000000000000000000000'],
    [1234567890123.4568, '1234567890123.4568'],
  ])('%d is %s', (number, text) => {
    expect(decimalText(number)).toBe(text)
  })

  test.each([
    ['1.50', 1.5],
    ['007', 7],
    ['-0.0', -0],
    ['+3', 3],
    ['1.', 1],
    ['', null],
    ['1e5', null],
    ['1,5', null],
    ['99999999999999999', null],
  ])('%s is the number %s', (text, number) => {
    expect(exactNumber(text)).toBe(number)
  })

  test('every float survives the way there and back', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
        const text = decimalText(number)
        expect(text).toMatch(/^-?\d+(\.\d+)?$/)
        expect(exactNumber(text)).toBe(Object.is(number, -0) ? 0 : number)
      }),
    )
  })
})
