/** What only Salesforce has: merges with a master, ids of two lengths, leads that live on as contacts, record types, a bin. */
import type { Mutant } from '../mutant.ts'

/** As drawn: most of them have leads and record types. */
const WORLDS = { theme: 'any', cast: 'attio-salesforce' } as const

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
      source: 'tests/connectors/contract/writing-contract.ts',
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
        file: 'connectors/salesforce/whereabouts.ts',
        from: '  return id === null || description.object',
        to: '  return id !== null || description.object',
      },
    ],
    seenBy: WORLDS,
  },
  {
    name: 'conversion-begins-anew',
    says: 'a contact is another record than the lead, so that nothing was agreed on about it',
    breaks: ['I4'],
    edits: [
      {
        file: 'stages/moves.ts',
        from: "reading?.kind === 'found' ? kept(",
        to: "reading?.kind === 'gone' ? kept(",
      },
    ],
    seenBy: {
      suite: 'tests/stages/leads-converted.test.ts',
      test: 'keeps what was agreed on: what was edited in between wins on the side where it was edited',
    },
  },
  {
    name: 'one-lead-one-contact',
    says: 'no two leads become the same contact',
    breaks: ['I7'],
    edits: [
      {
        file: 'stages/moves.ts',
        from: ' || arrived.has(refKey(arrival))) return null',
        to: ' || arrived.size < 0) return null',
      },
    ],
    seenBy: {
      suite: 'tests/stages/leads-converted.test.ts',
      test: 'of two leads into one contact keeps the person of the one, and shows the other',
    },
  },
  {
    name: 'lead-or-contact-who-comes-first',
    says: 'every mapping looks for its own counterparts',
    breaks: ['I8'],
    edits: [
      {
        file: 'stages/claims.ts',
        from: 'if (seniors.length === 0) continue',
        to: 'if (seniors.length >= 0) continue',
      },
    ],
    seenBy: {
      suite: 'tests/stages/leads.test.ts',
      test: 'of a contact and a lead with one address it is the contact, and the lead is shown to a person',
    },
  },
  {
    name: 'two-pairs-for-one',
    says: 'a record that has a pair by one mapping is not met by another one',
    breaks: ['I2', 'I7'],
    edits: [
      {
        file: 'stages/double-pairs.ts',
        from: 'links.has(id)) found.set(',
        to: 'links.has(id) && id === null) found.set(',
      },
    ],
    seenBy: {
      suite: 'tests/stages/leads.test.ts',
      test: 'two people of Attio who become one keep the contact, and the lead is shown to a person',
    },
  },
  {
    name: 'heir-of-the-deleted',
    says: 'a contact is a new person, whatever became of the person of the lead',
    breaks: ['I9'],
    edits: [
      {
        file: 'stages/claims.ts',
        from: '} else if (reason !== null && ',
        to: "} else if (reason === '' && ",
      },
    ],
    seenBy: {
      suite: 'tests/stages/leads-converted.test.ts',
      test: 'of a lead whose person was deleted brings nobody back',
    },
  },
  {
    name: 'record-type-chosen-anew',
    says: 'the first stage that means the status is the stage',
    breaks: ['I3'],
    edits: [
      {
        file: 'mapping/transforms/stage.ts',
        from: 'candidates.find((word) => stageParts(word).pipeline === pipeline) ?? candidates[0]',
        to: 'candidates[0]',
      },
    ],
    seenBy: WORLDS,
  },
  {
    name: 'lock-waited-out',
    says: 'a row that met a lock goes again when the lock is gone',
    breaks: ['I4'],
    edits: [
      {
        file: 'connectors/salesforce/update.ts',
        from: 'awaitsLocks: false',
        to: 'awaitsLocks: true',
      },
    ],
    seenBy: {
      suite: 'tests/connectors/salesforce/write.test.ts',
      test: 'has an update that met a lock go back at once: the record has to be looked at before it is sent again',
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
  {
    name: 'told-for-ever',
    says: 'who changed a field last is who was told of last, whatever we have written since',
    breaks: ['I17'],
    edits: [
      {
        file: 'stages/attribution.ts',
        from: '  if (capabilities.keepsHistory || fields.length === 0 ||',
        to: '  if (fields.length >= 0 ||',
      },
    ],
    seenBy: {
      suite: 'tests/stages/listen.test.ts',
      test: 'a fight of two automations over what a person typed is stopped, although the line told of the person',
    },
  },
]
