import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { containing, quoted } from '../../../src/connectors/salesforce/soql.ts'
import { addField, sandbox, STAMP, UNIQUE_TEXT } from './sandbox.ts'

/** The text that a SOQL literal stands for: the inverse, written from the vendor's description of escapes (9). */
function meaning(literal: string): string {
  expect(literal).toMatch(/^'(?:[^'\\]|\\.)*'$/s)
  const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t' }
  return literal.slice(1, -1).replaceAll(/\\(.)/gs, (_all, each: string) => escapes[each] ?? each)
}

describe('literals', () => {
  test('mean the text that they were made of, whatever is in it', () => {
    const nasty = fc.string({ unit: fc.constantFrom('\\', "'", '\n', '\t', '%', '_', 'a', ' ') })
    fc.assert(
      fc.property(fc.oneof(fc.string(), nasty), (text) => {
        expect(meaning(quoted(text))).toBe(text)
      }),
    )
  })

  test('of a pattern escape its wildcards', () => {
    expect(containing('50%_\\')).toBe(`'%50\\%\\_\\\\%'`)
  })
})

describe('finding', () => {
  // jsforce ends the literal early at a backslash, and its keys are not encoded in paths (fact sheet 0.9, 23).
  test.each(["O'Neil\\", "\\' OR Name != '", 'a/b?c#d%25', 'line\nbreak'])(
    '%j finds that and nothing else',
    async (name) => {
      const { model, connector, settle } = sandbox()
      const create = (Name: string) =>
        model.edit({ action: 'create', object: 'Account', values: { Name } }).id
      const id = create(name)
      create('Other')
      settle()
      const found = await connector.find({
        object: 'Account',
        field: 'Name',
        values: [name],
        fields: ['Name'],
      })
      expect(found.map(({ key }) => key.id)).toEqual([id])
    },
  )

  test('more values than an address can carry travels in the body', async () => {
    const { model, connector, requests, settle } = sandbox()
    const emails = Array.from(
      { length: 150 },
      (_, n) => `somebody.with.a.long.address.${n}@company-number-${n}.example`,
    )
    for (const Email of emails)
      model.edit({ action: 'create', object: 'Contact', values: { LastName: 'X', Email } })
    settle()
    const found = await connector.find({
      object: 'Contact',
      field: 'Email',
      values: emails,
      fields: ['Email'],
    })
    expect(found).toHaveLength(150)
    expect(requests.filter((route) => route.includes('/composite'))).toHaveLength(1)
  })

  test('a key with anything in it is one path segment', async () => {
    const { model, connector, requests } = sandbox({
      settings: {
        duplicateRules: [
          {
            name: 'Block',
            object: 'Account',
            action: 'block',
            matching: [{ object: 'Account', fields: { Name: 'Name' } }],
          },
        ],
      },
    })
    addField(model, `Account.${STAMP}`, UNIQUE_TEXT)
    const item = (value: string) => ({
      writeId: value,
      values: { Name: 'Same', [STAMP]: value },
      stamp: { field: STAMP, value },
    })
    await connector.create('Account', [item('first')])
    // The refusal is explained by asking for this row alone, whose key then stands in the path.
    const [outcome] = await connector.create('Account', [item('a/b?c#d')])
    expect(outcome).toMatchObject({
      kind: 'failed',
      error: { kind: 'not-unique', code: 'DUPLICATES_DETECTED' },
    })
    expect(requests.at(-1)).toContain('/sobjects/{object}/{key}/{value}')
  })
})
