/** Writes generated data as people working in Attio would (value formats: Attio fact sheet 8). */
import type { VendorModel } from '../model.ts'
import type { Phase } from './deals.ts'
import { askModel } from './ask.ts'
import { sloppy, sloppyDomain, sloppyEmail } from './scribe.ts'
import type { Pen, Scribe } from './scribe.ts'

/** Statuses of a workspace that has just switched deals on (Attio fact sheet 17.3). */
const STAGES: Readonly<Record<Phase, string>> = {
  lead: 'Lead',
  progress: 'In Progress',
  won: 'Won 🎉',
  lost: 'Lost',
}

interface Member {
  readonly id: { readonly workspace_member_id: string }
  readonly email_address: string
  readonly access_level: string
}

export function attioScribe(model: VendorModel): Scribe {
  const members = askModel(model, 'GET', '/v2/workspace_members')['data'] as readonly Member[]
  const [current, former] = [
    members.filter((member) => member.access_level !== 'suspended'),
    members.filter((member) => member.access_level === 'suspended'),
  ].map((some) => some.map((member) => member.email_address.toLowerCase()))

  const write = (object: string, values: Record<string, unknown>, pen: Pen): string =>
    model.edit({
      action: 'create',
      object,
      values: withoutBlanks(values),
      ...(pen.actor === null ? {} : { actor: pen.actor }),
    }).id

  return {
    quiet: { createCompanies: false, enrichment: false },
    sharesDomains: false,
    // Attio lets a record be given to a suspended member, so nobody has to come back for it.
    prepare: () => {},
    finish: () => {},
    owners: () => ({ current: current ?? [], former: former ?? [] }),

    writeCompany: (company, pen) => {
      const { random } = pen
      return write(
        'companies',
        {
          name: sloppy(company.name, random),
          domains: company.domains.map((domain) => sloppyDomain(domain, random)),
          description: company.description && sloppy(company.description, random),
          linkedin: company.linkedin,
          primary_location: company.city && location(company.city, company.locale.country),
        },
        pen,
      )
    },

    writePerson: (person, { companies }, pen) => {
      const { random } = pen
      const [company] = companies
      return write(
        'people',
        {
          name: personalName(person.given, person.family, pen),
          email_addresses: person.emails.map((email) => sloppyEmail(email, random)),
          // Attio wants the country code, in whatever spelling (Attio fact sheet 11).
          phone_numbers: person.phone ? [random.pick(person.phone.international)] : [],
          job_title: person.jobTitle && sloppy(person.jobTitle, random),
          description: person.description && sloppy(person.description, random),
          linkedin: person.linkedin,
          primary_location: person.city && location(person.city, person.phone?.country ?? null),
          company: company && { target_object: 'companies', target_record_id: company },
        },
        pen,
      )
    },

    writeDeal: (deal, { company, people }, pen) =>
      write(
        'deals',
        {
          name: sloppy(deal.name, pen.random),
          stage: STAGES[deal.phase],
          owner: pen.owner ?? current?.[0],
          value: deal.amount === null ? null : Number(deal.amount),
          associated_company: company && { target_object: 'companies', target_record_id: company },
          associated_people: people.map((id) => ({ target_object: 'people', target_record_id: id })),
        },
        pen,
      ),
  }
}

/** All three parts are sent, blank ones as empty text (Attio fact sheet 8, `personal-name`). */
function personalName(given: string | null, family: string | null, pen: Pen): unknown {
  if (given === null && family === null) return null
  const first = given === null ? '' : sloppy(given, pen.random)
  const last = family === null ? '' : sloppy(family, pen.random)
  return { first_name: first, last_name: last, full_name: `${first} ${last}`.trim() }
}

/** All ten keys, or Attio refuses the value (Attio fact sheet 8, `location`). */
function location(city: string, country: string | null): unknown {
  return {
    line_1: null,
    line_2: null,
    line_3: null,
    line_4: null,
    locality: city,
    region: null,
    postcode: null,
    country_code: country,
    latitude: null,
    longitude: null,
  }
}

function withoutBlanks(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).filter(
      ([, value]) => value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0),
    ),
  )
}
