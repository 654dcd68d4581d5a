/**
 * I1, I12: at rest both CRMs agree, field by field, as the independent comparer of this repository sees them over the
 * vendors' APIs; but for what people were told, and for records that are alone because their counterpart was deleted.
 */
import type { Vendor } from '../../../src/config.ts'
import type { Api } from '../../comparer/api.ts'
import { readAttio } from '../../comparer/attio.ts'
import { isBlank } from '../../../src/core/value.ts'
import { compare, type Difference, type KnownException } from '../../comparer/compare.ts'
import { readHubSpot } from '../../comparer/hubspot.ts'
import type { Replica } from '../../comparer/replica.ts'
import { readSalesforce } from '../../comparer/salesforce.ts'
import { vendorsOf } from './rules.ts'
import { KINDS } from '../hands/hands.ts'
import type { Violation } from './audit.ts'
import type { Case } from './case.ts'
import { pairedByConflict } from './paired-by-conflict.ts'
import { isLive, partnersOf, relativesOf } from './partners.ts'

export async function auditAgreement(facts: Case): Promise<readonly Violation[]> {
  const replicas = {
    left: await replicaOf(facts, facts.pairing.left),
    right: await replicaOf(facts, facts.pairing.right),
  }
  const { documents } = facts
  const { stamps } = facts.pairing
  const exceptions = [...announced(facts), ...survivors(facts)]
  const judgement = await compare({ replicas, documents, exceptions, stamps })
  // Refused as a whole or in part: whether its stamp could be written is not sure.
  const refused = new Set(facts.reports.quarantined.map(({ record }) => record.id))
  const beside = besideUndecided(facts).map(({ record }) => record)
  const unsure = new Set([...refused, ...beside, ...pairedByConflict(facts)])
  const lonely = [...judgement.unpaired.left, ...judgement.unpaired.right].filter(
    ({ record }) => !unsure.has(record),
  )
  return [
    ...judgement.differences
      .filter((each) => !mayRest(facts, each))
      .map(({ mapping, field, leftRecord, rightRecord, left, right }) => ({
        invariant: 'I1',
        what: `${mapping} ${leftRecord} / ${rightRecord}: ${field} is ${JSON.stringify(left)} / ${JSON.stringify(right)}`,
      })),
    ...lonely.map(({ mapping, record }) => ({
      invariant: 'I1',
      what: `${mapping} ${record} has no counterpart`,
    })),
    ...judgement.duplicates
      .filter(({ records }) => !records.some((record) => refused.has(record)))
      .map(({ mapping, records, because }) => ({
        invariant: 'I7',
        what: `${mapping} ${records.join(', ')} are one thing twice: ${because}`,
      })),
  ]
}

const READERS: Readonly<Record<Vendor, (api: Api) => Promise<Replica>>> = {
  attio: readAttio,
  hubspot: readHubSpot,
  salesforce: readSalesforce,
}

function replicaOf(facts: Case, vendor: Vendor): Promise<Replica> {
  return READERS[vendor](facts.api(vendor))
}

/**
 * Where blanks are ignored, a field that somebody cleared rests beside what the other side keeps. The comparer does not
 * know which side was there first.
 */
function mayRest(facts: Case, { mapping, field, left, right }: Difference): boolean {
  const rules = facts.rules.find((each) => each.mapping === mapping)
  const rule = rules?.fields.find(({ key }) => key === field)
  return rule?.blank === 'ignore' && (isBlank(left) || isBlank(right))
}

/** What people were told to look at. */
function announced(facts: Case): readonly KnownException[] {
  const { conflicts, reviews, quarantined } = facts.reports
  return [
    ...conflicts
      .filter(({ state }) => state === 'open')
      .flatMap(({ records, field }) =>
        [records.left, records.right].flatMap((record) => (record === null ? [] : [{ record, field }])),
      ),
    ...reviews.flatMap(({ record, candidates }) =>
      [record, ...candidates].map(({ id }) => ({ record: id, field: '*', undecided: true })),
    ),
    ...quarantined.flatMap(({ mapping, record, fields }) =>
      keysOf(facts, mapping, fields).map((field) => ({ record: record.id, field })),
    ),
  ]
}

/** Fields as the vendor blames them → fields as mappings name them; the whole record when it blames none. */
function keysOf(facts: Case, mapping: string, fields: readonly string[]): readonly string[] {
  if (fields.length === 0) return ['*']
  const found = facts.rules.find((each) => each.mapping === mapping)
  return (found?.fields ?? [])
    .filter((rule) => [...rule.left.fields, ...rule.right.fields].some((field) => fields.includes(field)))
    .map(({ key }) => key)
}

/** Their counterpart was deleted or merged away by somebody: they stay, alone, and are not created again (B5). */
function survivors(facts: Case): readonly KnownException[] {
  return vendorsOf(facts).flatMap((vendor) =>
    KINDS.flatMap((kind) =>
      facts.witness
        .biographies(vendor, kind)
        .filter((biography) => {
          const partners = partnersOf(facts, biography)
          return partners.length > 0
            ? !partners.some(isLive)
            : relativesOf(facts, biography).some((relative) => !isLive(relative))
        })
        .map(({ id }) => ({ record: id, field: '*' })),
    ),
  )
}

/** Records that share a strong key with one that waits for a decision: who belongs to whom is part of the question. */
function besideUndecided(facts: Case): readonly KnownException[] {
  const { reviews } = facts.reports
  const asked = new Set(
    reviews.flatMap(({ record, candidates }) => [record, ...candidates].map(({ id }) => id)),
  )
  return vendorsOf(facts).flatMap((vendor) =>
    KINDS.flatMap((kind) =>
      facts.witness
        .biographies(vendor, kind)
        .filter((biography) => relativesOf(facts, biography).some(({ id }) => asked.has(id)))
        .map(({ id }) => ({ record: id, field: '*' })),
    ),
  )
}
