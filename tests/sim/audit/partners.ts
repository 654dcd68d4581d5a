/** Which records belong together, by the ids they carry of each other: now, and at any time before. */
import type { Kind } from '../hands/hands.ts'
import { HANDS } from '../cast.ts'
import { sideOf, strongKeys } from './rules.ts'
import type { Biography, Chapter } from '../chronicle.ts'
import type { Case } from './case.ts'

type Paired = Pick<Case, 'pairing'>

type Related = Pick<Case, 'pairing' | 'witness' | 'rules'>

/** What it takes to look across all pairings of a process. */
export type Family = Related & { readonly beside: readonly Related[] }

export function otherVendor({ pairing }: Paired, vendor: string): string {
  return vendor === pairing.left ? pairing.right : pairing.left
}

/** The id that a record carries of its counterpart, or null. */
export function stampOf({ pairing }: Paired, vendor: string, chapter: Chapter | undefined): string | null {
  const value = chapter?.values[pairing.stamps[sideOf(vendor)]] ?? null
  return typeof value === 'string' && value !== '' ? value : null
}

/** Whether the vendor keeps this record as a lead: as what is to become a contact one day. */
export function isLead({ vendor, kind, id }: Pick<Biography, 'vendor' | 'kind' | 'id'>): boolean {
  const hands = HANDS.get(vendor)
  return hands?.leads?.object === hands?.objectOf(kind, id)
}

/** What a lead lives on as, or null. */
export function contactOf(biography: Biography): string | null {
  const { into } = biography.chapters.at(-1) ?? { into: null }
  return into !== null && isLead(biography) && !isLead({ ...biography, id: into }) ? into : null
}

/** The last chapter that began at or before `atMs`. */
export function chapterAt(biography: Biography, atMs: number): Chapter | null {
  let found: Chapter | null = null
  for (const chapter of biography.chapters) if (chapter.atMs <= atMs) found = chapter
  return found
}

export function isLive({ chapters }: Biography): boolean {
  return chapters.at(-1)?.state === 'live'
}

/**
 * Everybody a record was ever paired with: it carried their id, they carried its, or they became one of those by a
 * merge, up to `mergedUntilMs`. Two equal records are linked without a stamp; such a pair shows only from its first write
 * on. Whoever was paired with a lead is paired with the contact that it became, whatever the stamps say yet.
 */
export function partnersOf(
  facts: Pick<Case, 'pairing' | 'witness'>,
  biography: Biography,
  mergedUntilMs = Number.POSITIVE_INFINITY,
): readonly Biography[] {
  const { vendor, kind, id } = biography
  const far = otherVendor(facts, vendor)
  const leads = facts.witness.biographies(vendor, kind).filter((each) => contactOf(each) === id)
  const selves = [biography, ...leads]
  const ids = new Set(selves.map((each) => each.id))
  const named = new Set(
    selves.flatMap(({ chapters }) => chapters.flatMap((chapter) => stampOf(facts, vendor, chapter) ?? [])),
  )
  const all = facts.witness.biographies(far, kind)
  const isNamed = (other: Biography) =>
    named.has(other.id) || other.chapters.some((chapter) => ids.has(stampOf(facts, far, chapter) ?? ''))
  for (const other of all) {
    const contact = contactOf(other)
    if (contact !== null && isNamed(other)) named.add(contact)
  }
  const direct = all.filter(isNamed)
  const found = new Set(direct)
  // A Set visits what is added to it while it is walked.
  for (const partner of found) {
    for (const other of all) {
      const end = other.chapters.at(-1)
      if (end?.into === partner.id && end.atMs <= mergedUntilMs) found.add(other)
    }
  }
  return [...found]
}

/**
 * Partners, and everybody on the other side who ever held the same strong key: two equal records are linked without a
 * stamp, and while they stay equal nothing else tells.
 */
export function relativesOf(facts: Related, biography: Biography): readonly Biography[] {
  const { vendor, kind, chapters } = biography
  const far = otherVendor(facts, vendor)
  const keys = new Set(chapters.flatMap((chapter) => strongKeys(facts, vendor, kind, chapter)))
  const alike = facts.witness
    .biographies(far, kind)
    .filter((other) =>
      other.chapters.some((chapter) => strongKeys(facts, far, kind, chapter).some((key) => keys.has(key))),
    )
  return [...new Set([...partnersOf(facts, biography), ...alike])]
}

/** Partners in all CRMs of the process: those of the pairing, and theirs in the other pairings that share a CRM with it. */
export function companyOf(facts: Family, biography: Biography): readonly Biography[] {
  return across(facts, biography, partnersOf)
}

/** Relatives in all CRMs of the process: a deletion in one of them reaches the third by way of the second. */
export function kinOf(facts: Family, biography: Biography): readonly Biography[] {
  return across(facts, biography, relativesOf)
}

function across(
  facts: Family,
  biography: Biography,
  of: (facts: Related, biography: Biography) => readonly Biography[],
): readonly Biography[] {
  const own = of(facts, biography)
  const far = facts.beside.flatMap((other) =>
    [biography, ...own].filter((each) => keeps(other, each.vendor)).flatMap((each) => of(other, each)),
  )
  return [...own, ...far]
}

/** Whether the pairing has to do with this CRM. */
export function keeps({ pairing }: Paired, vendor: string): boolean {
  return vendor === pairing.left || vendor === pairing.right
}

/** Every id by which a record goes or went: itself and what was merged into it, transitively. */
export function namesOf(facts: Case, vendor: string, kind: Kind, id: string): ReadonlySet<string> {
  const names = new Set([id])
  const all = facts.witness.biographies(vendor, kind)
  for (;;) {
    const before = names.size
    for (const each of all) {
      const { into } = each.chapters.at(-1) ?? { into: null }
      if (into !== null && names.has(into)) names.add(each.id)
      if (into !== null && names.has(each.id)) names.add(into)
    }
    if (names.size === before) return names
  }
}

/** Whether one of the two named the other by then, or the lead that the other was. */
export function wasPairedWith(
  facts: Pick<Case, 'pairing' | 'witness'>,
  biography: Biography,
  other: Biography,
  atMs: number,
): boolean {
  const selves = [biography, other].map((each) => [
    each,
    ...facts.witness.biographies(each.vendor, each.kind).filter((lead) => contactOf(lead) === each.id),
  ])
  const name = (from: readonly Biography[] = [], to: readonly Biography[] = []) =>
    from.some(({ vendor, chapters }) =>
      chapters.some(
        (chapter) => chapter.atMs <= atMs && to.some(({ id }) => id === stampOf(facts, vendor, chapter)),
      ),
    )
  return name(selves[0], selves[1]) || name(selves[1], selves[0])
}

/** Whether either record named the other by then. Two equal records may have been linked without that. */
export function wasPaired(
  facts: Pick<Case, 'pairing' | 'witness'>,
  biography: Biography,
  atMs: number,
): boolean {
  const { vendor, id, chapters } = biography
  const isBefore = (chapter: Chapter) => chapter.atMs <= atMs
  const names = (chapter: Chapter) => stampOf(facts, otherVendor(facts, vendor), chapter) === id
  return (
    chapters.some((chapter) => isBefore(chapter) && stampOf(facts, vendor, chapter) !== null) ||
    partnersOf(facts, biography).some((far) => far.chapters.some((each) => isBefore(each) && names(each)))
  )
}
