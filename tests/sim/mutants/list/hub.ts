/** What only a hub has: two pairings that write into one CRM, and changes that travel through it. */
import type { Mutant } from '../mutant.ts'

const HUB = 'tests/stages/hub.test.ts'

export const HUB_MUTANTS: readonly Mutant[] = [
  {
    name: 'our-write-is-evidence',
    says: 'what the other pairing wrote was made by our token, at the moment of our write',
    breaks: ['I4'],
    edits: [
      {
        file: 'stages/attribution.ts',
        from: '(isOurs(own) ? (known ?? { ...own, notBefore: null }) : own)',
        to: '(isOurs(own) && known === null ? { ...own, notBefore: null } : own)',
      },
    ],
    seenBy: { suite: HUB, test: 'is as old as it was where it was made: a later edit in the other CRM wins' },
  },
  {
    name: 'origin-not-noted',
    says: 'whose change it was is written in the CRM that it came from, and need not be kept',
    breaks: ['I4'],
    edits: [
      {
        file: 'stages/hub.ts',
        from: '    ...(origins.length > 0 ? [noted] : []),\n',
        to: '    ...(origins.length > 9_000 ? [noted] : []),\n',
      },
    ],
    seenBy: {
      suite: HUB,
      test: 'is shown as the change of the person who made it, in the CRM where it was made',
    },
  },
  {
    name: 'decision-as-old-as-its-value',
    says: 'what a person decided on is as old as the value that was chosen',
    breaks: ['I4'],
    edits: [
      {
        file: 'stages/hub.ts',
        from: '  if (field.settles?.decided) {\n',
        to: '  if (field.settles?.decided && evidence === null) {\n',
      },
    ],
    seenBy: { suite: HUB, test: 'counts from the decision where a person decided' },
  },
  {
    name: 'not-handed-on',
    says: 'the other pairing will hear of our write from the CRM, like of any other',
    breaks: ['I1'],
    edits: [
      {
        file: 'stages/hub.ts',
        from: '    ...others.map((other) => followUp(',
        to: '    ...others.slice(others.length).map((other) => followUp(',
      },
    ],
    seenBy: { suite: HUB, test: 'that makes a record makes it everywhere' },
  },
  {
    name: 'our-write-is-nobodys-change',
    says: 'what the other pairing wrote into the shared CRM is our own write, and no change',
    breaks: ['I1', 'I4'],
    edits: [
      {
        file: 'stages/linked.ts',
        from: '      ready.push(readyPair(engine, mapping, group, followed.base, { left, right }))\n',
        to: `      const base = { ...followed.base }
      for (const rule of mapping.rules.fields) {
        const known = base[rule.key]
        const isOurs = rule.left.fields.some((field) => left.evidence[field]?.actor.kind === 'us')
        if (!known || isReference(mapping, rule.key) || !isOurs || !wasRead(rule.left, left.values)) continue
        base[rule.key] = { ...known, left: rule.left.read(left.values, NO_LOOKUPS) }
      }
      ready.push(readyPair(engine, mapping, group, base, { left, right }))
`,
      },
    ],
    seenBy: { cast: 'hub', theme: 'any' },
  },
  {
    name: 'shared-record-in-many-hands',
    says: 'each pairing decides for itself, and the vendor puts its writes in order',
    breaks: ['I4'],
    edits: [
      {
        file: 'stages/shared-hands.ts',
        from: '  if (!inHand.take(key)) return false\n',
        to: '  if (!inHand.take(key)) return true\n',
      },
      {
        file: 'stages/shared-hands.ts',
        from: '        if (openIntent?.side !== other.side) continue\n',
        to: "        if (openIntent?.side !== other.side || askedId !== '') continue\n",
      },
    ],
    seenBy: {
      suite: 'tests/stages/hub-daemon.test.ts',
      test: 'two changes that both pairings find at the same moment meet each other',
    },
  },
  {
    name: 'write-of-the-other-pairing-ignored',
    says: "a write of the other pairing whose answer was lost is that pairing's to settle, and nobody else waits for it",
    breaks: ['I4'],
    edits: [
      {
        file: 'stages/shared-hands.ts',
        from: '        if (openIntent?.side !== other.side) continue\n',
        to: "        if (openIntent?.side !== other.side || askedId !== '') continue\n",
      },
    ],
    seenBy: { suite: HUB, test: 'a write of one pairing that may still arrive is waited for by the other' },
  },
  {
    name: 'seen-for-nobody-else',
    says: 'what the other pairing created is for that pairing to find',
    breaks: ['I9'],
    edits: [
      {
        file: 'stages/seen-for-others.ts',
        from: '    if (awaited.size === 0) continue\n',
        to: '    if (awaited.size >= 0) continue\n',
      },
    ],
    seenBy: {
      suite: HUB,
      test: 'that makes a record unanswered, which the other pairing had',
    },
  },
]
