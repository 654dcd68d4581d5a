/** People as they really are, before anybody writes them into a CRM. */
import type { Random } from '../random.ts'
import { LOCALES } from './locales.ts'
import { makePhone } from './phones.ts'
import type { Phone } from './phones.ts'
import { JOB_TITLES, makeDescription, slug } from './prose.ts'

export interface Person {
  readonly given: string | null
  readonly family: string | null
  /** The first is the one that a CRM with a single e-mail field holds. */
  readonly emails: readonly string[]
  readonly phone: Phone | null
  readonly jobTitle: string | null
  readonly description: string | null
  readonly linkedin: string | null
  readonly city: string | null
}

/** Where people without a company, and the private addresses of others, get their mail. */
const FREE_MAIL: readonly string[] = ['freemail.example', 'inbox.example', 'post.example']

/** `taken` holds every address of the world so far; no two people share one. */
export function makePerson(options: {
  readonly companyDomain: string | null
  /** Needs an address, because only that identifies the person in two CRMs. */
  readonly shared: boolean
  /** A CRM that holds the person demands a family name. */
  readonly needsFamilyName?: boolean
  readonly taken: Set<string>
  readonly random: Random
}): Person {
  const { companyDomain, shared, needsFamilyName = false, taken, random } = options
  const locale = random.pick(LOCALES)
  const given = random.pick(locale.given)
  const family = random.pick(locale.family)
  const domain = companyDomain ?? random.pick(FREE_MAIL)
  const local = random.pick([`${given.latin}.${family.latin}`, `${given.latin}${family.latin.charAt(0)}`])
  const tag = random.chance(0.06) ? `+${random.pick(['news', 'crm', '2026', 'demo'])}` : ''
  const hasEmail = shared || random.chance(0.9)
  const emails = hasEmail ? [claimAddress(local, tag, domain, taken)] : []
  if (hasEmail && random.chance(0.1)) {
    emails.push(claimAddress(family.latin, '', random.pick(FREE_MAIL), taken))
  }
  const emoji = random.chance(0.01) ? ' 🌟' : ''
  return {
    given: random.chance(0.03) ? null : given.native + emoji,
    // Somebody without any name can only be found by address.
    family: hasEmail && random.chance(0.04) && !needsFamilyName ? null : capitalised(family.native, random),
    emails,
    phone: random.chance(0.7) ? makePhone(locale.country, random) : null,
    jobTitle: random.chance(0.75) ? random.pick(JOB_TITLES) : null,
    description: random.chance(0.25) ? makeDescription(random) : null,
    linkedin: random.chance(0.3)
      ? `https://www.linkedin.com/in/${slug(`${given.latin} ${family.latin}`)}-${taken.size}`
      : null,
    city: random.chance(0.4) ? random.pick(locale.cities) : null,
  }
}

/** The same person as somebody else knows them: one field really differs. The addresses stay, to be found by. */
export function contradictPerson(person: Person, random: Random): Person {
  // A value against a blank would only be a gap.
  const views: Person[] = [
    { ...person, family: person.family === null ? 'Newman' : `${person.family}-Newman` },
  ]
  if (person.jobTitle !== null) {
    const jobTitle = random.pick(JOB_TITLES.filter((title) => title !== person.jobTitle))
    views.push({ ...person, jobTitle }, { ...person, jobTitle })
  }
  if (person.phone !== null) {
    const phone = makePhone(person.phone.country === 'US' ? 'GB' : 'US', random)
    views.push({ ...person, phone })
  }
  return random.pick(views)
}

/** The same person entered a second time in one CRM, under another address or none. */
export function duplicatePerson(person: Person, taken: Set<string>, random: Random): Person {
  const [first] = person.emails
  const [local = 'someone', domain = 'freemail.example'] = first?.split('@') ?? []
  return {
    ...person,
    family: person.family ?? 'Unknown',
    emails: random.chance(0.5) ? [claimAddress(local.replace(/\+.*/, ''), '+copy', domain, taken)] : [],
    jobTitle: null,
    phone: random.chance(0.5) ? person.phone : null,
  }
}

/** People type their names in small letters and in capitals; that is what the record says on every side. */
function capitalised(name: string, random: Random): string {
  if (random.chance(0.03)) return name.toUpperCase()
  if (random.chance(0.03)) return name.toLowerCase()
  return name
}

function claimAddress(local: string, tag: string, domain: string, taken: Set<string>): string {
  let address = `${local}${tag}@${domain}`
  for (let count = 2; taken.has(address); count += 1) address = `${local}${count}${tag}@${domain}`
  taken.add(address)
  return address
}
