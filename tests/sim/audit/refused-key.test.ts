import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compileMapping } from '../../../src/mapping/compile.ts'
import { loadMapping } from '../../../src/mapping/load.ts'
import type { Quarantine } from '../../../src/store/waiting.ts'
import { STAMPS } from '../../comparer/compare.ts'
import { shippedMapping } from '../../stages/world.ts'
import { refusedKeys } from './refused-key.ts'

const file = shippedMapping('companies')
const companies = compileMapping(loadMapping(readFileSync(file, 'utf8'), file), { stamps: STAMPS })

function refused(change: Partial<Quarantine>): readonly string[] {
  const entry: Quarantine = {
    mapping: companies.mapping,
    record: { side: 'right', id: '7' },
    link: 'l',
    fields: ['domains'],
    reason: 'Attio: conflicts with one already in the system',
    cause: 'values/schema',
    attempts: 1,
    retryAtMs: 0,
    atMs: 0,
    ...change,
  }
  return [
    ...refusedKeys({ rules: [companies], reports: { conflicts: [], reviews: [], quarantined: [entry] } }),
  ]
}

test.each([['domains'], ['domain']])(
  'a key that was refused as %s says nothing about its record',
  (field) => {
    expect(refused({ fields: [field] })).toEqual(['7'])
  },
)

test.each<[string, Partial<Quarantine>]>([
  ['of another field', { fields: ['linkedin'] }],
  ['of a weak key', { fields: ['name'] }],
  ['of a record as a whole', { fields: [] }],
  ['of another mapping', { mapping: 'other' }],
])('a refusal %s leaves the keys as they are', (_, change) => {
  expect(refused(change)).toEqual([])
})
