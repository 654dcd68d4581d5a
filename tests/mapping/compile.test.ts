/** Document → rules: names, reads, policies, matches, scopes and the version. */
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import type { ObjectRules, Policy } from '../../src/core/rules.ts'
import type { FieldSchema, ObjectSchema } from '../../src/core/schema.ts'
import { compileMapping, type CompileOptions } from '../../src/mapping/compile.ts'
import { runFixtures } from '../../src/mapping/fixtures.ts'
import { loadMapping } from '../../src/mapping/load.ts'

const HEAD = `version: 1
pairing: attio-hubspot
left: { object: people }
right: { object: contacts }
`

function compile(text: string, options: CompileOptions = {}): ObjectRules {
  return compileMapping(loadMapping(HEAD + text, 'm.yaml'), options)
}

const PEOPLE = `match:
  - { left: email_addresses, right: [email, hs_additional_emails] }
  - { left: name, right: [firstname, lastname], strength: weak }
scope: { right: { lifecyclestage: { not_in: [subscriber, other] } } }
fields:
  - { left: email_addresses, right: [email, hs_additional_emails] }
  - { left: phone_numbers, right: phone, region: US }
  - { left: phone_numbers, right: mobilephone, region: US, direction: left-to-right }
  - { left: company, right: { association: companies, label: primary } }
`

describe('rules', () => {
  const rules = compile(PEOPLE, { stamps: { left: 'hubspot_id', right: 'attio_record_id' } })

  test('the mapping is named after its pairing and objects', () => {
    expect(rules.mapping).toBe('attio-hubspot/people-contacts')
    expect(rules.fields[1]?.at).toEqual({ file: 'm.yaml', line: 11, column: 5 })
  })

  test('keys are left field names, made unique where two entries share one', () => {
    expect(rules.fields.map(({ key }) => key)).toEqual([
      'email_addresses',
      'phone_numbers:phone',
      'phone_numbers:mobilephone',
      'company',
    ])
  })

  test('a read asks for mapped, matched, scoped and stamp fields', () => {
    expect(rules.reads.left).toEqual(['email_addresses', 'phone_numbers', 'company', 'name', 'hubspot_id'])
    expect(rules.reads.right).toEqual([
      'email',
      'hs_additional_emails',
      'phone',
      'mobilephone',
      'association:companies/primary',
      'firstname',
      'lastname',
      'lifecyclestage',
      'attio_record_id',
    ])
  })

  test('associations are edges, and only they', () => {
    expect(rules.fields.map(({ right }) => right.channel)).toEqual(['value', 'value', 'value', 'edge'])
  })

  test('records recognise each other by every address', () => {
    const [email] = rules.match
    expect(email?.field).toEqual({ left: 'email_addresses', right: 'email' })
    expect(email?.keys.left({ email_addresses: ['A@x.org', 'b@x.org', 'n/a'] })).toEqual([
      'a@x.org',
      'b@x.org',
    ])
    expect(email?.keys.right({ email: 'A@x.org', hs_additional_emails: 'c@x.org;a@x.org' })).toEqual([
      'a@x.org',
      'c@x.org',
    ])
    expect(email?.keys.right({ email: null })).toEqual([])
  })

  test('full names only propose; the vendor is asked by last name', () => {
    const name = rules.match[1]
    expect(name).toMatchObject({ strength: 'weak', field: { left: 'name', right: 'lastname' } })
    expect(name?.keys.left({ name: { first_name: 'Ada', last_name: 'Lovelace', full_name: null } })).toEqual([
      'Ada Lovelace',
    ])
    expect(name?.keys.right({ firstname: ' Ada', lastname: 'Lovelace' })).toEqual(['Ada Lovelace'])
    expect(name?.keys.right({ firstname: 'Ada', lastname: null })).toEqual([])
    expect(name?.query.right('Ada Lovelace')).toBe('Lovelace')
    expect(name?.query.left('Ada Lovelace')).toBe('Ada Lovelace')
  })

  test('a scope is one predicate', () => {
    expect(rules.inScope.right({ lifecyclestage: 'lead' })).toBe(true)
    expect(rules.inScope.right({ lifecyclestage: 'other' })).toBe(false)
    expect(rules.inScope.right({ lifecyclestage: null })).toBe(true)
    expect(rules.inScope.left({})).toBe(true)
  })
})

test.each([
  ['{ in: [a, b] }', [true, true, false, false]],
  ['{ not_in: [a] }', [false, false, true, true]],
  ['{ equals: a }', [true, true, false, false]],
  ['{ not_equals: a }', [false, false, true, true]],
  ['{ present: yes }', [true, true, true, false]],
  ['{ present: no }', [false, false, false, true]],
  ['{ blank: yes }', [false, false, false, true]],
  ['{ present: yes, not_equals: c }', [true, true, false, false]],
])('scope %s', (predicate, expected) => {
  const { inScope } = compile(`scope: { left: { f: ${predicate} } }\nfields: [{ left: a, right: b }]`)
  expect(['a', ['x', 'a'], 'c', null].map((f) => inScope.left({ f }))).toEqual(expected)
})

describe('policies', () => {
  const policyOf = (settings: string): { policy: Policy | undefined; seed: Policy | undefined } => {
    const [field] = compile(`fields: [{ left: a, right: b${settings} }]`).fields
    return { policy: field?.policy, seed: field?.seed }
  }

  test('nothing is decided silently unless the file says so', () => {
    expect(policyOf('')).toEqual({
      policy: { kind: 'ask' },
      seed: { kind: 'prefer-unless-blank', side: 'left' },
    })
  })

  test.each<[string, Policy]>([
    ['prefer-left', { kind: 'prefer', side: 'left' }],
    ['prefer-right', { kind: 'prefer', side: 'right' }],
    ['prefer-right-unless-blank', { kind: 'prefer-unless-blank', side: 'right' }],
    ['most-recent', { kind: 'most-recent', otherwise: { kind: 'ask' } }],
    ['union', { kind: 'union' }],
    ['write-once', { kind: 'write-once' }],
  ])('conflict: %s', (name, expected) => {
    expect(policyOf(`, conflict: ${name}`).policy).toEqual(expected)
  })

  test('most-recent falls back as told', () => {
    expect(policyOf(', conflict: most-recent, otherwise: prefer-right').policy).toEqual({
      kind: 'most-recent',
      otherwise: { kind: 'prefer', side: 'right' },
    })
  })

  test('meeting for the first time, a preferred side never clears the other', () => {
    expect(policyOf(', seed: prefer-right').seed).toEqual({ kind: 'prefer-unless-blank', side: 'right' })
  })

  test('advance ranks both sides by the listed order', () => {
    const { policy } = policyOf(', values: { New: NEW, Done: [DONE, CLOSED] }, conflict: advance')
    if (policy?.kind !== 'advance') throw new Error('expected advance')
    expect([policy.rank.left('New'), policy.rank.left('Done'), policy.rank.left(null)]).toEqual([0, 1, -1])
    expect([policy.rank.right('NEW'), policy.rank.right('CLOSED'), policy.rank.right('ODD')]).toEqual([
      0, 1, -1,
    ])
  })
})

describe('version', () => {
  const version = (text: string, options: CompileOptions = {}): string => compile(text, options).version

  test('comments, spacing and examples change nothing', () => {
    const plain = version('fields: [{ left: a, right: b }]')
    expect(version('# why\nfields:\n  - left: a\n    right: b\n')).toBe(plain)
    expect(version('fields: [{ left: a, right: b, direction: both }]')).toBe(plain)
    expect(version('fields: [{ left: a, right: b }]\nfixtures: [{ left: { a: 1 } }]')).toBe(plain)
  })

  test('whatever decides changes it', () => {
    const texts = [
      'fields: [{ left: a, right: b }]',
      'fields: [{ left: a, right: b, conflict: union }]',
      'fields: [{ left: a, right: b, as: number }]',
      'fields: [{ left: a, right: b, values: { A: x, B: y } }]',
      'fields: [{ left: a, right: b, values: { B: y, A: x } }]',
    ]
    expect(new Set(texts.map((text) => version(text))).size).toBe(texts.length)
    const stamped = version('fields: [{ left: a, right: b }]', { stamps: { left: 'x', right: null } })
    expect(stamped).not.toBe(version('fields: [{ left: a, right: b }]'))
  })
})

describe('live schemas', () => {
  const described = (name: string, fields: readonly Partial<FieldSchema>[]): ObjectSchema => ({
    object: name,
    fields: new Map(
      fields.map((more) => {
        const field: FieldSchema = {
          name: '',
          label: '',
          type: 'text',
          multiple: false,
          readOnly: false,
          required: false,
          unique: false,
          options: null,
          lengthMax: null,
          scaleMax: null,
          targets: [],
          channel: 'value',
          nativeType: '',
          ...more,
        }
        return [field.name, field]
      }),
    ),
  })

  test('the types of the fields decide the transform', () => {
    const schemas = {
      left: described('people', [{ name: 'size', type: 'number', scaleMax: 2 }]),
      right: described('contacts', [{ name: 'headcount', type: 'number' }]),
    }
    const text = 'fields: [{ left: size, right: headcount }]'
    const [live] = compile(text, { schemas }).fields
    const context = runnable()
    expect(live?.left.read({ size: '1.005' }, context)).toBe('1')
    expect(compile(text, { schemas }).version).not.toBe(compile(text).version)
    // Without a schema, an unknown field is text.
    expect(compile(text).fields[0]?.left.read({ size: '1.005' }, context)).toBe('1.005')
  })
})

test('an entry that cannot mean anything is refused with its place', () => {
  const broken = (): ObjectRules =>
    compile('fields:\n  - { left: stage, right: dealstage, as: stage, values: { A: x/y } }\n')
  expect(broken).toThrow(ConfigError)
  expect(broken).toThrow('a stage is one field on the left and two on the right')
})

describe('examples', () => {
  const fixtures = (text: string) => runFixtures(loadMapping(HEAD + text, 'm.yaml'))

  test('a difference says what was expected, what came, and where', () => {
    const [result] = fixtures(`fields:
  - { left: name, right: [firstname, lastname] }
fixtures:
  - right: { firstname: Ada, lastname: Lovelace }
    expect-left: { name: { first_name: Grace } }
`)
    expect(result?.passed).toBe(false)
    expect(result?.differences[0]).toMatchObject({
      side: 'left',
      field: 'name',
      at: { line: 9, column: 20 },
      expected: { first_name: 'Grace' },
      got: { first_name: 'Ada', last_name: 'Lovelace' },
    })
  })

  test('a field that is not mapped is told from one that was left alone', () => {
    const [result] = fixtures(`fields:
  - { left: job_title, right: jobtitle, direction: left-to-right }
fixtures:
  - right: { jobtitle: Boss }
    expect-left: { job_title: Boss, job_titel: Boss }
`)
    expect(result?.differences.map(({ because }) => because)).toEqual([
      'the field goes left-to-right only',
      'not mapped; did you mean `job_title`?',
    ])
  })

  test('blank: ignore protects the target', () => {
    const [result] = fixtures(`fields: [{ left: job_title, right: jobtitle, blank: ignore }]
fixtures: [{ left: { job_title: Boss }, right: { jobtitle: '' }, expect-left: { job_title: Boss } }]`)
    expect(result?.passed).toBe(true)
  })
})

function runnable(): Parameters<ObjectRules['fields'][number]['left']['read']>[1] {
  return {
    userEmail: () => null,
    userId: () => null,
    tokenOwner: () => null,
    linkOf: () => null,
    recordOf: () => null,
  }
}
