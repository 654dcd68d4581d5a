/**
 * Association fields: `association:companies` holds every associated company, `association:companies/primary`
 * and `association:contacts/Decision maker` those with that label. A label exists per direction, so its type
 * id depends on which object the record is (HubSpot fact sheet 17).
 */
import type { AssociationType } from './association-calls.ts'
import { canonicalObject } from './objects.ts'

export interface Edge {
  /** The field's name. */
  readonly field: string
  /** The associated object, as the mapping spells it. */
  readonly to: string
  /** Null for all associated records; `primary`, or the text of a user's label. */
  readonly label: string | null
}

const PREFIX = 'association:'

export function edgeName(to: string, label: string | null): string {
  return label === null ? `${PREFIX}${to}` : `${PREFIX}${to}/${label}`
}

/** Null when the field is a property. */
export function parseEdge(field: string): Edge | null {
  if (!field.startsWith(PREFIX)) return null
  const [to = '', ...label] = field.slice(PREFIX.length).split('/')
  return { field, to, label: label.length === 0 ? null : label.join('/') }
}

export function splitFields(fields: readonly string[]): { properties: string[]; edges: Edge[] } {
  const edges = fields.flatMap((field) => parseEdge(field) ?? [])
  return { properties: fields.filter((field) => parseEdge(field) === null), edges }
}

export function isPrimary(edge: Edge): boolean {
  return edge.label?.toLowerCase() === 'primary'
}

/** `from>to` → type ids of HubSpot's own relations: unlabelled, primary (HubSpot fact sheet 17.2). */
const STANDARD_TYPES: Readonly<Record<string, readonly [number, number?]>> = {
  'contacts>companies': [279, 1],
  'companies>contacts': [280, 2],
  'deals>contacts': [3],
  'contacts>deals': [4],
  'deals>companies': [341, 5],
  'companies>deals': [342, 6],
  'tickets>contacts': [16],
  'contacts>tickets': [15],
  'tickets>companies': [339, 26],
  'companies>tickets': [340, 25],
  'deals>tickets': [27],
  'tickets>deals': [28],
  'contacts>contacts': [449],
  'companies>companies': [450],
  'deals>deals': [451],
  'tickets>tickets': [452],
  'notes>contacts': [202],
  'notes>companies': [190],
  'notes>deals': [214],
  'notes>tickets': [228],
  'contacts>notes': [201],
  'companies>notes': [189],
  'deals>notes': [213],
  'tickets>notes': [227],
  'tasks>contacts': [204],
  'tasks>companies': [192],
  'tasks>deals': [216],
  'tasks>tickets': [230],
  'contacts>tasks': [203],
  'companies>tasks': [191],
  'deals>tasks': [215],
  'tickets>tasks': [229],
  'leads>contacts': [608, 578],
  'leads>companies': [610, 580],
}

/** The type of an edge where it is the same in every account; null: the account has to be asked. */
export function standardType(from: string, edge: Edge): AssociationType | null {
  const ids = STANDARD_TYPES[`${canonicalObject(from)}>${canonicalObject(edge.to)}`]
  const typeId = edge.label === null ? ids?.[0] : isPrimary(edge) ? ids?.[1] : undefined
  return typeId === undefined ? null : { category: 'HUBSPOT_DEFINED', typeId, label: edge.label }
}

/** Whether an association of this type belongs to the edge, on the side of the record that has the edge. */
export function belongsTo(from: string, edge: Edge, type: AssociationType): boolean {
  if (edge.label === null) return true
  const standard = standardType(from, edge)
  if (standard) return type.category === standard.category && type.typeId === standard.typeId
  return type.label !== null && sameLabel(type.label, edge.label)
}

/** The type that writing the edge needs, out of those the account has between the two objects. */
export function findType(edge: Edge, types: readonly AssociationType[]): AssociationType | null {
  const label = edge.label
  if (label !== null) {
    return types.find((type) => type.label !== null && sameLabel(type.label, label)) ?? null
  }
  return types.find((type) => type.label === null) ?? null
}

/** People write a label as they read it in HubSpot, give or take case and punctuation. */
function sameLabel(a: string, b: string): boolean {
  return plain(a) === plain(b)
}

function plain(label: string): string {
  return label
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}
