/**
 * I1, I12: at rest both CRMs agree, field by field, as the independent comparer of this repository sees them over the
 * vendors' APIs; but for what people were told, and for records that are alone because their counterpart was deleted.
 */
import type { Vendor } from '../../../src/config/connection.ts'
import type { Api } from '../../comparer/api.ts'
import { readAttio } from '../../comparer/attio.ts'
import type { Side } from '../../../src/core/record.ts'
import type { FieldRule } from '../../../src/core/rules.ts'
import { isBlank, isEqual } from '../../../src/core/value.ts'
import { compare, type Difference, type KnownException } from '../../comparer/compare.ts'
import { readHubSpot } from '../../comparer/hubspot.ts'
import type { Replica } from '../../comparer/replica.ts'
import { readSalesforce } from '../../comparer/salesforce.ts'
import { KINDS } from '../hands/hands.ts'
import type { Biography, Chapter } from '../chronicle.ts'
import type { Case, Reports } from './case.ts'
import type { Violation } from './audit.ts'
import { pairedByConflict } from './paired-by-conflict.ts'
import { isLive, keeps, partnersOf, relativesOf } from './partners.ts'
import { besideRefusedKeys, refusedKeys } from './refused-key.ts'
import { kindOf, meaning, plainRules, rulesOf, sideOf, vendorsOf } from './rules.ts'

export async function auditAgreement(facts: Case): Promise<readonly Violation[]> {
  const replicas = {
    left: await replicaOf(facts, facts.pairing.left),
    right: await replicaOf(facts, facts.pairing.right),
  }
  const { documents } = facts
  const { stamps } = facts.pairing
  const exceptions = [...announced(facts), ...survivors(facts), ...besideOutsiders(facts)]
  const judgement = await compare({ replicas, documents, exceptions, stamps })
  // Refused as a whole or in part: whether its stamp could be written is not sure.
  const refused = new Set(facts.reports.quarantined.flatMap((each) => concerned(facts, each)))
  const asked = pairedByConflict(facts)
  const beside = [...besideUndecided(facts).map(({ record }) => record), ...besideRefusedKeys(facts)]
  const unsure = new Set([...refused, ...beside, ...asked])
  const lonely = [...judgement.unpaired.left, ...judgement.unpaired.right].filter(
    ({ record }) => !unsure.has(record),
  )
  return [
    ...answerable(facts),
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
      // Of a key that people are asked about, one of the two values is going to go.
      .filter(({ records }) => !records.some((record) => refused.has(record) || asked.has(record)))
      .map(({ mapping, records, because }) => ({
        invariant: 'I7',
        what: `${mapping} ${records.join(', ')} are one thing twice: ${because}`,
      })),
  ]
}

/** A refusal is told of the record that it came from: where that is gone, its counterpart could not be removed. */
function concerned(facts: Case, { mapping, record }: Reports['quarantined'][number]): readonly string[] {
  const kind = kindOf(facts, mapping)
  const source = kind && facts.witness.find(facts.pairing[record.side], kind, record.id)
  return source && !isLive(source)
    ? [record.id, ...partnersOf(facts, source).map(({ id }) => id)]
    : [record.id]
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
 * Where blanks are ignored, a field that somebody cleared rests beside what the other side keeps; where a field is
 * carried one way only, what somebody typed on the other side rests there. The comparer does not know who was there
 * first, or who it was.
 */
function mayRest(facts: Case, { mapping, field, left, right, leftRecord, rightRecord }: Difference): boolean {
  const rules = facts.rules.find((each) => each.mapping === mapping)
  const rule = rules?.fields.find(({ key }) => key === field)
  if (!rule) return false
  if (rule.blank === 'ignore' && (isBlank(left) || isBlank(right))) return true
  if (rule.direction === 'both') return false
  const isLeftTarget = rule.direction === 'right-to-left'
  const [vendor, id] = isLeftTarget ? [facts.pairing.left, leftRecord] : [facts.pairing.right, rightRecord]
  const kind = kindOf(facts, mapping)
  const target = kind && facts.witness.find(vendor, kind, id)
  if (!target) return false
  return lastTypedBy(rule, sideOf(vendor), target) !== 'engine' || cameFromBeside(facts, target, rule)
}

/** A field that only comes in, and comes in from another CRM, too: what that one brought is nobody's here. */
function cameFromBeside(facts: Case, target: Biography, { key }: FieldRule): boolean {
  const now = target.chapters.at(-1)
  return facts.beside
    .filter((other) => keeps(other, target.vendor))
    .some((other) => {
      const rule = plainRules(rulesOf(other, target.kind)).find((each) => each.key === key)
      const brought = (each: Biography) =>
        each.chapters.some(
          (chapter) => rule && now && rule.agree(meaning(rule, 'left', now), meaning(rule, 'right', chapter)),
        )
      return partnersOf(other, target).some(brought)
    })
}

/** Who gave the field the value that it holds now. */
function lastTypedBy(rule: FieldRule, side: Side, { chapters }: Biography): Chapter['by'] | undefined {
  const since = chapters.findLastIndex((chapter, i) => {
    const before = chapters[i - 1]
    return !before || !isEqual(meaning(rule, side, before), meaning(rule, side, chapter))
  })
  return chapters[since]?.by
}

/** What people were told to look at. */
function announced(facts: Case): readonly KnownException[] {
  const { conflicts, reviews, quarantined } = facts.reports
  const keyless = refusedKeys(facts)
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
      keysOf(facts, mapping, fields).map((field) => ({
        record: record.id,
        field,
        keyless: keyless.has(record.id),
      })),
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

/** A pair of which one record is outside the scope is frozen, and left alone. */
function besideOutsiders(facts: Case): readonly KnownException[] {
  return vendorsOf(facts).flatMap((vendor) =>
    KINDS.flatMap((kind) =>
      facts.witness
        .biographies(vendor, kind)
        .filter((biography) => relativesOf(facts, biography).some((each) => isOutside(facts, each)))
        .map(({ id }) => ({ record: id, field: '*' })),
    ),
  )
}

function isOutside(facts: Case, { vendor, kind, chapters }: Biography): boolean {
  const last = chapters.at(-1)
  return last?.state === 'live' && !rulesOf(facts, kind).inScope[sideOf(vendor)](last.values)
}

/** A question about a unique value that nobody holds any more, or only a record that is free, has an answer. */
function answerable(facts: Case): readonly Violation[] {
  const { reviews } = facts.reports
  const asked = new Set(reviews.map(({ record }) => record.id))
  return reviews
    .filter(({ kind }) => kind === 'not-unique')
    .flatMap(({ record, mapping }) => {
      const vendor = facts.pairing[record.side]
      const kind = kindOf(facts, mapping)
      const biography = kind && facts.witness.find(vendor, kind, record.id)
      if (!biography || !isLive(biography)) return []
      const live = relativesOf(facts, biography).filter(isLive)
      // What is outside the scope holds its key, and is not there to be linked.
      const taken = live.filter(
        (each) => asked.has(each.id) || isOutside(facts, each) || partnersOf(facts, each).some(isLive),
      )
      if (taken.length > 0) return []
      const what = `${mapping} ${record.id} waits for a person, although ${live[0]?.id ?? 'nobody'} holds its key`
      return [{ invariant: 'I1', what }]
    })
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
