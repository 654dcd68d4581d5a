/** Writes of which nobody knows what became of them (B3, B4, B6). */
import type { Mutant } from '../mutant.ts'

export const OUTCOME_MUTANTS: readonly Mutant[] = [
  {
    name: 'intents-forgotten',
    says: 'no durable intent: whoever starts plans anew, and forgets what it may have sent',
    breaks: ['I1', 'I4', 'I7', 'I9'],
    edits: [
      {
        file: 'stages/recover.ts',
        from: '    const changes = await settle(sender, mapping, intent, known.link, known.base)\n',
        to: "    const changes: readonly Change[] | null = [{ kind: 'close-intent', intent: intent.id }]\n    void [settle, sender]\n",
      },
    ],
    seenBy: { theme: 'losses' },
  },
  {
    name: 'creation-retried-blindly',
    says: 'a creation without an answer did not happen: send it again',
    breaks: ['I7', 'I8', 'I9'],
    edits: [
      {
        file: 'stages/failure.ts',
        from: "    case 'ambiguous':\n      return postponed(mapping, task.dirty, now + engine.settings.zombieHorizonMs)\n",
        to: "    case 'ambiguous':\n      return [close, ...postponed(mapping, task.dirty, now + backoffMs(attempts, engine.runtime.random()))]\n",
      },
    ],
    seenBy: { theme: 'keyless' },
  },
  {
    name: 'server-error-means-not-applied',
    says: 'a 5xx is a failure: nothing was stored',
    breaks: ['I4', 'I7', 'I8', 'I9'],
    edits: [
      {
        file: 'connectors/attio/errors.ts',
        from: "      ? { kind: 'ambiguous', hint:",
        to: "      ? { kind: 'transient', hint:",
      },
    ],
    seenBy: {
      suite: 'tests/connectors/attio/errors.test.ts',
      test: 'leaves the outcome of a write open, and of a read not',
    },
  },
  {
    name: 'zombie-horizon-zero',
    says: 'what has not arrived when we look will not arrive',
    breaks: ['I1', 'I4', 'I7', 'I9', 'I15'],
    edits: [
      {
        file: 'stages/unsettled.ts',
        from: '  return engine.runtime.now() < intent.sentAtMs + engine.settings.zombieHorizonMs\n',
        to: '  return engine.runtime.now() < intent.sentAtMs\n',
      },
    ],
    seenBy: {
      suite: 'tests/stages/settle-change.test.ts',
      test: 'until the horizon nothing is settled, whatever the record shows',
    },
  },
  {
    name: 'recovery-blind-to-bin',
    says: 'B6: a creation that the stamp does not find did not happen',
    breaks: ['I9', 'I7'],
    edits: [
      {
        file: 'stages/settle-creation.ts',
        from: '    (await findInBin(engine, mapping, intent)) ??\n',
        to: '',
      },
      {
        file: 'stages/settle-creation.ts',
        from: 'async function findInBin(\n',
        to: 'void findInBin\nasync function findInBin(\n',
      },
    ],
    seenBy: { theme: 'keyless' },
  },
  {
    name: 'value-before-means-not-applied',
    says: 'B3: the target shows what it held before, so the write never arrived; no version is needed for that',
    breaks: ['I4'],
    edits: [
      {
        file: 'core/settle.ts',
        from: '  if (versionBefore !== null && versionBefore === versionNow) return',
        to: '  void [versionBefore, versionNow]\n  if (options.fields.every((field) => isEqual(field.now, field.before))) return',
      },
    ],
    seenBy: { explorer: ['A'] },
  },
  {
    name: 'doubt-never-set',
    says: 'an unsettled write that somebody touched leaves the base as it was',
    breaks: ['I1', 'I4'],
    edits: [
      {
        file: 'stages/settle-change.ts',
        from: '      bases[field.field] = { ...(known ?? NEVER_AGREED), doubt: true }\n',
        to: '      bases[field.field] = { ...(known ?? NEVER_AGREED), doubt: false }\n',
      },
    ],
    seenBy: { explorer: ['A'] },
  },
  {
    name: 'doubt-cleared-by-next-plan',
    says: 'B4: the next write is planned, so the doubt is dealt with',
    breaks: ['I4'],
    edits: [
      {
        file: 'stages/plan-pair.ts',
        from: "    if (verdict.kind === 'rebase' || verdict.kind === 'hold') bases[verdict.field] = verdict.base\n",
        to: `    if (verdict.kind === 'rebase' || verdict.kind === 'hold') bases[verdict.field] = verdict.base
    if (verdict.kind === 'write' && verdict.base.doubt) bases[verdict.field] = { ...verdict.base, doubt: false }
`,
      },
    ],
    seenBy: {
      suite: 'tests/stages/doubt.test.ts',
      test: 'planning the next write does not deal with the doubt about the last one',
    },
  },
  {
    name: 'loser-unreported',
    says: 'a rule decided, so nobody needs to be told which value lost',
    breaks: ['I4'],
    edits: [
      {
        file: 'stages/conflict-rows.ts',
        from: '      ...(report\n',
        to: '      ...(report && decided\n',
      },
    ],
    seenBy: { theme: 'losses' },
  },
  {
    name: 'place-of-a-write-under-way-taken',
    says: 'what the journal does not have is not in the history either',
    breaks: ['I4'],
    edits: [
      {
        file: 'stages/look-back.ts',
        from: '[...writes, ...underWay]',
        to: 'writes.concat(underWay.slice(underWay.length))',
      },
    ],
    seenBy: {
      suite: 'tests/stages/look-back.test.ts',
      test: 'is found although we have sent the same once more, and nobody knows yet what became of that',
    },
  },
]
