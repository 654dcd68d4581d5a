/** Describe results, global and per object, with the members of recorded ones (Salesforce fact sheet 8). */
import { canEdit, readableFields, type Actor } from '../actor.ts'
import type { Field } from '../catalogue/field.ts'
import type { Org } from '../org.ts'
import { MASTER_ID } from '../record-types.ts'
import type { ObjectType } from './object-type.ts'

export const USER_LAYOUT = 'UserAlt'

/** Where the user interface would be; nothing is there. */
const UI = 'https://sandbox.my.salesforce.example'

export function describeGlobal(org: Org, version: string): unknown {
  return {
    encoding: 'UTF-8',
    maxBatchSize: 200,
    sobjects: org.schema.all().map((type) => summary(type, version)),
  }
}

/** One entry of the global describe; also what `GET /sobjects/{T}` shows as `objectDescribe`. */
export function summary(type: ObjectType, version: string): Record<string, unknown> {
  const root = `/services/data/v${version}/sobjects/${type.name}`
  return { ...members(type), urls: urls(root, type) }
}

/** As recorded in global describes: what has no layout names none (Nango, v59: Account; Domain in v39). */
function urls(root: string, type: ObjectType): Record<string, string> {
  const own = { rowTemplate: `${root}/{ID}`, describe: `${root}/describe`, sobject: root }
  if (!type.definition.traits.layoutable) return own
  return {
    compactLayouts: `${root}/describe/compactLayouts`,
    approvalLayouts: `${root}/describe/approvalLayouts`,
    listviews: `${root}/listviews`,
    quickActions: `${root}/quickActions`,
    layouts: `${root}/describe/layouts`,
    ...own,
  }
}

function members(type: ObjectType): Record<string, unknown> {
  const { name, label, labelPlural, keyPrefix, custom, traits } = type.definition
  return {
    activateable: false,
    associateEntityType: null,
    associateParentEntity: null,
    createable: traits.createable,
    custom,
    customSetting: false,
    deepCloneable: traits.deepCloneable,
    deletable: traits.deletable,
    deprecatedAndHidden: false,
    feedEnabled: traits.feedEnabled,
    hasSubtypes: false,
    isInterface: false,
    isSubtype: false,
    keyPrefix,
    label,
    labelPlural,
    layoutable: traits.layoutable,
    mergeable: traits.mergeable,
    mruEnabled: traits.mruEnabled,
    name,
    queryable: true,
    replicateable: traits.replicateable,
    retrieveable: true,
    searchable: traits.searchable,
    triggerable: traits.triggerable,
    undeletable: traits.undeletable,
    updateable: traits.updateable,
  }
}

export function describeObject(
  org: Org,
  actor: Actor,
  { type, version }: { type: ObjectType; version: string },
): unknown {
  const { traits, keyPrefix, scopes } = type.definition
  const root = `/services/data/v${version}/sobjects/${type.name}`
  return {
    actionOverrides: [],
    ...members(type),
    childRelationships: childRelationships(org, type),
    compactLayoutable: traits.layoutable,
    defaultImplementation: null,
    extendedBy: null,
    extendsInterfaces: null,
    fields: readableFields(org, actor, type).map((field) => describeField(org, actor, { type, field })),
    implementedBy: null,
    implementsInterfaces: null,
    listviewable: null,
    lookupLayoutable: null,
    namedLayoutInfos: type.name === 'User' ? [namedLayout(root)] : [],
    networkScopeFieldName: null,
    recordTypeInfos: traits.layoutable ? recordTypeInfos(org, type, root) : [],
    searchLayoutable: traits.searchLayoutable,
    sobjectDescribeOption: 'FULL',
    supportedScopes: scopes.map(([name, label]) => ({ label, name })),
    urls: {
      compactLayouts: `${root}/describe/compactLayouts`,
      rowTemplate: `${root}/{ID}`,
      approvalLayouts: `${root}/describe/approvalLayouts`,
      uiDetailTemplate: `${UI}/{ID}`,
      uiEditTemplate: `${UI}/{ID}/e`,
      listviews: `${root}/listviews`,
      describe: `${root}/describe`,
      uiNewRecord: `${UI}/${keyPrefix}/e`,
      quickActions: `${root}/quickActions`,
      layouts: `${root}/describe/layouts`,
      sobject: root,
    },
  }
}

/** Users have a second layout, which Chatter shows. */
function namedLayout(root: string): unknown {
  return { name: USER_LAYOUT, urls: { layout: `${root}/describe/namedLayouts/${USER_LAYOUT}` } }
}

/** `createable` and `updateable` tell what the user may do (8). */
export function describeField(
  org: Org,
  actor: Actor,
  { type, field }: { type: ObjectType; field: Field },
): Field {
  const shown = field.name === 'CurrencyIsoCode' ? withCurrencies(field, org.settings.currencies) : field
  if (canEdit(org, actor, type, field)) return shown
  return { ...shown, createable: false, updateable: false }
}

function withCurrencies(field: Field, currencies: readonly string[]): Field {
  const picklistValues = currencies.map((value, index) => ({
    active: true,
    defaultValue: index === 0,
    label: value,
    validFor: null,
    value,
  }))
  return { ...field, picklistValues }
}

function childRelationships(org: Org, type: ObjectType): unknown[] {
  return org.schema.childrenOf(type).map(({ child, field, ...relationship }) => ({
    cascadeDelete: relationship.cascadeDelete,
    childSObject: child.name,
    deprecatedAndHidden: false,
    field: field.name,
    junctionIdListNames: [],
    junctionReferenceTo: [],
    relationshipName: relationship.relationshipName,
    restrictedDelete: relationship.restrictedDelete,
  }))
}

/** Objects without record types show only the master (8). */
export function recordTypeInfos(org: Org, type: ObjectType, root: string): unknown[] {
  const own = org.recordTypes.of(type.name)
  const info = (
    id: string,
    {
      name,
      developerName,
      isDefault,
      isMaster,
    }: { name: string; developerName: string; isDefault: boolean; isMaster: boolean },
  ): unknown => ({
    active: true,
    available: true,
    defaultRecordTypeMapping: isDefault,
    developerName,
    master: isMaster,
    name,
    recordTypeId: id,
    urls: { layout: `${root}/describe/layouts/${id}` },
  })
  return [
    ...own.map((entry) => info(entry.id, { ...entry, isMaster: false })),
    info(MASTER_ID, {
      name: 'Master',
      developerName: 'Master',
      isDefault: own.length === 0,
      isMaster: true,
    }),
  ]
}
