/** What counts as a deletion, and what it does to the record that is left (B5). */
import type { Mutant } from '../mutant.ts'

export const DELETION_MUTANTS: readonly Mutant[] = [
  {
    name: 'survivor-not-released',
    says: 'B5: a pair of which one record was deleted is a tomb, with both ids',
    breaks: ['I1', 'I7', 'I9', 'crash', 'livelock'],
    edits: [
      {
        file: 'stages/vanish.ts',
        from: "      to: { state: 'unlinked', ...idOn(survivorSide, null) },\n",
        to: "      to: { state: 'unlinked' },\n",
      },
      {
        file: 'stages/vanish.ts',
        from: "  return link !== null && link.state !== 'unlinked' && link.state !== 'tomb'\n",
        to: "  return link !== null && link.state !== 'tomb'\n",
      },
    ],
    seenBy: { theme: 'deletions' },
  },
  {
    name: 'survivor-not-suppressed',
    says: 'B5: a record whose counterpart was deleted is free, and gets a new one',
    breaks: ['I9'],
    edits: [
      {
        file: 'stages/vanish.ts',
        from: "    changes.push({ kind: 'suppress', mapping: rules.mapping, record, reason: because, atMs })\n",
        to: '    void rules\n',
      },
    ],
    seenBy: { theme: 'deletions' },
  },
  {
    name: 'stamp-of-dead-ignored',
    says: 'a stamp that names a record which is gone is an old stamp',
    breaks: ['I9'],
    edits: [
      {
        file: 'stages/stamps.ts',
        from: '        if (stampIn(mapping, side, loner.snapshot.values) === counterpart) bereaved.add(key)\n',
        to: '        void bereaved\n',
      },
    ],
    seenBy: {
      suite: 'tests/stages/deletions.test.ts',
      test: 'although our memory of it is lost: the stamp of its counterpart names it',
    },
  },
  {
    name: 'unlisted-means-deleted',
    says: 'what a complete listing does not show does not exist',
    breaks: ['I1', 'I9', 'I10'],
    edits: [
      {
        file: 'stages/read-both.ts',
        from: '  return { left, right }\n}\n',
        to: `  const judged = { left: new Map(left), right: new Map(right) }
  for (const row of groups.flatMap((group) => group.dirty)) {
    if (!row.reasons.includes('unseen')) continue
    judged[row.side].set(row.id, { kind: 'gone', requestedId: row.id, how: 'deleted' })
  }
  return judged
}
`,
      },
    ],
    seenBy: { theme: 'reflexes' },
  },
  {
    name: 'hidden-means-deleted',
    says: 'a record that the vendor will not show is gone',
    breaks: ['I1', 'I9', 'I10'],
    edits: [
      {
        file: 'core/pair.ts',
        from: "    if (state[side] === 'hidden') return { kind: 'pause',",
        to: "    if (state[side] === 'hidden') return onOneGone(side, state[otherSide(side)], onDelete[side])\n    if (state[side] === 'hidden') return { kind: 'pause',",
      },
    ],
    seenBy: {
      suite: 'tests/core/pair.test.ts',
      test: 'what is not visible is never a deletion (I10)',
    },
  },
  {
    name: 'unauthorized-means-deleted',
    says: 'a record that cannot be read with this token does not exist',
    breaks: ['I1', 'I9', 'I10', 'I26'],
    edits: [
      {
        file: 'connectors/attio/reads.ts',
        from: "        case 'not-found':\n          return { kind: 'gone',",
        to: "        case 'unauthorized':\n        case 'not-found':\n          return { kind: 'gone',",
      },
    ],
    seenBy: {
      suite: 'tests/connectors/attio/connector.test.ts',
      test: 'a dead token is no statement about a record',
    },
  },
  {
    name: 'edited-survivor-removed',
    says: 'a deletion is carried over, whatever somebody did to the other record meanwhile',
    breaks: ['I4'],
    edits: [
      {
        file: 'core/pair.ts',
        from: "      return survivor === 'changed'\n",
        to: "      return survivor === 'hidden'\n",
      },
    ],
    seenBy: { theme: 'deletions' },
  },
  {
    name: 'deletion-guard-off',
    says: 'deletions are deletions, however many',
    breaks: ['I11'],
    edits: [
      {
        file: 'stages/guards.ts',
        from: "  stopIf(name, guardDeletions(gone, links, engine.settings.guards), 'Nothing was deleted.')\n",
        to: '',
      },
      {
        file: 'stages/lately.ts',
        from: "        stopIf(name, guardDeletions(countLinks(all, null), links, guards), 'No more was deleted.')\n",
        to: '',
      },
    ],
    seenBy: { theme: 'purges' },
  },
  {
    name: 'change-guard-off',
    says: 'edits are edits, however many',
    breaks: ['I11'],
    edits: [
      {
        file: 'stages/guards.ts',
        from: "    stopIf(name, verdict, 'Nothing was written.')\n",
        to: '    void verdict\n',
      },
      {
        file: 'stages/lately.ts',
        from: "        stopIf(name, guardField({ ...overwrite, changed, links }, guards), 'No more was written.')\n",
        to: '        void changed\n',
      },
    ],
    seenBy: { theme: 'purges' },
  },
  {
    name: 'guards-count-once',
    says: 'what a pass is about to do is counted when it begins',
    breaks: ['I11'],
    edits: [
      {
        file: 'stages/carry-out.ts',
        from: '    await engine.lately.check(engine, mapping, batch.tasks)\n',
        to: '',
      },
    ],
    seenBy: { theme: 'purges' },
  },
  {
    name: 'gone-means-deleted-at-once',
    says: 'what a vendor answers for as for a deleted record was deleted',
    breaks: ['I10'],
    edits: [
      {
        file: 'stages/absence.ts',
        from: '  return latest > nowMs ? latest : null\n',
        to: '  return latest > nowMs + 3_600_000 ? latest : null\n',
      },
    ],
    seenBy: { suite: 'tests/stages/merges.test.ts', test: 'that is still settling is waited for' },
  },
]
