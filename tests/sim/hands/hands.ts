/**
 * What people do in a CRM, in words that mean the same in every one. Scenarios speak of companies, people and deals;
 * one implementation per vendor turns that into edits, and what the vendor holds into the neutral shapes that mappings
 * read. It shares no code with the connectors, so that the audits cannot inherit their mistakes.
 */
import type { HttpRequest } from '../../../src/connectors/transport.ts'
import type { Side } from '../../../src/core/record.ts'
import type { FieldValue, FieldValues } from '../../../src/core/value.ts'
import type { Dump, DumpedRecord, HumanEdit } from '../../../src/sandbox/model.ts'

export const KINDS = ['company', 'person', 'deal'] as const

export type Kind = (typeof KINDS)[number]

/** What a person types. A blank text clears the field. */
export interface Draft {
  readonly name?: string
  readonly first?: string
  readonly last?: string
  readonly email?: string
  readonly domain?: string
  readonly job?: string
  readonly phone?: string
  readonly linkedin?: string
  readonly amount?: string
  readonly stage?: Phase
  /** Which process a deal goes through, where an account has several and lets people choose. */
  readonly process?: Process
  /** Goes into a field that no mapping knows (I13). */
  readonly remark?: string
}

export type Word = keyof Draft

export const PHASES = ['lead', 'progress', 'won', 'lost'] as const

export type Phase = (typeof PHASES)[number]

export const PROCESSES = ['new business', 'renewal'] as const

export type Process = (typeof PROCESSES)[number]

/** A record points at a company, or a deal at people. */
export type Relation = 'company' | 'people'

/** What an administrator does: by the vendor's API, or by a switch of the model where the API does not offer it. */
export type AdminAct = AdminRequest | AdminSwitch | AdminEdit

/** In the account's set-up pages. */
export interface AdminEdit {
  readonly edit: HumanEdit
}

export interface AdminSwitch {
  readonly setting: string
  readonly value: unknown
}

export interface AdminRequest {
  readonly method: string
  readonly path: string
  /** JSON, or null for none. */
  readonly body: unknown
  /** Status of the answer. */
  readonly expected: number
}

export interface Hands {
  readonly vendor: string
  /** Which side of its pairings the vendor is on. */
  readonly side: Side
  /** Where a new one is entered. */
  readonly object: Readonly<Record<Kind, string>>
  /** People who are kept apart until they are customers, where the vendor does that. */
  readonly leads: LeadHands | null
  /** Fields that no mapping knows, filled by `remark`. */
  readonly remark: Readonly<Record<Kind, string>>
  /** Whether a deleted record can come back. */
  readonly restores: boolean
  /** Prepares an account as an admin would: what the mappings and the audits need, without what an engine sets up. */
  readonly prepare: readonly AdminRequest[]
  /** Gives the account what it has when a company has worked with it for years. */
  readonly grow: readonly AdminAct[]
  /** Takes away a choice that the shipped mappings name, as an administrator can; and gives it back. */
  readonly breakSchema: readonly AdminAct[]
  readonly mendSchema: readonly AdminAct[]
  jobOf(person: DumpedRecord): string
  /** The object that the record of this id is of. */
  objectOf(kind: Kind, id: string): string
  /** All records of a kind. One that lives on as a record of another object is shown as merged into that one. */
  recordsOf(kind: Kind, dump: Dump): Iterable<readonly [id: string, record: DumpedRecord]>
  /**
   * Draft → values in the vendor's own write format. Words that the kind does not have are left out. `page` is what the
   * person has in front of him; without it, what every account offers.
   */
  values(kind: Kind, draft: Draft, page?: Page): Readonly<Record<string, unknown>>
  /** What `read` shows of a field, in the vendor's own write format. */
  typed(value: FieldValue): unknown
  /** The edit that makes `target` the record's company, or adds it to or removes it from a deal's people. */
  relate(request: {
    readonly kind: Kind
    readonly id: string
    readonly relation: Relation
    readonly target: string
    readonly held: DumpedRecord
    readonly remove: boolean
  }): HumanEdit
  /** The kinds of records that a request which changes something is about. */
  kindsOf(request: HttpRequest): readonly Kind[]
  /**
   * What a record holds, as connectors print it (`FieldType` shapes), associations included. `dump` is everything that
   * the vendor holds: some ids in a record mean something that only other rows tell.
   */
  read(kind: Kind, record: DumpedRecord, dump?: Dump): FieldValues
}

export interface LeadHands {
  readonly object: string
  /** What the form for a new one asks for. */
  values(draft: Draft): Readonly<Record<string, unknown>>
  /**
   * Makes a contact of one: `into`, where that is a contact of some account; otherwise a new one, at this account or at a
   * new one.
   */
  convert(request: {
    readonly id: string
    readonly into: readonly [id: string, contact: DumpedRecord] | null
    readonly accountId: string | null
    readonly opensDeal: boolean
  }): HumanEdit
}

export interface Page {
  /** Null where something new is entered. */
  readonly held: DumpedRecord | null
  dump(): Dump
}

/** For vendors that keep one object per kind. */
export function oneObjectEach(object: Hands['object']): Pick<Hands, 'objectOf' | 'recordsOf'> {
  return {
    objectOf: (kind) => object[kind],
    recordsOf: (kind, dump) => Object.entries(dump[object[kind]] ?? {}),
  }
}

/** For vendors whose paths name the object. */
export function kindsInPath(object: Hands['object'], { url }: HttpRequest): readonly Kind[] {
  const segments = new URL(url).pathname.split('/')
  return KINDS.filter((kind) => segments.includes(object[kind]))
}
