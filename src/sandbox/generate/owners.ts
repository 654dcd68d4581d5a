/** Who owns and enters the generated records. */
import type { Random } from '../random.ts'
import type { Scribe } from './scribe.ts'

export class Owners {
  private readonly current: ReadonlyMap<string, readonly string[]>
  private readonly former: ReadonlyMap<string, readonly string[]>
  /** Colleagues whom every CRM knows by the same address. */
  private readonly common: readonly string[]

  constructor(scribes: ReadonlyMap<string, Scribe>) {
    const lists = [...scribes].map(([vendor, scribe]) => [vendor, scribe.owners()] as const)
    this.current = new Map(lists.map(([vendor, owners]) => [vendor, owners.current]))
    this.former = new Map(lists.map(([vendor, owners]) => [vendor, owners.former]))
    const [first = [], ...others] = this.current.values()
    this.common = first.filter((email) => others.every((list) => list.includes(email)))
  }

  /** The owner of a thing in one CRM (sometimes one who has left), or of a shared one. */
  pick(home: string | null, random: Random): string | null {
    if (random.chance(0.15)) return null
    if (home === null) return this.common.length === 0 ? null : random.pick(this.common)
    const left = this.former.get(home) ?? []
    if (left.length > 0 && random.chance(0.1)) return random.pick(left)
    const here = this.current.get(home) ?? []
    return here.length === 0 ? null : random.pick(here)
  }

  actor(vendor: string, random: Random): string | null {
    const here = this.current.get(vendor) ?? []
    return here.length === 0 ? null : random.pick(here)
  }
}
