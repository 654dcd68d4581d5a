/**
 * Numbers: exact decimals at a declared scale, halves rounded to even. Text that is no number keeps its text,
 * so that a change of it is seen, and is never written into the other side.
 */
import type { Canonical } from '../../core/value.ts'
import { isList, type FieldValue } from '../../core/value.ts'
import { compareDecimals, formatDecimal, parseDecimal, roundHalfEven } from './decimal.ts'
import type { ElementKind } from './element.ts'
import { elementTransform } from './arrangement.ts'
import { trimmedText } from './plain-text.ts'
import { compareText, keep, onlyField, value, type Transform, type TransformSpec } from './transform.ts'

export function numberTransform(spec: TransformSpec): Transform {
  return elementTransform(numberKind(scaleOf(spec)), spec)
}

export function numberKind(scale: number | null): ElementKind {
  return {
    canonise: (raw) => canonicalNumber(raw, scale),
    fit: (canonical) =>
      typeof canonical === 'string' && parseDecimal(canonical) ? value(canonical) : keep('not a number'),
    encode: (canonical) => canonical,
    compare: compareNumbers,
  }
}

/** Decimal text at `scale`, other text as it is, null when blank. Reads the amount of a money value, too. */
export function canonicalNumber(raw: FieldValue, scale: number | null): Canonical {
  const amount = typeof raw === 'object' && raw !== null && !isList(raw) ? (raw['amount'] ?? null) : raw
  const text = trimmedText(amount)
  const decimal = text === null ? null : parseDecimal(text)
  if (!decimal) return text
  return formatDecimal(scale === null ? decimal : roundHalfEven(decimal, scale))
}

/** The declared scale, or what the coarser side keeps, or all digits. */
export function scaleOf(spec: TransformSpec): number | null {
  const kept = [onlyField(spec.left).scaleMax, onlyField(spec.right).scaleMax].filter(
    (scale) => scale !== null,
  )
  return spec.settings.scale ?? (kept.length === 0 ? null : Math.min(...kept))
}

/** By size; blank lowest, then text that is no number. */
export function compareNumbers(a: Canonical, b: Canonical): number {
  const [first, second] = [a, b].map((canonical) =>
    typeof canonical === 'string' ? parseDecimal(canonical) : null,
  )
  if (first && second) return compareDecimals(first, second)
  if (first) return 1
  if (second) return -1
  return compareText(a, b)
}
