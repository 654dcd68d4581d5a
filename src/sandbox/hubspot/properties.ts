/** The property definitions and groups of every object type, and what follows from them for values. */
import type { PropertyDefinition } from './catalogue/define.ts'
import { standardGroups, STANDARD_PROPERTIES, type PropertyGroup } from './catalogue/standard.ts'

/** A definition, with what a write wants to know quickly. */
export interface Property {
  readonly definition: PropertyDefinition
  readonly readOnly: boolean
  readonly options: ReadonlySet<string>
  /** False for properties that reads know and the properties API does not list (12.1). */
  readonly listed: boolean
}

interface Catalogue {
  readonly properties: Map<string, Property>
  readonly groups: Map<string, PropertyGroup>
}

/** Properties a customer may mark unique, per object (8). */
export const UNIQUE_PROPERTIES_MAX = 10

/**
 * What every portal begins with, by type id and name. All portals share it, as a definition is never changed but
 * replaced by another one: opening a portal takes a quarter of the time.
 */
const STANDARD: ReadonlyMap<string, ReadonlyMap<string, Property>> = new Map(
  Object.entries(STANDARD_PROPERTIES).map(([typeId, definitions]) => [typeId, byName(definitions)]),
)

const STAGE_DATE = /^hs_v2_(?:date_entered|date_exited|time_in)_(.+)$/

export class Properties {
  private readonly byType = new Map<string, Catalogue>()
  private readonly hasStage: (typeId: string, stageId: string) => boolean

  constructor(hasStage: (typeId: string, stageId: string) => boolean) {
    this.hasStage = hasStage
    for (const [typeId, properties] of STANDARD) {
      const groups = standardGroups(STANDARD_PROPERTIES[typeId] ?? [])
      this.byType.set(typeId, { properties: new Map(properties), groups: groupsByName(groups) })
    }
  }

  addType(typeId: string, definitions: readonly PropertyDefinition[]): void {
    const groups = groupsByName(standardGroups(definitions))
    this.byType.set(typeId, { properties: byName(definitions), groups })
  }

  removeType(typeId: string): void {
    this.byType.delete(typeId)
  }

  /** A property that is not archived; stage timestamps exist for every stage without being defined. */
  find(typeId: string, name: string): Property | undefined {
    const found = this.catalogue(typeId).properties.get(name)
    if (found !== undefined) return found.definition.archived === true ? undefined : found
    const stage = STAGE_DATE.exec(name)?.[1]
    if (stage === undefined) return undefined
    return stage === 'current_stage' || this.hasStage(typeId, stage) ? STAGE_DATE_PROPERTY : undefined
  }

  /** Archived ones too. */
  findAny(typeId: string, name: string): Property | undefined {
    return this.catalogue(typeId).properties.get(name)
  }

  list(typeId: string): Iterable<Property> {
    return this.catalogue(typeId).properties.values()
  }

  put(typeId: string, definition: PropertyDefinition): void {
    this.catalogue(typeId).properties.set(definition.name, property(definition))
  }

  groups(typeId: string): Map<string, PropertyGroup> {
    return this.catalogue(typeId).groups
  }

  /** The names of these that exist, sorted and without repeats: what a read answers. */
  known(typeId: string, names: Iterable<string>): string[] {
    const known = new Set<string>()
    for (const name of names) if (this.find(typeId, name) !== undefined) known.add(name)
    return [...known].sort()
  }

  /** Customer-made unique properties. */
  uniqueNames(typeId: string): string[] {
    return [...this.list(typeId)]
      .filter(({ definition }) => isCustomUnique(definition))
      .map(({ definition }) => definition.name)
  }

  save(): unknown {
    return [...this.byType].map(([typeId, catalogue]) => ({
      typeId,
      definitions: [...catalogue.properties].map(([name, entry]) =>
        STANDARD.get(typeId)?.get(name) === entry ? name : entry.definition,
      ),
      groups: [...catalogue.groups.values()],
    }))
  }

  load(saved: unknown): void {
    this.byType.clear()
    for (const { typeId, definitions, groups } of saved as {
      typeId: string
      /** The name alone where it is the standard one. */
      definitions: (string | PropertyDefinition)[]
      groups: PropertyGroup[]
    }[]) {
      const properties = new Map<string, Property>()
      for (const each of definitions) {
        const entry = typeof each === 'string' ? standard(typeId, each) : property(each)
        properties.set(entry.definition.name, entry)
      }
      this.byType.set(typeId, { properties, groups: groupsByName(groups) })
    }
  }

  private catalogue(typeId: string): Catalogue {
    let catalogue = this.byType.get(typeId)
    if (catalogue === undefined) {
      catalogue = { properties: new Map(), groups: new Map() }
      this.byType.set(typeId, catalogue)
    }
    return catalogue
  }
}

/** `hs_unique_creation_key` and a contact's `email` are unique too, and not of the customer's making (8). */
function isCustomUnique(definition: PropertyDefinition): boolean {
  return definition.hasUniqueValue && definition.archived !== true && definition.hubspotDefined !== true
}

function standard(typeId: string, name: string): Property {
  const found = STANDARD.get(typeId)?.get(name)
  if (found === undefined) throw new Error(`no portal has ${name} of ${typeId} from the start`)
  return found
}

function byName(definitions: readonly PropertyDefinition[]): Map<string, Property> {
  return new Map(definitions.map((definition) => [definition.name, property(definition)]))
}

function groupsByName(groups: readonly PropertyGroup[]): Map<string, PropertyGroup> {
  return new Map(groups.map((group) => [group.name, group]))
}

function property(definition: PropertyDefinition): Property {
  return {
    definition,
    readOnly: definition.calculated || definition.modificationMetadata.readOnlyValue,
    options: new Set(definition.options.map((option) => option.value)),
    listed: true,
  }
}

const STAGE_DATE_PROPERTY: Property = {
  definition: {
    name: '',
    label: '',
    type: 'datetime',
    fieldType: 'date',
    description: '',
    groupName: '',
    options: [],
    displayOrder: -1,
    calculated: true,
    externalOptions: false,
    hasUniqueValue: false,
    hidden: false,
    modificationMetadata: { archivable: false, readOnlyDefinition: true, readOnlyValue: true },
    formField: false,
    dataSensitivity: 'non_sensitive',
  },
  readOnly: true,
  options: new Set(),
  listed: false,
}
