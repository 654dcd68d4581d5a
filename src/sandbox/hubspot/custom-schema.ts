/** What makes a custom object: its type, its properties, and what it can be associated with (HubSpot fact sheet 16). */
import type { AssociationDefinition } from './association-types.ts'
import { objectsOf, type Call } from './call.ts'
import { customObjectProperties } from './catalogue/others.ts'
import { customType, type ObjectType } from './object-types.ts'
import type { CustomSchema, Portal } from './portal.ts'
import { addProperty, newProperty } from './property-definitions.ts'
import { invalid } from './wire.ts'

const SEARCHABLE_MAX = 20

export function typeOf(portal: Portal, schema: CustomSchema): ObjectType {
  return customType({
    typeId: schema.typeId,
    fullName: `p${portal.identity.portalId}_${schema.name}`,
    labels: schema.labels,
    required: schema.requiredProperties,
    searchable: schema.searchableProperties,
  })
}

/** Notes and tasks can be associated with every custom object. */
export function associatedTypes(portal: Portal, names: readonly string[]): ObjectType[] {
  const types = names.map((name) => portal.types.resolve(name.toLowerCase()))
  return [...new Set([...types, portal.types.byTypeId('0-46'), portal.types.byTypeId('0-27')])]
}

export function defineProperties(
  call: Call,
  type: ObjectType,
  options: { name: string; raw: unknown },
): void {
  const { portal } = call
  const groupName = `${options.name}_information`
  portal.properties.addType(type.typeId, customObjectProperties(groupName))
  try {
    for (const fields of objectsOf(options.raw)) {
      addProperty(portal, type, newProperty(call, type, { groupName, ...fields }))
    }
  } catch (error) {
    portal.properties.removeType(type.typeId)
    throw error
  }
}

export function checkNames(portal: Portal, schema: CustomSchema): void {
  const named = [
    ...schema.requiredProperties,
    ...schema.searchableProperties,
    ...schema.secondaryDisplayProperties,
    ...(schema.primaryDisplayProperty === null ? [] : [schema.primaryDisplayProperty]),
  ]
  const unknown = named.find((name) => portal.properties.find(schema.typeId, name) === undefined)
  if (unknown !== undefined) throw invalid(`Property ${unknown} does not exist`)
  if (schema.searchableProperties.length > SEARCHABLE_MAX) {
    throw invalid(`At most ${SEARCHABLE_MAX} properties can be searchable`)
  }
}

/**
 * User-defined ids start at 1 and repeat numbers of HubSpot's own types: only the category tells them apart.
 */
export function relate(
  portal: Portal,
  type: ObjectType,
  name: string,
  target: ObjectType,
): AssociationDefinition {
  const there = ++portal.counters.associationType
  const back = ++portal.counters.associationType
  return portal.associationTypes.addPair({
    category: 'USER_DEFINED',
    from: type.typeId,
    to: target.typeId,
    ids: [there, back],
    labels: [null, null],
    names: [`${name}_to_${target.singular}`, `${target.singular}_to_${name}`],
    role: 'unlabelled',
  })
}
