/**
 * Ground truth through time: what every record held, when it changed and by whose hand, seen from inside the vendors
 * and not through any API. Everything the audits say about lost edits, duplicates or resurrections is read from here.
 *
 * Looks at a model before and after everything that anybody does to it. What changed in between is that somebody's
 * doing; what changed before is the vendor's own (enrichment, mirrored references, merges that settle).
 */
import { isEqual, type FieldValues } from '../../src/core/value.ts'
import type { DumpedRecord, VendorModel } from '../../src/sandbox/model.ts'
import { KINDS, type Hands, type Kind } from './hands/hands.ts'

export type By = 'engine' | 'human' | 'workflow' | 'vendor'

/** A record from one change to the next. */
export interface Chapter {
  readonly atMs: number
  readonly by: By
  readonly state: 'live' | 'archived' | 'merged' | 'deleted'
  /** The survivor, where `state` is `merged`. */
  readonly into: string | null
  readonly values: FieldValues
}

export interface Biography {
  readonly vendor: string
  readonly kind: Kind
  readonly id: string
  /** Oldest first; never empty. */
  readonly chapters: Chapter[]
}

export interface Witness {
  /**
   * Does something to a vendor and writes down what it changed. What changes in records of other kinds than those it
   * was about is the vendor's own doing.
   */
  see<T>(vendor: string, by: By, kinds: readonly Kind[], act: () => T): T
  biographies(vendor: string, kind: Kind): readonly Biography[]
  find(vendor: string, kind: Kind, id: string): Biography | null
  /** Drops chapters that were over before this. */
  forget(beforeMs: number): void
  /** Live records of a kind by id, in the vendor's own words. */
  live(vendor: string, kind: Kind): readonly (readonly [id: string, record: DumpedRecord])[]
}

export interface Subject {
  readonly model: VendorModel
  readonly hands: Hands
}

export function createWitness(subjects: ReadonlyMap<string, Subject>, now: () => number): Witness {
  const books = new Map<string, Map<string, Biography>>()
  const seen = new Map<string, Map<string, string>>()

  const bookOf = (vendor: string, kind: Kind): Map<string, Biography> => {
    const key = `${vendor}/${kind}`
    const known = books.get(key)
    if (known) return known
    const fresh = new Map<string, Biography>()
    books.set(key, fresh)
    return fresh
  }

  const subjectOf = (vendor: string): Subject => {
    const subject = subjects.get(vendor)
    if (!subject) throw new Error(`nobody watches ${vendor}`)
    return subject
  }

  const note = (vendor: string, actor: By, kinds: readonly Kind[]): void => {
    const { model, hands } = subjectOf(vendor)
    const dump = model.dump()
    for (const kind of KINDS) {
      const by = kinds.includes(kind) ? actor : 'vendor'
      const book = bookOf(vendor, kind)
      const key = `${vendor}/${kind}`
      const texts = seen.get(key) ?? new Map<string, string>()
      seen.set(key, texts)
      const records = dump[hands.object[kind]] ?? {}
      for (const [id, record] of Object.entries(records)) {
        const text = JSON.stringify(record)
        if (texts.get(id) === text) continue
        texts.set(id, text)
        const chapter: Chapter = {
          atMs: now(),
          by,
          state: record.state,
          into: record.into,
          values: hands.read(kind, record),
        }
        add(book, { vendor, kind, id }, chapter)
      }
      for (const biography of book.values()) {
        const last = biography.chapters.at(-1)
        if (!last || last.state === 'deleted' || biography.id in records) continue
        texts.delete(biography.id)
        biography.chapters.push({ ...last, atMs: now(), by, state: 'deleted', into: null })
      }
    }
  }

  return {
    see(vendor, by, kinds, act) {
      note(vendor, 'vendor', KINDS)
      const result = act()
      note(vendor, by, kinds)
      return result
    },
    biographies: (vendor, kind) => [...bookOf(vendor, kind).values()],
    forget(beforeMs) {
      for (const book of books.values()) {
        for (const { chapters } of book.values()) {
          const first = chapters.findLastIndex(({ atMs }) => atMs < beforeMs)
          if (first > 0) chapters.splice(0, first)
        }
      }
    },
    find: (vendor, kind, id) => bookOf(vendor, kind).get(id) ?? null,
    live(vendor, kind) {
      const { model, hands } = subjectOf(vendor)
      return Object.entries(model.dump()[hands.object[kind]] ?? {}).filter(
        ([, record]) => record.state === 'live',
      )
    },
  }
}

function add(
  book: Map<string, Biography>,
  who: Pick<Biography, 'vendor' | 'kind' | 'id'>,
  chapter: Chapter,
): void {
  const known = book.get(who.id)
  if (!known) book.set(who.id, { ...who, chapters: [chapter] })
  else if (differs(known.chapters.at(-1), chapter)) known.chapters.push(chapter)
}

/** Values that a vendor computes by itself change without anything having happened. */
function differs(before: Chapter | undefined, after: Chapter): boolean {
  return !before || before.state !== after.state || !isEqual(before.values, after.values)
}
