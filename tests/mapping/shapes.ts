/** Field shapes, specs and look-ups for transform tests. */
import type { SideContext } from '../../src/core/rules.ts'
import type { FieldType } from '../../src/core/schema.ts'
import type { FieldShape } from '../../src/mapping/field-shape.ts'
import type { TransformSpec } from '../../src/mapping/transforms/transform.ts'

export function shape(name: string, type: FieldType, more: Partial<FieldShape> = {}): FieldShape {
  return {
    name,
    type,
    multiple: false,
    readOnly: false,
    required: false,
    options: null,
    targets: [],
    scaleMax: null,
    channel: 'value',
    isKnown: true,
    ...more,
  }
}

export function many(name: string, type: FieldType, more: Partial<FieldShape> = {}): FieldShape {
  return shape(name, type, { multiple: true, ...more })
}

export function spec(
  left: FieldShape | readonly FieldShape[],
  right: FieldShape | readonly FieldShape[],
  settings: TransformSpec['settings'] = {},
): TransformSpec {
  return { left: [left].flat(), right: [right].flat(), settings }
}

/** Two users known on both sides; records share their id across sides when it starts with `linked`. */
export function lookUps(side: 'left' | 'right'): SideContext {
  const users: Record<string, string> = {
    [`${side}-ada`]: 'ada@example.com',
    [`${side}-grace`]: 'grace@example.com',
    ...(side === 'left' ? { 'left-only': 'lone@example.com' } : {}),
  }
  return {
    userEmail: (id) => (Object.hasOwn(users, id) ? (users[id] ?? null) : null),
    userId: (email) => Object.keys(users).find((id) => users[id] === email) ?? null,
    tokenOwner: () => `${side}-grace`,
    linkOf: (_object, id) => (id.startsWith('linked') ? `link-${id}` : null),
    recordOf: (_object, link) => (link.startsWith('link-') ? link.slice('link-'.length) : null),
  }
}

export const CONTEXT = { left: lookUps('left'), right: lookUps('right') }
