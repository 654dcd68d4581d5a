/**
 * Associations given with a new record, and the checks every association by type id passes (HubSpot fact
 * sheet 5.2).
 */
import type { End } from './association-store.ts'
import type { AssociationDefinition } from './association-types.ts'
import { idOf, objectsOf, scalarOf, type Json } from './call.ts'
import { typeCode } from './object-types.ts'
import type { Portal } from './portal.ts'
import { invalid, missingFields, Problem, wrongType } from './wire.ts'

/** HubSpot fact sheet 17.1. */
const CATEGORIES: readonly string[] = ['HUBSPOT_DEFINED', 'USER_DEFINED', 'INTEGRATOR_DEFINED', 'WORK']

export interface InlineAssociation {
  readonly to: End
  readonly definitions: readonly AssociationDefinition[]
}

/** The checked `associations` of a creation. */
export function inlineAssociations(portal: Portal, fromTypeId: string, raw: unknown): InlineAssociation[] {
  return objectsOf(raw).map((entry) => {
    const to = entry['to'] as Json | undefined
    if (to === undefined || to === null) throw missingFields('to')
    const definitions = associationTypes(portal, fromTypeId, entry['types'])
    const target = definitions[0]
    if (target === undefined) throw missingFields('types')
    const end = { typeId: target.to, id: idOf(to['id']) }
    if (!portal.isVisible(end)) throw missingObject(portal, end)
    // The new record has no id yet, and nothing to count.
    requireRoom(portal, { from: { typeId: fromTypeId, id: '' }, to: end }, definitions)
    return { to: end, definitions }
  })
}

/** Type ids of a body, in the right direction for records of `fromTypeId` (and to `toTypeId`, when given). */
export function associationTypes(
  portal: Portal,
  fromTypeId: string,
  raw: unknown,
  toTypeId?: string,
): AssociationDefinition[] {
  if (raw === undefined || raw === null) throw missingFields('types')
  return objectsOf(raw).map((entry) => {
    const category = categoryOf(entry)
    const id = typeIdOf(entry)
    const definition = portal.associationTypes.find(category, id)
    if (definition === undefined) throw unknownType(`${category}=${id}`)
    if (definition.from !== fromTypeId) throw wrongDirection('from', fromTypeId, definition.from)
    if (toTypeId !== undefined && definition.to !== toTypeId) {
      throw wrongDirection('to', toTypeId, definition.to)
    }
    return definition
  })
}

/** A name that is none of the categories is a value of the wrong type (5.2). */
function categoryOf(spec: Json): string {
  const category = scalarOf(spec['associationCategory'])
  if (category === '') throw missingFields('associationCategory')
  if (CATEGORIES.includes(category)) return category
  throw wrongType('AssociationSpec$AssociationCategory', `String "${category}"`)
}

/** A number, or one as text; the names of older versions are of the wrong type (5.2). */
function typeIdOf(spec: Json): number {
  const text = scalarOf(spec['associationTypeId'])
  if (text === '') throw missingFields('associationTypeId')
  if (/^\d+$/.test(text)) return Number(text)
  throw wrongType('int', `String "${text}": not a valid int value`)
}

/** Throws when a new association would exceed a limit of either end; what is there already fits. */
export function requireRoom(
  portal: Portal,
  { from, to }: { from: End; to: End },
  definitions: readonly AssociationDefinition[],
): void {
  const unlabelled = portal.associationTypes.unlabelled(from.typeId, to.typeId)
  for (const definition of unlabelled ? [unlabelled, ...definitions] : definitions) {
    if (portal.associations.hasRoom(from, to, definition)) continue
    const { category, associationTypeId } = definition
    throw invalid(
      `The limit of associations ${category}=${associationTypeId} between ${from.id} and ${to.id} is reached`,
    )
  }
}

export function missingObject(portal: Portal, end: End): Problem {
  const code = typeCode(portal.types.byTypeId(end.typeId))
  return new Problem(400, 'One or more associations are invalid', {
    context: {
      INVALID_OBJECT_IDS: [`${code}=${end.id} is not valid`],
      objectId: [end.id],
      objectType: [code],
    },
    category: 'VALIDATION_ERROR',
  })
}

function unknownType(spec: string): Problem {
  return new Problem(400, 'One or more associations are invalid', {
    context: {
      associationSpec: [spec],
      INVALID_ASSOCIATION_TYPE_ID: [`${spec} is not a valid association definition id`],
    },
    category: 'VALIDATION_ERROR',
  })
}

function wrongDirection(end: 'from' | 'to', given: string, expected: string): Problem {
  return new Problem(
    400,
    `invalid ${end} object type ${given} for associations to be created. expected: ${expected}`,
    { category: 'VALIDATION_ERROR' },
  )
}
