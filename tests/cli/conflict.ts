/** A conflict as `attune conflicts` shows it, for tests. */
import type { ConflictView } from '../../src/cli/conflict-view.ts'

export function aConflict(changes: Partial<ConflictView> = {}): ConflictView {
  return {
    id: '0b9f5a52-2c4f-4a39-9d4e-0d6f8a3f2f11',
    pairing: 'attio-hubspot',
    object: 'people',
    kind: 'both-changed',
    field: 'job_title',
    left: 'Chief Analyst',
    right: 'Cryptanalyst',
    base: { left: 'Analyst', right: 'Analyst' },
    leftRecord: 'left-1',
    rightRecord: '101',
    leftName: 'Ada Lovelace',
    rightName: 'Ada Lovelace',
    leftActor: { kind: 'human', id: 'member-1' },
    rightActor: { kind: 'unknown', id: null },
    leftVia: null,
    rightVia: null,
    leftAt: '2026-11-22T10:00:00.000000000Z',
    rightAt: null,
    rule: 'ask',
    openedAt: '2026-11-22T10:00:05.000Z',
    ...changes,
  }
}
