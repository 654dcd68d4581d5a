/** The decision about one field. */
import type { Mutant } from '../mutant.ts'

export const FIELD_MUTANTS: readonly Mutant[] = [
  {
    name: 'blank-never-overwrites',
    says: 'a blank is a value that is missing, not one that somebody cleared',
    breaks: ['I1'],
    edits: [
      {
        file: 'core/merge.ts',
        from: "  if (rule.blank === 'ignore' && isBlank(value)) {\n",
        to: '  if (isBlank(value)) {\n',
      },
    ],
    seenBy: { theme: 'gains' },
  },
  {
    name: 'one-way-written-back',
    says: 'whichever side changed, the other one follows',
    breaks: ['I3'],
    edits: [
      {
        file: 'core/merge.ts',
        from: "  if (rule.direction !== 'both') return oneWay(input, changed)\n",
        to: '  if (rule.direction === undefined) return oneWay(input, changed)\n',
      },
    ],
    seenBy: { theme: 'one-way' },
  },
  {
    name: 'scope-ignored',
    says: 'a pair is a pair, even when one of its records left the scope',
    // Whatever is decided is given up before it is sent, since the record is outside, and decided again.
    breaks: ['I13', 'livelock'],
    edits: [
      {
        file: 'stages/linked.ts',
        from: "    if (!mapping.rules.inScope[side](snapshot.values)) return 'outside'\n",
        to: '',
      },
    ],
    seenBy: { theme: 'scoped' },
  },
  {
    name: 'breaker-off',
    says: 'two automations that disagree will settle it among themselves',
    breaks: ['I17', 'I2', 'livelock'],
    edits: [
      {
        file: 'core/breaker.ts',
        from: '  if (!base || next.human) return false\n',
        to: '  if (!base || next.side !== null) return false\n',
      },
    ],
    seenBy: { theme: 'fights' },
  },
  {
    name: 'last-writer-without-conflict',
    says: 'both sides changed: the left one wins, that is no conflict',
    breaks: ['I4'],
    edits: [
      {
        file: 'core/merge.ts',
        from: "  return carry(input, changed.left ? 'left' : 'right')\n",
        to: "  return carry(input, changed.left ? 'left' : 'right')\n",
      },
      {
        file: 'core/merge.ts',
        from: '  if (changed.left && changed.right) return contested(',
        to: "  if (changed.left && changed.right && rule.shape === 'whole') return carry(input, 'left')\n  if (changed.left && changed.right) return contested(",
      },
    ],
    seenBy: { theme: 'losses' },
  },
  {
    name: 'compared-across-sides',
    says: 'a field changed when the two sides differ; the left one is right',
    breaks: ['I1', 'I3', 'I4'],
    edits: [
      {
        file: 'core/field.ts',
        from: '    left: base.doubt || !isEqual(base.left, left),\n',
        to: '    left: base.doubt || !isEqual(right, left),\n',
      },
    ],
    seenBy: { explorer: ['I'] },
  },
]
