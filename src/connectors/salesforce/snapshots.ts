/**
 * A row in neutral words.
 *
 * **Version.** A stamp says which second, not which edit. A version is therefore stamp and last writer once the second
 * is over, and before that a token of its own which equals no other: two reads of one second prove nothing about
 * what happened between them.
 *
 * **Evidence.** Salesforce stamps rows, not fields (Salesforce fact sheet 18, 22): the last edit of a field is not later
 * than the row's, and nobody knows how much earlier.
 */
import type { Evidence, Snapshot } from '../../core/record.ts'
import type { FieldValue, FieldValues } from '../../core/value.ts'
import type { Actors } from './actors.ts'
import { hasRecordTypes, kindOf, MASTER, RECORD_TYPE, type Description } from './catalogue.ts'
import type { ServerClock } from './server-clock.ts'
import type { Row } from './soql.ts'
import { decodeValue } from './values.ts'
import { textIn } from './wire.ts'

const STAMPS = ['SystemModstamp', 'LastModifiedDate', 'LastModifiedById'] as const

/** What a read has to ask for: the fields that exist, and what every snapshot needs. */
export function columnsFor(
  description: Description,
  fields: readonly string[],
  more: readonly string[] = [],
): readonly string[] {
  const wanted = ['Id', ...STAMPS, ...more, ...fields]
  return [...new Set(wanted)].filter((name) => name === 'Id' || description.fields.has(name))
}

export interface SnapshotMaker {
  make(description: Description, row: Row, options: MakeOptions): Snapshot
  version(row: Row, readAtMs: number): string | null
}

export interface MakeOptions {
  readonly fields: readonly string[]
  readonly edges?: FieldValues
  readonly readAtMs: number
}

export function snapshotMaker(options: {
  readonly connection: string
  readonly clock: ServerClock
  readonly actors: Actors
}): SnapshotMaker {
  const { connection, clock, actors } = options
  let serial = 0

  const version = (row: Row, readAtMs: number): string | null => {
    const stamp = textIn(row, 'SystemModstamp')
    if (stamp === null) return null
    if (clock.isOver(Date.parse(stamp), readAtMs))
      return settledVersion(stamp, textIn(row, 'LastModifiedById'))
    serial += 1
    return `${settledVersion(stamp, textIn(row, 'LastModifiedById'))}/${readAtMs}.${serial}`
  }

  const evidenceOf = (row: Row): Evidence | null => {
    const at = textIn(row, 'LastModifiedDate')
    return at === null ? null : { at, actor: actors.of(textIn(row, 'LastModifiedById')), notBefore: null }
  }

  return {
    version,
    make: (description, row, { fields, edges = {}, readAtMs }) => {
      const evidence = evidenceOf(row)
      return {
        key: { connection, object: description.object, id: textIn(row, 'Id') ?? '' },
        values: { ...decodeRow(description, row, fields), ...edges },
        version: version(row, readAtMs),
        readAtMs,
        evidence: evidence === null ? {} : Object.fromEntries(fields.map((field) => [field, evidence])),
      }
    },
  }
}

export function settledVersion(stamp: string, userId: string | null): string {
  return `${stamp}/${userId ?? ''}`
}

/** The stamp in a version, for a precondition; null for no version of ours. */
export function stampIn(version: string | null | undefined): string | null {
  const [stamp = ''] = (version ?? '').split('/')
  return Number.isNaN(Date.parse(stamp)) ? null : stamp
}

/** The asked fields that the row has. One that the org does not show is left out: it was not read. */
export function decodeRow(description: Description, row: Row, fields: readonly string[]): FieldValues {
  const values: Record<string, FieldValue> = {}
  for (const field of fields) {
    if (field === RECORD_TYPE && !hasRecordTypes(description)) values[field] = MASTER
    else if (field in row) values[field] = decodeValue(kindOf(description, field), row[field])
  }
  return values
}
