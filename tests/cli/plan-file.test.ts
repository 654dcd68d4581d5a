/** What is no plan is refused as a whole, with the place and what to do. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readPlan, type PlanDocument } from '../../src/cli/plan-file.ts'
import { ConfigError } from '../../src/errors.ts'

let folder: string
let file: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'attune-plan-'))
  file = join(folder, 'plan.json')
})

afterAll(() => rmSync(folder, { recursive: true }))

const WRITE: PlanDocument['writes'][number] = {
  mapping: 'attio-hubspot/people-contacts',
  link: 'link-1',
  side: 'right',
  connection: 'hubspot',
  object: 'contacts',
  kind: 'create',
  record: '$link-1.right',
  source: 'left-1',
  fields: [{ field: 'company', before: null, after: [{ object: 'companies', id: '7' }], because: 'created' }],
  guard: 'f00d',
}

const PLAN: PlanDocument = {
  version: 1,
  id: 'plan-1',
  madeAt: '2026-11-22T10:00:00.000Z',
  rules: { 'attio-hubspot/people-contacts': 'abc' },
  accounts: { attio: 'a', hubspot: 'h' },
  changes: 1,
  writes: [WRITE],
  links: [],
  conflicts: [],
  review: 0,
  unsettled: 0,
  requests: { hubspot: { read: 3, write: 1 } },
  cost: { hubspot: { calls: 4, hours: 0.002, dayShare: null } },
  estimatedMs: 1_500,
}

/** With one key a line, so that a line says which key it is. */
function textOf(change: Partial<Record<keyof PlanDocument, unknown>> = {}): string {
  return JSON.stringify({ ...PLAN, ...change }, null, 1)
}

function read(text: string): PlanDocument {
  writeFileSync(file, text)
  return readPlan(file)
}

function refusal(text: string): { line: number; message: string; hint: string } {
  try {
    read(text)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    expect(error.at?.file).toBe(file)
    return { line: error.at?.line ?? 0, message: error.message, hint: error.hint }
  }
  throw new Error('it was taken for a plan')
}

const lineOf = (text: string, part: string) => text.slice(0, text.indexOf(part)).split('\n').length

test('what was written is read back as it was', () => {
  expect(read(textOf())).toEqual(PLAN)
})

describe('is refused with its place:', () => {
  test('a file that was cut off', () => {
    const text = textOf()
    const half = text.slice(0, text.indexOf('"guard"'))
    expect(refusal(half).line).toBe(half.split('\n').length)
  })

  test('an empty file', () => {
    expect(refusal('')).toMatchObject({ line: 1, message: 'the file is empty' })
  })

  test('something else', () => {
    expect(refusal('{"hello": "world"}').message).toBe('`version` is missing')
    expect(() => read('{"hello": "world"}')).toThrow(
      expect.objectContaining({
        others: expect.arrayContaining([expect.objectContaining({ message: 'unknown key `hello`' })]),
      }),
    )
  })

  test('a text of another kind, without a word about its syntax', () => {
    const { line, message, hint } = refusal('# Attune\n\nkeeps: [an: Attio workspace')
    expect({ line, message }).toEqual({ line: 1, message: 'this is no plan' })
    expect(hint).toContain('attune plan --out')
  })

  test('an operation without its guard', () => {
    const { guard: _taken, ...rest } = WRITE
    const text = textOf({ writes: [WRITE, rest] })
    const { line, message } = refusal(text)
    expect(message).toBe('`guard` is missing')
    expect(line).toBeGreaterThan(lineOf(text, '"guard"'))
  })

  test('a value that is none', () => {
    const text = textOf({ writes: [{ ...WRITE, fields: [{ ...WRITE.fields[0], after: 12 }] }] })
    expect(refusal(text).line).toBe(lineOf(text, '"after"'))
  })

  test('a word that is no kind of operation', () => {
    const text = textOf({ writes: [{ ...WRITE, kind: 'destroy' }] })
    expect(refusal(text)).toMatchObject({ line: lineOf(text, '"kind"') })
    expect(refusal(text).message).toContain('`destroy`')
  })

  test('a key that no plan has', () => {
    const text = textOf({ writes: [{ ...WRITE, force: true }] })
    expect(refusal(text)).toMatchObject({ line: lineOf(text, '"force"'), message: 'unknown key `force`' })
  })

  test('a plan of another version', () => {
    const text = textOf({ version: 2 })
    expect(refusal(text)).toMatchObject({ line: lineOf(text, '"version"'), message: '`2`: expected 1' })
  })
})
