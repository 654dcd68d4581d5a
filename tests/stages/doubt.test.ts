/** What is in doubt stays so until the outcome of a write is recorded (algorithms B4): a process may die before. */
import { expect, test } from 'vitest'
import { decidePairFields, planPair } from '../../src/stages/plan-pair.ts'
import type { Pair } from '../../src/stages/work.ts'
import { identityRule } from '../core/rules.ts'
import { DIRECTORY, engineAt, LINK, mappingOf, recordKey } from './frame.ts'

const FIELD = 'field'
const mapping = mappingOf(identityRule({ key: FIELD, policy: { kind: 'prefer', side: 'left' } }))

const snapshot = (side: 'left' | 'right', value: string) => ({
  key: recordKey(side),
  values: { [FIELD]: value },
  version: 'v1',
  readAtMs: 0,
  evidence: {},
})

/** The left side changed; our write to the right one got no answer, and the right one shows what was agreed before. */
const DOUBTED: Pair = {
  link: LINK,
  isNew: false,
  base: { [FIELD]: { left: 'a', right: 'a', doubt: true, held: null, once: false, ring: [] } },
  left: snapshot('left', 'c'),
  right: snapshot('right', 'a'),
  decisions: {},
  quarantines: [],
}

test('planning the next write does not deal with the doubt about the last one', () => {
  const plan = decidePairFields(engineAt(0), mapping, DOUBTED, DIRECTORY, true)
  const { changes, writes } = planPair(engineAt(0), mapping, DOUBTED, DIRECTORY, plan)
  expect(writes).toMatchObject([{ side: 'right', values: { [FIELD]: 'c' } }])
  const bases = changes.filter((change) => change.kind === 'set-base')
  // Died now and started again, the engine must still report what it overwrites.
  expect(bases.filter(({ fields }) => fields[FIELD] && !fields[FIELD].doubt)).toEqual([])
  expect(plan.verdicts).toMatchObject([{ kind: 'write', conflict: { loser: 'right' } }])
})
