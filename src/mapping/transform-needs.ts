/** What each transform needs of an entry before any schema is looked at: numbers of fields and settings. */
import type { FieldEntry, TransformName } from './document.ts'
import type { ResolvedField } from './resolve.ts'
import { DEFAULT_PARTS } from './transforms/location.ts'

export interface Misfit {
  readonly message: string
  readonly hint: string
}

/** How many fields each side may list: a person's name is one or two, a stage is one and two. */
const ARITY: Readonly<Partial<Record<TransformName, { readonly left: number; readonly right: number }>>> = {
  'person-name': { left: 2, right: 2 },
  money: { left: 2, right: 2 },
  emails: { left: 1, right: 2 },
  email: { left: 1, right: 2 },
  phones: { left: 1, right: 2 },
  phone: { left: 1, right: 2 },
  domains: { left: 1, right: 2 },
  domain: { left: 1, right: 2 },
}

/** Why the listed fields cannot be one value of this transform; null when they can. */
export function arityProblem({ spec, transform, entry }: ResolvedField): Misfit | null {
  const { left, right } = spec
  if (transform === 'stage') {
    return left.length === 1 && right.length === 2
      ? null
      : {
          message: 'a stage is one field on the left and two on the right',
          hint: 'write for example right: [pipeline, dealstage]',
        }
  }
  if (transform === 'location') {
    const parts = entry.parts ?? DEFAULT_PARTS
    const fits = [left, right].every(
      (side) => side.length === parts.length || (side.length === 1 && side[0]?.type === 'location'),
    )
    return fits
      ? null
      : {
          message: `an address here has ${parts.length} parts: ${parts.join(', ')}`,
          hint: 'list one field per part in this order, or name the parts with parts: [...]',
        }
  }
  if (hasPrimary(transform) && right.length > 1 && left[0]?.multiple !== true) {
    return {
      message: `${right.map((field) => field.name).join(' and ')} hold several values, ${left[0]?.name ?? 'left'} holds one`,
      hint: 'map the first of them only',
    }
  }
  const limit = ARITY[transform] ?? { left: 1, right: 1 }
  if (left.length <= limit.left && right.length <= limit.right) return null
  const most = `at most ${limit.left} on the left and ${limit.right} on the right`
  return {
    message: `\`as: ${transform}\` takes ${most}, this entry lists ${left.length} and ${right.length}`,
    hint: 'map the fields in entries of their own',
  }
}

/** Transforms whose single side stands for the first of several values: its right side may list the others beside it. */
export function hasPrimary(transform: TransformName): boolean {
  return /^(email|phone|domain)s?$/.test(transform)
}

type Setting = 'values' | 'region' | 'scale' | 'precision' | 'currency' | 'parts' | 'fallback'

/** Settings that only some transforms look at; on any other they would silently do nothing. */
const READ_BY: Readonly<Record<Setting, readonly TransformName[]>> = {
  values: ['option', 'options', 'stage'],
  region: ['phone', 'phones'],
  scale: ['number', 'money'],
  precision: ['instant'],
  currency: ['money'],
  parts: ['location'],
  fallback: ['user'],
}

/** Settings of an entry that its transform never looks at. */
export function idleSettings(
  entry: FieldEntry,
  transform: TransformName,
): readonly (Misfit & { setting: Setting })[] {
  return SETTINGS.filter(
    (setting) => entry[setting] !== undefined && !READ_BY[setting].includes(transform),
  ).map((setting) => ({
    setting,
    message: `\`${setting}\` means nothing to \`as: ${transform}\``,
    hint: `it belongs to ${READ_BY[setting].join(', ')}; remove it or name the transform with \`as\``,
  }))
}

const SETTINGS: readonly Setting[] = [
  'values',
  'region',
  'scale',
  'precision',
  'currency',
  'parts',
  'fallback',
]
