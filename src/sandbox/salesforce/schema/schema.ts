/** The objects and fields of an org: the standard ones, which all orgs share, and what was added here. */
import type { Field } from '../catalogue/field.ts'
import type { Children, ObjectDefinition } from '../catalogue/objects.ts'
import { ELSEWHERE, STANDARD_OBJECTS } from '../catalogue/standard.ts'
import { notFound, notModelled } from '../wire.ts'
import { objectType, type ObjectType } from './object-type.ts'

/** Records of `child` point to the parent through `field`. */
export interface ChildRelationship extends Children {
  readonly child: ObjectType
  readonly field: Field
}

/** Custom fields of one object, and changed standard ones; with what their parents call the children. */
interface Customisation {
  fields: Field[]
  children: Record<string, Children>
}

/** What decides which optional fields exist. */
export interface Features {
  multiCurrency(): boolean
  addressCodes(): boolean
  hasRecordTypes(object: string): boolean
}

const STANDARD = new Map(STANDARD_OBJECTS.map((definition) => [definition.name.toLowerCase(), definition]))

export class Schema {
  private readonly features: Features
  private readonly customObjects = new Map<string, ObjectDefinition>()
  private readonly customisations = new Map<string, Customisation>()
  private readonly types = new Map<string, { readonly key: string; readonly type: ObjectType }>()
  private childrenCache: {
    readonly key: string
    readonly byParent: Map<string, ChildRelationship[]>
  } | null = null
  /** Rises with every change of a definition. */
  version = 0

  constructor(features: Features) {
    this.features = features
  }

  find(name: string): ObjectType | undefined {
    const definition = this.definition(name)
    return definition && this.typeOf(definition)
  }

  /** The object of a path segment: unknown names are 404, objects that are only missing here 501. */
  require(name: string): ObjectType {
    const type = this.find(name)
    if (type !== undefined) return type
    if (ELSEWHERE.has(name.toLowerCase())) throw notModelled(`The object ${name}`)
    throw notFound()
  }

  /** The object with exactly this name; for names that come from the schema itself. */
  type(name: string): ObjectType {
    const type = this.find(name)
    if (type === undefined) throw new Error(`No object ${name}`)
    return type
  }

  byPrefix(keyPrefix: string): ObjectType | undefined {
    for (const definition of this.definitions()) {
      if (definition.keyPrefix === keyPrefix) return this.typeOf(definition)
    }
    return undefined
  }

  /** By name, as the global describe lists them. */
  all(): ObjectType[] {
    return [...this.definitions()]
      .map((definition) => this.typeOf(definition))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
  }

  childrenOf(type: ObjectType): readonly ChildRelationship[] {
    const key = this.stateKey()
    if (this.childrenCache?.key !== key) this.childrenCache = { key, byParent: this.relateAll() }
    return this.childrenCache.byParent.get(type.name) ?? []
  }

  /** Adds a field, or replaces the one with its name. `children`: how its parents see the records. */
  putField(object: string, field: Field, children?: Children): void {
    const own = this.customisation(object)
    const index = own.fields.findIndex(({ name }) => name === field.name)
    if (index < 0) own.fields.push(field)
    else own.fields[index] = field
    if (children) own.children[field.name] = children
    this.version++
  }

  removeField(object: string, name: string): void {
    const own = this.customisation(object)
    own.fields = own.fields.filter((field) => field.name !== name)
    this.version++
  }

  addObject(definition: ObjectDefinition): void {
    this.customObjects.set(definition.name.toLowerCase(), definition)
    this.version++
  }

  /** The first free key prefix for custom objects: `a00`, `a01` … (fact sheet 8). */
  nextKeyPrefix(): string {
    return `a${String(this.customObjects.size).padStart(2, '0')}`
  }

  save(): unknown {
    const { version } = this
    return { objects: [...this.customObjects.values()], customisations: [...this.customisations], version }
  }

  load(saved: unknown): void {
    const state = saved as {
      objects: ObjectDefinition[]
      customisations: [string, Customisation][]
      version: number
    }
    this.customObjects.clear()
    this.customisations.clear()
    for (const definition of state.objects) this.customObjects.set(definition.name.toLowerCase(), definition)
    for (const [object, own] of state.customisations) this.customisations.set(object, own)
    this.version = state.version
    this.types.clear()
    this.childrenCache = null
  }

  private definition(name: string): ObjectDefinition | undefined {
    const key = name.toLowerCase()
    const definition = STANDARD.get(key) ?? this.customObjects.get(key)
    // Currencies are objects only where there are several (17).
    return definition?.name === 'CurrencyType' && !this.features.multiCurrency() ? undefined : definition
  }

  private *definitions(): Iterable<ObjectDefinition> {
    for (const definition of STANDARD_OBJECTS) {
      if (this.definition(definition.name)) yield definition
    }
    yield* this.customObjects.values()
  }

  private typeOf(definition: ObjectDefinition): ObjectType {
    const { name } = definition
    const multiCurrency = this.features.multiCurrency()
    const addressCodes = this.features.addressCodes()
    const recordTypes = this.features.hasRecordTypes(name)
    const key = `${this.version}/${multiCurrency}/${addressCodes}/${recordTypes}`
    const cached = this.types.get(name)
    if (cached?.key === key) return cached.type
    const own = this.customisations.get(name)
    const type = objectType(definition, {
      multiCurrency,
      addressCodes,
      recordTypes,
      fields: own?.fields ?? [],
      children: own?.children ?? {},
    })
    this.types.set(name, { key, type })
    return type
  }

  private stateKey(): string {
    const flags = [...this.definitions()].map(({ name }) => (this.features.hasRecordTypes(name) ? '1' : '0'))
    return `${this.version}/${this.features.multiCurrency()}/${this.features.addressCodes()}/${flags.join('')}`
  }

  private relateAll(): Map<string, ChildRelationship[]> {
    const byParent = new Map<string, ChildRelationship[]>()
    for (const child of this.all()) {
      for (const field of child.fields) {
        for (const parent of field.referenceTo) {
          const children = child.children[field.name] ?? UNNAMED
          const known = byParent.get(parent)
          if (known) known.push({ ...children, child, field })
          else byParent.set(parent, [{ ...children, child, field }])
        }
      }
    }
    return byParent
  }

  private customisation(object: string): Customisation {
    let own = this.customisations.get(object)
    if (own === undefined) this.customisations.set(object, (own = { fields: [], children: {} }))
    return own
  }
}

const UNNAMED: Children = { relationshipName: null, cascadeDelete: false, restrictedDelete: false }
