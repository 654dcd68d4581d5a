/** What `check` finds, where it points, and what it stays silent about. */
import { describe, expect, test } from 'vitest'
import type { FieldSchema, ObjectSchema } from '../../src/core/schema.ts'
import type { MissingScope } from '../../src/mapping/check-scopes.ts'
import { checkMapping, type CheckFacts } from '../../src/mapping/check.ts'
import { loadMapping } from '../../src/mapping/load.ts'
import type { Problem } from '../../src/mapping/problem.ts'

function field(name: string, more: Partial<FieldSchema> = {}): FieldSchema {
  return {
    name,
    label: name,
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
    nativeType: more.type ?? 'text',
    ...more,
  }
}

function options(...values: readonly string[]): Partial<FieldSchema> {
  return {
    type: 'option',
    options: values.map((value) => ({ value, label: value, archived: value.startsWith('old') })),
  }
}

function object(name: string, ...fields: readonly FieldSchema[]): ObjectSchema {
  return { object: name, fields: new Map(fields.map((one) => [one.name, one])) }
}

const LEFT = object(
  'deals',
  field('name', { required: true }),
  field('emails', { type: 'email', multiple: true, unique: true }),
  field('size', { type: 'number', scaleMax: 4 }),
  field('stage', options('Lead', 'Won', 'old')),
  field('tags', { ...options('a', 'b'), multiple: true }),
  field('calls', { type: 'opaque', nativeType: 'interaction' }),
  field('since', { type: 'date' }),
  field('owner', { type: 'user', required: true }),
  field('company', { type: 'reference', targets: ['companies'] }),
)

const RIGHT = object(
  'deals',
  field('dealname', { lengthMax: 100 }),
  field('email', { type: 'email', unique: true }),
  field('size', { type: 'number', scaleMax: 2 }),
  field('pipeline', options('main', 'partner')),
  field('dealstage', options('open', 'won', 'lost')),
  field('status', options('LEAD', 'WON', 'LOST')),
  field('closed', { type: 'instant' }),
  field('computed', { readOnly: true }),
  field('owner', { type: 'user' }),
  field('association:companies', { type: 'reference', multiple: true, channel: 'edge' }),
)

/** Lines 1 to 6 are the same in every test; the given text starts at line 7. */
const HEAD = `version: 1
pairing: test
left: { object: deals }
right: { object: deals }
create: { left: no, right: no }
match: [{ left: emails, right: email }]
`

function check(text: string, facts: Partial<CheckFacts> = {}): readonly Problem[] {
  return checkMapping(loadMapping(HEAD + text, 'm.yaml'), { schemas: { left: LEFT, right: RIGHT }, ...facts })
}

function lines(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ severity, at, message }) => `${severity} ${at.line}:${at.column} ${message}`)
}

function one(entry: string): readonly string[] {
  return lines(check(`fields:\n  - ${entry}\n`))
}

describe('names', () => {
  test('an unknown field is met with the one that was meant', () => {
    const problems = check('fields:\n  - { left: nmae, right: dealname }\n')
    expect(lines(problems)).toEqual(['error 8:7 left deals has no field `nmae`'])
    expect(problems[0]?.hint).toBe('did you mean `name`?')
  })

  test('each name of a list has its own place', () => {
    expect(
      one('{ left: stage, right: [pipeline, dealstages], as: stage, values: { Lead: main/open } }'),
    ).toEqual(['error 8:38 right deals has no field `dealstages`'])
  })

  test('an unknown object is reported where it is named', () => {
    const facts = { schemas: { left: LEFT, right: null } }
    const mapping = loadMapping(
      `${HEAD.replace('right: { object: deals }', 'right: { object: contact }')}fields: [{ left: name, right: x }]`,
      'm.yaml',
    )
    const [problem] = checkMapping(mapping, facts)
    expect(problem).toMatchObject({
      message: 'the right account has no object `contact`',
      hint: 'enable it in the account, or correct the name',
    })
    expect(problem?.at).toMatchObject({ line: 4, column: 10 })
  })

  test('an object goes by the name that its account has for it, as pairs are known by it', () => {
    const mapping = loadMapping(
      `${HEAD.replace('right: { object: deals }', 'right: { object: deal }')}fields: [{ left: name, right: dealname }]`,
      'm.yaml',
    )
    const problems = checkMapping(mapping, { schemas: { left: LEFT, right: RIGHT } })
    const [problem] = problems.filter(({ severity }) => severity === 'error')
    expect(problem).toMatchObject({
      message: 'the right account calls `deal` by the name `deals`',
      hint: 'write `deals`: pairs are known by the names of their objects',
    })
    expect(problem?.at).toMatchObject({ line: 4, column: 10 })
  })
})

describe('types', () => {
  test.each([
    ['{ left: name, right: dealname }', ['warning 8:5 `dealname` holds at most 100 characters, `name` more']],
    ['{ left: calls, right: dealname }', ['error 8:7 left `calls` (interaction) cannot be mapped']],
    [
      '{ left: size, right: dealname, as: text }',
      ['error 8:7 left `size` is number, which `as: text` cannot hold'],
    ],
    ['{ left: name, right: computed }', ['error 8:19 right `computed` is read-only']],
    ['{ left: name, right: computed, direction: right-to-left }', []],
    ['{ left: size, right: size }', ['warning 8:5 `size` keeps 2 decimal places, `size` brings 4']],
    ['{ left: size, right: size, scale: 2 }', []],
    ['{ left: since, right: closed, as: date }', ['warning 8:5 `closed` also has a time of day']],
    [
      '{ left: emails, right: dealname, as: text }',
      ['error 8:5 `emails` holds several values and `dealname` one: the others would be lost'],
    ],
    ['{ left: emails, right: email }', []],
    [
      '{ left: company, right: { association: companies } }',
      ['error 8:5 `association:companies` holds several values and `company` one: the others would be lost'],
    ],
    [
      '{ left: tags, right: status, direction: left-to-right, values: { a: LEAD, b: WON } }',
      ['warning 8:5 `tags` holds several values and `status` one: the others would be lost'],
    ],
    [
      '{ left: [name, stage], right: dealname, as: text }',
      [expect.stringContaining('takes at most 1 on the left')],
    ],
  ])('%s', (entry, expected) => {
    expect(one(entry)).toEqual(expected)
  })

  test('the hint names the transform that keeps the others', () => {
    expect(check('fields: [{ left: emails, right: dealname, as: text }]')[0]?.hint).toContain('as: emails')
  })
})

describe('options', () => {
  test('a table covers both sides, and only what exists', () => {
    const problems = check(`fields:
  - left: stage
    right: status
    values:
      Lead: LAED
      Won: WON
`)
    expect(lines(problems)).toEqual([
      'error 10:5 `values` has no counterpart for right `status`: LEAD, LOST',
      'error 11:7 right `status` has no option `LAED`',
    ])
    expect(problems[1]?.hint).toBe('did you mean `LEAD`?')
  })

  test('archived options need no counterpart and cannot be named', () => {
    expect(one('{ left: stage, right: status, values: { Lead: LEAD, Won: [WON, LOST] } }')).toEqual([])
    expect(one('{ left: stage, right: status, values: { Lead: LEAD, Won: WON, old: LOST } }')).toEqual([
      expect.stringContaining('left `stage` has no option `old`'),
    ])
  })

  test('only what travels needs a counterpart', () => {
    expect(
      one('{ left: stage, right: status, direction: left-to-right, values: { Lead: LEAD, Won: WON } }'),
    ).toEqual([])
  })

  test('lists without a common word need a table', () => {
    expect(one('{ left: stage, right: status }')).toEqual([
      'error 8:5 `status` does not have these options of `stage`: Lead, Won',
      'error 8:5 `stage` does not have these options of `status`: LEAD, WON, LOST',
    ])
  })

  test('words cannot go where numbers are kept', () => {
    expect(one('{ left: stage, right: size }')).toEqual([
      'error 8:5 `size` holds numbers, and these options of `stage` are none: Lead, Won',
    ])
    expect(one('{ left: stage, right: size, direction: right-to-left }').join()).not.toContain(
      'holds numbers',
    )
  })

  test('two left words for one right word are pointed out, since nothing can be told from the right', () => {
    const entry = (direction: string) =>
      one(
        `{ left: stage, right: status, direction: ${direction}, values: { Lead: [LEAD, LOST], Won: [WON, LOST] } }`,
      )
    expect(entry('both')).toEqual([
      'warning 8:82 `Won` means `LOST`, as `Lead` does: right cannot tell them apart',
    ])
    expect(entry('left-to-right')).toEqual([])
  })

  test('stages name a pipeline and a stage that exist', () => {
    const text = `fields:
  - left: stage
    right: [pipeline, dealstage]
    values:
      Lead: [main/open, partners/open, lost]
      Won: [main/wonn, main/won, partners/won]
`
    expect(lines(check(text))).toEqual([
      'error 11:7 `lost` names no pipeline and stage',
      'error 11:25 `pipeline` has no `partners`; 2 of its stages are listed',
      'error 12:13 there is no stage `main/wonn`',
    ])
  })

  test('a stage of no status is pointed out, as its pipeline may be left out on purpose', () => {
    expect(
      one('{ left: stage, right: [pipeline, dealstage], values: { Lead: main/open, Won: main/won } }'),
    ).toEqual(['warning 8:50 `values` has no status for these stages: lost'])
  })
})

describe('settings', () => {
  test.each([
    ['{ left: emails, right: email, region: US }', 'warning 8:35 `region` means nothing to `as: email`'],
    ['{ left: emails, right: email, otherwise: ask }', 'warning 8:35 `otherwise` only serves most-recent'],
    ['{ left: emails, right: email, conflict: advance }', 'error 8:35 `advance` needs an order of values'],
    ['{ left: emails, right: email, conflict: union }', 'warning 8:35 `union` cannot join single values'],
    ['{ left: name, right: email, as: phone, region: UK }', 'error 8:44 no numbering plan for region `UK`'],
  ])('%s', (entry, expected) => {
    expect(one(entry)).toContain(expected)
  })

  test('one field has one writer', () => {
    const text = 'fields:\n  - { left: emails, right: email }\n  - { left: name, right: email, as: email }\n'
    expect(lines(check(text))).toContain('error 9:5 right `email` is already written by entry `emails`')
    const oneWay = text.replace('as: email }', 'as: email, direction: right-to-left }')
    expect(lines(check(oneWay))).toEqual([])
  })
})

describe('records', () => {
  const creating = (entries: string): readonly string[] =>
    lines(
      checkMapping(loadMapping(HEAD.replace('left: no', 'left: yes') + entries, 'm.yaml'), {
        schemas: { left: LEFT, right: RIGHT },
      }),
    )

  test('what creation requires has a source', () => {
    expect(creating('fields: [{ left: emails, right: email }]')).toEqual([
      'error 7:1 left deals requires `name`, which no entry fills',
      'error 7:1 left deals requires `owner`, which no entry fills',
    ])
  })

  test('a required owner needs a stand-in', () => {
    const entries = (fallback: string): string => `fields:
  - { left: name, right: email, as: email }
  - { left: owner, right: owner${fallback} }
`
    expect(creating(entries(''))).toEqual([expect.stringContaining('warning 9:5 left `owner` is required')])
    expect(creating(entries(', fallback: token-owner'))).toEqual([])
  })

  test('a match that several records may share is pointed out', () => {
    const text = HEAD.replace(
      'match: [{ left: emails, right: email }]',
      'match: [{ left: emails, right: dealname }]',
    )
    const problems = checkMapping(loadMapping(`${text}fields: [{ left: emails, right: email }]`, 'm.yaml'), {
      schemas: { left: LEFT, right: RIGHT },
    })
    expect(lines(problems)).toEqual([expect.stringContaining('warning 6:25 right `dealname` is not unique')])
  })

  test('a scope speaks of options that exist', () => {
    const text =
      'scope: { right: { status: { not_in: [LOSD] } } }\nfields: [{ left: emails, right: email }]\n'
    const problems = check(text)
    expect(lines(problems)).toEqual(['error 7:19 right `status` has no option `LOSD`'])
    expect(problems[0]?.hint).toBe('did you mean `LOST`?')
  })
})

describe('credentials', () => {
  /** Of the left side nothing is missing. */
  const granted =
    (right: readonly string[]): MissingScope =>
    (side, name, write) => {
      const scope = `${name}.${write ? 'write' : 'read'}`
      return side === 'left' || right.includes(scope) ? null : scope
    }
  const text = `fields:
  - { left: emails, right: email, direction: right-to-left }
  - { left: owner, right: owner, direction: right-to-left }
  - { left: size, right: size, scale: 2 }
`

  test('a missing scope is named by the first field that needs it', () => {
    expect(lines(check(text, { missingScope: granted(['deals.read']) }))).toEqual([
      'error 9:20 reading right `owner` (users) needs the scope users.read, which the credential lacks',
      'error 10:19 writing right `size` (deals) needs the scope deals.write, which the credential lacks',
    ])
  })

  test('nothing is missing when all is granted', () => {
    expect(check(text, { missingScope: granted(['deals.read', 'deals.write', 'users.read']) })).toEqual([])
  })
})
