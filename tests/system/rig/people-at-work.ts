/** What people do in the CRMs while the engine is being killed: edits that commute with everything else. */
import type { Dump, DumpedRecord, HumanEdit } from '../../../src/sandbox/model.ts'
import type { RunningSandbox } from './sandbox.ts'

/** Where these people work. */
export type Workplace = 'attio' | 'hubspot'

export interface Act {
  readonly vendor: Workplace
  readonly edit: HumanEdit
  /** Where the act must be seen afterwards, by the address of the person. */
  readonly expect:
    | { readonly kind: 'job'; readonly email: string; readonly job: string }
    | { readonly kind: 'family'; readonly email: string; readonly family: string }
    | { readonly kind: 'gone'; readonly email: string }
    /** Without an address: the comparison of the worlds says whether there is one of them on each side. */
    | { readonly kind: 'present' }
}

export async function perform(sandbox: RunningSandbox, acts: readonly Act[]): Promise<void> {
  for (const { vendor, edit } of acts) await sandbox.edit(vendor, edit)
}

/** New people, entered by hand in either CRM. Whenever they come, the end is the same. */
export function newcomers(round: number): readonly Act[] {
  const [left, right] = ['left', 'right'].map((side) => `newcomer-${side}-${round}@people.example`)
  const job = `Newcomer ${round}`
  return [
    {
      vendor: 'attio',
      edit: {
        action: 'create',
        object: 'people',
        values: {
          name: { first_name: 'New', last_name: `Left ${round}`, full_name: `New Left ${round}` },
          email_addresses: [left],
          job_title: job,
        },
      },
      expect: { kind: 'job', email: `${left}`, job },
    },
    {
      vendor: 'hubspot',
      edit: {
        action: 'create',
        object: 'contacts',
        values: { firstname: 'New', lastname: `Right ${round}`, email: right, jobtitle: job },
      },
      expect: { kind: 'job', email: `${right}`, job },
    },
    // Nothing but the stamp tells a second creation of these from the first.
    ...[1, 2, 3].map((n): Act => {
      const values = { firstname: `Nobody ${n}`, lastname: `Without address ${round}` }
      return {
        vendor: 'hubspot',
        edit: { action: 'create', object: 'contacts', values },
        expect: { kind: 'present' },
      }
    }),
  ]
}

/** A person known to both CRMs under one address that is nowhere else. */
export interface Shared {
  readonly email: string
  readonly left: string
  readonly right: string
}

export function sharedPeople(dumps: Readonly<Record<Workplace, Dump>>): readonly Shared[] {
  const right = byEmail(dumps.hubspot['contacts'], contactEmail)
  const left = byEmail(dumps.attio['people'], emailsOf)
  return [...left]
    .flatMap(([email, id]) => {
      const other = right.get(email)
      return id && other ? [{ email, left: id, right: other }] : []
    })
    .filter((shared, index, all) => all.findIndex((each) => each.left === shared.left) === index)
}

function contactEmail({ values }: DumpedRecord): readonly string[] {
  return typeof values['email'] === 'string' ? [values['email']] : []
}

export function emailsOf({ values }: DumpedRecord): readonly string[] {
  return (values['email_addresses'] as readonly string[] | undefined) ?? []
}

/** Address → id of the one live record that has it; null where several do. */
function byEmail(
  records: Dump[string] | undefined,
  emails: (record: DumpedRecord) => readonly string[],
): ReadonlyMap<string, string | null> {
  const found = new Map<string, string | null>()
  for (const [id, record] of Object.entries(records ?? {})) {
    if (record.state !== 'live') continue
    for (const email of emails(record)) {
      const known = email.toLowerCase()
      if (known !== '') found.set(known, found.has(known) ? null : id)
    }
  }
  return found
}

/** Four edits per round, each of another linked person, on alternating sides. Takes what it uses from `people`. */
export function editsOf(people: Shared[], round: number): readonly Act[] {
  const take = (): Shared => {
    const next = people.shift()
    if (!next) throw new Error('the world is too small for so many edits')
    return next
  }
  const [first, second, third, fourth] = [take(), take(), take(), take()]
  const update = (vendor: Workplace, person: Shared, values: Readonly<Record<string, unknown>>) => ({
    vendor,
    edit: {
      action: 'update' as const,
      object: vendor === 'attio' ? 'people' : 'contacts',
      id: vendor === 'attio' ? person.left : person.right,
      values,
    },
  })
  const job = `Promoted ${round}`
  const family = `Married ${round}`
  const name = { first_name: 'Now', last_name: family, full_name: `Now ${family}` }
  return [
    { ...update('attio', first, { job_title: job }), expect: { kind: 'job', email: first.email, job } },
    { ...update('hubspot', second, { jobtitle: job }), expect: { kind: 'job', email: second.email, job } },
    { ...update('attio', third, { name }), expect: { kind: 'family', email: third.email, family } },
    {
      ...update('hubspot', fourth, { firstname: 'Now', lastname: family }),
      expect: { kind: 'family', email: fourth.email, family },
    },
  ]
}

/** One person removed on each side: by the shipped mappings, the other CRM keeps its record. */
export function departures(people: Shared[]): readonly Act[] {
  return (['attio', 'hubspot'] as const).map((vendor) => {
    const person = people.shift()
    if (!person) throw new Error('the world is too small for departures')
    const object = vendor === 'attio' ? 'people' : 'contacts'
    const id = vendor === 'attio' ? person.left : person.right
    return {
      vendor,
      edit: { action: 'delete', object, id },
      expect: { kind: 'gone', email: person.email },
    }
  })
}

/** Acts that did not survive: a sentence each. */
export function lostActs(dumps: Readonly<Record<Workplace, Dump>>, acts: readonly Act[]): readonly string[] {
  const left = byEmail(dumps.attio['people'], emailsOf)
  const right = byEmail(dumps.hubspot['contacts'], contactEmail)
  return acts.flatMap(({ vendor, expect }) => {
    if (expect.kind === 'present') return []
    const ids = { attio: left.get(expect.email), hubspot: right.get(expect.email) }
    if (expect.kind === 'gone') {
      return ids[vendor] === undefined ? [] : [`${expect.email} is back in ${vendor}`]
    }
    const person = dumps.attio['people']?.[ids.attio ?? '']?.values
    const contact = dumps.hubspot['contacts']?.[ids.hubspot ?? '']?.values
    const wanted = expect.kind === 'job' ? expect.job : expect.family
    const names = person?.['name'] as readonly { last_name: string }[] | undefined
    const jobs = person?.['job_title'] as readonly string[] | undefined
    const [inAttio, inHubSpot] =
      expect.kind === 'job'
        ? [jobs?.[0], contact?.['jobtitle']]
        : [names?.[0]?.last_name, contact?.['lastname']]
    return [
      ...(inAttio === wanted ? [] : [`attio shows ${inAttio} for ${expect.email}, not ${wanted}`]),
      ...(inHubSpot === wanted
        ? []
        : [`hubspot shows ${String(inHubSpot)} for ${expect.email}, not ${wanted}`]),
    ]
  })
}
