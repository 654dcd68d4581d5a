/** What a filter may compare with: every operand checked and normalised as the stored values are. */
import { badFilter, valueNotFound } from './fault.ts'
import { dateText, parseInstant, timestampText } from './instants.ts'
import { findOption } from './parse-reference.ts'
import type { Attribute, Workspace } from './workspace.ts'

export function textOperand(input: unknown): string {
  if (typeof input !== 'string') throw badFilter('filter_error', 'Error in filter: expected a string.')
  return input
}

export const lowerCase = (input: unknown): string => textOperand(input).toLowerCase()

export function numberOperand(input: unknown): number {
  if (typeof input !== 'number') throw badFilter('filter_error', 'Error in filter: expected a number.')
  return input
}

/** Amounts may be compared with a number or its text. */
export function amountOperand(input: unknown): number {
  const value = typeof input === 'string' && input.trim() !== '' ? Number(input) : input
  return numberOperand(Number.isNaN(value) ? null : value)
}

export function booleanOperand(input: unknown): boolean {
  if (typeof input !== 'boolean') throw badFilter('filter_error', 'Error in filter: expected a boolean.')
  return input
}

export function dateOperand(input: unknown): string {
  const instant = parseInstant(textOperand(input))
  if (!instant) throw badFilter('filter_error', 'Error in filter: expected an ISO 8601 date.')
  return dateText(instant)
}

/** A filter on an instant needs both date and time. */
export function instantOperand(input: unknown): string {
  const parsed = parseInstant(textOperand(input))
  if (!parsed?.hasTime) throw badFilter('filter_error', 'Error in filter: expected a date with a time.')
  return timestampText(parsed)
}

export const nullableOperand = (input: unknown): string | null => (input === null ? null : lowerCase(input))

/** A filter on an option that does not exist fails instead of finding nothing. Code is a guess. */
export function optionIdOperand(attribute: Attribute, key: string): string {
  const archived = attribute.options.find((option) => option.id === key || option.title === key)
  const option = findOption(attribute, key) ?? archived
  if (!option) throw valueNotFound(`Cannot find ${attribute.type} attribute with title "${key}".`)
  return option.id
}

export function objectIdOperand(workspace: Workspace, key: string): string {
  const object = workspace.objects.find((each) => each.slug === key || each.id === key)
  if (!object) throw badFilter('filter_error', `Error in filter: there is no object "${key}".`)
  return object.id
}
