/** Writes generated data as people working in HubSpot would (value formats: HubSpot fact sheet 11). */
import type { VendorModel } from '../model.ts'
import { askModel } from './ask.ts'
import { PIPELINES } from './deals.ts'
import type { Deal, Phase } from './deals.ts'
import type { Phone } from './phones.ts'
import { sloppy, sloppyDomain, sloppyEmail } from './scribe.ts'
import type { Pen, Scribe } from './scribe.ts'

interface Owner {
  readonly id: string
  readonly email: string
}

interface Pipeline {
  readonly id: string
}

/** Stage ids by phase. The `default` pipeline is every portal's own (HubSpot fact sheet 13). */
const STAGES: Readonly<Record<Deal['pipeline'], Readonly<Record<Phase, readonly string[]>>>> = {
  default: {
    lead: ['appointmentscheduled', 'qualifiedtobuy'],
    progress: ['presentationscheduled', 'decisionmakerboughtin', 'contractsent'],
    won: ['closedwon'],
    lost: ['closedlost'],
  },
  partner: {
    lead: ['partner_intro'],
    progress: ['partner_proposal'],
    won: ['partner_won'],
    lost: ['partner_lost'],
  },
  renewal: {
    lead: ['renewal_open'],
    progress: ['renewal_negotiation'],
    won: ['renewal_won'],
    lost: ['renewal_lost'],
  },
}

const PROBABILITIES: Readonly<Record<Phase, string>> = {
  lead: '0.2',
  progress: '0.6',
  won: '1.0',
  lost: '0.0',
}

const LIFECYCLE = ['lead', 'marketingqualifiedlead', 'salesqualifiedlead', 'opportunity', 'customer'] as const

export function hubspotScribe(model: VendorModel): Scribe {
  const current = ownersOf(model, false)
  const former = ownersOf(model, true)
  const ownerIds = new Map([...former, ...current].map(({ id, email }) => [email.toLowerCase(), id]))

  const write = (object: string, values: Record<string, string | null>, pen: Pen): string => {
    const filled = Object.entries(values).filter((entry) => entry[1] !== null)
    return model.edit({
      action: 'create',
      object,
      values: Object.fromEntries(filled),
      ...(pen.actor === null ? {} : { actor: pen.actor }),
    }).id
  }
  const associate = (
    from: readonly [string, string],
    other: readonly [string, string],
    label?: string,
  ): void => {
    model.edit({
      action: 'associate',
      object: from[0],
      id: from[1],
      other: { object: other[0], id: other[1], ...(label === undefined ? {} : { label }) },
    })
  }
  const ownerOf = (pen: Pen): string | null => (pen.owner === null ? null : (ownerIds.get(pen.owner) ?? null))

  return {
    quiet: { companiesFromEmailDomains: false },
    sharesDomains: true,
    prepare: () => {
      createMissingPipelines(model)
      // A record cannot be given to somebody who has left; it stays with somebody who leaves.
      for (const { id } of former) model.edit({ action: 'restore', object: 'owners', id })
    },
    finish: () => {
      for (const { id } of former) model.edit({ action: 'delete', object: 'owners', id })
    },
    owners: () => ({
      current: current.map(({ email }) => email.toLowerCase()),
      former: former.map(({ email }) => email.toLowerCase()),
    }),

    writeCompany: (company, pen) => {
      const { random } = pen
      const [domain = null] = company.domains
      return write(
        'companies',
        {
          name: sloppy(company.name, random),
          domain: domain && sloppyDomain(domain, random),
          description: company.description && sloppy(company.description, random),
          linkedin_company_page: company.linkedin,
          city: company.city,
          numberofemployees: company.employees === null ? null : String(company.employees),
          phone: spellPhone(company.phone, pen),
          hubspot_owner_id: ownerOf(pen),
        },
        pen,
      )
    },

    writePerson: (person, { companies }, pen) => {
      const { random } = pen
      const [email = null] = person.emails
      const id = write(
        'contacts',
        {
          firstname: person.given && sloppy(person.given, random),
          lastname: person.family && sloppy(person.family, random),
          email: email && sloppyEmail(email, random),
          phone: spellPhone(person.phone, pen),
          jobtitle: person.jobTitle && sloppy(person.jobTitle, random),
          hs_linkedin_url: person.linkedin,
          city: person.city,
          lifecyclestage: random.chance(0.6) ? random.pick(LIFECYCLE) : null,
          hubspot_owner_id: ownerOf(pen),
        },
        pen,
      )
      companies.forEach((company, index) => {
        associate(['contacts', id], ['companies', company], index === 0 ? 'primary' : undefined)
      })
      return id
    },

    writeDeal: (deal, { company, people }, pen) => {
      const { random } = pen
      const id = write(
        'deals',
        {
          dealname: sloppy(deal.name, random),
          amount: deal.amount === null ? null : spellAmount(deal.amount, pen),
          pipeline: deal.pipeline,
          dealstage: random.pick(STAGES[deal.pipeline][deal.phase]),
          closedate: deal.closeDate && `${deal.closeDate}T00:00:00Z`,
          description: deal.description,
          hubspot_owner_id: ownerOf(pen),
        },
        pen,
      )
      if (company !== null) associate(['deals', id], ['companies', company], 'primary')
      for (const person of people) associate(['deals', id], ['contacts', person])
      return id
    },
  }
}

/** HubSpot keeps any text as a phone number. A national one means the same abroad only with a default region. */
function spellPhone(phone: Phone | null, pen: Pen): string | null {
  if (phone === null) return null
  const { random, shared } = pen
  const national = phone.country === 'US' ? 0.6 : shared ? 0 : 0.4
  return random.pick(random.chance(national) ? phone.national : phone.international)
}

function spellAmount(amount: string, { random }: Pen): string {
  return random.chance(0.3) ? Number(amount).toFixed(2) : amount
}

function ownersOf(model: VendorModel, archived: boolean): readonly Owner[] {
  return askModel(model, 'GET', `/crm/v3/owners/?limit=100&archived=${archived}`)[
    'results'
  ] as readonly Owner[]
}

function createMissingPipelines(model: VendorModel): void {
  const existing = askModel(model, 'GET', '/crm/v3/pipelines/deals')['results'] as readonly Pipeline[]
  const ids = new Set(existing.map(({ id }) => id))
  PIPELINES.filter((id) => !ids.has(id)).forEach((id, index) => {
    const stages = Object.entries(STAGES[id]).flatMap(([phase, stageIds]) =>
      stageIds.map((stageId) => ({ stageId, phase: phase as Phase })),
    )
    askModel(model, 'POST', '/crm/v3/pipelines/deals', {
      pipelineId: id,
      label: `${id} pipeline`,
      displayOrder: existing.length + index,
      stages: stages.map(({ stageId, phase }, displayOrder) => ({
        stageId,
        label: stageId,
        displayOrder,
        metadata: { probability: PROBABILITIES[phase] },
      })),
    })
  })
}
