/**
 * What a plan calls the links and records that it makes. In the plan they have the ids of the copy that it was made
 * on; once they exist they have ids of their own, and are recognised by their names from then on.
 */
import { SIDES, type RecordId } from '../core/record.ts'
import type { Link, LinkId } from '../store/links.ts'
import type { MappingRuntime } from './engine.ts'
import { symbolOf, type Names, type PlannedWrite } from './planned.ts'

export interface PlanNames extends Names {
  /** This link is the one that the plan calls `name`; so are its records, where the plan creates them. */
  learn(mapping: MappingRuntime, name: LinkId, link: Pick<Link, 'id' | 'left' | 'right'>): void
  /** Looks again at a link whose name is known: a record of it may have been created meanwhile. */
  refresh(mapping: MappingRuntime, link: Pick<Link, 'id' | 'left' | 'right'>): void
}

export function planNames(writes: readonly PlannedWrite[]): PlanNames {
  const links = new Map<LinkId, LinkId>()
  const records = new Map<string, RecordId>()
  const created = new Set(
    writes.flatMap(({ kind, link, side }) => (kind === 'create' ? [symbolOf(link, side)] : [])),
  )
  const self: PlanNames = {
    link: (id) => links.get(id) ?? id,
    record: (side, object, id) => records.get(`${side}/${object}/${id}`) ?? id,
    learn(mapping, name, link) {
      links.set(link.id, name)
      for (const side of SIDES) {
        const id = link[side]
        const symbol = symbolOf(name, side)
        if (id !== null && created.has(symbol)) {
          records.set(`${side}/${mapping.rules.object[side]}/${id}`, symbol)
        }
      }
    },
    refresh(mapping, link) {
      const name = links.get(link.id)
      if (name !== undefined) self.learn(mapping, name, link)
    },
  }
  return self
}
