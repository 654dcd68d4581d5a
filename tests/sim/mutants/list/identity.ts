/** Who is whose counterpart: matching, stamps, creation, merges. */
import type { Mutant } from '../mutant.ts'

export const IDENTITY_MUTANTS: readonly Mutant[] = [
  {
    name: 'matched-through-lagging-search',
    says: 'HubSpot has a search, so it is used to find contacts and stamps',
    breaks: ['I7', 'I8', 'I9'],
    edits: [
      {
        file: 'connectors/hubspot/read.ts',
        from: '      if (isStrong(object, field)) {\n',
        to: '      if (isStrong(object, field) && false) {\n',
      },
    ],
    seenBy: {
      suite: 'tests/connectors/hubspot/read.test.ts',
      test: 'by e-mail reads in a batch, in lower case, each address once',
    },
  },
  {
    name: 'no-look-before-creation',
    says: 'the last listing shows who is there; asking again before a creation costs a request',
    breaks: ['I7', 'I8'],
    edits: [
      {
        file: 'stages/prospects.ts',
        from: '  await askBeforeCreating(engine, mapping, creating)\n',
        to: '  void askBeforeCreating\n',
      },
    ],
    seenBy: {
      suite: 'tests/stages/looks.test.ts',
      test: 'a company that nobody has listed yet is found before a second one is created',
    },
  },
  {
    name: 'stamps-not-written',
    says: 'our own table knows the pairs, records need not carry the id of their counterpart',
    breaks: ['I1', 'I7'],
    edits: [
      {
        file: 'stages/create.ts',
        from: '  const stampField = mapping.rules.stamp[side]\n',
        to: '  const stampField: string | null = null\n',
      },
    ],
    seenBy: { theme: 'keyless' },
  },
  {
    name: 'several-candidates-guessed',
    says: 'several records share the key: the first will do',
    breaks: ['I8'],
    edits: [
      {
        file: 'core/match.ts',
        from: '  if (free.length === 1 && rivals.length === 0) {\n',
        to: '  if (free.length >= 1) {\n',
      },
    ],
    seenBy: { theme: 'duplicates' },
  },
  {
    name: 'suppression-ignored',
    says: 'a record without a counterpart gets one',
    breaks: ['I9'],
    edits: [
      {
        file: 'core/match.ts',
        from: '  if (input.suppressed !== null) return { kind:',
        to: '  if (input.suppressed === undefined) return { kind:',
      },
    ],
    seenBy: { theme: 'deletions' },
  },
  {
    name: 'merged-away-counterpart-created-again',
    says: 'two pairs became one; the counterpart that is left over is a record like any other',
    breaks: ['I9', 'I7', 'I8'],
    edits: [
      {
        file: 'stages/collapse.ts',
        from: '    ...[mapping, ...siblingsOf(engine, mapping, record.side)].map(({ rules }): Change => ({\n',
        to: '    ...[mapping].slice(1).map(({ rules }): Change => ({\n',
      },
    ],
    seenBy: { theme: 'merges' },
  },
  {
    name: 'alias-missing',
    says: 'an id that was merged away is of no interest any more',
    breaks: ['I1', 'I7', 'I9', 'I12'],
    edits: [
      {
        file: 'store/sqlite/apply.ts',
        from: '        return identity.putAlias(change)\n',
        to: '        return\n',
      },
    ],
    seenBy: {
      suite: 'tests/store/sqlite.store.test.ts',
      test: 'aliases are followed to the end, and a circle ends',
      source: 'tests/store/contract/aliases.ts',
    },
  },
  {
    name: 'merge-taken-for-deletions',
    says: 'both originals of a merge are 404, so both were deleted',
    breaks: ['I1', 'I4', 'I7', 'I9', 'I10'],
    edits: [
      {
        file: 'stages/successors.ts',
        from: '  if (vanished.length === 0) return found\n',
        to: '  if (vanished.length >= 0) return found\n',
      },
    ],
    seenBy: {
      suite: 'tests/stages/merges.test.ts',
      test: 'that two workers notice at once keeps one pair',
    },
  },
  {
    name: 'created-beside-an-outsider',
    says: 'who is outside the scope is none of our business',
    breaks: ['I8'],
    edits: [
      {
        file: 'core/match.ts',
        from: '  if (input.outsiders.length > 0) {\n',
        to: '  if (input.outsiders.length > 9_000) {\n',
      },
    ],
    seenBy: {
      suite: 'tests/stages/identity.test.ts',
      test: 'is not tried in an org without duplicate rules either',
    },
  },
  {
    name: 'alone-once-and-for-all',
    says: 'what was decided about a record alone is committed, whoever has linked it since',
    breaks: ['I1'],
    edits: [
      {
        file: 'store/sqlite/expectations.ts',
        from: '  if (expected.length === 0) return\n',
        to: '  if (expected.length < 9_000) return\n',
      },
    ],
    seenBy: {
      suite: 'tests/stages/side-by-side.test.ts',
      test: 'what became half of a pair between the decision and its commit is not settled as a record without one',
    },
  },
]
