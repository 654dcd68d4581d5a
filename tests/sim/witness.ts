/**
 * Ground truth through time: what every record held, when it changed and by whose hand, seen from inside the vendors
 * and not through any API. Everything the audits say about lost edits, duplicates or resurrections is read from here.
 *
 * Looks at a model before and after everything that anybody does to it. What changed in between is that somebody's
 * doing; what changed before is the vendor's own (enrichment, mirrored references, merges that settle).
 */
import type { Dump, DumpedRecord, VendorModel } from '../../src/sandbox/model.ts'
import { createChronicle, type By, type Chronicle } from './chronicle.ts'
import { KINDS, type Hands, type Kind } from './hands/hands.ts'

export interface Witness extends Pick<Chronicle, 'biographies' | 'find' | 'forget'> {
  /**
   * Does something to a vendor and writes down what it changed. What changes in records of other kinds than those it
   * was about is the vendor's own doing.
   */
  see<T>(vendor: string, by: By, kinds: readonly Kind[], act: () => T): T
  /** Live records of a kind by id, in the vendor's own words. */
  live(vendor: string, kind: Kind): readonly (readonly [id: string, record: DumpedRecord])[]
  /** Everything that a vendor holds. */
  dump(vendor: string): Dump
}

export interface Subject {
  readonly model: VendorModel
  readonly hands: Hands
}

export function createWitness(subjects: ReadonlyMap<string, Subject>, now: () => number): Witness {
  const chronicle = createChronicle(new Map([...subjects].map(([vendor, { hands }]) => [vendor, hands])))

  const subjectOf = (vendor: string): Subject => {
    const subject = subjects.get(vendor)
    if (!subject) throw new Error(`nobody watches ${vendor}`)
    return subject
  }

  const note = (vendor: string, actor: By, kinds: readonly Kind[]): void => {
    const dump = subjectOf(vendor).model.dump()
    const by = (kind: Kind): By => (kinds.includes(kind) ? actor : 'vendor')
    chronicle.note({ vendor, atMs: now(), dump, by })
  }

  return {
    ...chronicle,
    see(vendor, by, kinds, act) {
      note(vendor, 'vendor', KINDS)
      const result = act()
      note(vendor, by, kinds)
      return result
    },
    live(vendor, kind) {
      const { model, hands } = subjectOf(vendor)
      return [...hands.recordsOf(kind, model.dump())].filter(([, record]) => record.state === 'live')
    },
    dump: (vendor) => subjectOf(vendor).model.dump(),
  }
}
