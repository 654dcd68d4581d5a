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
  /** Goes into a field that no mapping knows (I13). */
  readonly remark?: string
}

export type Word = keyof Draft

export const PHASES = ['lead', 'progress', 'won', 'lost'] as const

export type Phase = (typeof PHASES)[number]

/** A record points at a company, or a deal at people. */
export type Relation = 'company' | 'people'

/** What an administrator does: by the vendor's API, or by a switch of the model where the API does not offer it. */
export type AdminAct = AdminRequest | AdminSwitch

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
  readonly object: Readonly<Record<Kind, string>>
  /** Fields that no mapping knows, filled by `remark`. */
  readonly remark: Readonly<Record<Kind, string>>
  /** Whether a deleted record can come back. */
  readonly restores: boolean
  /** Prepares an account as an admin would: what the mappings and the audits need, without what an engine sets up. */
  readonly prepare: readonly AdminRequest[]
  /** Takes away a choice that the shipped mappings name, as an administrator can; and gives it back. */
  readonly breakSchema: readonly AdminAct[]
  readonly mendSchema: readonly AdminAct[]
  jobOf(person: DumpedRecord): string
  /** Draft → values in the vendor's own write format. Words that the kind does not have are left out. */
  values(kind: Kind, draft: Draft): Readonly<Record<string, unknown>>
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

/** For vendors whose paths name the object. */
export function kindsInPath(object: Hands['object'], { url }: HttpRequest): readonly Kind[] {
  const segments = new URL(url).pathname.split('/')
  return KINDS.filter((kind) => segments.includes(object[kind]))
}
