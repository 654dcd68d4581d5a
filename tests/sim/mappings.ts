/**
 * The mapping files of simulated worlds: those that ship, cut to the pipeline every portal has, and variants of them
 * under other policies, since what holds under one policy must hold under all.
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { loadMapping, type MappingDocument } from '../../src/mapping/load.ts'
import type { Accounts } from './scenario.ts'

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
  right: { object: string }
  delete: Record<string, string>
  fixtures?: unknown
}

/** Pairing → its mapping files, parents first, of accounts that are new. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  'attio-hubspot': ['companies', 'people', 'deals'],
  'attio-salesforce': ['salesforce-companies', 'salesforce-people', 'salesforce-deals'],
}

/** And of those that people have worked with for years. */
const GROWN_FILES: typeof FILES = {
  ...FILES,
  'attio-salesforce': ['salesforce-companies', 'salesforce-leads', 'salesforce-people', 'salesforce-deals'],
}

export function filesOf(pairing: string, hasLeads: boolean): readonly string[] {
  return (hasLeads ? GROWN_FILES : FILES)[pairing] ?? []
}

/** Only the default pipeline and the one record type: an empty portal and a new org have no other. */
const STAGES: Readonly<Record<string, unknown>> = {
  'attio-hubspot': {
    Lead: ['default/appointmentscheduled', 'default/qualifiedtobuy'],
    'In Progress': ['default/presentationscheduled', 'default/decisionmakerboughtin', 'default/contractsent'],
    'Won 🎉': ['default/closedwon'],
    Lost: ['default/closedlost'],
  },
  'attio-salesforce': {
    Lead: ['Master/Prospecting', 'Master/Qualification'],
    'In Progress': ['Master/Needs Analysis', 'Master/Value Proposition', 'Master/Negotiation/Review'],
    'Won 🎉': ['Master/Closed Won'],
    Lost: ['Master/Closed Lost'],
  },
}

/** The record types that a grown org of these worlds has, out of those that the shipped file lists. */
const RECORD_TYPES = ['New_Business/', 'Renewal/']

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
    const right = body.right.object === 'contacts' ? 'jobtitle' : 'Title'
    body.scope = { left: { job_title: isInside }, right: { [right]: isInside } }
  },
}

const shipped = new Map<string, Body>()

function shippedBody(name: string): Body {
  const known = shipped.get(name)
  if (known) return known
  const file = fileURLToPath(new URL(`../../mappings/${name}.yaml`, import.meta.url))
  const body = parse(readFileSync(file, 'utf8')) as Body
  delete body.fixtures
  shipped.set(name, body)
  return body
}

const loaded = new Map<string, readonly MappingDocument[]>()

export function mappingDocuments(
  pairing: string,
  set: MappingSet,
  accounts: Accounts = 'new',
): readonly MappingDocument[] {
  const key = `${pairing}/${set}/${accounts}`
  const known = loaded.get(key)
  if (known) return known
  const files = accounts === 'grown' ? GROWN_FILES : FILES
  const documents = (files[pairing] ?? []).map((name) => {
    const body = structuredClone(shippedBody(name))
    for (const field of body.fields) {
      if (field.as === 'stage') field.values = stages(pairing, accounts, field.values)
    }
    VARIANTS[set](body)
    // JSON is YAML, and takes a fraction of the time to write and to read.
    return loadMapping(JSON.stringify(body), `${set}/${name}.yaml`)
  })
  loaded.set(key, documents)
  return documents
}

function stages(pairing: string, accounts: Accounts, shipped: unknown): unknown {
  if (accounts === 'new' || pairing !== 'attio-salesforce') return STAGES[pairing]
  const isThere = (word: string): boolean => RECORD_TYPES.some((type) => word.startsWith(type))
  return Object.fromEntries(
    Object.entries(shipped as Record<string, readonly string[]>).map(([status, words]) => [
      status,
      words.filter(isThere),
    ]),
  )
}

function withPolicy(body: Body, policy: string): void {
  for (const field of body.fields) {
    if (field.conflict !== 'most-recent') continue
    field.conflict = policy
    delete field.otherwise
  }
}
