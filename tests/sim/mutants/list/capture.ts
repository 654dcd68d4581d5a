/** Noticing that something changed, and believing what is read. */
import type { Mutant } from '../mutant.ts'

export const CAPTURE_MUTANTS: readonly Mutant[] = [
  {
    name: 'settled-whatever-came-meanwhile',
    says: 'a record that was worked on is clean',
    breaks: ['I18'],
    edits: [
      {
        file: 'store/sqlite/dirty-claims.ts',
        from: "    .where(and(isRow, eq(dirty.seq, arg('seq'))))\n",
        to: '    .where(isRow)\n',
      },
    ],
    seenBy: {
      suite: 'tests/store/sqlite.store.test.ts',
      test: 'a mark that arrives while the record is worked on survives the settling',
      source: 'tests/store/contract/dirty-set.ts',
    },
  },
  {
    name: 'cleared-before-it-is-read',
    says: 'a record is taken out of the dirty set when somebody takes it on',
    breaks: ['I18'],
    edits: [
      {
        file: 'store/sqlite/dirty-claims.ts',
        from: '      const found = dueRows(request)\n',
        to: `      const found = dueRows(request)
      for (const { mapping, side, record, seq } of found) db.run(remove, { mapping, side, record, seq })
`,
      },
    ],
    seenBy: {
      suite: 'tests/store/sqlite.store.test.ts',
      test: 'no order of marks, claims, settlings and postponements loses a mark',
      source: 'tests/store/contract/dirty-set.ts',
    },
  },
  {
    name: 'echo-by-time',
    says: 'what changes within ten seconds of our own write is our own write',
    breaks: ['I1', 'I4'],
    edits: [
      {
        file: 'stages/success.ts',
        from: '  const { side } = write\n  if',
        to: `  const { side } = write
  const seen = ((globalThis as { echoes?: Map<string, number> }).echoes ??= new Map<string, number>())
  seen.set(write.link, engine.runtime.now())
  if`,
      },
      {
        file: 'stages/linked.ts',
        from: '      ready.push(readyPair(engine, mapping, group, followed.base, { left, right }))\n',
        to: `      const wroteMs = (globalThis as { echoes?: Map<string, number> }).echoes?.get(group.link.id) ?? -Infinity
      const base = { ...followed.base }
      for (const rule of mapping.rules.fields) {
        const known = base[rule.key]
        if (!known || isReference(mapping, rule.key) || engine.runtime.now() - wroteMs > 10_000) continue
        if (!wasRead(rule.left, left.values) || !wasRead(rule.right, right.values)) continue
        base[rule.key] = {
          ...known,
          left: rule.left.read(left.values, NO_LOOKUPS),
          right: rule.right.read(right.values, NO_LOOKUPS),
        }
      }
      ready.push(readyPair(engine, mapping, group, base, { left, right }))
`,
      },
    ],
    seenBy: { theme: 'reflexes' },
  },
  {
    name: 'stale-replica-believed',
    says: 'an answer is an answer, however old',
    breaks: ['I4', 'I10'],
    edits: [
      {
        file: 'connectors/attio/replica.ts',
        from: '        if (answer.accurateAtMs >= atLeastMs) return answer\n',
        to: '        if (answer.accurateAtMs >= atLeastMs || attempt > 1) return answer\n',
      },
    ],
    seenBy: {
      suite: 'tests/connectors/attio/replica.test.ts',
      test: 'a second answer that is too old as well is not believed either',
    },
  },
]
