/**
 * Layouts as a new org has them: one page per object with all its fields, the system's own compact layout, and no
 * approval layouts. People rearrange them in the user interface, which is not modelled.
 */
import { readableFields, type Actor } from '../actor.ts'
import type { Field } from '../catalogue/field.ts'
import type { Org } from '../org.ts'
import { nameFieldOf, type ObjectType } from '../schema/object-type.ts'
import { describeField, recordTypeInfos } from '../schema/describe.ts'

interface Subject {
  readonly type: ObjectType
  readonly version: string
}

export function layouts(org: Org, actor: Actor, { type, version }: Subject): unknown {
  const root = rootOf(type, version)
  const infos = recordTypeInfos(org, type, root) as readonly Record<string, unknown>[]
  return {
    layouts: [layout(org, actor, type)],
    recordTypeMappings: infos.map((info) => ({ ...info, layoutId: null, picklistsForRecordType: [] })),
    recordTypeSelectorRequired: [infos.length > 2],
  }
}

/** The standard layout has no id, as long as nobody has changed it. */
export function layout(org: Org, actor: Actor, type: ObjectType): Record<string, unknown> {
  const fields = readableFields(org, actor, type).filter(({ type: kind }) => kind !== 'id')
  const section = (shown: readonly Field[]): unknown => ({
    collapsed: false,
    columns: 1,
    heading: `${type.definition.label} Information`,
    layoutRows: shown.map((field) => ({
      layoutItems: [layoutItem(org, actor, { type, field })],
      numItems: 1,
    })),
    layoutSectionId: null,
    parentLayoutId: null,
    rows: shown.length,
    tabOrder: 'LeftToRight',
    useCollapsibleSection: false,
    useHeading: true,
  })
  return {
    buttonLayoutSection: { detailButtons: [] },
    detailLayoutSections: [section(fields)],
    editLayoutSections: [section(fields.filter(({ createable, updateable }) => createable || updateable))],
    feedView: null,
    highlightsPanelLayoutSection: null,
    id: null,
    multirowEditLayoutSections: [],
    offlineLinks: [],
    quickActionList: { quickActionListItems: [] },
    relatedContent: null,
    relatedLists: [],
    saveOptions: [],
  }
}

/** The system's own, which shows the name. */
export function compactLayout(org: Org, actor: Actor, type: ObjectType): Record<string, unknown> {
  const name = nameFieldOf(type)
  return {
    actions: [],
    fieldItems: name === undefined ? [] : [layoutItem(org, actor, { type, field: name })],
    id: null,
    imageItems: [],
    label: 'System Default',
    name: 'SYSTEM',
    objectType: type.name,
  }
}

export function compactLayouts(org: Org, actor: Actor, { type, version }: Subject): unknown {
  const root = rootOf(type, version)
  return {
    compactLayouts: [compactLayout(org, actor, type)],
    defaultCompactLayoutId: null,
    recordTypeCompactLayoutMappings: (
      recordTypeInfos(org, type, root) as readonly Record<string, unknown>[]
    ).map(({ available, recordTypeId, name: recordTypeName }) => ({
      available,
      compactLayoutId: null,
      compactLayoutName: 'SYSTEM',
      recordTypeId,
      recordTypeName,
      urls: { compactLayout: `${root}/describe/compactLayouts/${String(recordTypeId)}` },
    })),
    urls: { primary: `${root}/describe/compactLayouts/primary` },
  }
}

function layoutItem(
  org: Org,
  actor: Actor,
  { type, field }: { type: ObjectType; field: Field },
): Record<string, unknown> {
  const details = describeField(org, actor, { type, field })
  return {
    editableForNew: details.createable,
    editableForUpdate: details.updateable,
    label: details.label,
    layoutComponents: [{ details, displayLines: 1, tabOrder: 0, type: 'Field', value: details.name }],
    placeholder: false,
    required: details.createable && !details.nillable && !details.defaultedOnCreate,
  }
}

function rootOf(type: ObjectType, version: string): string {
  return `/services/data/v${version}/sobjects/${type.name}`
}
