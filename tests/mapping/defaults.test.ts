/** What new records get in fields that nothing fills, and texts that stand in for nothing. */
import { describe, expect, test } from 'vitest'
import type { FieldSchema } from '../../src/core/schema.ts'
import { checkMapping } from '../../src/mapping/check.ts'
import { compileMapping } from '../../src/mapping/compile.ts'
import { loadMapping } from '../../src/mapping/load.ts'
import { lookUps } from './shapes.ts'

const NOW_MS = Date.parse('2026-11-28T23:30:00Z')
const CONTEXT = { left: lookUps('left'), right: lookUps('right') }

function mapping(defaults: string) {
  return loadMapping(
    `version: 1
pairing: p
left: { object: people }
right: { object: Contact }
match: [{ left: name, right: [FirstName, LastName], strength: weak }]
defaults: { right: { ${defaults} } }
fields:
  - { left: name, right: [FirstName, LastName], as: person-name }
`,
    'm.yaml',
  )
}

function field(name: string, more: Partial<FieldSchema>): [string, FieldSchema] {
  const plain: FieldSchema = {
    name,
    label: name,
    type: 'text',
    multiple: false,
    readOnly: false,
    required: true,
    unique: false,
    options: null,
    lengthMax: null,
    scaleMax: null,
    targets: [],
    channel: 'value',
    nativeType: 'text',
  }
  return [name, { ...plain, ...more }]
}

const RIGHT = {
  object: 'Contact',
  fields: new Map([
    field('FirstName', { required: false }),
    field('LastName', {}),
    field('CloseDate', { type: 'date' }),
    field('Stage', { type: 'option', options: [{ value: 'Open', label: 'Open', archived: false }] }),
    field('OwnerId', { type: 'user', defaulted: true }),
    field('CreatedDate', { type: 'instant', readOnly: true }),
  ]),
}

const ALL = `LastName: '[none]', CloseDate: in 90 days, Stage: Open`

function problems(defaults: string): readonly string[] {
  const found = checkMapping(mapping(defaults), { schemas: { left: null, right: RIGHT } })
  return found
    .filter(({ message }) => !message.includes('has no object'))
    .map(({ severity, at, message }) => `${severity} ${at.line}:${at.column} ${message}`)
}

describe('a creation', () => {
  test('days are counted from now, everything else is taken as it stands', () => {
    const { defaults } = compileMapping(mapping(ALL), { schemas: { left: null, right: RIGHT } })
    expect(defaults.right(NOW_MS)).toEqual({ LastName: '[none]', CloseDate: '2027-02-26', Stage: 'Open' })
    expect(defaults.left(NOW_MS)).toEqual({})
  })
})

describe('a text that stands in for nothing', () => {
  const { fields, match } = compileMapping(mapping(ALL), { schemas: { left: null, right: RIGHT } })
  const [name] = fields
  if (!name) throw new Error('no field')

  test('reads as blank, whatever blanks are around it', () => {
    const values = { FirstName: 'Ada', LastName: ' [none] ' }
    expect(name.right.read(values, CONTEXT.right)).toEqual({ first: 'Ada', last: null })
  })

  test('is what a blank is stored as, so that reading it gives the blank back', () => {
    const current = { FirstName: 'Ada', LastName: 'Byron' }
    const written = name.right.write({ first: 'Ada', last: null }, current, CONTEXT.right)
    expect(written).toEqual({ FirstName: 'Ada', LastName: '[none]' })
    expect(name.right.read(written, CONTEXT.right)).toEqual({ first: 'Ada', last: null })
  })

  test('clears a field that the vendor insists on', () => {
    const restored = name.forward(null, { first: null, last: 'Byron' }, CONTEXT)
    expect(restored).toEqual({ kind: 'value', value: null })
  })

  test('nobody is recognised by it', () => {
    expect(match[0]?.keys.right({ FirstName: 'Ada', LastName: '[none]' })).toEqual([])
  })
})

describe('check', () => {
  test('a field with a default needs no other source, nor does one that the vendor fills', () => {
    expect(problems(ALL)).toEqual([])
    expect(problems(`LastName: '[none]'`)).toEqual([
      'error 7:1 right Contact requires `CloseDate`, which no entry fills',
      'error 7:1 right Contact requires `Stage`, which no entry fills',
    ])
  })

  test.each([
    ['Closing: in 90 days', 'right Contact has no field `Closing`'],
    ['CreatedDate: in 2 days', 'right `CreatedDate` is read-only'],
    ['OwnerId: grace', 'right `OwnerId` points at other records'],
    ['FirstName: in 2 days', 'right `FirstName` is no date, so `in 2 days` means nothing to it'],
    ['Stage: Opne', 'right `Stage` has no option `Opne`'],
  ])('%s', (wrong, message) => {
    expect(problems(`${wrong}, ${ALL.replace('Stage: Open', '').replace(/, $/, '')}`)).toContainEqual(
      expect.stringContaining(message),
    )
  })
})
