/**
 * The mapping file as people write it: every key, what it may hold and what it means when left out. This is
 * the single description; `mapping.schema.json` for editors is generated from it. Read `mappings/README.md`
 * for the language by example.
 */
import { z } from 'zod'

/** YAML 1.2 reads `yes` and `no` as text, and people write them all the same. */
const answer = z
  .union([z.boolean(), z.enum(['yes', 'no'])], { error: 'expected yes or no' })
  .transform((value) => value === true || value === 'yes')

const name = z.string().trim().min(1, { error: 'expected a name, found empty text' })

/** A word of a `values` table or a predicate. `true` and `7` are option values like any other. */
const word = z
  .union([z.string(), z.boolean(), z.number()], { error: 'expected a single value' })
  .transform((value) => String(value).trim())

const words = z.union([word, z.array(word).min(1)], { error: 'expected a value or a list of values' })

export const TRANSFORM_NAMES = [
  'text',
  'number',
  'money',
  'boolean',
  'date',
  'instant',
  'url',
  'option',
  'options',
  'stage',
  'person-name',
  'email',
  'emails',
  'phone',
  'phones',
  'domain',
  'domains',
  'user',
  'reference',
  'references',
  'location',
] as const

export type TransformName = (typeof TRANSFORM_NAMES)[number]

const POLICY_NAMES = [
  'ask',
  'prefer-left',
  'prefer-right',
  'prefer-unless-blank',
  'prefer-left-unless-blank',
  'prefer-right-unless-blank',
  'most-recent',
  'union',
  'advance',
  'max',
  'min',
  'never-overwrite',
  'write-once',
] as const

export type PolicyName = (typeof POLICY_NAMES)[number]

const policy = z.enum(POLICY_NAMES)

/** `most-recent` falls back to another policy, and a fallback must decide without a fallback of its own. */
const settledPolicy = z.enum(POLICY_NAMES).exclude(['most-recent'])

const association = z.strictObject({
  association: name.describe('Object at the other end, as the CRM calls it'),
  label: name.optional().describe('Only associations with this label, for example `primary`'),
})

const fieldReference = z.union([name, z.array(name).min(1), association], {
  error: 'expected a field name, a list of field names, or { association: …, label: … }',
})

export type FieldReference = z.output<typeof fieldReference>

const predicate = z
  .strictObject({
    in: z.array(word).min(1).optional(),
    not_in: z.array(word).min(1).optional(),
    equals: word.optional(),
    not_equals: word.optional(),
    present: answer.optional().describe('yes: the field has a value; no: it has none'),
    blank: answer.optional().describe('yes: the field has no value; no: it has one'),
  })
  .refine((value) => Object.keys(value).length > 0, { error: 'expected one of in, not_in, equals, … here' })

export type Predicate = z.output<typeof predicate>

const predicates = z.record(name, predicate)

export const LOCATION_PARTS = [
  'line_1',
  'line_2',
  'line_3',
  'line_4',
  'locality',
  'region',
  'postcode',
  'country_code',
] as const

export type LocationPart = (typeof LOCATION_PARTS)[number]

const field = z.strictObject({
  left: fieldReference,
  right: fieldReference,
  as: z.enum(TRANSFORM_NAMES).optional().describe('How values translate; worked out when left out'),
  region: z
    .string()
    .regex(/^[A-Z]{2}$/, { error: 'expected a two-letter country code in capitals, for example US' })
    .optional()
    .describe('Country that phone numbers without a + are read in'),
  values: z
    .record(z.string(), words)
    .optional()
    .describe('Left value: right value, or a list of right values of which the first is written'),
  scale: z.int().min(0).max(12).optional().describe('Decimal places that count'),
  precision: z.enum(['millisecond', 'second', 'minute']).optional().describe('How exact a time is compared'),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, { error: 'expected a three-letter currency code in capitals, for example EUR' })
    .optional()
    .describe('Currency of a side that keeps amounts without one'),
  parts: z.array(z.enum(LOCATION_PARTS)).min(1).optional().describe('Address parts the listed fields hold'),
  fallback: z
    .union([z.enum(['leave', 'token-owner']), z.email()], {
      error: 'expected leave, token-owner or an e-mail address',
    })
    .optional()
    .describe('Who owns a record whose owner is unknown on the other side'),
  direction: z.enum(['both', 'left-to-right', 'right-to-left']).default('both'),
  drift: z
    .enum(['ignore', 'report', 'restore'])
    .default('ignore')
    .describe('What an edit on the receiving side of a one-way field leads to'),
  conflict: policy.default('ask').describe('Who wins when both sides changed the field'),
  otherwise: settledPolicy.optional().describe('What most-recent does when it cannot tell'),
  seed: policy.optional().describe('Who wins when two records meet for the first time'),
  blank: z
    .enum(['propagate', 'ignore'])
    .default('propagate')
    .describe('ignore: an empty value never clears the other side'),
})

export type FieldEntry = z.output<typeof field>

const match = z.strictObject({
  left: fieldReference,
  right: fieldReference,
  as: z.enum(['text', 'number', 'url', 'email', 'phone', 'domain', 'person-name']).optional(),
  region: field.shape.region,
  strength: z
    .enum(['strong', 'weak'])
    .default('strong')
    .describe('weak: only proposes pairs to a person, never links by itself'),
})

export type MatchEntry = z.output<typeof match>

const fixture = z.strictObject({
  name: name.optional(),
  left: z.record(name, z.json()).optional(),
  right: z.record(name, z.json()).optional(),
  'expect-left': z.record(name, z.json()).optional(),
  'expect-right': z.record(name, z.json()).optional(),
})

export type FixtureEntry = z.output<typeof fixture>

const deletion = z.enum(['unlink', 'archive', 'delete', 'ignore'])
const objectReference = z.strictObject({ object: name })

export const mappingBody = z.strictObject({
  version: z.literal(1),
  pairing: name.describe('Name of the pairing in config/attune.yaml'),
  left: objectReference,
  right: objectReference,
  match: z.array(match).default([]).describe('How records recognise each other, strongest first'),
  scope: z
    .strictObject({ left: predicates.optional(), right: predicates.optional() })
    .default({})
    .describe('Records that take part; all others are left alone'),
  create: z
    .strictObject({ left: answer.default(true), right: answer.default(true) })
    .default({ left: true, right: true })
    .describe('Whether missing records are created on that side'),
  defaults: z
    .strictObject({ left: z.record(name, word).optional(), right: z.record(name, word).optional() })
    .optional()
    .describe('What a new record gets in fields that stay empty otherwise: a value, or `in 90 days`'),
  delete: z
    .strictObject({
      'left-to-right': deletion.default('unlink'),
      'right-to-left': deletion.default('unlink'),
    })
    .default({ 'left-to-right': 'unlink', 'right-to-left': 'unlink' })
    .describe('What a deletion on one side does to the other'),
  stamp: z
    .enum(['eager', 'with-next-write'])
    .default('with-next-write')
    .describe('When the other record’s id is noted on an adopted record'),
  seed: policy.default('prefer-left').describe('Who wins when two records meet for the first time'),
  fields: z.array(field).min(1, { error: 'expected at least one field' }),
  fixtures: z.array(fixture).default([]).describe('Examples that `attune mapping test` runs offline'),
})

export type MappingBody = z.output<typeof mappingBody>

/** Under which pairs are known. */
export function mappingName({ pairing, left, right }: MappingBody): string {
  return `${pairing}/${left.object}-${right.object}`
}

/** Field names of a reference, as `FieldValues` are keyed: an association is `association:<object>[/<label>]`. */
export function fieldNames(reference: FieldReference): readonly string[] {
  if (typeof reference === 'string') return [reference]
  if (isNameList(reference)) return reference
  const label = reference.label === undefined ? '' : `/${reference.label}`
  return [`association:${reference.association}${label}`]
}

function isNameList(reference: FieldReference): reference is string[] {
  return Array.isArray(reference)
}

/** Object at the far end of an association field, or null for any other field name. */
export function associatedObject(fieldName: string): string | null {
  return /^association:([^/]+)/.exec(fieldName)?.[1] ?? null
}
