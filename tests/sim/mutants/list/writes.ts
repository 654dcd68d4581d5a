/** Sending: preconditions, fences, and what one failure does to others. */
import type { Mutant } from '../mutant.ts'

export const WRITE_MUTANTS: readonly Mutant[] = [
  {
    name: 'precondition-dropped',
    says: 'the target was read when we decided; reading it again before the write costs a request',
    breaks: ['I4'],
    edits: [
      {
        file: 'stages/precondition.ts',
        from: '  const ids = old.flatMap((task) => task.queue[0]?.record ?? [])\n',
        to: '  old.splice(0)\n  const ids = old.flatMap((task) => task.queue[0]?.record ?? [])\n',
      },
    ],
    seenBy: {
      suite: 'tests/stages/looks.test.ts',
      test: 'a target that was read a while ago is read again',
    },
  },
  {
    name: 'target-read-hours-ago',
    says: 'a target that was read within the hour is fresh enough, and what it holds now need not be compared',
    breaks: ['I4', 'I5'],
    edits: [
      {
        file: 'stages/precondition.ts',
        from: '    isEqual(ruleOf(mapping, key)[write.side].read(now.values, directory.context[write.side]), field.before),\n',
        to: '    isEqual(ruleOf(mapping, key)[write.side].read(now.values, directory.context[write.side]), field.before) || true,\n',
      },
    ],
    seenBy: { explorer: ['A'] },
  },
  {
    name: 'epoch-unchecked',
    says: 'the link is in our hand, nobody else can have moved it',
    breaks: ['I14'],
    edits: [
      {
        file: 'store/sqlite/intents.ts',
        from: '(each) => epochs.get(each.link) === each.epoch && insertOne(each)',
        to: '(each) => epochs.has(each.link) && insertOne(each)',
      },
    ],
    seenBy: {
      suite: 'tests/store/sqlite.store.test.ts',
      test: 'an intent is refused under another epoch',
      source: 'tests/store/contract/deliver.ts',
    },
  },
  {
    name: 'two-intents-per-link',
    says: 'a new write replaces the older one of the same link that nobody answered',
    breaks: ['I4', 'I7', 'I14', 'crash'],
    edits: [
      {
        file: 'store/sqlite/intents.ts',
        from: '      return db.run(insert, { ...opened }) > 0\n',
        to: `      const older = db.all(ofLinks, { links: [opened.link] })
      for (const { id } of older) db.run(remove, { id })
      return db.run(insert, { ...opened }) > 0
`,
      },
      {
        file: 'stages/sort-out.ts',
        from: '    } else if (subject.openIntent) {\n',
        to: '    } else if (subject.openIntent && engine.sending.has(subject.openIntent.id)) {\n',
      },
    ],
    seenBy: { theme: 'losses' },
  },
  {
    name: 'refusal-stops-the-batch',
    says: 'a write that the vendor refuses is an error like any other: throw it',
    breaks: ['I16', 'crash'],
    edits: [
      {
        file: 'stages/rounds.ts',
        from: "      if (outcome.error.kind === 'unauthorized') dead = outcome.error\n",
        to: "      if (outcome.error.kind === 'unauthorized' || outcome.error.kind === 'rejected') throw outcome.error\n",
      },
    ],
    seenBy: { theme: 'refusals' },
  },
  {
    name: 'uniqueness-retried-for-ever',
    says: 'a taken unique value will be free one day: try again at once',
    breaks: ['I2', 'livelock'],
    edits: [
      {
        file: 'stages/failure.ts',
        from: '      if (attempts < REMATCH_MAX) return [close, ...postponed(mapping, task.dirty, now)]\n',
        to: '      if (attempts < Infinity) return [close, ...postponed(mapping, task.dirty, now)]\n',
      },
    ],
    seenBy: {
      suite: 'tests/stages/identity.test.ts',
      test: 'that the vendor refuses as not unique for ever ends in review, not in a loop',
    },
  },
  {
    name: 'unchanged-fields-sent',
    says: 'a write carries the whole record, as everybody does: it costs no more requests',
    breaks: ['I3', 'I4'],
    edits: [
      {
        file: 'stages/side-writes.ts',
        from: "import { ruleOf } from './rule-index.ts'\n",
        to: "import { isReference, ruleOf } from './rule-index.ts'\n",
      },
      {
        file: 'stages/side-writes.ts',
        from: '      ? [updateWrite(engine, mapping, order, { ...payload, ...stamp?.values }, own)]\n',
        to: `      ? [
          updateWrite(
            engine,
            mapping,
            order,
            {
              ...mapping.rules.fields
                .filter((rule) => {
                  const isPlain = rule[side].channel === 'value' && !isReference(mapping, rule.key)
                  return order.base[rule.key] && isPlain && rule.direction === 'both'
                })
                .reduce<FieldValues>(
                  (sum, rule) => ({
                    ...sum,
                    ...rule[side].write(order.base[rule.key]?.[side] ?? null, target.values, context),
                  }),
                  {},
                ),
              ...payload,
              ...stamp?.values,
            },
            own,
          ),
        ]
`,
      },
    ],
    seenBy: {
      suite: 'tests/stages/edits.test.ts',
      test: 'and only the changed field is written',
    },
  },
]
