/** What only Salesforce has: merges with a master, ids of two lengths, leads that live on as contacts, a bin. */
import type { Mutant } from '../mutant.ts'

export const SALESFORCE_MUTANTS: readonly Mutant[] = [
  {
    name: 'master-record-ignored',
    says: 'a record in the recycle bin was deleted',
    breaks: ['I7'],
    edits: [
      {
        file: 'connectors/salesforce/whereabouts.ts',
        from: '    if (master === null) return',
        to: "    if (master === null || master !== '') return",
      },
    ],
    seenBy: {
      suite: 'tests/stages/salesforce.test.ts',
      test: 'a merge into a contact that shares no key with the other is followed by its master',
    },
  },
  {
    name: 'restored-goes-by-another-name',
    says: 'a record whose place was taken is gone for good',
    breaks: ['I1', 'I7'],
    edits: [
      {
        file: 'stages/came-back.ts',
        from: 'reading.snapshot.key.id === id)',
        to: 'reading.snapshot.key.id !== id)',
      },
    ],
    seenBy: {
      suite: 'tests/stages/salesforce.test.ts',
      test: 'one entered again keeps the place of one that comes back, and a person is asked',
    },
  },
  {
    name: 'blank-not-sent',
    says: 'what is blank need not be sent',
    breaks: ['I1'],
    edits: [
      {
        file: 'connectors/salesforce/encode.ts',
        from: '      if (encoded !== null || !creates) body[field] = encoded\n',
        to: '      if (encoded !== null) body[field] = encoded\n',
      },
    ],
    seenBy: {
      suite: 'tests/connectors/salesforce/contract.test.ts',
      test: 'clears with a blank',
      source: 'tests/connectors/contract/connector-contract.ts',
    },
  },
  {
    name: 'one-second-one-version',
    says: 'a record with the same stamp is the same record',
    breaks: ['I4'],
    edits: [
      {
        file: 'connectors/salesforce/snapshots.ts',
        from: '    if (clock.isOver(Date.parse(stamp), readAtMs))\n',
        to: "    if (clock.isOver(Date.parse(stamp), readAtMs) || stamp !== '')\n",
      },
    ],
    seenBy: {
      suite: 'tests/connectors/salesforce/read.test.ts',
      test: 'tell edits of one second apart by never being equal while it lasts',
    },
  },
  {
    name: 'conversion-not-followed',
    says: 'a lead that was converted is no record any more',
    breaks: ['I7'],
    edits: [
      {
        file: 'connectors/salesforce/reads.ts',
        from: '  return id === null || description.object',
        to: '  return id !== null || description.object',
      },
    ],
    seenBy: {
      suite: 'tests/stages/leads.test.ts',
      test: 'moves the pair to the contact, and creates no person',
    },
  },
  {
    name: 'short-ids-as-they-come',
    says: 'an id is an id, however many characters it has',
    breaks: ['I12'],
    edits: [
      {
        file: 'connectors/salesforce/ids.ts',
        from: "  return id + checksum.join('')\n",
        to: '  return checksum.length > 0 ? text : id\n',
      },
    ],
    seenBy: {
      suite: 'tests/connectors/salesforce/values.test.ts',
      test: 'a lookup takes the id of one record, in either length',
    },
  },
  {
    name: 'late-commits-missed',
    says: 'whatever was stamped before now has been seen by now',
    breaks: ['I18'],
    edits: [
      {
        file: 'connectors/salesforce/changes.ts',
        from: '    walks: [...present, ...(isDue ? delayed : [])].filter',
        to: '    walks: [...present, ...(isDue ? delayed.slice(delayed.length) : [])].filter',
      },
    ],
    seenBy: {
      suite: 'tests/connectors/salesforce/changes.test.ts',
      test: 'meets a row that is committed after the feed has passed its stamp',
    },
  },
]
