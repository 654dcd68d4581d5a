/**
 * References between records, compared as the links (pairs of records) they point at, so that ids of the two
 * CRMs never mix. A target without a link yet is *pending*: it is nobody's business on the other side, it
 * survives writes, and as soon as it is linked it reads as a change and travels.
 */
import type { Restored, SideContext, SideRule } from '../../core/rules.ts'
import { toSet } from '../../core/sets.ts'
import { isList, type Canonical, type FieldValue } from '../../core/value.ts'
import type { FieldShape } from '../field-shape.ts'
import { elementsOf } from './element.ts'
import { rawElements } from './plain-text.ts'
import { keep, lens, onlyField, rawValue, value, type Transform, type TransformSpec } from './transform.ts'

export function referenceTransform(spec: TransformSpec): Transform {
  const left = onlyField(spec.left)
  const right = onlyField(spec.right)
  if (left.multiple === true && right.multiple === true) {
    return lens(spec, {
      left: manySide(left),
      right: manySide(right),
      shape: 'elements',
      isReference: true,
      forward: (source, _current, context) => storable(source, right, context.right),
      backward: (source, _current, context) => storable(source, left, context.left),
    })
  }
  return lens(spec, {
    left: oneSide(left),
    right: oneSide(right),
    isReference: true,
    forward: (source, current, context) => restoreOne(source, current, right, context.right),
    backward: (source, current, context) => restoreOne(source, current, left, context.left),
  })
}

function restoreOne(
  source: Canonical,
  current: Canonical,
  target: FieldShape,
  context: SideContext,
): Restored {
  if (isPending(current)) return keep('the other side points at a record without a link')
  if (source === null) return value(null)
  if (isPending(source)) return keep('pending: the record pointed at has no link yet')
  return storable(source, target, context)
}

/** Links are only given to the vendor when their record exists on that side. */
function storable(source: Canonical, target: FieldShape, context: SideContext): Restored {
  const isMissing = elementsOf(source).some((link) => recordOf(link, target, context) === null)
  return isMissing
    ? keep('pending: the record pointed at does not exist on the other side yet')
    : value(source)
}

interface Target {
  readonly object: string
  readonly id: string
}

function oneSide(field: FieldShape): SideRule {
  return {
    fields: [field.name],
    channel: field.channel,
    read: (values, context) => {
      const [target] = targetsIn(rawValue(values, field))
      if (!target) return null
      return context.linkOf(target.object, target.id) ?? { pending: `${target.object}/${target.id}` }
    },
    write: (target, _current, context) => {
      // Only where it was before: what an overwritten or undone reference pointed at comes back to its own side.
      const pending = pendingTarget(target)
      if (pending) return { [field.name]: [toJson(pending)] }
      return {
        [field.name]: elementsOf(target)
          .flatMap((link) => recordOf(link, field, context) ?? [])
          .map(toJson),
      }
    },
  }
}

function manySide(field: FieldShape): SideRule {
  return {
    fields: [field.name],
    channel: field.channel,
    read: (values, context) =>
      toSet(
        targetsIn(rawValue(values, field))
          .map((target) => context.linkOf(target.object, target.id))
          .filter((link) => link !== null),
      ),
    write: (target, current, context) => {
      const wanted = elementsOf(target)
      const present = targetsIn(rawValue(current, field)).map((record) => ({
        record,
        link: context.linkOf(record.object, record.id),
      }))
      const staying = present.filter(({ link }) => link === null || wanted.includes(link))
      const added = wanted
        .filter((link) => !staying.some((one) => one.link === link))
        .flatMap((link) => recordOf(link, field, context) ?? [])
      return { [field.name]: [...staying.map(({ record }) => record), ...added].map(toJson) }
    },
  }
}

function recordOf(link: Canonical, field: FieldShape, context: SideContext): Target | null {
  if (typeof link !== 'string') return null
  for (const object of field.targets) {
    const id = context.recordOf(object, link)
    if (id !== null) return { object, id }
  }
  return null
}

function targetsIn(raw: FieldValue): readonly Target[] {
  return rawElements(raw).flatMap((element) => {
    if (typeof element !== 'object' || element === null || isList(element)) return []
    const { object, id } = element
    return typeof object === 'string' && typeof id === 'string' ? [{ object, id }] : []
  })
}

function toJson({ object, id }: Target): FieldValue {
  return { object, id }
}

function isPending(canonical: Canonical): boolean {
  return pendingTarget(canonical) !== null
}

function pendingTarget(canonical: Canonical): Target | null {
  if (typeof canonical !== 'object' || canonical === null || isList(canonical)) return null
  const { pending } = canonical
  if (typeof pending !== 'string') return null
  const end = pending.lastIndexOf('/')
  return { object: pending.slice(0, end), id: pending.slice(end + 1) }
}
