/** What the base is taken from, and when it moves (B1, B7, B8, B9 of algorithms.md). */
import type { Mutant } from '../mutant.ts'

export const BASE_MUTANTS: readonly Mutant[] = [
  {
    name: 'base-from-read-back',
    says: 'B1: after a write the record is read again, and whatever it shows is what we stored',
    breaks: ['I1', 'I4'],
    edits: [
      {
        file: 'stages/send.ts',
        from: '    const outcomes = await call(connector, mapping.rules.object[side], writes)\n',
        to: `    const answers = await call(connector, mapping.rules.object[side], writes)
    const ids = answers.flatMap((each) => (each.kind === 'done' && writes[0]?.kind !== 'remove' ? [each.id] : []))
    const request = { object: mapping.rules.object[side], ids, fields: mapping.rules.reads[side] }
    const found = ids.length === 0 ? [] : await connector.read(request).catch(() => [])
    const outcomes = answers.map((each) => {
      const reading = found.find(({ requestedId }) => each.kind === 'done' && requestedId === each.id)
      if (each.kind !== 'done' || reading?.kind !== 'found') return each
      const { values, version } = reading.snapshot
      return { ...each, image: { ...each.image, ...values }, version }
    })
`,
      },
    ],
    seenBy: { theme: 'reflexes' },
  },
  {
    name: 'base-shared',
    says: 'B8: one base value per field is enough, since both sides agreed',
    breaks: ['I1', 'I2', 'I3', 'I4', 'I15', 'I17'],
    edits: [
      {
        file: 'core/commit.ts',
        from: "  const left = side === 'left' ? own : source\n  const right = side === 'right' ? own : source\n",
        to: '  const left = source\n  const right = own === source ? own : source\n',
      },
    ],
    seenBy: { explorer: ['H', 'I', 'U'] },
  },
  {
    name: 'base-before-call',
    says: 'B7: the base moves when the write is sent, since it will succeed',
    breaks: ['I4'],
    edits: [
      {
        file: 'stages/rounds.ts',
        from: '  const outcomeOf = await send(engine, mapping, side, writes, hurried)\n',
        to: `  await engine.store.commitPlans(
    writes.map((write): Change => ({
      kind: 'set-base',
      link: write.link,
      fields: Object.fromEntries(
        Object.entries(write.fields).map(([key, { source, target }]) => [
          key,
          {
            left: side === 'left' ? target : source,
            right: side === 'right' ? target : source,
            doubt: false,
            held: null,
            once: false,
            ring: write.base[key]?.ring ?? [],
          },
        ]),
      ),
    })),
  )
  const outcomeOf = await send(engine, mapping, side, writes, hurried)
`,
      },
    ],
    seenBy: { theme: 'losses' },
  },
  {
    name: 'base-holds-value-sent',
    says: 'the vendor answered 200, so it stored what we sent',
    breaks: ['I3', 'I15'],
    edits: [
      {
        file: 'stages/outcome.ts',
        from: '    const stored = rule[side].read(snapshot.values, directory.context[side])\n',
        to: '    const stored = field.target\n',
      },
    ],
    seenBy: { explorer: ['I'] },
  },
  {
    name: 'merge-committed-per-call',
    says: 'B9: a merged set is agreed on as soon as the first side holds it',
    breaks: ['I1', 'I4'],
    edits: [
      {
        file: 'core/merge.ts',
        from: '    agreedAs: { value: left },\n',
        to: '    agreedAs: null,\n',
      },
    ],
    seenBy: { theme: 'references' },
  },
  {
    name: 'deviation-taken-for-normalisation',
    says: 'B2: a third value found after a lost answer is what the vendor made of ours',
    breaks: ['I1', 'I4'],
    edits: [
      {
        file: 'core/settle.ts',
        from: "  return { field: field.field, kind: 'moved-on' }\n",
        to: "  return { field: field.field, kind: 'applied' }\n",
      },
      {
        file: 'stages/settle-change.ts',
        from: "        known: 'read-back-unknown',\n",
        to: "        known: 'read-back-ours',\n",
      },
    ],
    seenBy: { explorer: ['A'] },
  },
]
