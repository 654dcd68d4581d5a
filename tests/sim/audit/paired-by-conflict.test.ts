import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compileMapping } from '../../../src/mapping/compile.ts'
import { loadMapping } from '../../../src/mapping/load.ts'
import type { Conflict } from '../../../src/store/waiting.ts'
import { STAMPS } from '../../comparer/compare.ts'
import { shippedMapping } from '../../stages/world.ts'
import { pairedByConflict } from './paired-by-conflict.ts'

const file = shippedMapping('people')
const people = compileMapping(loadMapping(readFileSync(file, 'utf8'), file), { stamps: STAMPS })

function paired(change: Partial<Conflict>): readonly string[] {
  const conflict: Conflict = {
    id: 'c',
    mapping: people.mapping,
    link: 'l',
    field: 'email_addresses',
    kind: 'both-changed',
    left: ['ada@king-family.com'],
    right: ['ada@byron-poems.com'],
    base: null,
    records: { left: 'ada', right: '7' },
    evidence: { left: null, right: null },
    rule: 'ask',
    loser: null,
    state: 'open',
    openedAtMs: 0,
    closedAtMs: null,
    ...change,
  }
  return [
    ...pairedByConflict({
      rules: [people],
      reports: { conflicts: [conflict], reviews: [], quarantined: [] },
    }),
  ]
}

test('an open conflict about the key that two records match by names a pair', () => {
  expect(paired({})).toEqual(['ada', '7'])
})

test.each<[string, Partial<Conflict>]>([
  ['about another field', { field: 'job_title' }],
  ['about a weak key', { field: 'name' }],
  ['that is over', { state: 'auto' }],
  ['that names one record', { records: { left: 'ada', right: null } }],
  ['of another mapping', { mapping: 'other' }],
])('a conflict %s does not', (_, change) => {
  expect(paired(change)).toEqual([])
})
