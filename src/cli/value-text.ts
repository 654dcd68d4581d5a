/** What a CRM holds, as a person reads it. */
import { canonicalText, isBlank, isList, type Canonical } from '../core/value.ts'

/** Names carry their parts and the whole; the whole is what people read. */
const WHOLE = 'full_name'

export function valueText(value: Canonical): string {
  if (isBlank(value)) return '(empty)'
  if (typeof value === 'string') return oneLine(value)
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (isList(value)) return value.map(valueText).join(', ')
  return membersText(value as Readonly<Record<string, Canonical>>)
}

function membersText(value: Readonly<Record<string, Canonical>>): string {
  const filled = Object.entries(value).filter(([, member]) => !isBlank(member ?? null))
  const [only] = filled
  if (only && filled.length === 1) return valueText(only[1])
  if (typeof value['object'] === 'string' && typeof value['id'] === 'string') {
    return `${value['object']} ${value['id']}`
  }
  if (typeof value['amount'] === 'string') {
    return [value['amount'], value['currency']].filter((part) => typeof part === 'string').join(' ')
  }
  if (typeof value[WHOLE] === 'string') return oneLine(value[WHOLE])
  const texts = filled.map(([, member]) => member)
  return texts.every((member) => typeof member === 'string')
    ? texts.map(oneLine).join(' ')
    : canonicalText(value)
}

/** A CRM's time for people, without the digits below the millisecond; two edits may lie within one second. */
export function instantText(at: string): string {
  return at.replace(/^([\d-]+)T([\d:]+)(\.\d{1,3})?\d*Z$/, '$1 $2$3 UTC')
}

/** What somebody typed into a CRM is shown, never obeyed: control characters would move a terminal's cursor. */
export function oneLine(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/\p{Cc}/gu, '')
    .trim()
}
