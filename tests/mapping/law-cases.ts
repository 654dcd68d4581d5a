/** What the laws are tried with: every transform with the fields it stands between, and values nobody would expect. */
import fc from 'fast-check'
import { isEqual, type FieldValue, type FieldValues } from '../../src/core/value.ts'
import { type TransformName } from '../../src/mapping/document.ts'
import { TRANSFORMS } from '../../src/mapping/transforms/registry.ts'
import type { TransformSpec } from '../../src/mapping/transforms/transform.ts'
import { CONTEXT, many, shape, spec } from './shapes.ts'

export interface Case {
  readonly title: string
  readonly transform: TransformName
  readonly spec: TransformSpec
  readonly left: fc.Arbitrary<FieldValues>
  readonly right: fc.Arbitrary<FieldValues>
  /** False where a documented exception makes the left value unreachable from the right one, or back. */
  readonly isRepairable?: (left: FieldValues, right: FieldValues) => boolean
}

const AWKWARD = [
  '',
  ' ',
  '0',
  'false',
  'null',
  ' a  b ',
  'A\r\nB',
  'e\u0301',
  '\u00e9',
  'x'.repeat(300),
  '🎉',
  'حداد ليلى',
  'İstanbul',
  '1,000',
  ';',
]

const text: fc.Arbitrary<FieldValue> = fc.oneof(
  fc.constantFrom<FieldValue>(null, ...AWKWARD),
  fc.string({ unit: 'grapheme' }),
)

const email = fc.oneof(
  fc.constantFrom('a@x.org', 'A@x.org ', 'b+c@y.co.uk', 'd@z.example', 'none', ''),
  fc.emailAddress(),
)

const phone = fc.constantFrom(
  '+14155550100',
  '(415) 555-0100',
  '+1 415 555 0100 ext. 12',
  '+442079460958',
  '+4930901820',
  'call me',
  '12',
  '',
)

const domain = fc.oneof(
  fc.constantFrom(
    'x.org',
    'https://www.X.org/a',
    'münchen.example',
    'y.co.uk.',
    'localhost',
    'www.www.a.de',
    '',
  ),
  fc.domain(),
)

const decimal = fc.oneof(
  fc.constantFrom(
    '0',
    '-0',
    '00.10',
    '1e3',
    '.5',
    '1.005',
    '1.015',
    '-2.5',
    '1,000',
    'abc',
    '9'.repeat(40),
    '',
  ),
  fc.integer().map(String),
  fc.tuple(fc.integer(), fc.nat(99999)).map(([whole, fraction]) => `${whole}.${fraction}`),
)

const moment = fc.oneof(
  fc.constantFrom(
    '2024-02-29',
    '2023-02-29',
    '2024-01-01T23:59:59.999999999Z',
    '2024-01-01T23:00:00-10:00',
    '1718000000000',
    'soon',
  ),
  fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString()),
)

const switchValue = fc.constantFrom<FieldValue>(true, false, null, 'true', 'FALSE', 'perhaps')

const word = fc.constantFrom('New', 'Open', 'Done', 'Other', ' New ', '')

const rightWord = fc.constantFrom('NEW', 'FRESH', 'OPEN', 'DONE', 'STRANGE', '')

const money = fc.oneof(
  fc.constant<FieldValue>(null),
  fc.record({ amount: decimal, currency: fc.constantFrom<FieldValue>('USD', 'EUR') }),
)

const reference = fc.constantFrom<FieldValue>(
  ...['linked1', 'linked2', 'linked3', 'loose1', 'loose2'].map((id) => ({ object: 'companies', id })),
)

const place = fc.record(
  {
    line_1: text,
    line_2: text,
    locality: text,
    region: text,
    postcode: text,
    country_code: fc.constantFrom<FieldValue>('DE', 'US', 'germany', null, 'Atlantis'),
  },
  { requiredKeys: [] },
)

function field(name: string, values: fc.Arbitrary<FieldValue>): fc.Arbitrary<FieldValues> {
  return fc
    .option(values, { nil: undefined })
    .map((raw): FieldValues => (raw === undefined ? {} : { [name]: raw }))
}

function list(values: fc.Arbitrary<FieldValue>): fc.Arbitrary<FieldValue> {
  return fc.array(values, { maxLength: 4 })
}

const TABLE = { New: ['NEW', 'FRESH'], Open: 'OPEN', Opened: 'OPEN', Done: 'DONE' }

const STAGES = { Lead: ['a/1', 'a/2', 'b/1'], Won: ['a/9', 'b/9'], Lost: 'a/0' }

const same = (transform: TransformName, values: fc.Arbitrary<FieldValue>, type = 'text' as const): Case => ({
  title: transform,
  transform,
  spec: spec(shape('l', type), shape('r', type)),
  left: field('l', values),
  right: field('r', values),
})

/** Addresses beside the primary one cannot be written, so only those that the list has can be repaired. */
function primaryCase(
  transform: TransformName,
  values: fc.Arbitrary<FieldValue>,
  type: 'email' | 'phone' | 'domain',
): Case {
  const built = spec(many('l', type), [shape('r', type), many('more', type)], { region: 'US' })
  const rule = TRANSFORMS[transform](built)
  return {
    title: `${transform}, many to a primary and further ones`,
    transform,
    spec: built,
    left: field('l', list(values)),
    right: fc
      .record({ r: values, more: list(values) })
      // HubSpot never lists the primary address among the further ones (HubSpot fact sheet 8).
      .filter(({ r, more }) => {
        const [first, ...further] = [r, ...[more].flat()].map((raw) =>
          rule.right.read({ r: raw }, CONTEXT.right),
        )
        return further.every((element) => !isEqual(element ?? null, first ?? null))
      }),
    isRepairable: (left, right) => {
      const members = [rule.left.read(left, CONTEXT.left) ?? []].flat().map(String)
      const [, ...further] = [rule.right.read(right, CONTEXT.right) ?? []].flat().map(String)
      return further.every((element) => members.includes(element))
    },
  }
}

export const CASES: readonly Case[] = [
  same('text', text),
  { ...same('url', text), title: 'url' },
  {
    ...same('url', fc.oneof(text, fc.webUrl(), domain)),
    title: 'url, real addresses',
  },
  { ...same('number', decimal), spec: spec(shape('l', 'number'), shape('r', 'number'), { scale: 2 }) },
  {
    ...same('number', decimal),
    title: 'number, exact, against text',
    spec: spec(shape('l', 'number'), shape('r', 'text')),
  },
  {
    title: 'money against an amount',
    transform: 'money',
    spec: spec(shape('l', 'money'), shape('r', 'number'), { scale: 2 }),
    left: field('l', money),
    right: field('r', decimal),
  },
  {
    title: 'money against an amount and a currency',
    transform: 'money',
    spec: spec(shape('l', 'money'), [shape('r', 'number'), shape('code', 'option')], { currency: 'USD' }),
    left: field('l', money),
    right: fc.record({ r: decimal, code: fc.constantFrom<FieldValue>('USD', 'EUR') }),
  },
  { ...same('boolean', switchValue), spec: spec(shape('l', 'boolean'), shape('r', 'option')) },
  { ...same('date', moment), spec: spec(shape('l', 'date'), shape('r', 'date')) },
  {
    ...same('date', moment),
    title: 'date against an instant',
    spec: spec(shape('l', 'date'), shape('r', 'instant')),
  },
  { ...same('instant', moment), spec: spec(shape('l', 'instant'), shape('r', 'instant')) },
  {
    ...same('instant', moment),
    title: 'instant by the minute, against a date',
    spec: spec(shape('l', 'instant'), shape('r', 'date'), { precision: 'minute' }),
  },
  { ...same('option', word), title: 'option, word for word' },
  {
    ...same('option', word),
    title: 'option, word for word, different lists',
    spec: spec(
      shape('l', 'option', { options: ['New', 'Open'] }),
      shape('r', 'option', { options: ['Open', 'Done'] }),
    ),
  },
  {
    ...same('option', word),
    title: 'option by table',
    spec: spec(shape('l', 'option'), shape('r', 'option'), { values: TABLE }),
    right: field('r', rightWord),
  },
  {
    title: 'options by table',
    transform: 'options',
    spec: spec(many('l', 'option'), many('r', 'option'), { values: TABLE }),
    left: field('l', list(word)),
    right: field('r', list(rightWord)),
  },
  {
    title: 'options, word for word',
    transform: 'options',
    spec: spec(many('l', 'option', { options: ['New', 'Open'] }), many('r', 'option')),
    left: field('l', list(word)),
    right: field('r', list(word)),
  },
  {
    title: 'stage',
    transform: 'stage',
    spec: spec(shape('l', 'option'), [shape('p', 'option'), shape('s', 'option')], { values: STAGES }),
    left: field('l', fc.constantFrom<FieldValue>('Lead', 'Won', 'Lost', 'Odd', null)),
    right: fc.record({
      p: fc.constantFrom('a', 'b', 'c'),
      s: fc.constantFrom<FieldValue>('0', '1', '2', '9', null),
    }),
  },
  {
    title: 'person-name against two fields',
    transform: 'person-name',
    spec: spec(shape('l', 'person-name'), [shape('first', 'text'), shape('last', 'text')]),
    left: field('l', fc.record({ first_name: text, last_name: text, full_name: text }, { requiredKeys: [] })),
    right: fc.record({ first: text, last: text }, { requiredKeys: [] }),
  },
  {
    title: 'person-name against one text',
    transform: 'person-name',
    spec: spec(shape('l', 'person-name'), shape('r', 'text')),
    left: field('l', fc.record({ first_name: text, last_name: text, full_name: text })),
    right: field('r', text),
  },
  { ...same('email', email), spec: spec(shape('l', 'email'), shape('r', 'text')) },
  primaryCase('emails', email, 'email'),
  primaryCase('phones', phone, 'phone'),
  primaryCase('domains', domain, 'domain'),
  {
    title: 'emails, many to many',
    transform: 'emails',
    spec: spec(many('l', 'email'), many('r', 'email')),
    left: field('l', list(email)),
    right: field('r', list(email)),
  },
  {
    ...same('phone', phone),
    title: 'phone against text',
    spec: spec(shape('l', 'phone'), shape('r', 'text'), { region: 'US' }),
  },
  {
    title: 'phones, one to many',
    transform: 'phones',
    spec: spec(shape('l', 'text'), many('r', 'phone'), { region: 'US' }),
    left: field('l', phone),
    right: field('r', list(phone)),
  },
  { ...same('domain', domain), spec: spec(shape('l', 'domain'), shape('r', 'text')) },
  {
    title: 'user',
    transform: 'user',
    spec: spec(shape('l', 'user'), shape('r', 'user')),
    left: field('l', fc.constantFrom<FieldValue>('left-ada', 'left-grace', 'left-only', 'gone', null)),
    right: field('r', fc.constantFrom<FieldValue>('right-ada', 'right-grace', 'queue', null)),
  },
  {
    title: 'reference',
    transform: 'reference',
    spec: spec(
      many('l', 'reference', { multiple: false, targets: ['companies'] }),
      shape('r', 'reference', { targets: ['companies'], channel: 'edge' }),
    ),
    left: field('l', fc.array(reference, { maxLength: 1 })),
    right: field('r', fc.array(reference, { maxLength: 1 })),
  },
  {
    title: 'references',
    transform: 'references',
    spec: spec(
      many('l', 'reference', { targets: ['companies'] }),
      many('r', 'reference', { targets: ['companies'] }),
    ),
    left: field('l', fc.uniqueArray(reference, { selector: (item) => JSON.stringify(item) })),
    right: field('r', fc.uniqueArray(reference, { selector: (item) => JSON.stringify(item) })),
  },
  {
    title: 'location',
    transform: 'location',
    spec: spec(
      shape('l', 'location'),
      ['a', 'b', 'c', 'd', 'e'].map((name) => shape(name, 'text')),
    ),
    left: field('l', place),
    right: fc.record({
      a: text,
      b: text,
      c: text,
      d: text,
      e: fc.constantFrom<FieldValue>('Germany', 'DE', 'usa', null, 'Atlantis'),
    }),
  },
]
