/** Records that point at records. */
import type { Mutant } from '../mutant.ts'

export const REFERENCE_MUTANTS: readonly Mutant[] = [
  {
    name: 'waiting-references-forgotten',
    says: 'a reference to a record without a pair is left out; whoever edits the record next sends it',
    breaks: ['I1', 'I12'],
    edits: [
      {
        file: 'store/sqlite/apply.ts',
        from: '        return waiting.replace(change)\n',
        to: '        return\n',
      },
    ],
    seenBy: { theme: 'references' },
  },
  {
    name: 'waiting-references-not-woken',
    says: 'what waits for a record is looked at by the next sweep anyway',
    breaks: ['I1', 'I12'],
    edits: [
      {
        file: 'store/sqlite/apply.ts',
        from: '      const record = found && recordOf(found)\n',
        to: '      const record = null as ReturnType<typeof recordOf>\n',
      },
    ],
    seenBy: { theme: 'references' },
  },
  {
    name: 'kept-reference-counts-as-agreed',
    says: 'nothing could be stored for this value, so there is nothing left to do about it',
    breaks: ['I1', 'I12'],
    edits: [
      {
        file: 'core/verdict.ts',
        from: "  if (restored.kind === 'keep') return nothing(rule, restored.reason)\n",
        to: "  if (restored.kind === 'keep') return rebase(rule, base, left, right, restored.reason)\n",
      },
    ],
    seenBy: {
      suite: 'tests/core/merge.test.ts',
      test: 'a value without a counterpart is kept and tried again later',
    },
  },
  {
    name: 'reference-to-dead-record',
    says: 'a link leads from record to record, whatever became of them',
    breaks: ['I1', 'I12', 'I2'],
    edits: [
      {
        file: 'store/links.ts',
        from: '  return isKept(link) && link.left !== null && link.right !== null\n',
        to: '  return link !== null && (link.left !== null || link.right !== null)\n',
      },
    ],
    seenBy: {
      suite: 'tests/store/sqlite.store.test.ts',
      source: 'tests/store/contract/references.ts',
      test: 'links of references are those that stand for two known records',
    },
  },
  {
    name: 'foreign-references-dropped',
    says: 'a list of references is replaced by the ones that we know',
    breaks: ['I13'],
    edits: [
      {
        file: 'mapping/transforms/reference.ts',
        from: '      const staying = present.filter(({ link }) => link === null || wanted.includes(link))\n',
        to: '      const staying = present.filter(({ link }) => link !== null && wanted.includes(link))\n',
      },
    ],
    seenBy: { theme: 'references' },
  },
]
