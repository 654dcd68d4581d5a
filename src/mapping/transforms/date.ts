/** Calendar days. A time of day, where a side has one, is read as its UTC day (Attio fact sheet 8.1). */
import type { ElementKind } from './element.ts'
import { elementTransform } from './arrangement.ts'
import { dayOf, isDay, readInstantMs } from './calendar.ts'
import { trimmedText } from './plain-text.ts'
import { keep, value, type Transform, type TransformSpec } from './transform.ts'

const dateKind: ElementKind = {
  canonise: (raw) => {
    const text = trimmedText(raw)
    if (text === null || isDay(text)) return text
    const ms = readInstantMs(text)
    return (ms === null ? null : dayOf(ms)) ?? text
  },
  fit: (canonical) =>
    typeof canonical === 'string' && isDay(canonical) ? value(canonical) : keep('not a calendar day'),
  encode: (canonical, field) =>
    field.type === 'instant' && typeof canonical === 'string' ? `${canonical}T00:00:00.000Z` : canonical,
}

export function dateTransform(spec: TransformSpec): Transform {
  return elementTransform(dateKind, spec)
}
