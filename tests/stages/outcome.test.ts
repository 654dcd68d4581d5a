/** What an answer to a write proves, and what it leaves open (I15, B1). */
import { expect, test } from 'vitest'
import { applied } from '../../src/stages/outcome.ts'
import type { Write } from '../../src/stages/work.ts'
import type { FieldValues } from '../../src/core/value.ts'
import { identityRule } from '../core/rules.ts'
import { DIRECTORY, engineAt, LINK, mappingOf, recordKey } from './frame.ts'

const FIELD = 'field'
const mapping = mappingOf(identityRule({ key: FIELD }))

const snapshot = (side: 'left' | 'right', value: string) => ({
  key: recordKey(side),
  values: { [FIELD]: value },
  version: 'v1',
  readAtMs: 0,
  evidence: {},
})

const WRITE: Write = {
  id: 'write',
  link: LINK.id,
  side: 'right',
  kind: 'update',
  record: recordKey('right').id,
  values: { [FIELD]: 'b' },
  edge: null,
  removal: null,
  stamp: null,
  fields: {
    [FIELD]: {
      source: 'b',
      target: 'b',
      before: 'a',
      agreedAs: null,
      human: true,
      because: '',
      settles: null,
    },
  },
  target: snapshot('right', 'a'),
  source: snapshot('left', 'b'),
  base: { [FIELD]: { left: 'a', right: 'a', doubt: false, held: null, once: false, ring: [] } },
}

function answer(image: FieldValues) {
  const outcome = { kind: 'done', writeId: WRITE.id, id: WRITE.record ?? '', image, version: null } as const
  return applied(engineAt(0), mapping, WRITE, outcome, { directory: DIRECTORY, before: WRITE.target })
}

test('the base takes what the answer shows, also where that is not what was sent', () => {
  const { bases, deviations } = answer({ [FIELD]: 'c' })
  expect(bases[FIELD]).toMatchObject({ left: 'b', right: 'c' })
  expect(deviations).toEqual([FIELD])
})

test('a field that the answer does not show counts as stored as sent, never as it was before the write', () => {
  const { bases, deviations, snapshot: after } = answer({})
  expect(bases[FIELD]).toMatchObject({ left: 'b', right: 'b' })
  expect(after.values).toEqual({ [FIELD]: 'b' })
  expect(deviations).toEqual([])
})
