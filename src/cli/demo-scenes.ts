/** What happens in the demo. A scene is an edit by somebody, a pass, and a look at what came of it. */
import type { HumanEdit } from '../sandbox/model.ts'
import type { Conflict } from '../store/waiting.ts'
import type { Cast, Crm } from './demo-cast.ts'
import { valueText } from './value-text.ts'

export interface Scene {
  readonly title: string
  /** What people do, in their CRM. Says what they did. */
  act(stage: Stage): string | Promise<string>
  /** What is to be seen after the pass. */
  look(stage: Stage): string | Promise<string>
}

/** What a scene may touch: the CRMs as a person does, and our database as an admin does. */
export interface Stage {
  readonly cast: Cast
  readonly edit: (vendor: Crm, edit: HumanEdit) => void
  /** The id of a record's counterpart in that CRM, as our links have it. */
  readonly counterpart: (record: string, vendor: Crm) => Promise<string>
  /** Makes a contact of a lead, as a person does. Says which. */
  readonly convert: (lead: string) => string
  /** A field as the vendor itself has it, as text. */
  readonly shown: (vendor: Crm, object: string, record: string, field: string) => string
  /** `live`, `archived`, `merged`, or `gone`. */
  readonly state: (vendor: Crm, object: string, record: string) => string
  readonly openConflicts: () => Promise<readonly Conflict[]>
  readonly resolve: (conflict: string, choice: 'left' | 'right') => Promise<void>
  readonly reviewCount: () => Promise<number>
}

export const SCENES: readonly Scene[] = [
  {
    title: 'A job title changes in Attio',
    act: ({ edit, cast }) => {
      edit('attio', {
        action: 'update',
        object: 'people',
        id: cast.ada,
        values: { job_title: 'Chief Analyst' },
      })
      return 'Somebody in Attio makes Ada Lovelace Chief Analyst.'
    },
    look: async ({ shown, counterpart, cast }) =>
      `HubSpot now says: ${shown('hubspot', 'contacts', await counterpart(cast.ada, 'hubspot'), 'jobtitle')}.`,
  },
  {
    title: 'A phone number changes in HubSpot',
    act: ({ edit, cast }) => {
      edit('hubspot', {
        action: 'update',
        object: 'contacts',
        id: cast.katherine,
        values: { phone: '(415) 555-0199' },
      })
      return 'Somebody in HubSpot gives Katherine Johnson the number (415) 555-0199.'
    },
    look: async ({ shown, counterpart, cast }) =>
      `Attio now says: ${shown('attio', 'people', await counterpart(cast.katherine, 'attio'), 'phone_numbers')}.`,
  },
  {
    title: 'A title changes in Salesforce, and Attio passes it on',
    act: ({ edit, cast }) => {
      edit('salesforce', {
        action: 'update',
        object: 'Lead',
        id: cast.grace,
        values: { Title: 'Rear Admiral' },
      })
      return 'Somebody in Salesforce promotes the lead Grace Hopper to Rear Admiral.'
    },
    look: async ({ shown, counterpart, cast }) => {
      const grace = await counterpart(cast.grace, 'attio')
      const title = shown('hubspot', 'contacts', await counterpart(grace, 'hubspot'), 'jobtitle')
      return `Attio says: ${shown('attio', 'people', grace, 'job_title')}. HubSpot, which has never heard of Salesforce, says: ${title}.`
    },
  },
  {
    title: 'The lead is converted',
    act: async ({ convert, counterpart, cast }) => {
      const grace = await counterpart(cast.grace, 'attio')
      return `Somebody in Salesforce converts the lead, which becomes the contact ${convert(cast.grace)}. In Attio she is ${grace}.`
    },
    look: async ({ shown, counterpart, cast }) => {
      const contact = shown('salesforce', 'Lead', cast.grace, 'ConvertedContactId')
      return `Nobody was created anew: that contact is paired with ${await counterpart(contact, 'attio')}.`
    },
  },
  {
    title: 'Both sides edit one record, in different fields',
    act: async ({ edit, counterpart, cast }) => {
      edit('attio', {
        action: 'update',
        object: 'people',
        id: await counterpart(cast.katherine, 'attio'),
        values: { job_title: 'Aerospace technologist' },
      })
      edit('hubspot', {
        action: 'update',
        object: 'contacts',
        id: cast.katherine,
        values: { phone: '(415) 555-0142' },
      })
      return 'At the same moment Attio changes her job title and HubSpot her phone number.'
    },
    look: async ({ shown, counterpart, cast }) => {
      const title = shown('hubspot', 'contacts', cast.katherine, 'jobtitle')
      const phone = shown('attio', 'people', await counterpart(cast.katherine, 'attio'), 'phone_numbers')
      return `Both edits live: HubSpot has the title ${title}, Attio the number ${phone}.`
    },
  },
  {
    title: 'Both sides edit the same field',
    act: async ({ edit, counterpart, cast }) => {
      const alan = await counterpart(cast.alan, 'hubspot')
      edit('attio', {
        action: 'update',
        object: 'people',
        id: cast.alan,
        values: { job_title: 'Head of Hut 8' },
      })
      edit('hubspot', {
        action: 'update',
        object: 'contacts',
        id: alan,
        values: { jobtitle: 'Cryptanalyst' },
      })
      return 'Within a second Alan Turing becomes Head of Hut 8 in Attio and Cryptanalyst in HubSpot.'
    },
    look: async ({ openConflicts, counterpart, cast }) => {
      const alan = await counterpart(cast.alan, 'hubspot')
      const conflict = (await openConflicts()).find(({ records }) => records.right === alan)
      if (!conflict) return 'The later edit won: the clocks could tell which one it was.'
      const { left, right, id } = conflict
      return `Nobody can tell which edit was later, so nothing is overwritten. A conflict is open:\n  ${id}\n  attio: ${valueText(left)}   hubspot: ${valueText(right)}`
    },
  },
  {
    title: 'An admin decides',
    act: async ({ openConflicts, resolve, counterpart, cast }) => {
      const alan = await counterpart(cast.alan, 'hubspot')
      const conflict = (await openConflicts()).find(({ records }) => records.right === alan)
      if (!conflict) return 'There is nothing to decide.'
      await resolve(conflict.id, 'left')
      return `An admin takes Attio's value, as \`attune resolve ${conflict.id} --take left\` would.`
    },
    look: async ({ shown, counterpart, cast }) =>
      `HubSpot now says: ${shown('hubspot', 'contacts', await counterpart(cast.alan, 'hubspot'), 'jobtitle')}.`,
  },
  {
    title: 'Duplicates are merged in HubSpot',
    act: async ({ edit, reviewCount, cast }) => {
      const [first, second] = cast.bletchleyTwice
      const waiting = await reviewCount()
      edit('hubspot', {
        action: 'merge',
        object: 'companies',
        id: first,
        other: { object: 'companies', id: second },
      })
      return `Bletchley Park is in HubSpot twice, so its one record in Attio was linked to neither (${waiting} records wait in review). Somebody merges the two.`
    },
    look: async ({ counterpart, reviewCount, cast }) =>
      `It is clear now: Attio's Bletchley Park is linked to ${await counterpart(cast.bletchley, 'hubspot')}; ${await reviewCount()} records wait in review.`,
  },
  {
    title: 'A person is deleted in Attio',
    act: ({ edit, cast }) => {
      edit('attio', { action: 'delete', object: 'people', id: cast.charles })
      return 'Somebody deletes Charles Babbage. The mappings say: archive him in HubSpot, and in Salesforce.'
    },
    look: async ({ state, counterpart, cast }) =>
      `In HubSpot he is ${state('hubspot', 'contacts', await counterpart(cast.charles, 'hubspot'))}, in Salesforce ${state('salesforce', 'Contact', await counterpart(cast.charles, 'salesforce'))}, and can be restored there.`,
  },
]
