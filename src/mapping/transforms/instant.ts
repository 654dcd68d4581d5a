/**
 * Points in time, in UTC, at a declared precision. Attio prints nine decimals and HubSpot three, so
 * milliseconds are the finest both can agree on; digits below the precision are dropped, not rounded.
 */
import type { ElementKind } from './element.ts'
import { elementTransform } from './arrangement.ts'
import { dayOf, instantText, readInstantMs } from './calendar.ts'
import { trimmedText } from './plain-text.ts'
import { keep, value, type Transform, type TransformSpec } from './transform.ts'

const STEP_MS = { millisecond: 1, second: 1000, minute: 60_000 } as const

export function instantTransform(spec: TransformSpec): Transform {
  return elementTransform(instantKind(STEP_MS[spec.settings.precision ?? 'millisecond']), spec)
}

function instantKind(stepMs: number): ElementKind {
  return {
    canonise: (raw) => {
      const text = trimmedText(raw)
      const ms = text === null ? null : readInstantMs(text)
      return (ms === null ? null : instantText(Math.floor(ms / stepMs) * stepMs)) ?? text
    },
    fit: (canonical, target) => {
      const ms = typeof canonical === 'string' ? readInstantMs(canonical) : null
      if (ms === null) return keep('not a point in time')
      if (target.type !== 'date') return value(canonical)
      return isMidnight(ms) ? value(canonical) : keep('a date field cannot hold the time of day')
    },
    encode: (canonical, field) =>
      field.type === 'date' && typeof canonical === 'string' ? canonical.slice(0, 10) : canonical,
  }
}

function isMidnight(ms: number): boolean {
  const day = dayOf(ms)
  return day !== null && readInstantMs(day) === ms
}
