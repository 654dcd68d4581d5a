/**
 * What the connector remembers of an account while it runs: property definitions (to know what a text on the
 * wire means) and association types. Both change rarely; a field that is not known yet makes it look again.
 */
import { readAssociationTypes, type AssociationType } from './association-calls.ts'
import { readProperties, type PropertyDefinition } from './catalogue-calls.ts'
import type { HubSpotClient } from './client.ts'
import { findType, standardType, type Edge } from './edges.ts'
import { canonicalObject } from './objects.ts'
import { valueKind, type ValueKind } from './values.ts'

export type Definitions = ReadonlyMap<string, PropertyDefinition>

export interface Catalogue {
  /** Reads the definitions of an object now, and remembers them. */
  load(object: string): Promise<Definitions>
  /** What is remembered, without a request; null before the first look. */
  known(object: string): Definitions | null
  /** How to read the values of these properties. */
  kinds(object: string, properties: readonly string[]): Promise<(property: string) => ValueKind>
  /** Forgets an object, after the account turned out to have changed. */
  forget(object: string): void
  loadAssociationTypes(from: string, to: string): Promise<readonly AssociationType[]>
  /** The type that writing an edge needs; null when the account has no such label. */
  associationType(from: string, edge: Edge): Promise<AssociationType | null>
}

export function createCatalogue(client: HubSpotClient): Catalogue {
  const definitions = new Map<string, Definitions>()
  /** Properties that were looked for and do not exist, so that they are not looked for again with every read. */
  const absent = new Map<string, Set<string>>()
  const types = new Map<string, readonly AssociationType[]>()

  const load = async (object: string): Promise<Definitions> => {
    const listed = await readProperties(client, object)
    const byName = new Map(listed.map((definition) => [definition.name, definition]))
    definitions.set(canonicalObject(object), byName)
    absent.set(canonicalObject(object), new Set())
    return byName
  }

  const loadAssociationTypes = async (from: string, to: string): Promise<readonly AssociationType[]> => {
    const listed = await readAssociationTypes(client, from, to)
    types.set(`${from}>${to}`, listed)
    return listed
  }

  return {
    load,
    loadAssociationTypes,

    known: (object) => definitions.get(canonicalObject(object)) ?? null,

    forget(object) {
      definitions.delete(canonicalObject(object))
    },

    async kinds(object, properties) {
      if (properties.length === 0) return () => valueKind(undefined)
      let byName = definitions.get(canonicalObject(object)) ?? (await load(object))
      const unknown = () => properties.filter((property) => !byName.has(property))
      if (unknown().some((property) => !absent.get(canonicalObject(object))?.has(property))) {
        byName = await load(object)
        absent.set(canonicalObject(object), new Set(unknown()))
      }
      return (property) => valueKind(byName.get(property))
    },

    async associationType(from, edge) {
      const standard = standardType(from, edge)
      if (standard) return standard
      const remembered = types.get(`${from}>${edge.to}`) ?? []
      return findType(edge, remembered) ?? findType(edge, await loadAssociationTypes(from, edge.to))
    },
  }
}
