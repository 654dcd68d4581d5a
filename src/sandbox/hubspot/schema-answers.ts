/** Schemas of objects as answers print them, HubSpot's own and custom ones (HubSpot fact sheet 16). */
import type { AssociationDefinition } from './association-types.ts'
import { typeCode, type ObjectType } from './object-types.ts'
import type { CustomSchema, Portal } from './portal.ts'
import { printProperty } from './property-definitions.ts'
import { instant } from './wire.ts'

/** What the user interface shows of a record: one property in the title, the others below it. */
const DISPLAYED: Readonly<Record<string, readonly [string, ...string[]]>> = {
  contacts: ['firstname', 'lastname', 'email', 'phone'],
  companies: ['name', 'domain', 'phone'],
  deals: ['dealname', 'amount', 'dealstage', 'closedate'],
  tickets: ['subject', 'hs_pipeline_stage', 'createdate'],
  notes: ['hs_note_body', 'hs_timestamp'],
  tasks: ['hs_task_subject', 'hs_timestamp'],
}

/** Most associations of a record per type, unless somebody configures fewer (recorded). */
const ASSOCIATIONS_MAX = 10_000

export function printStandardSchema(portal: Portal, type: ObjectType): unknown {
  const [primary, ...secondary] = DISPLAYED[type.plural] ?? ['hs_object_id']
  return {
    labels: {
      singular: type.label,
      plural: type.plural.charAt(0).toUpperCase() + type.plural.slice(1),
    },
    requiredProperties: [],
    searchableProperties: type.searched,
    primaryDisplayProperty: primary,
    secondaryDisplayProperties: secondary,
    archived: false,
    restorable: true,
    metaType: 'HUBSPOT',
    id: type.typeId.slice(2),
    fullyQualifiedName: typeCode(type),
    createdAt: instant(0),
    updatedAt: instant(0),
    createdByUserId: null,
    updatedByUserId: null,
    objectTypeId: type.typeId,
    properties: printProperties(portal, type.typeId),
    associations: printAssociations(portal, type.typeId),
    name: typeCode(type),
  }
}

export function printSchema(portal: Portal, schema: CustomSchema): unknown {
  return {
    labels: schema.labels,
    requiredProperties: schema.requiredProperties,
    searchableProperties: schema.searchableProperties,
    primaryDisplayProperty: schema.primaryDisplayProperty,
    secondaryDisplayProperties: schema.secondaryDisplayProperties,
    archived: schema.archivedAt !== null,
    restorable: true,
    metaType: 'PORTAL_SPECIFIC',
    id: schema.typeId.slice(2),
    fullyQualifiedName: `p${portal.identity.portalId}_${schema.name}`,
    createdAt: instant(schema.createdAt),
    updatedAt: instant(schema.updatedAt),
    objectTypeId: schema.typeId,
    properties: printProperties(portal, schema.typeId),
    associations: printAssociations(portal, schema.typeId),
    name: schema.name,
  }
}

function printProperties(portal: Portal, typeId: string): unknown[] {
  return [...portal.properties.list(typeId)]
    .filter(({ definition }) => definition.archived !== true)
    .map(({ definition }) => printProperty(definition))
}

/** Both directions of every type between this object and the others. */
function printAssociations(portal: Portal, typeId: string): unknown[] {
  const { associationTypes } = portal
  return [...portal.types.all()].flatMap((target) => {
    const there = associationTypes.between(typeId, target.typeId)
    const back = target.typeId === typeId ? [] : associationTypes.between(target.typeId, typeId)
    return [...there, ...back].map(printAssociation)
  })
}

export function printAssociation(definition: AssociationDefinition): Record<string, unknown> {
  return {
    fromObjectTypeId: definition.from,
    toObjectTypeId: definition.to,
    name: definition.category === 'HUBSPOT_DEFINED' ? definition.name.toUpperCase() : definition.name,
    cardinality: 'ONE_TO_MANY',
    inverseCardinality: 'ONE_TO_MANY',
    hasUserEnforcedMaxToObjectIds: false,
    hasUserEnforcedMaxFromObjectIds: false,
    maxToObjectIds: ASSOCIATIONS_MAX,
    maxFromObjectIds: ASSOCIATIONS_MAX,
    id: String(definition.associationTypeId),
    createdAt: null,
    updatedAt: null,
  }
}
