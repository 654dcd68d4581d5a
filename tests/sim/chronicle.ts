/**
 * What a CRM held through time, put together from looks at everything it holds: every record with its chapters, each
 * with whoever wrote it. Ground truth of the audits, whoever does the looking.
 */
import { isEqual, type FieldValues, type Json } from '../../src/core/value.ts'
import type { Dump, DumpedRecord } from '../../src/sandbox/model.ts'
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

export interface Look {
  readonly vendor: string
  readonly atMs: number
  readonly dump: Dump
  /** Whose doing it is when this record changed since the look before. */
  readonly by: (kind: Kind, id: string) => By
}

export interface Chronicle {
  /** Writes down what changed since the look before. */
  note(look: Look): void
  biographies(vendor: string, kind: Kind): readonly Biography[]
  find(vendor: string, kind: Kind, id: string): Biography | null
  /** Drops chapters that were over before this. */
  forget(beforeMs: number): void
}

export function createChronicle(hands: ReadonlyMap<string, Hands>): Chronicle {
  const books = new Map<string, Map<string, Biography>>()
  const seen = new Map<string, Map<string, DumpedRecord>>()

  const bookOf = (vendor: string, kind: Kind): Map<string, Biography> => {
    const key = `${vendor}/${kind}`
    const known = books.get(key)
    if (known) return known
    const fresh = new Map<string, Biography>()
    books.set(key, fresh)
    return fresh
  }

  const noteKind = ({ vendor, atMs, dump, by }: Look, kind: Kind, reader: Hands): void => {
    const book = bookOf(vendor, kind)
    const key = `${vendor}/${kind}`
    const known = seen.get(key) ?? new Map<string, DumpedRecord>()
    const records = new Map(reader.recordsOf(kind, dump))
    seen.set(key, records)
    for (const [id, record] of records) {
      const before = known.get(id)
      if (before && isEqual(before as unknown as Json, record as unknown as Json)) continue
      const { state, into } = record
      const chapter: Chapter = {
        atMs,
        by: by(kind, id),
        state,
        into,
        values: reader.read(kind, record, dump),
      }
      add(book, { vendor, kind, id }, chapter)
    }
    for (const { id, chapters } of book.values()) {
      const last = chapters.at(-1)
      if (!last || last.state === 'deleted' || records.has(id)) continue
      chapters.push({ ...last, atMs, by: by(kind, id), state: 'deleted', into: null })
    }
  }

  return {
    note(look) {
      const reader = hands.get(look.vendor)
      if (!reader) throw new Error(`nobody can read ${look.vendor}`)
      for (const kind of KINDS) noteKind(look, kind, reader)
    },
    biographies: (vendor, kind) => [...bookOf(vendor, kind).values()],
    find: (vendor, kind, id) => bookOf(vendor, kind).get(id) ?? null,
    forget(beforeMs) {
      for (const book of books.values()) {
        for (const { chapters } of book.values()) {
          const first = chapters.findLastIndex(({ atMs }) => atMs < beforeMs)
          if (first > 0) chapters.splice(0, first)
        }
      }
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
