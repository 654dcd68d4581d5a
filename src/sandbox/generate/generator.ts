/** Decides what exists where in the generated world, and has it written down. */
import { seededRandom } from '../random.ts'
import type { Random } from '../random.ts'
import { contradictCompany, duplicateCompany, makeCompany } from './companies.ts'
import type { Company } from './companies.ts'
import { contradictDeal, makeDeal } from './deals.ts'
import type { Census, Count, GenerateOptions } from './generate.ts'
import { Owners } from './owners.ts'
import { contradictPerson, duplicatePerson, makePerson } from './people.ts'
import type { Person } from './people.ts'
import type { Pen, Scribe } from './scribe.ts'
import { Shelf } from './shelf.ts'
import type { Known } from './shelf.ts'

/** Share of the records known to one CRM only that were entered there twice. */
const DUPLICATES = 0.05

/** The one CRM that knows a thing, or null when all do. */
type Home = string | null

/** How one thing is written down. */
interface Entry<T> {
  readonly truth: T
  readonly home: Home
  readonly random: Random
  readonly count: Count
  readonly contradict: (truth: T, random: Random) => T
  readonly duplicate: (scribe: Scribe) => T
  readonly put: (scribe: Scribe, view: T, pen: Pen, vendor: string) => string
}

export class Generator {
  private readonly scribes: ReadonlyMap<string, Scribe>
  private readonly options: GenerateOptions
  private readonly owners: Owners
  /** Every e-mail address so far. */
  private readonly taken = new Set<string>()
  private readonly census: Census = { people: blank(), companies: blank(), deals: blank() }

  constructor(scribes: ReadonlyMap<string, Scribe>, options: GenerateOptions) {
    this.scribes = scribes
    this.options = options
    this.owners = new Owners(scribes)
  }

  /** Companies first, then the people who work there, then the deals of both. */
  run(): Census {
    const { people } = this.options
    for (const scribe of this.scribes.values()) scribe.prepare()
    const shelf = new Shelf(this.makeAll(companiesAmong(people), (number) => this.company(number)))
    const staff = new Map<Known<Company> | null, Known<Person>[]>()
    this.makeAll(people, (number) => {
      const { known, employer } = this.person(number, shelf)
      const colleagues = staff.get(employer)
      if (colleagues) colleagues.push(known)
      else staff.set(employer, [known])
    })
    this.makeAll(dealsAmong(people), (number) => this.deal(number, shelf, staff))
    for (const scribe of this.scribes.values()) scribe.finish()
    return this.census
  }

  private makeAll<T>(count: number, make: (number: number) => T): T[] {
    const { people, elapse } = this.options
    const total = people + companiesAmong(people) + dealsAmong(people)
    return Array.from({ length: count }, (_, index) => {
      const made = make(index + 1)
      elapse?.(1 / total)
      return made
    })
  }

  private company(number: number): Known<Company> {
    const random = this.random(`company/${number}`)
    const home = this.home(random)
    const made = makeCompany(number, random)
    // Without a domain nothing would say that the records of several CRMs are one company.
    const nameless = home === null && made.domains.length === 0
    const truth = nameless ? { ...made, domains: [`nameless-${number}.example`] } : made
    return this.write({
      truth,
      home,
      random,
      count: this.census.companies,
      contradict: contradictCompany,
      duplicate: (scribe) => duplicateCompany(truth, scribe.sharesDomains, random),
      put: (scribe, company, pen) => scribe.writeCompany(company, pen),
    })
  }

  private person(number: number, shelf: Shelf): { known: Known<Person>; employer: Known<Company> | null } {
    const random = this.random(`person/${number}`)
    const home = this.home(random)
    const employer = random.chance(0.85) ? shelf.pick(home, random) : null
    const second = home !== null && random.chance(0.05) ? shelf.pick(home, random) : null
    const employers = [...new Set([employer, second])]
    const truth = makePerson({
      companyDomain: employer?.truth.domains[0] ?? null,
      shared: home === null,
      needsFamilyName: this.scribesAt(home).some((scribe) => scribe.needsFamilyNames === true),
      taken: this.taken,
      random,
    })
    const known = this.write({
      truth,
      home,
      random,
      count: this.census.people,
      contradict: contradictPerson,
      duplicate: () => duplicatePerson(truth, this.taken, random),
      put: (scribe, person, pen, vendor) => {
        const companies = employers.flatMap((company) => company?.ids.get(vendor) ?? [])
        return scribe.writePerson(person, { companies }, pen)
      },
    })
    return { known, employer }
  }

  private deal(
    number: number,
    shelf: Shelf,
    staff: ReadonlyMap<Known<Company> | null, readonly Known<Person>[]>,
  ): void {
    const random = this.random(`deal/${number}`)
    const home = this.home(random)
    const company = random.chance(0.9) ? shelf.pick(home, random) : null
    const contacts = (staff.get(company) ?? [])
      .filter((person) => (home === null ? person.home === null : person.ids.has(home)))
      .slice(0, random.integer(0, 3))
    const truth = makeDeal({ number, company: company?.truth ?? null, shared: home === null, random })
    this.write({
      truth,
      home,
      random,
      count: this.census.deals,
      contradict: contradictDeal,
      duplicate: () => truth,
      put: (scribe, deal, pen, vendor) => {
        const people = contacts.flatMap((person) => person.ids.get(vendor) ?? [])
        return scribe.writeDeal(deal, { company: company?.ids.get(vendor) ?? null, people }, pen)
      },
    })
  }

  /** Everywhere when shared, one CRM perhaps dissenting; else in its one CRM, perhaps twice. */
  private write<T>(entry: Entry<T>): Known<T> {
    const { truth, home, random, count } = entry
    const shared = home === null
    const contradicting = shared && random.chance(this.options.contradictions ?? 0.05)
    const dissenter = contradicting ? this.anyVendor(random) : null
    const owner = this.owners.pick(home, random)
    const ids = new Map<string, string>()
    for (const [vendor, scribe] of this.scribes) {
      if (home !== null && home !== vendor) continue
      const pen = { random, shared, owner, actor: this.owners.actor(vendor, random) }
      const view = vendor === dissenter ? entry.contradict(truth, random) : truth
      ids.set(vendor, entry.put(scribe, view, pen, vendor))
      if (!shared && random.chance(DUPLICATES)) {
        entry.put(scribe, entry.duplicate(scribe), pen, vendor)
        count.duplicates += 1
      }
    }
    count.total += 1
    if (shared) count.shared += 1
    if (contradicting) count.contradicting += 1
    return { truth, home, ids }
  }

  private home(random: Random): Home {
    return random.chance(this.options.overlap) ? null : this.anyVendor(random)
  }

  private scribesAt(home: Home): Scribe[] {
    return [...this.scribes].flatMap(([vendor, scribe]) => (home === null || home === vendor ? scribe : []))
  }

  private anyVendor(random: Random): string {
    return random.pick([...this.scribes.keys()])
  }

  /** A stream per thing: more draws for one leave all others as they are. */
  private random(stream: string): Random {
    return seededRandom(this.options.seed, `generate/${stream}`)
  }
}

function companiesAmong(people: number): number {
  return Math.ceil(people / 5)
}

function dealsAmong(people: number): number {
  return Math.ceil(people / 4)
}

function blank(): Count {
  return { total: 0, shared: 0, contradicting: 0, duplicates: 0 }
}
