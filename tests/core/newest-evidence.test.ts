/** Which member of a field that has several changed last. */
import { expect, test } from 'vitest'
import type { Evidence } from '../../src/core/record.ts'
import { newestEvidence } from '../../src/core/reconcile.ts'
import { identityRule } from './rules.ts'

const MEMBERS = ['first', 'last']
const rule = { ...identityRule({ key: 'name' }).left, fields: MEMBERS }

function newestOf(...evidence: readonly Evidence[]): Evidence | null {
  const key = { connection: 'crm', object: 'people', id: '1' }
  const members = Object.fromEntries(evidence.map((each, i) => [MEMBERS[i] ?? '', each]))
  return newestEvidence(rule, { key, values: {}, version: null, readAtMs: 0, evidence: members })
}

const actor = { kind: 'human', id: null } as const
const [MAY, JUNE, JULY] = ['2026-05-01T00:00:00Z', '2026-06-01T00:00:00Z', '2026-07-01T00:00:00Z']

test('is the one with the later time, in whichever order they come', () => {
  const [earlier, later] = [
    { at: MAY, actor },
    { at: JUNE, actor },
  ]
  expect(newestOf(earlier, later)).toBe(later)
  expect(newestOf(later, earlier)).toBe(later)
})

test('is the one of which it is known that it changed late, where the record alone has a time', () => {
  const known = { at: JULY, actor, notBefore: JUNE }
  const vague = { at: JULY, actor, notBefore: null }
  const older = { at: JULY, actor, notBefore: MAY }
  expect(newestOf(vague, known)).toBe(known)
  expect(newestOf(known, older)).toBe(known)
  expect(newestOf(older, known)).toBe(known)
})

test('is unknown where nothing is known of any', () => {
  expect(newestOf()).toBeNull()
})
