/** Companies as they really are, before anybody writes them into a CRM. */
import type { Random } from '../random.ts'
import { LOCALES } from './locales.ts'
import type { Locale } from './locales.ts'
import { makePhone } from './phones.ts'
import type { Phone } from './phones.ts'
import { makeDescription, slug } from './prose.ts'

export interface Company {
  readonly name: string
  /** The first is the one that a CRM with a single domain field holds. Empty: nobody knows it. */
  readonly domains: readonly string[]
  readonly locale: Locale
  readonly city: string | null
  readonly description: string | null
  readonly linkedin: string | null
  readonly employees: number | null
  readonly phone: Phone | null
}

interface Stem {
  readonly word: string
  /** What the domain is made of. */
  readonly latin: string
}

/** First words of company names. */
const STEMS: readonly Stem[] = [
  'Northwind',
  'Bluepeak',
  'Ironwood',
  'Quillfeather',
  'Saltmarsh',
  'Copperleaf',
  'Fjordline',
  'Larkspur & Finch',
  'Tidewater',
  'Ünlü',
  'Crème Brûlée',
  'Žižka',
  'Ñandú',
].map((word) => ({ word, latin: slug(word.normalize('NFD').replace(/\p{Mark}/gu, '')) }))

const NATIVE_STEMS: readonly Stem[] = [
  { word: 'Северный ветер', latin: 'severny' },
  { word: 'Βόρειος Άνεμος', latin: 'voreios' },
  { word: 'رياح الشمال', latin: 'shamal' },
  { word: 'רוח צפון', latin: 'tzafon' },
  { word: '北风', latin: 'beifeng' },
  { word: '株式会社北風', latin: 'kitakaze' },
  { word: '북풍', latin: 'bukpung' },
  { word: 'उत्तर पवन', latin: 'uttar' },
  { word: 'Gió Bấc', latin: 'giobac' },
]

const TRADES: readonly string[] = [
  'Logistics',
  'Labs',
  'Foods',
  'Robotics',
  'Partners',
  'Energy',
  'Studio',
  '',
]

/** `number` makes the domain unique in the world; names repeat, as they do in life. */
export function makeCompany(number: number, random: Random): Company {
  const locale = random.pick(LOCALES)
  const stem = random.pick(random.chance(0.2) ? NATIVE_STEMS : STEMS)
  const words = [stem.word, random.pick(TRADES), random.chance(0.6) ? random.pick(locale.forms) : '']
  const domain = `${stem.latin}-${number}.example`
  const domains = [domain, ...(random.chance(0.08) ? [`shop.${domain}`] : [])]
  return {
    name: words.filter((word) => word !== '').join(' '),
    domains: random.chance(0.04) ? [] : domains,
    locale,
    city: random.chance(0.7) ? random.pick(locale.cities) : null,
    description: random.chance(0.5) ? makeDescription(random) : null,
    linkedin: random.chance(0.4) ? `https://www.linkedin.com/company/${stem.latin}-${number}` : null,
    employees: random.chance(0.6) ? random.pick([0, 1, 7, 12, 48, 250, 1_800, 120_000]) : null,
    phone: random.chance(0.5) ? makePhone(locale.country, random) : null,
  }
}

/** The same company as somebody else knows it: one field really differs. The domain stays, to be found by. */
export function contradictCompany(company: Company, random: Random): Company {
  // A value against a blank would only be a gap.
  return company.description === null || random.chance(0.5)
    ? { ...company, name: `${company.name} Holding` }
    : { ...company, description: `Formerly known as ${company.name}.` }
}

/** The same company entered a second time in one CRM, by somebody who did not search first. */
export function duplicateCompany(company: Company, sameDomain: boolean, random: Random): Company {
  return {
    ...company,
    name: random.pick([company.name, company.name.toUpperCase(), `${company.name} (new)`]),
    domains: sameDomain ? company.domains : [],
    description: null,
  }
}
