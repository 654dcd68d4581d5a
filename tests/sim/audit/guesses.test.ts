import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import type { FieldValues } from '../../../src/core/value.ts'
import { compileMapping } from '../../../src/mapping/compile.ts'
import { loadMapping } from '../../../src/mapping/load.ts'
import { STAMPS } from '../../comparer/compare.ts'
import { shippedMapping } from '../../stages/world.ts'
import { PAIRING } from '../cast.ts'
import type { Biography, Chapter } from '../chronicle.ts'
import type { Case } from './case.ts'
import { auditGuesses } from './guesses.ts'

const file = shippedMapping('companies')
const companies = compileMapping(loadMapping(readFileSync(file, 'utf8'), file), { stamps: STAMPS })
const KEY = 'king-family.com'

test('a record that is linked to one of two with its key was guessed at', () => {
  expect(guessedBeside([rival()])).toEqual([GUESSED])
})

test('the pair of a record that was merged into the rival is the rival’s, before any stamp says so', () => {
  expect(guessedBeside([rival(), original('paired', { mergedMs: 30 })])).toEqual([])
  const chain = [
    rival(),
    original('middle', { mergedMs: 40 }),
    original('paired', { mergedMs: 30, into: 'middle' }),
  ]
  expect(guessedBeside(chain)).toEqual([])
})

test.each<[string, Biography]>([
  ['that had no pair', original('alone', { mergedMs: 30 })],
  ['that was merged into it afterwards', original('paired', { mergedMs: 60 })],
  ['that was merged into somebody else', original('paired', { mergedMs: 30, into: 'third' })],
])('one %s does not excuse the guess', (_, other) => {
  expect(guessedBeside([rival(), other])).toEqual([GUESSED])
})

const GUESSED = {
  invariant: 'I8',
  what: 'hubspot company guessed was paired with free, although rival holds the same key',
}

/** Of two in HubSpot that hold the key of the free one in Attio, one is stamped at 50. */
function guessedBeside(others: readonly Biography[]): ReturnType<typeof auditGuesses> {
  const guessed = hubspot('guessed', [
    [0, { domain: KEY }],
    [50, { domain: KEY, attio_record_id: 'free' }],
  ])
  const all = [
    guessed,
    ...others,
    company('attio', 'free', [[0, { domains: [KEY] }]]),
    company('attio', 'partner', [[0, { name: 'Acme', hubspot_id: 'paired' }]]),
  ]
  const biographies: Case['witness']['biographies'] = (vendor, kind) =>
    all.filter((each) => each.vendor === vendor && each.kind === kind)
  const facts: Pick<Case, 'pairing' | 'rules' | 'witness' | 'reports' | 'seenUntilMs'> = {
    pairing: PAIRING,
    rules: [companies],
    witness: {
      biographies,
      find: (vendor, kind, id) => biographies(vendor, kind).find((each) => each.id === id) ?? null,
    },
    reports: { conflicts: [], reviews: [], quarantined: [] },
    seenUntilMs: (_vendor, atMs) => atMs - 1,
  }
  return auditGuesses(facts as Case)
}

function rival(): Biography {
  return hubspot('rival', [[0, { domain: KEY }]])
}

function original(id: string, { mergedMs, into = 'rival' }: { mergedMs: number; into?: string }): Biography {
  return hubspot(id, [
    [0, { name: 'Acme' }],
    [mergedMs, { name: 'Acme' }, into],
  ])
}

type Told = readonly [atMs: number, values: FieldValues, into?: string]

function hubspot(id: string, told: readonly Told[]): Biography {
  return company('hubspot', id, told)
}

function company(vendor: string, id: string, told: readonly Told[]): Biography {
  const chapters = told.map(([atMs, values, into = null]): Chapter => ({
    atMs,
    by: 'attio_record_id' in values ? 'engine' : 'human',
    state: into === null ? 'live' : 'merged',
    into,
    values,
  }))
  return { vendor, kind: 'company', id, chapters }
}
