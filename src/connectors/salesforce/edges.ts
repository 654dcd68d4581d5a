/**
 * People take part in opportunities by records of their own, OpportunityContactRole (Salesforce fact sheet 18). To the
 * engine that is an association of the opportunity, as `association:Contact`, `association:Contact/<role>` for those
 * with that role, and `association:Contact/primary` for the primary one.
 */
import type { FieldSchema } from '../../core/schema.ts'
import type { RecordId } from '../../core/record.ts'
import type { FieldValue, FieldValues } from '../../core/value.ts'
import { textIn, type Json } from './wire.ts'

export const ROLES = 'OpportunityContactRole'
/** The object that has the edges, and what its subqueries call them. */
export const EDGE_OWNER = 'Opportunity'
export const ROLES_RELATIONSHIP = 'OpportunityContactRoles'
export const ROLE_COLUMNS = ['Id', 'OpportunityId', 'ContactId', 'Role', 'IsPrimary'] as const

const TARGET = 'Contact'
const NAME = /^association:Contact(?:\/(.+))?$/

export interface Edge {
  readonly field: string
  /** Null: whatever role they have. */
  readonly label: string | null
}

export interface RoleRow {
  readonly id: RecordId
  readonly opportunity: RecordId
  readonly contact: RecordId
  readonly role: string | null
  readonly isPrimary: boolean
}

export function parseEdge(field: string): Edge | null {
  const match = NAME.exec(field)
  return match ? { field, label: match[1] ?? null } : null
}

export function splitFields(fields: readonly string[]): { plain: readonly string[]; edges: readonly Edge[] } {
  return {
    plain: fields.filter((field) => parseEdge(field) === null),
    edges: fields.flatMap((field) => parseEdge(field) ?? []),
  }
}

export function isPrimaryEdge({ label }: Edge): boolean {
  return label?.toLowerCase() === 'primary'
}

export function belongsTo(edge: Edge, row: RoleRow): boolean {
  if (edge.label === null) return true
  return isPrimaryEdge(edge) ? row.isPrimary : sameRole(row.role, edge.label)
}

/** People write a role as they read it in Salesforce, give or take capitals. */
function sameRole(role: string | null, label: string): boolean {
  return role?.trim().toLowerCase() === label.trim().toLowerCase()
}

export function roleOf(row: Json): RoleRow {
  return {
    id: textIn(row, 'Id') ?? '',
    opportunity: textIn(row, 'OpportunityId') ?? '',
    contact: textIn(row, 'ContactId') ?? '',
    role: textIn(row, 'Role'),
    isPrimary: row['IsPrimary'] === true,
  }
}

/** Values of the edge fields of one record: each contact once, in whatever order. */
export function edgeValues(edges: readonly Edge[], rows: readonly RoleRow[]): FieldValues {
  return Object.fromEntries(
    edges.map((edge): [string, FieldValue] => {
      const contacts = new Set(rows.filter((row) => belongsTo(edge, row)).map(({ contact }) => contact))
      return [edge.field, [...contacts].toSorted().map((id) => ({ object: TARGET, id }))]
    }),
  )
}

export function edgeSchemas(roles: readonly string[]): readonly FieldSchema[] {
  return [
    edgeSchema(`association:${TARGET}`, 'Contact roles', true),
    edgeSchema(`association:${TARGET}/primary`, 'Primary contact', false),
    ...roles.map((role) => edgeSchema(`association:${TARGET}/${role}`, `Contact roles (${role})`, true)),
  ]
}

function edgeSchema(name: string, label: string, multiple: boolean): FieldSchema {
  return {
    name,
    label,
    type: 'reference',
    multiple,
    readOnly: false,
    required: false,
    unique: false,
    options: null,
    lengthMax: null,
    scaleMax: null,
    targets: [TARGET],
    channel: 'edge',
    nativeType: ROLES,
  }
}
