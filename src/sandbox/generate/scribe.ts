/**
 * How generated data gets into a CRM. The generator knows what is true in its world (`people.ts`,
 * `companies.ts`, `deals.ts`); a scribe per vendor writes it down as people working in that CRM would: in its
 * fields, with its conventions, and with their sloppiness.
 */
import type { Random } from '../random.ts'
import type { Company } from './companies.ts'
import type { Deal } from './deals.ts'
import type { Person } from './people.ts'

export interface Scribe {
  /** Settings that keep the vendor from adding records and values of its own while the world is written. */
  readonly quiet: Readonly<Record<string, unknown>>
  /** Whether two companies may hold one domain, so that duplicates can share it. */
  readonly sharesDomains: boolean
  /** Whether the vendor demands a family name of everybody. */
  readonly needsFamilyNames?: boolean
  /** Before the first record: creates what the account lacks (pipelines), brings back who has yet to leave. */
  prepare(): void
  /** After the last record: those who have left leave. */
  finish(): void
  /** Lower-case e-mails of the people who can own records; the former ones have left. */
  owners(): { readonly current: readonly string[]; readonly former: readonly string[] }
  /** Each writes one record and returns its id. */
  writeCompany(company: Company, pen: Pen): string
  writePerson(person: Person, links: { readonly companies: readonly string[] }, pen: Pen): string
  writeDeal(
    deal: Deal,
    links: { readonly company: string | null; readonly people: readonly string[] },
    pen: Pen,
  ): string
}

/** The hand that writes one record in one CRM. */
export interface Pen {
  readonly random: Random
  /** Another CRM holds the same record, so only spellings that mean the same are allowed. */
  readonly shared: boolean
  /** Who writes: an e-mail of this account, or null for its first admin. */
  readonly actor: string | null
  /** Who owns the record, by e-mail; null for nobody, or for somebody else where an owner is required. */
  readonly owner: string | null
}

/**
 * The same text with the differences that copying and other keyboards leave: blanks around it and decomposed
 * accents. Equal after trimming and Unicode NFC.
 */
export function sloppy(text: string, random: Random): string {
  if (random.chance(0.05)) return text.normalize('NFD')
  if (random.chance(0.04)) return ` ${text}`
  if (random.chance(0.04)) return `${text}  `
  return text
}

/** The same address in the capitals that people and import files use. */
export function sloppyEmail(email: string, random: Random): string {
  if (random.chance(0.08)) return email.toUpperCase()
  if (random.chance(0.1)) return email.charAt(0).toUpperCase() + email.slice(1)
  return email
}

/** The same domain as it is pasted: with scheme, `www.`, a path, capitals. */
export function sloppyDomain(domain: string, random: Random): string {
  return random.pick([
    domain,
    domain,
    domain,
    `www.${domain}`,
    `https://www.${domain}/`,
    `http://${domain}/about-us?lang=en`,
    domain.toUpperCase(),
    `${domain}/contact`,
  ])
}
