/**
 * I1, I12: at rest both CRMs agree, field by field, as the independent comparer of this repository sees them over the
 * vendors' APIs; but for what people were told, and for records that are alone because their counterpart was deleted.
 */
import type { Api } from '../../comparer/api.ts'
import { readAttio } from '../../comparer/attio.ts'
import type { Side } from '../../../src/core/record.ts'
import type { FieldRule } from '../../../src/core/rules.ts'
import { isBlank, isEqual } from '../../../src/core/value.ts'
import { compare, type Difference, type KnownException } from '../../comparer/compare.ts'
import { readHubSpot } from '../../comparer/hubspot.ts'
import { HANDS, PAIRING } from '../cast.ts'
import { KINDS } from '../hands/hands.ts'
import { mappingDocuments } from '../mappings.ts'
import type { Reports } from '../run.ts'
import type { Biography, Chapter } from '../witness.ts'
import type { World } from '../world.ts'
import type { Violation } from './audit.ts'
import { isLive, partnersOf, relativesOf } from './partners.ts'
import { meaning, rulesOf, sideOf } from './rules.ts'

export async function auditAgreement(world: World, reports: Reports): Promise<readonly Violation[]> {
  const replicas = {
    left: await readAttio(directApi(world, PAIRING.left)),
    right: await readHubSpot(directApi(world, PAIRING.right)),
  }
  const documents = mappingDocuments(world.scenario.mappings)
  const exceptions = [...announced(world, reports), ...survivors(world), ...besideOutsiders(world)]
  const judgement = await compare({ replicas, documents, exceptions })
  // Refused as a whole or in part: whether its stamp could be written is not sure.
  const refused = new Set(reports.quarantined.map(({ record }) => record.id))
  const unsure = new Set([
    ...refused,
    ...besideUndecided(world, reports).map(({ record }) => record),
    ...contestedKeys(world, reports),
  ])
  const lonely = [...judgement.unpaired.left, ...judgement.unpaired.right].filter(
    ({ record }) => !unsure.has(record),
  )
  return [
    ...answerable(world, reports),
    ...judgement.differences
      .filter((each) => !mayRest(world, each))
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

/**
 * Where blanks are ignored, a field that somebody cleared rests beside what the other side keeps; where a field is
 * carried one way only, what somebody typed on the other side rests there. The comparer does not know who was there
 * first, or who it was.
 */
function mayRest(
  world: World,
  { mapping, field, left, right, leftRecord, rightRecord }: Difference,
): boolean {
  const rules = world.template.mappings
    .get(world.scenario.mappings)
    ?.find((each) => each.rules.mapping === mapping)
  const rule = rules?.rules.fields.find(({ key }) => key === field)
  if (!rule) return false
  if (rule.blank === 'ignore' && (isBlank(left) || isBlank(right))) return true
  if (rule.direction === 'both') return false
  const isLeftTarget = rule.direction === 'right-to-left'
  const [vendor, id] = isLeftTarget ? [PAIRING.left, leftRecord] : [PAIRING.right, rightRecord]
  const kind = KINDS.find((each) => rulesOf(world, each).mapping === mapping)
  const target = kind && world.witness.find(vendor, kind, id)
  return target !== null && target !== undefined && lastTypedBy(rule, sideOf(vendor), target) !== 'engine'
}

/** Who gave the field the value that it holds now. */
function lastTypedBy(rule: FieldRule, side: Side, { chapters }: Biography): Chapter['by'] | undefined {
  const since = chapters.findLastIndex((chapter, i) => {
    const before = chapters[i - 1]
    return !before || !isEqual(meaning(rule, side, before), meaning(rule, side, chapter))
  })
  return chapters[since]?.by
}

/** Straight into the model, past weather and limits. */
function directApi(world: World, vendor: string): Api {
  const model = world.models.get(vendor)
  if (!model) throw new Error(`there is no ${vendor}`)
  const ask = async (method: string, path: string, body: unknown): Promise<unknown> => {
    const answer = model.handle({
      method,
      url: `http://${vendor}.invalid${path}`,
      headers: { authorization: `Bearer ${model.token}`, 'content-type': 'application/json' },
      body: body === undefined ? null : JSON.stringify(body),
    })
    if (answer.status > 299) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.body}`)
    return JSON.parse(answer.body) as unknown
  }
  return { get: (path) => ask('GET', path, undefined), post: (path, body) => ask('POST', path, body) }
}

/** What people were told to look at. */
function announced(world: World, { conflicts, reviews, quarantined }: Reports): readonly KnownException[] {
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
      keysOf(world, mapping, fields).map((field) => ({ record: record.id, field })),
    ),
  ]
}

/** Fields as the vendor blames them → fields as mappings name them; the whole record when it blames none. */
function keysOf(world: World, mapping: string, fields: readonly string[]): readonly string[] {
  if (fields.length === 0) return ['*']
  const found = world.template.mappings
    .get(world.scenario.mappings)
    ?.find(({ rules }) => rules.mapping === mapping)
  return (found?.rules.fields ?? [])
    .filter((rule) => [...rule.left.fields, ...rule.right.fields].some((field) => fields.includes(field)))
    .map(({ key }) => key)
}

/** Their counterpart was deleted or merged away by somebody: they stay, alone, and are not created again (B5). */
function survivors(world: World): readonly KnownException[] {
  return [...HANDS.keys()].flatMap((vendor) =>
    KINDS.flatMap((kind) =>
      world.witness
        .biographies(vendor, kind)
        .filter((biography) => {
          const partners = partnersOf(world, biography)
          return partners.length > 0
            ? !partners.some(isLive)
            : relativesOf(world, biography).some((relative) => !isLive(relative))
        })
        .map(({ id }) => ({ record: id, field: '*' })),
    ),
  )
}

/**
 * Two equal records are linked without a stamp; when both sides then change their keys, nothing but the conflict that
 * people were told of says that they are one.
 */
function contestedKeys(world: World, { conflicts }: Reports): readonly string[] {
  const isKey = (mapping: string, field: string) =>
    KINDS.map((kind) => rulesOf(world, kind)).some(
      (rules) =>
        rules.mapping === mapping &&
        rules.match.some((match) => {
          const rule = rules.fields.find(({ key }) => key === field)
          return match.strength === 'strong' && rule?.left.fields.includes(match.field.left)
        }),
    )
  return conflicts
    .filter(({ state, mapping, field }) => state === 'open' && isKey(mapping, field))
    .flatMap(({ records }) => [records.left, records.right])
    .filter((id) => id !== null)
}

/** A pair of which one record is outside the scope is frozen, and left alone. */
function besideOutsiders(world: World): readonly KnownException[] {
  return [...HANDS.keys()].flatMap((vendor) =>
    KINDS.flatMap((kind) =>
      world.witness
        .biographies(vendor, kind)
        .filter((biography) => relativesOf(world, biography).some((each) => isOutside(world, each)))
        .map(({ id }) => ({ record: id, field: '*' })),
    ),
  )
}

function isOutside(world: World, { vendor, kind, chapters }: Biography): boolean {
  const last = chapters.at(-1)
  return last?.state === 'live' && !rulesOf(world, kind).inScope[sideOf(vendor)](last.values)
}

/** A question about a unique value that nobody holds any more, or only a record that is free, has an answer. */
function answerable(world: World, { reviews }: Reports): readonly Violation[] {
  const asked = new Set(reviews.map(({ record }) => record.id))
  return reviews
    .filter(({ kind }) => kind === 'not-unique')
    .flatMap(({ record, mapping }) => {
      const vendor = PAIRING[record.side]
      const kind = KINDS.find((each) => rulesOf(world, each).mapping === mapping)
      const biography = kind && world.witness.find(vendor, kind, record.id)
      if (!biography || !isLive(biography)) return []
      const live = relativesOf(world, biography).filter(isLive)
      // What is outside the scope holds its key, and is not there to be linked.
      const taken = live.filter(
        (each) => asked.has(each.id) || isOutside(world, each) || partnersOf(world, each).some(isLive),
      )
      if (taken.length > 0) return []
      const what = `${mapping} ${record.id} waits for a person, although ${live[0]?.id ?? 'nobody'} holds its key`
      return [{ invariant: 'I1', what }]
    })
}

/** Records that share a strong key with one that waits for a decision: who belongs to whom is part of the question. */
function besideUndecided(world: World, { reviews }: Reports): readonly KnownException[] {
  const asked = new Set(
    reviews.flatMap(({ record, candidates }) => [record, ...candidates].map(({ id }) => id)),
  )
  return [...HANDS.keys()].flatMap((vendor) =>
    KINDS.flatMap((kind) =>
      world.witness
        .biographies(vendor, kind)
        .filter((biography) => relativesOf(world, biography).some(({ id }) => asked.has(id)))
        .map(({ id }) => ({ record: id, field: '*' })),
    ),
  )
}
