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

const STAGE_DATE = /^hs_v2_(date_entered|date_exited|time_in)_/

export class Properties {
  private readonly byType = new Map<string, Catalogue>()

  constructor() {
    for (const [typeId, definitions] of Object.entries(STANDARD_PROPERTIES)) this.addType(typeId, definitions)
  }

  addType(typeId: string, definitions: readonly PropertyDefinition[]): void {
    const groups = standardGroups(definitions)
    const catalogue: Catalogue = {
      properties: new Map(definitions.map((definition) => [definition.name, property(definition)])),
      groups: new Map(groups.map((group) => [group.name, group])),
    }
    this.byType.set(typeId, catalogue)
  }

  removeType(typeId: string): void {
    this.byType.delete(typeId)
  }

  /** A property that is not archived; stage timestamps exist for every stage without being defined. */
  find(typeId: string, name: string): Property | undefined {
    const found = this.catalogue(typeId).properties.get(name)
    if (found !== undefined) return found.definition.archived === true ? undefined : found
    return STAGE_DATE.test(name) ? STAGE_DATE_PROPERTY : undefined
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
      definitions: [...catalogue.properties.values()].map((entry) => entry.definition),
      groups: [...catalogue.groups.values()],
    }))
  }

  load(saved: unknown): void {
    this.byType.clear()
    for (const entry of saved as {
      typeId: string
      definitions: PropertyDefinition[]
      groups: PropertyGroup[]
    }[]) {
      this.addType(entry.typeId, entry.definitions)
      const groups = this.groups(entry.typeId)
      groups.clear()
      for (const group of entry.groups) groups.set(group.name, group)
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
export function isCustomUnique(definition: PropertyDefinition): boolean {
  return definition.hasUniqueValue && definition.archived !== true && definition.hubspotDefined !== true
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
