/**
 * Paths of filters and sorts: from a record through record references to the values of one attribute. Attio
 * fact sheet 9.4 and 9.5.
 */
import { AttioFault, badFilter } from './fault.ts'
import { valuesIn } from './render.ts'
import type { View } from './render.ts'
import type { StoredValue } from './value.ts'
import { isShown, lookUpAttribute, lookUpObject } from './workspace.ts'
import type { Attribute, ObjectType, StoredRecord, Workspace } from './workspace.ts'

export function listIn(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw badFilter('filter_error', 'Error in filter: expected an array.')
  return value
}

/** `path` leads through a filter to the key, as the live answer does; null where there is no such way. */
export const unknownSlug = (key: string, path: readonly string[] | null): AttioFault =>
  new AttioFault(400, 'unknown_filter_attribute_slug', `Unknown attribute slug: ${key}.`, { path })

export function attributeOf(
  workspace: Workspace,
  object: ObjectType,
  key: string,
  path: readonly string[] | null = null,
): Attribute {
  const attribute = lookUpAttribute(object, key)
  const isKnown = attribute && (attribute.isPseudo || isShown(workspace, attribute))
  if (!isKnown || attribute.isArchived) throw unknownSlug(key, path)
  return attribute
}

/** The attributes a path goes through: every hop but the last must be a record reference. */
export function resolvePath(workspace: Workspace, object: ObjectType, path: unknown): readonly Attribute[] {
  const hops = listIn(path).map((hop) => {
    const [objectKey, attributeKey] = listIn(hop)
    if (typeof objectKey !== 'string' || typeof attributeKey !== 'string') {
      throw badFilter('filter_error', 'Error in filter: a path is made of pairs of object and attribute.')
    }
    const target = placeNamed(workspace, objectKey, object)
    if (!target) throw badFilter('filter_error', `Error in filter: there is no object "${objectKey}".`)
    return { target, attribute: attributeOf(workspace, target, attributeKey) }
  })
  hops.forEach(({ target, attribute }, index) => {
    const previous = hops[index - 1]?.attribute
    const isReachable = previous ? previous.allowedObjectIds?.includes(target.id) : target === object
    const isLast = index === hops.length - 1
    if (!isReachable || (!isLast && attribute.type !== 'record-reference')) {
      throw badFilter('filter_error', `Error in filter: the path cannot go through "${attribute.slug}".`)
    }
  })
  if (hops.length === 0) throw badFilter('filter_error', 'Error in filter: the path is empty.')
  return hops.map((hop) => hop.attribute)
}

/** An object or a list; where both have the same name, the first step is in what is being queried. */
const placeNamed = (workspace: Workspace, key: string, queried: ObjectType): ObjectType | undefined =>
  key === queried.slug || key === queried.id ? queried : lookUpObject(workspace, key)

/** The records at the end of all but the last hop, then the values of the last. */
export function valuesAlong(
  workspace: Workspace,
  options: { attributes: readonly Attribute[]; record: StoredRecord; view: View },
): readonly StoredValue[] {
  const { attributes, view } = options
  let records: readonly StoredRecord[] = [options.record]
  for (const attribute of attributes.slice(0, -1)) {
    records = records.flatMap((record) =>
      valuesIn(view, record, attribute.id).flatMap(({ data }) =>
        data.kind === 'record-reference' ? (workspace.records.get(data.recordId) ?? []) : [],
      ),
    )
  }
  const last = attributes.at(-1)
  return last ? records.flatMap((record) => valuesIn(view, record, last.id)) : []
}
