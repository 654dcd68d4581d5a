/** People at work in Attio. Value formats: Attio fact sheet 8; statuses of a fresh workspace: 17.3. */
import type { FieldValue, FieldValues } from '../../../src/core/value.ts'
import type { DumpedRecord } from '../../../src/sandbox/model.ts'
import {
  kindsInPath,
  oneObjectEach,
  type AdminRequest,
  type Draft,
  type Hands,
  type Kind,
  type Phase,
} from './hands.ts'

const OBJECT: Readonly<Record<Kind, string>> = { company: 'companies', person: 'people', deal: 'deals' }

const STATUS: Readonly<Record<Phase, string>> = {
  lead: 'Lead',
  progress: 'In Progress',
  won: 'Won 🎉',
  lost: 'Lost',
}

export const attioHands: Hands = {
  vendor: 'attio',
  side: 'left',
  object: OBJECT,
  ...oneObjectEach(OBJECT),
  leads: null,
  remark: { company: 'twitter', person: 'description', deal: 'remark' },
  restores: false,

  // Deals have no free text of their own.
  prepare: [
    {
      method: 'POST',
      path: '/v2/objects/deals/attributes',
      body: {
        data: {
          title: 'Remark',
          description: '',
          api_slug: 'remark',
          type: 'text',
          is_required: false,
          is_unique: false,
          is_multiselect: false,
          config: {},
        },
      },
      expected: 200,
    },
  ],
  grow: [],
  breakSchema: [statusRenamed(STATUS.progress, 'Under way')],
  mendSchema: [statusRenamed('Under way', STATUS.progress)],
  jobOf: (person) => (listOf(person, 'job_title')[0] as string | undefined) ?? '',

  values: (kind, draft) => ({ ...VALUES[kind](draft), ...remark(kind, draft) }),

  typed(value) {
    if (value === null) return []
    return typeof value === 'object' && 'amount' in value ? Number(value['amount']) : value
  },

  relate({ kind, id, relation, target, held, remove }) {
    const object = OBJECT[kind]
    if (relation === 'company') {
      const slug = kind === 'deal' ? 'associated_company' : 'company'
      const values = { [slug]: remove ? [] : [{ target_object: 'companies', target_record_id: target }] }
      return { action: 'update', object, id, values }
    }
    const others = listOf(held, 'associated_people')
      .map((each) => (each as { id: string }).id)
      .filter((each) => each !== target)
    const people = remove ? others : [...others, target]
    const values = {
      associated_people: people.map((each) => ({ target_object: 'people', target_record_id: each })),
    }
    return { action: 'update', object, id, values }
  },

  read: (_kind, record) =>
    Object.fromEntries(
      Object.entries(record.values).map(([slug, value]) => [
        slug,
        shapeOf(slug, value as readonly unknown[]),
      ]),
    ) as FieldValues,

  kindsOf: (request) => kindsInPath(OBJECT, request),
}

const VALUES: Readonly<Record<Kind, (draft: Draft) => Record<string, unknown>>> = {
  company: ({ name, domain, linkedin }) => ({
    ...one('name', name),
    ...(domain === undefined ? {} : { domains: domain === '' ? [] : [domain] }),
    ...one('linkedin', linkedin),
  }),
  person: ({ first, last = '', email, job, phone, linkedin }) => ({
    ...(first === undefined
      ? {}
      : { name: { first_name: first, last_name: last, full_name: `${first} ${last}`.trim() } }),
    ...(email === undefined ? {} : { email_addresses: email === '' ? [] : [email] }),
    ...(phone === undefined ? {} : { phone_numbers: phone === '' ? [] : [phone] }),
    ...one('job_title', job),
    ...one('linkedin', linkedin),
  }),
  deal: ({ name, amount, stage }) => ({
    ...one('name', name),
    ...(amount === undefined ? {} : { value: amount === '' ? [] : Number(amount) }),
    ...(stage === undefined ? {} : { stage: STATUS[stage] }),
    // Every deal must have an owner (17.3); whoever enters one is asked for it.
    ...(name !== undefined && stage !== undefined ? { owner: 'ada.okafor@example.com' } : {}),
  }),
}

function remark(kind: Kind, draft: Draft): Record<string, unknown> {
  return one(attioHands.remark[kind], draft.remark)
}

function one(slug: string, text: string | undefined): Record<string, unknown> {
  return text === undefined ? {} : { [slug]: text === '' ? [] : text }
}

/** Attributes that hold several values. */
const LISTS = new Set([
  'domains',
  'email_addresses',
  'phone_numbers',
  'associated_people',
  'associated_deals',
  'team',
])

function shapeOf(slug: string, rows: readonly unknown[]): FieldValue {
  if (slug === 'value') return { amount: String(rows[0]), currency: 'USD' }
  if (slug === 'owner') return (rows[0] as { id: string } | undefined)?.id ?? null
  if (LISTS.has(slug) || isReference(rows[0])) return rows as unknown as FieldValue
  return (rows[0] ?? null) as FieldValue
}

function isReference(row: unknown): boolean {
  return row !== null && typeof row === 'object' && 'object' in row && 'id' in row
}

function listOf(record: DumpedRecord, slug: string): readonly unknown[] {
  return (record.values[slug] as readonly unknown[] | undefined) ?? []
}

function statusRenamed(from: string, to: string): AdminRequest {
  const path = `/v2/objects/deals/attributes/stage/statuses/${encodeURIComponent(from)}`
  return { method: 'PATCH', path, body: { data: { title: to } }, expected: 200 }
}
