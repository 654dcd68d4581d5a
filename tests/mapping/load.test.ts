/** Mapping text → document, and what people are told when it is wrong. */
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { nearest } from '../../src/mapping/did-you-mean.ts'
import { loadMapping, parseMapping } from '../../src/mapping/load.ts'

const HEAD = `version: 1
pairing: test
left: { object: people }
right: { object: contacts }
`

/** `line:column message` of every problem of a text. */
function faults(text: string): readonly string[] {
  return parseMapping(text, 'm.yaml').problems.map(({ at, message }) => `${at.line}:${at.column} ${message}`)
}

describe('a file that reads', () => {
  test('yes and no are answers, in every spelling', () => {
    const text = `${HEAD}create: { left: yes, right: no }\nfields: [{ left: a, right: b }]`
    expect(parseMapping(text, 'm.yaml').document?.body.create).toEqual({ left: true, right: false })
    const spelled = `${HEAD}create: { left: true, right: false }\nfields: [{ left: a, right: b }]`
    expect(parseMapping(spelled, 'm.yaml').document?.body.create).toEqual({ left: true, right: false })
  })

  test('what is left out has the documented meaning', () => {
    const body = parseMapping(`${HEAD}fields: [{ left: a, right: b }]`, 'm.yaml').document?.body
    expect(body).toMatchObject({
      create: { left: true, right: true },
      delete: { 'left-to-right': 'unlink', 'right-to-left': 'unlink' },
      stamp: 'with-next-write',
      seed: 'prefer-left',
      fields: [{ direction: 'both', drift: 'ignore', conflict: 'ask', blank: 'propagate' }],
    })
  })

  test('numbers and words in tables and examples stay as written', () => {
    const text = `${HEAD}fields:
  - { left: a, right: b, values: { 1: 2.50, Yes: true, off: no } }
fixtures:
  - { right: { b: 12345678901234567890.10, scale: 007 }, expect-left: { a: 0 } }
`
    const body = parseMapping(text, 'm.yaml').document?.body
    expect(body?.fields[0]?.values).toEqual({ '1': '2.50', Yes: 'true', off: 'no' })
    expect(body?.fixtures[0]?.right).toEqual({ b: '12345678901234567890.10', scale: '007' })
    expect(body?.fixtures[0]?.['expect-left']).toEqual({ a: '0' })
  })

  test('every part knows its place', () => {
    const document = loadMapping(`${HEAD}fields:\n  - left: a\n    right: [b, c]\n    as: money\n`, 'm.yaml')
    expect(document.at(['fields', 0])).toEqual({ file: 'm.yaml', line: 6, column: 5 })
    expect(document.at(['fields', 0, 'right', 1])).toEqual({ file: 'm.yaml', line: 7, column: 16 })
    expect(document.at(['fields', 0, 'as'])).toEqual({ file: 'm.yaml', line: 8, column: 5 })
    // A part that the file does not spell out is found at the nearest one that it does.
    expect(document.at(['fields', 0, 'conflict'])).toEqual({ file: 'm.yaml', line: 6, column: 5 })
  })
})

describe('a file that does not', () => {
  test('all problems come at once, each with its line and column', () => {
    const text = `version: 1
pairing: test
left: { object: people }
create: { left: perhaps }
feilds: []
fields:
  - { left: a, right: b, conflct: ask }
  - { left: a, right: b, conflict: newest }
  - { left: a }
`
    expect(faults(text)).toEqual([
      '1:1 `right` is missing',
      '4:11 expected yes or no',
      '5:1 unknown key `feilds`',
      '7:26 unknown key `conflct`',
      '8:26 `newest`: not one of the 13 known words',
      '9:5 `right` is missing',
    ])
  })

  test('a slip is met with the word that was meant', () => {
    const { problems } = parseMapping(
      `${HEAD}fields: [{ left: a, right: b, conflct: ask, as: nubmer }]`,
      'm.yaml',
    )
    expect(problems.map(({ hint }) => hint)).toEqual(
      expect.arrayContaining(['did you mean `conflict`?', 'did you mean `number`?']),
    )
  })

  test.each([
    ['a doubled key', `${HEAD}pairing: again\nfields: [{ left: a, right: b }]`, '5:1 this key appears twice'],
    ['an open bracket', `${HEAD}fields: [{ left: a, right: b }`, ''],
    ['a tab', `${HEAD}fields:\n\t- { left: a, right: b }`, ''],
    ['nothing at all', '', '1:1 the file is empty'],
    ['a list', '- a', '1:1 expected keys with values'],
    ['text for a list', `${HEAD}fields: none`, '5:1 expected a list'],
    ['no fields', `${HEAD}fields: []`, '5:1 expected at least one field'],
    ['another version', HEAD.replace('1', '2') + 'fields: [{ left: a, right: b }]', '1:1 `2`: expected 1'],
  ])('%s is a problem, never an exception', (_title, text, start) => {
    const { document, problems } = parseMapping(text, 'm.yaml')
    expect(document).toBeNull()
    const [first] = problems
    expect(`${first?.at.line}:${first?.at.column} ${first?.message}`).toContain(start)
    expect(first?.hint).not.toBe('')
  })

  test('a caller that cannot go on gets the first problem thrown with all the others', () => {
    const load = (): unknown => loadMapping(`${HEAD}fields: [{ left: a }]\nbogus: 1`, 'm.yaml')
    expect(load).toThrow(ConfigError)
    expect(load).toThrow(
      expect.objectContaining({
        message: '`right` is missing',
        others: [
          expect.objectContaining({ message: 'unknown key `bogus`', hint: expect.stringMatching(/./) }),
        ],
      }),
    )
  })
})

test('typing slips are forgiven, other words are not', () => {
  expect(nearest('emial', ['email', 'phone'])).toBe('email')
  expect(nearest('lifecycle_stage', ['lifecyclestage'])).toBe('lifecyclestage')
  expect(nearest('budget', ['email', 'phone'])).toBeNull()
})
