/**
 * Owners: users of the two CRMs are the same person when their e-mail address is the same. A user whose
 * address is unknown (deactivated, queue, not in the look-up) is a value of its own: it is compared, and
 * never written to the other side.
 *
 * `fallback` names who stands in on the other side: `leave` nobody, `token-owner` the user behind our
 * credential, or a person by address. It never replaces an owner who is already there; it fills an empty
 * field, also when the source has no owner and the target must have one (Attio deals: Attio fact sheet 17.3).
 */
import type { Both } from '../../core/record.ts'
import type { Restored, SideContext, SideRule } from '../../core/rules.ts'
import { isEqual, isList, type Canonical } from '../../core/value.ts'
import type { FieldShape } from '../field-shape.ts'
import { isAddress } from './email.ts'
import { rawElements, trimmedText } from './plain-text.ts'
import { keep, lens, onlyField, rawValue, value, type Transform, type TransformSpec } from './transform.ts'

export function userTransform(spec: TransformSpec): Transform {
  const left = onlyField(spec.left)
  const right = onlyField(spec.right)
  const fallback = spec.settings.fallback ?? 'leave'
  // Two blanks still leave something to do where an owner is required and somebody can stand in.
  const mustHaveOwner = fallback !== 'leave' && (left.required || right.required)

  const restore = (
    source: Canonical,
    current: Canonical,
    target: FieldShape,
    context: SideContext,
  ): Restored => {
    if (source === null && !target.required) return value(null)
    if (isAddress(source) && context.userId(source) !== null) return value(source)
    const reason = source === null ? 'an owner is required' : 'the owner is not a user of the other side'
    return current === null ? standIn(fallback, context, reason) : keep(reason)
  }
  return lens(spec, {
    left: userSide(left),
    right: userSide(right),
    agree: (a, b) => isEqual(a, b) && !(mustHaveOwner && a === null),
    forward: (source, current, context: Both<SideContext>) => restore(source, current, right, context.right),
    backward: (source, current, context: Both<SideContext>) => restore(source, current, left, context.left),
  })
}

function standIn(
  fallback: NonNullable<TransformSpec['settings']['fallback']>,
  context: SideContext,
  reason: string,
): Restored {
  if (fallback === 'leave') return keep(reason)
  if (fallback === 'token-owner') {
    const owner = context.tokenOwner()
    return owner === null
      ? keep(`${reason}, and the owner of the token is unknown`)
      : value(userOf(owner, context))
  }
  const address = fallback.toLowerCase()
  return context.userId(address) === null
    ? keep(`${reason}, and the fallback is no user of it either`)
    : value(address)
}

/** A user with a known address by address, any other by id. Takes either. */
function userOf(owner: string, context: SideContext): Canonical {
  const address = isAddress(owner) ? owner.toLowerCase() : context.userEmail(owner)
  return address !== null && context.userId(address) !== null ? address : { user: owner }
}

function userSide(field: FieldShape): SideRule {
  return {
    fields: [field.name],
    channel: field.channel,
    read: (values, context) => {
      const id = trimmedText(rawElements(rawValue(values, field))[0] ?? null)
      return id === null ? null : (context.userEmail(id) ?? { user: id })
    },
    write: (target, _current, context) => {
      const id = userId(target, context)
      return { [field.name]: field.multiple === true ? rawElements(id) : id }
    },
  }
}

function userId(target: Canonical, context: SideContext): string | null {
  if (typeof target === 'string') return context.userId(target)
  if (target === null || typeof target !== 'object' || isList(target)) return null
  const id = target['user']
  return typeof id === 'string' ? id : null
}
