/** Deals as they really are, before anybody writes them into a CRM. */
import type { Random } from '../random.ts'
import type { Company } from './companies.ts'

export type Phase = 'lead' | 'progress' | 'won' | 'lost'

export const PIPELINES = ['default', 'partner', 'renewal'] as const

export interface Deal {
  readonly name: string
  /** Decimal text with at most two places, in US dollars; `0` is an amount, null is none. */
  readonly amount: string | null
  readonly pipeline: (typeof PIPELINES)[number]
  readonly phase: Phase
  /** `YYYY-MM-DD`. */
  readonly closeDate: string | null
  readonly description: string | null
}

const PRODUCTS: readonly string[] = [
  'Rollout',
  'Renewal 2026',
  'Pilot – 50 seats',
  'Rahmenvertrag',
  'Formation & conseil',
  'Пилотный проект',
  '年度契約',
  'تجديد العقد',
  '“Phase 2” 🚀',
]

const AMOUNTS: readonly string[] = [
  '0',
  '0.5',
  '99.99',
  '1200',
  '4999.95',
  '15000',
  '48250.1',
  '250000',
  '12500000',
]

/** `number` keeps the names of shared deals apart: a name is all that a deal can be recognised by. */
export function makeDeal(options: {
  readonly number: number
  readonly company: Company | null
  readonly shared: boolean
  readonly random: Random
}): Deal {
  const { number, company, shared, random } = options
  const words = [company?.name ?? 'Walk-in', '·', random.pick(PRODUCTS)]
  if (shared || random.chance(0.7)) words.push(`#${number}`)
  return {
    name: words.join(' '),
    amount: random.chance(0.85) ? random.pick(AMOUNTS) : null,
    pipeline: random.pick(['default', 'default', 'default', 'partner', 'renewal'] as const),
    phase: random.pick(['lead', 'lead', 'progress', 'progress', 'won', 'lost'] as const),
    closeDate: random.chance(0.7) ? makeDate(random) : null,
    description: random.chance(0.2) ? `Quoted by phone.\n${random.pick(PRODUCTS)}` : null,
  }
}

/** The same deal as somebody else reports it: amount or phase really differ. */
export function contradictDeal(deal: Deal, random: Random): Deal {
  // A value against a blank would only be a gap.
  if (deal.amount === null || random.chance(0.3)) {
    return { ...deal, phase: deal.phase === 'progress' ? 'lead' : 'progress' }
  }
  const others = AMOUNTS.filter((amount) => amount !== deal.amount)
  return { ...deal, amount: random.pick(others) }
}

/** A fixed range, not one around today: equal seeds must give equal data next year too. */
function makeDate(random: Random): string {
  const month = String(random.integer(1, 12)).padStart(2, '0')
  const day = String(random.integer(1, 28)).padStart(2, '0')
  return `${random.integer(2025, 2027)}-${month}-${day}`
}
