import { describe, expect, test } from 'vitest'
import { decideMatch, LEFT_APART, type Candidate, type MatchInput } from '../../src/core/match.ts'

const other = (id: string, more: Partial<Candidate> = {}): Candidate => ({
  side: 'right',
  id,
  linked: false,
  suppressed: false,
  ...more,
})
const self: Candidate = { side: 'left', id: 'a', linked: false, suppressed: false }

function match(more: Partial<MatchInput>) {
  return decideMatch({
    side: 'left',
    id: 'a',
    suppressed: null,
    members: [self],
    strength: 'strong',
    cut: false,
    outsiders: [],
    stamped: null,
    mayCreate: true,
    inScope: true,
    ...more,
  })
}

describe('a record without a pair', () => {
  test.each<[string, Partial<MatchInput>, string]>([
    ['nobody else: create', {}, 'create'],
    ['nobody else, creation switched off', { mayCreate: false }, 'nothing'],
    ['outside the scope', { inScope: false }, 'nothing'],
    ['released before: never created again (B5)', { suppressed: 'unlinked' }, 'nothing'],
    ['one free counterpart', { members: [self, other('x')] }, 'adopt'],
    [
      'a released record may still be matched',
      { suppressed: 'unlinked', members: [self, other('x')] },
      'adopt',
    ],
    [
      'its stamp names a free counterpart',
      { stamped: 'x', members: [self, other('x'), other('y')] },
      'adopt',
    ],
    [
      'left apart by a person: never matched again',
      { suppressed: LEFT_APART, members: [self, other('x')] },
      'nothing',
    ],
    [
      'somebody outside the scope holds its key: nobody is created beside it (I8)',
      { outsiders: [other('x')] },
      'review',
    ],
    [
      'somebody outside the scope, and a free counterpart',
      { outsiders: [other('x')], members: [self, other('y')] },
      'adopt',
    ],
    [
      'somebody outside the scope, creation switched off',
      { outsiders: [other('x')], mayCreate: false },
      'nothing',
    ],
    ['two counterparts', { members: [self, other('x'), other('y')] }, 'review'],
    ['the counterpart is taken', { members: [self, other('x', { linked: true })] }, 'review'],
    ['a rival on its own side', { members: [self, { ...self, id: 'b' }, other('x')] }, 'review'],
    [
      'a twin on its own side that has its counterpart',
      { members: [self, { ...self, id: 'b', linked: true }, other('x')] },
      'adopt',
    ],
    ['a twin on its own side and nobody over there', { members: [self, { ...self, id: 'b' }] }, 'review'],
    ['only a weak key matches', { strength: 'weak', members: [self, other('x')] }, 'review'],
    [
      'a weak key matches only taken records',
      { strength: 'weak', members: [self, other('x', { linked: true })] },
      'create',
    ],
    ['too many share a key', { cut: true, members: [self] }, 'review'],
  ])('%s', (_name, input, expected) => {
    expect(match(input).kind).toBe(expected)
  })
})
