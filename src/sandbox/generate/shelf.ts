/** Where things of the generated world are known, and how to find a company that fits. */
import type { Random } from '../random.ts'
import type { Company } from './companies.ts'

/** Something of the world with its record ids, by vendor name. */
export interface Known<T> {
  readonly truth: T
  /** The one CRM that knows it, or null when all do. */
  readonly home: string | null
  readonly ids: ReadonlyMap<string, string>
}

/** Companies by where they are known. */
export class Shelf {
  private readonly shared: readonly Known<Company>[]
  private readonly byVendor = new Map<string, Known<Company>[]>()

  constructor(companies: readonly Known<Company>[]) {
    this.shared = companies.filter((company) => company.home === null)
    for (const company of companies) {
      for (const vendor of company.ids.keys()) {
        const there = this.byVendor.get(vendor)
        if (there) there.push(company)
        else this.byVendor.set(vendor, [company])
      }
    }
  }

  /** A company that `home` knows, or everybody when null; null when there is none. */
  pick(home: string | null, random: Random): Known<Company> | null {
    const candidates = home === null ? this.shared : (this.byVendor.get(home) ?? [])
    return candidates.length === 0 ? null : random.pick(candidates)
  }
}
