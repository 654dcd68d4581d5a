/**
 * The mapping files of simulated worlds: those that ship, cut to the pipeline every portal has, and variants of them
 * under other policies, since what holds under one policy must hold under all.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse, stringify } from 'yaml'
import { loadMapping, type MappingDocument } from '../../src/mapping/load.ts'

export const MAPPING_SETS = ['shipped', 'ask', 'prefer-left', 'prefer-right', 'delete-both'] as const

/** Sets that only scenarios with a theme use. */
export const THEMED_SETS = ['one-way', 'scoped'] as const

export type MappingSet = (typeof MAPPING_SETS)[number] | (typeof THEMED_SETS)[number]

interface Body {
  fields: {
    left: unknown
    conflict?: string
    otherwise?: string
    as?: string
    values?: unknown
    direction?: string
  }[]
  scope?: unknown
  left: { object: string }
  delete: Record<string, string>
  fixtures?: unknown
}

const FILES = ['companies', 'people', 'deals'] as const

/** Only the default pipeline: an empty portal has no other. */
const STAGES = {
  Lead: ['default/appointmentscheduled', 'default/qualifiedtobuy'],
  'In Progress': ['default/presentationscheduled', 'default/decisionmakerboughtin', 'default/contractsent'],
  'Won 🎉': ['default/closedwon'],
  Lost: ['default/closedlost'],
}

const VARIANTS: Readonly<Record<MappingSet, (body: Body) => void>> = {
  shipped: () => undefined,
  ask: (body) => withPolicy(body, 'ask'),
  'prefer-left': (body) => withPolicy(body, 'prefer-left'),
  'prefer-right': (body) => withPolicy(body, 'prefer-right'),
  'delete-both': (body) => {
    body.delete = { 'left-to-right': 'archive', 'right-to-left': 'delete' }
  },
  'one-way': (body) => {
    for (const field of body.fields) {
      if (field.left === 'job_title') field.direction = 'left-to-right'
      if (field.left === 'phone_numbers' || field.left === 'value') field.direction = 'right-to-left'
    }
  },
  scoped: (body) => {
    if (body.left.object !== 'people') return
    const isInside = { not_equals: 'Outsider' }
    body.scope = { left: { job_title: isInside }, right: { jobtitle: isInside } }
  },
}

const loaded = new Map<MappingSet, readonly MappingDocument[]>()

export function mappingDocuments(set: MappingSet): readonly MappingDocument[] {
  const known = loaded.get(set)
  if (known) return known
  const documents = FILES.map((name) => {
    const file = fileURLToPath(new URL(`../../mappings/${name}.yaml`, import.meta.url))
    const body = parse(readFileSync(file, 'utf8')) as Body
    delete body.fixtures
    for (const field of body.fields) if (field.as === 'stage') field.values = STAGES
    VARIANTS[set](body)
    return loadMapping(stringify(body), `${set}/${name}.yaml`)
  })
  loaded.set(set, documents)
  return documents
}

function withPolicy(body: Body, policy: string): void {
  for (const field of body.fields) {
    if (field.conflict !== 'most-recent') continue
    field.conflict = policy
    delete field.otherwise
  }
}
