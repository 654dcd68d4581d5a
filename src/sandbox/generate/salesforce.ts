/** Writes generated data as people working in Salesforce would (value formats: Salesforce fact sheet 17, 18). */
import type { VendorModel } from '../model.ts'
import type { Random } from '../random.ts'
import { askModel } from './ask.ts'
import type { Deal, Phase } from './deals.ts'
import type { Person } from './people.ts'
import type { Phone } from './phones.ts'
import { sloppy, sloppyDomain, sloppyEmail } from './scribe.ts'
import type { Pen, Scribe } from './scribe.ts'

interface User {
  readonly Id: string
  readonly Email: string
  readonly IsActive: boolean
}

/** Pipelines are record types of Opportunity; each offers some of the org's stages. */
const RECORD_TYPES: Readonly<Record<Deal['pipeline'], readonly [developerName: string, name: string]>> = {
  default: ['New_Business', 'New Business'],
  partner: ['Partner', 'Partner'],
  renewal: ['Renewal', 'Renewal'],
}

const STAGES: Readonly<Record<Deal['pipeline'], Readonly<Record<Phase, readonly string[]>>>> = {
  default: {
    lead: ['Prospecting', 'Qualification'],
    progress: ['Needs Analysis', 'Value Proposition', 'Proposal/Price Quote', 'Negotiation/Review'],
    won: ['Closed Won'],
    lost: ['Closed Lost'],
  },
  partner: {
    lead: ['Prospecting'],
    progress: ['Value Proposition', 'Proposal/Price Quote'],
    won: ['Closed Won'],
    lost: ['Closed Lost'],
  },
  renewal: {
    lead: ['Qualification'],
    progress: ['Negotiation/Review'],
    won: ['Closed Won'],
    lost: ['Closed Lost'],
  },
}

const ROLES = ['Decision Maker', 'Economic Buyer', 'Evaluator', 'Influencer'] as const

/** Every opportunity has a close date; this is what people enter who do not know one yet. */
const SOME_DAY = '2026-12-31'

/** Of the people whom nobody else knows: who is a lead, and who was one and has become a contact. */
const LEADS = 0.2
const CONVERTED = 0.3

export function salesforceScribe(model: VendorModel): Scribe {
  const users = usersOf(model)
  const former = users.filter(({ IsActive }) => !IsActive)
  const current = users.filter(({ IsActive }) => IsActive)
  const ownerIds = new Map(users.map(({ Id, Email }) => [Email.toLowerCase(), Id]))
  const recordTypes = new Map<Deal['pipeline'], string>()
  /** Leads name their company instead of pointing to it. */
  const companyNames = new Map<string, string>()

  const write = (object: string, values: Record<string, unknown>, pen: Pen): string =>
    model.edit({
      action: 'create',
      object,
      values: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)),
      ...(pen.actor === null ? {} : { actor: pen.actor }),
    }).id
  const owned = (pen: Pen): Record<string, unknown> => {
    const id = pen.owner === null ? undefined : ownerIds.get(pen.owner)
    return id === undefined ? {} : { OwnerId: id }
  }

  return {
    // Nobody listens to the past.
    quiet: { changeEvents: [], commitDelayMs: [0, 0] },
    sharesDomains: true,
    needsFamilyNames: true,
    prepare: () => {
      for (const [pipeline, [DeveloperName, Name]] of Object.entries(RECORD_TYPES)) {
        const stages = Object.values(STAGES[pipeline as Deal['pipeline']]).flat()
        const values = { SobjectType: 'Opportunity', DeveloperName, Name, picklists: { StageName: stages } }
        const { id } = model.edit({ action: 'create', object: 'RecordType', values })
        recordTypes.set(pipeline as Deal['pipeline'], id)
      }
      // A record cannot be given to somebody who has left; it stays with somebody who leaves.
      for (const { Id } of former) model.edit({ action: 'restore', object: 'User', id: Id })
    },
    finish: () => {
      for (const { Id } of former) model.edit({ action: 'delete', object: 'User', id: Id })
    },
    owners: () => ({
      current: current.map(({ Email }) => Email.toLowerCase()),
      former: former.map(({ Email }) => Email.toLowerCase()),
    }),

    writeCompany: (company, pen) => {
      const { random } = pen
      const [domain = null] = company.domains
      const id = write(
        'Account',
        {
          Name: sloppy(company.name, random),
          Website: domain && sloppyDomain(domain, random),
          Description: company.description && sloppy(company.description, random),
          BillingCity: company.city,
          NumberOfEmployees: company.employees,
          Phone: spellPhone(company.phone, pen),
          ...owned(pen),
        },
        pen,
      )
      companyNames.set(id, company.name)
      return id
    },

    writePerson: (person, { companies }, pen) => {
      const { random, shared } = pen
      const [company = null] = companies
      if (shared || !random.chance(LEADS)) {
        return write(
          'Contact',
          {
            ...personValues(person, pen),
            AccountId: company,
            MailingCity: person.city,
            ...owned(pen),
          },
          pen,
        )
      }
      const lead = write(
        'Lead',
        {
          ...personValues(person, pen),
          Company: (company && companyNames.get(company)) ?? '[not provided]',
          City: person.city,
          Status: random.pick(['Open - Not Contacted', 'Working - Contacted']),
          ...owned(pen),
        },
        pen,
      )
      if (company === null || !random.chance(CONVERTED)) return lead
      // Becomes a contact of the company that is there already.
      return model.edit({
        action: 'convert',
        object: 'Lead',
        id: lead,
        values: { accountId: company, opportunityName: null },
        ...(pen.actor === null ? {} : { actor: pen.actor }),
      }).id
    },

    writeDeal: (deal, { company, people }, pen) => {
      const { random } = pen
      const id = write(
        'Opportunity',
        {
          Name: sloppy(deal.name, random),
          StageName: random.pick(STAGES[deal.pipeline][deal.phase]),
          CloseDate: deal.closeDate ?? SOME_DAY,
          Amount: deal.amount === null ? null : Number(deal.amount),
          Description: deal.description,
          AccountId: company,
          RecordTypeId: recordTypes.get(deal.pipeline) ?? null,
          ...owned(pen),
        },
        pen,
      )
      // Leads take no part in deals.
      const contacts = people.filter((person) => person.startsWith('003'))
      contacts.forEach((ContactId, index) => {
        const Role = random.chance(0.6) ? random.pick(ROLES) : null
        write('OpportunityContactRole', { OpportunityId: id, ContactId, Role, IsPrimary: index === 0 }, pen)
      })
      return id
    },
  }
}

function personValues(person: Person, pen: Pen): Record<string, unknown> {
  const { random } = pen
  const [email = null] = person.emails
  return {
    FirstName: person.given && sloppy(person.given, random),
    LastName: person.family && sloppy(person.family, random),
    Email: email && sloppyEmail(email, random),
    Phone: spellPhone(person.phone, pen),
    Title: person.jobTitle && sloppy(person.jobTitle, random),
    Description: person.description && sloppy(person.description, random),
  }
}

/** Salesforce keeps any text as a phone number; national ones mean something only at home. */
function spellPhone(phone: Phone | null, pen: Pen): string | null {
  if (phone === null) return null
  const { random, shared }: { random: Random; shared: boolean } = pen
  const national = phone.country === 'US' ? 0.6 : shared ? 0 : 0.4
  return random.pick(random.chance(national) ? phone.national : phone.international)
}

/** People who can own records: users of the standard kind who are not the API's own. */
function usersOf(model: VendorModel): readonly User[] {
  const soql =
    "SELECT Id, Email, IsActive FROM User WHERE UserType = 'Standard' AND Profile.Name != 'Integration' ORDER BY Email"
  const path = `/services/data/v64.0/query?q=${encodeURIComponent(soql)}`
  return askModel(model, 'GET', path)['records'] as readonly User[]
}
