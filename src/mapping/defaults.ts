/**
 * What a new record gets in fields that nothing else fills, because the vendor insists on a value. A text that stands in
 * for nothing is not a value of anybody's: it reads as blank, so that it never travels, and it is what clearing such a
 * field stores.
 */
import type { ObjectRules, SideRule } from '../core/rules.ts'
import type { Side } from '../core/record.ts'
import { isBlank, type FieldValue, type FieldValues } from '../core/value.ts'
import type { MappingBody } from './document.ts'
import type { FieldShape } from './field-shape.ts'
import { dayOf } from './transforms/calendar.ts'

const DAY_MS = 86_400_000
const IN_DAYS = /^in (\d{1,5}) days?$/

/** Days from now; null for a word that is the value itself. */
export function daysAhead(word: string): number | null {
  const days = IN_DAYS.exec(word)?.[1]
  return days === undefined ? null : Number(days)
}

export function defaultsOf(body: MappingBody, side: Side): Readonly<Record<string, string>> {
  return body.defaults?.[side] ?? {}
}

/** The values of a record that is created at `nowMs`. */
export function creationDefaults(
  body: MappingBody,
  side: Side,
  shapeOf: (name: string) => FieldShape | undefined,
): ObjectRules['defaults'][Side] {
  const entries = Object.entries(defaultsOf(body, side))
  return (nowMs) =>
    Object.fromEntries(
      entries.map(([name, word]): [string, FieldValue] => [name, valueOf(word, shapeOf(name), nowMs)]),
    )
}

function valueOf(word: string, shape: FieldShape | undefined, nowMs: number): FieldValue {
  const days = daysAhead(word)
  const day = days === null ? null : dayOf(nowMs + days * DAY_MS)
  const text = day === null ? word : shape?.type === 'instant' ? `${day}T00:00:00.000Z` : day
  return shape?.type === 'boolean' ? text === 'true' : text
}

/** Texts that stand in for nothing, by field. */
export type StandIns = Readonly<Record<string, string>>

export function standInsOf(body: MappingBody, side: Side, shapes: readonly FieldShape[]): StandIns {
  const texts = new Set(shapes.flatMap(({ name, type }) => (type === 'text' ? [name] : [])))
  const defaults = Object.entries(defaultsOf(body, side))
  return Object.fromEntries(defaults.filter(([name, word]) => texts.has(name) && daysAhead(word) === null))
}

/** The same values, with blanks where something only stands in for them. */
export function withoutStandIns(values: FieldValues, standIns: StandIns): FieldValues {
  const hidden = Object.entries(standIns).flatMap(([name, word]) => {
    const value = values[name]
    return typeof value === 'string' && value.trim() === word ? [[name, null] as const] : []
  })
  return hidden.length === 0 ? values : { ...values, ...Object.fromEntries(hidden) }
}

/** A side whose blanks are stored as what stands in for them. */
export function withStandIns(rule: SideRule, all: StandIns): SideRule {
  const standIns = Object.fromEntries(Object.entries(all).filter(([name]) => rule.fields.includes(name)))
  if (Object.keys(standIns).length === 0) return rule
  return {
    ...rule,
    read: (values, context) => rule.read(withoutStandIns(values, standIns), context),
    write: (target, current, context) => {
      const written = rule.write(target, current, context)
      const filled = Object.entries(standIns).filter(
        ([name]) => name in written && isBlank(written[name] ?? null),
      )
      return { ...written, ...Object.fromEntries(filled) }
    },
  }
}
