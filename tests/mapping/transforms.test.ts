/** Transforms of plain values: texts, numbers, money, phone numbers, web addresses, and many against a primary one. */
import { describe, expect, test } from 'vitest'
import type { Canonical, FieldValue } from '../../src/core/value.ts'
import type { TransformName } from '../../src/mapping/document.ts'
import { TRANSFORMS } from '../../src/mapping/transforms/registry.ts'
import type { TransformSpec } from '../../src/mapping/transforms/transform.ts'
import { CONTEXT, many, shape, spec } from './shapes.ts'
import { carryLeft, carryRight, plain, readLeft } from './carry.ts'

describe('canonical values', () => {
  const rows: readonly [TransformName, TransformSpec['settings'], FieldValue, Canonical][] = [
    ['text', {}, '', null],
    ['text', {}, '  ', null],
    ['text', {}, null, null],
    ['text', {}, '0', '0'],
    ['text', {}, false, 'false'],
    ['text', {}, ' a\r\nb ', 'a\nb'],
    ['text', {}, 'cafe\u0301', 'caf\u00e9'],
    ['text', {}, '🎉'.repeat(300), '🎉'.repeat(300)],
    ['number', {}, '007.500', '7.5'],
    ['number', {}, '-0', '0'],
    ['number', {}, '0', '0'],
    ['number', {}, '1.5e3', '1500'],
    ['number', {}, '1e-7', '0.0000001'],
    ['number', {}, '123456789012345678901234567890.12', '123456789012345678901234567890.12'],
    ['number', {}, '1,000', '1,000'],
    ['number', { scale: 2 }, '1.005', '1'],
    ['number', { scale: 2 }, '1.015', '1.02'],
    ['number', { scale: 2 }, '-1.025', '-1.02'],
    ['number', { scale: 0 }, '2.5', '2'],
    ['number', { scale: 0 }, '3.5', '4'],
    ['boolean', {}, 'TRUE', true],
    ['boolean', {}, false, false],
    ['boolean', {}, '', null],
    ['boolean', {}, 'perhaps', 'perhaps'],
    ['date', {}, '2024-02-29', '2024-02-29'],
    ['date', {}, '2023-01-02T23:00:00-10:00', '2023-01-03'],
    ['date', {}, '2023-02-29', '2023-02-29'],
    ['instant', {}, '2024-05-06T07:08:09.123456789Z', '2024-05-06T07:08:09.123Z'],
    ['instant', {}, '2024-05-06T09:08:09+02:00', '2024-05-06T07:08:09.000Z'],
    ['instant', {}, '2024-05-06', '2024-05-06T00:00:00.000Z'],
    ['instant', {}, '1714979289000', '2024-05-06T07:08:09.000Z'],
    ['instant', {}, '1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999Z'],
    ['instant', { precision: 'minute' }, '2024-05-06T07:08:59.999Z', '2024-05-06T07:08:00.000Z'],
    ['email', {}, ' Ada+CRM@Example.COM ', 'ada+crm@example.com'],
    ['domain', {}, 'https://user@WWW.Bücher.example:8080/path?q=1', 'xn--bcher-kva.example'],
    ['domain', {}, 'www.de', 'www.de'],
    ['domain', {}, 'example.co.uk.', 'example.co.uk'],
    ['domain', {}, 'localhost', 'localhost'],
  ]
  test.each(rows)('%s %j reads %j as %j', (name, settings, raw, canonical) => {
    const rule = plain(name, settings)
    expect(readLeft(rule, raw)).toEqual(canonical)
    // Once more on its own output: a normal form is its own normal form.
    expect(readLeft(rule, canonical)).toEqual(canonical)
  })
})

describe('phone numbers', () => {
  test.each([
    ['US', '(415) 555-0100', '+14155550100'],
    ['GB', '020 7946 0958', '+442079460958'],
    ['DE', '030 901820', '+4930901820'],
    ['FR', '01 42 68 53 00', '+33142685300'],
    ['IT', '06 6982', '+39066982'],
    ['BR', '(11) 91234-5678', '+5511912345678'],
    ['IN', '098765 43210', '+919876543210'],
    ['JP', '03-3224-5000', '+81332245000'],
    ['AU', '02 9374 4000', '+61293744000'],
    ['ZA', '021 401 2000', '+27214012000'],
    ['NG', '0803 123 4567', '+2348031234567'],
    ['VN', '090 123 45 67', '+84901234567'],
  ])('%s: %s is %s', (region, raw, e164) => {
    expect(readLeft(plain('phone', { region }), raw)).toBe(e164)
    expect(readLeft(plain('phone', { region }), e164)).toBe(e164)
  })

  test('a number without prefix stays text where no region is declared', () => {
    expect(readLeft(plain('phone'), ' 030   901820 ')).toBe('030 901820')
  })

  const rule = TRANSFORMS.phone(spec(shape('l', 'phone'), shape('r', 'text'), { region: 'US' }))

  test('text that is no number is never written into a phone field', () => {
    expect(carryLeft(rule, { r: 'call reception' })).toBe('not a phone number that exists')
  })

  test('a missing extension contradicts nothing', () => {
    const right = { r: '(415) 555-0100 ext. 12' }
    expect(carryRight(rule, '+14155550100', right)).toEqual(right)
    expect(carryLeft(rule, right)).toBe('+14155550100')
  })

  test('the spelling of a number that already means the same is kept', () => {
    expect(carryRight(rule, '+14155550100', { r: '415.555.0100' })).toEqual({ r: '415.555.0100' })
  })
})

describe('many values against a primary one', () => {
  const rule = TRANSFORMS.emails(spec(many('l', 'email'), [shape('r', 'email'), many('more', 'email')]))

  test.each<[string, FieldValue, Record<string, FieldValue>, unknown]>([
    ['into an empty list', [], { r: 'a@x.org' }, ['a@x.org']],
    ['a member becomes the first', ['a@x.org', 'b@x.org'], { r: 'b@x.org' }, ['b@x.org', 'a@x.org']],
    ['a stranger replaces the first only', ['a@x.org', 'b@x.org'], { r: 'c@x.org' }, ['c@x.org', 'b@x.org']],
    ['further ones join', ['a@x.org'], { r: 'a@x.org', more: ['b@x.org'] }, ['a@x.org', 'b@x.org']],
    [
      'the former first survives as a further one',
      ['a@x.org'],
      { r: 'b@x.org', more: ['a@x.org'] },
      ['b@x.org', 'a@x.org'],
    ],
    ['the only one is cleared', ['a@x.org'], { r: null }, []],
    ['garbage stays out', ['a@x.org'], { r: 'unknown' }, 'not an e-mail address'],
    [
      'others are nobody’s to clear',
      ['a@x.org', 'b@x.org'],
      { r: null },
      'only the first value was cleared; the list has others',
    ],
  ])('right to left: %s', (_title, left, right, expected) => {
    expect(carryLeft(rule, right, left)).toEqual(expected)
  })

  test.each<[string, FieldValue, Record<string, FieldValue>, unknown]>([
    ['the first is carried', ['A@x.org', 'b@x.org'], {}, { r: 'a@x.org' }],
    [
      'the further ones are never written',
      ['c@x.org'],
      { r: 'a@x.org', more: ['b@x.org'] },
      { r: 'c@x.org', more: ['b@x.org'] },
    ],
    ['an emptied list clears', [], { r: 'a@x.org' }, { r: null }],
  ])('left to right: %s', (_title, left, right, expected) => {
    expect(carryRight(rule, left, right)).toEqual(expected)
  })
})

describe('money', () => {
  const alone = TRANSFORMS.money(spec(shape('l', 'money'), shape('r', 'number'), { scale: 2 }))
  const withCode = TRANSFORMS.money(
    spec(shape('l', 'money'), [shape('r', 'number'), shape('code', 'option')], { currency: 'USD' }),
  )

  test('zero is an amount', () => {
    expect(carryLeft(alone, { r: '0' })).toEqual({ amount: '0', currency: null })
    expect(carryRight(alone, { amount: '0', currency: 'USD' }, { r: '5' })).toEqual({ r: '0' })
  })

  test('an equal amount in another spelling is not rewritten', () => {
    expect(carryRight(alone, { amount: '12.5', currency: 'USD' }, { r: '12.50' })).toEqual({ r: '12.50' })
  })

  test('amount and currency travel as one', () => {
    const right = { r: '1', code: 'EUR' }
    expect(carryRight(withCode, { amount: '20', currency: 'USD' }, right)).toEqual({ r: '20', code: 'USD' })
  })

  test('an amount in another currency is not written as if it were ours', () => {
    expect(carryLeft(withCode, { r: '20', code: 'EUR' })).toBe(
      'the amount is in EUR, the other side keeps USD',
    )
  })

  test('clearing leaves the currency that the CRM keeps by itself', () => {
    expect(carryRight(withCode, null, { r: '20', code: 'USD' })).toEqual({ r: null, code: 'USD' })
  })
})

describe('blank targets', () => {
  test('a required field is never cleared', () => {
    const rule = TRANSFORMS.text(spec(shape('l', 'text', { required: true }), shape('r', 'text')))
    expect(carryLeft(rule, { r: null }, 'Acme')).toBe('l is required and cannot be cleared')
  })
})

describe('web addresses', () => {
  test.each([
    ['https://www.LinkedIn.com/in/ada/', 'linkedin.com/in/ada', true],
    ['http://x.org', 'https://x.org/', true],
    ['https://x.org/A', 'https://x.org/a', false],
    ['https://x.org/?a=1', 'https://x.org/', false],
  ])('%s and %s: same %s', (left, right, same) => {
    const rule = plain('url')
    expect(rule.agree(readLeft(rule, left), rule.right.read({ r: right }, CONTEXT.right))).toBe(same)
  })
})

describe('max and min', () => {
  test.each<[TransformName, Canonical, Canonical]>([
    ['number', '9', '10'],
    ['number', '-1', '0'],
    ['number', null, '-5'],
    ['number', 'abc', '1'],
    ['date', '2023-12-31', '2024-01-01'],
    ['boolean', false, true],
    ['text', null, 'a'],
  ])('%s: %j is below %j', (name, low, high) => {
    const { compare } = plain(name)
    expect(compare(low, high)).toBeLessThan(0)
    expect(compare(high, low)).toBeGreaterThan(0)
    expect(compare(low, low)).toBe(0)
  })
})
