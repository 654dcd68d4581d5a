/** People at work in HubSpot. Value formats: HubSpot fact sheet 11; stages of the default pipeline: 13. */
import type { FieldValues } from '../../../src/core/value.ts'
import type { DumpedRecord } from '../../../src/sandbox/model.ts'
import { kindsInPath, oneObjectEach, type Draft, type Hands, type Kind, type Phase } from './hands.ts'

const OBJECT: Readonly<Record<Kind, string>> = { company: 'companies', person: 'contacts', deal: 'deals' }

const STAGE: Readonly<Record<Phase, string>> = {
  lead: 'qualifiedtobuy',
  progress: 'presentationscheduled',
  won: 'closedwon',
  lost: 'closedlost',
}

const STAGES_PATH = '/crm/v3/pipelines/deals/default/stages'
/** No scenario moves a deal there: a stage that is in use cannot be deleted (HubSpot fact sheet 13). */
const STAGE_PATH = `${STAGES_PATH}/contractsent`

export const hubspotHands: Hands = {
  vendor: 'hubspot',
  side: 'right',
  object: OBJECT,
  ...oneObjectEach(OBJECT),
  leads: null,
  remark: { company: 'city', person: 'city', deal: 'description' },
  restores: true,

  prepare: [],
  grow: [],
  breakSchema: [{ method: 'DELETE', path: STAGE_PATH, body: null, expected: 204 }],
  mendSchema: [
    {
      method: 'POST',
      path: STAGES_PATH,
      body: {
        stageId: 'contractsent',
        label: 'Contract Sent',
        displayOrder: 4,
        metadata: { probability: '0.9' },
      },
      expected: 201,
    },
  ],
  jobOf: (person) => (person.values['jobtitle'] as string | undefined) ?? '',

  values: (kind, draft) => ({ ...VALUES[kind](draft), ...one(hubspotHands.remark[kind], draft.remark) }),

  typed: (value) => value ?? '',

  relate({ kind, id, relation, target, remove }) {
    const other =
      relation === 'company'
        ? { object: 'companies', id: target, label: 'primary' }
        : { object: 'contacts', id: target }
    return { action: remove ? 'dissociate' : 'associate', object: OBJECT[kind], id, other }
  },

  read: (kind, record) => ({
    ...(record.values as FieldValues),
    'association:companies/primary': associated(record, 'companies', 'primary'),
    ...(kind === 'deal' ? { 'association:contacts': associated(record, 'contacts', null) } : {}),
  }),

  kindsOf: (request) => kindsInPath(OBJECT, request),
}

const VALUES: Readonly<Record<Kind, (draft: Draft) => Record<string, unknown>>> = {
  company: ({ name, domain, linkedin }) => ({
    ...one('name', name),
    ...one('domain', domain),
    ...one('linkedin_company_page', linkedin),
  }),
  person: ({ first, last, email, job, phone, linkedin }) => ({
    ...one('firstname', first),
    ...one('lastname', last),
    ...one('email', email),
    ...one('jobtitle', job),
    ...one('phone', phone),
    ...one('hs_linkedin_url', linkedin),
  }),
  deal: ({ name, amount, stage }) => ({
    ...one('dealname', name),
    ...one('amount', amount),
    ...(stage === undefined ? {} : { pipeline: 'default', dealstage: STAGE[stage] }),
  }),
}

function one(property: string, text: string | undefined): Record<string, unknown> {
  return text === undefined ? {} : { [property]: text }
}

function associated(record: DumpedRecord, object: string, label: string | null) {
  const rows = record.associations.filter(
    (row) => row.object === object && (label === null || row.label === label),
  )
  return [...new Map(rows.map(({ id }) => [id, { object, id }])).values()]
}
