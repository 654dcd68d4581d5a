/** What one property accepts and what it stores (HubSpot fact sheet 5.3 and 11). `''` always clears. */
import type { ObjectType } from './object-types.ts'
import type { Portal } from './portal.ts'
import type { Property } from './properties.ts'
import { instant, invalid, wrongType } from './wire.ts'

export interface ValueFault {
  readonly code: string
  readonly message: string
  readonly value?: string
}

export type StoredValue =
  { readonly kind: 'value'; readonly value: string } | { readonly kind: 'fault'; readonly fault: ValueFault }

const TEXT_MAX = 65_536
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
const WHOLE = /^-?\d+$/
const ISO_WITH_ZONE = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/i
const DAY = /^\d{4}-\d{2}-\d{2}$/
const DAY_MS = 86_400_000
const EMAIL = /^[^\s@<>(),;:"[\]\\]+@[^\s@<>(),;:"[\]\\.]+(\.[^\s@<>(),;:"[\]\\.]+)+$/

/**
 * The text of a JSON value: numbers and booleans are accepted and kept as text. `null` is not documented as
 * a way to clear (`""` is), so this model refuses it, as it does lists and objects.
 */
export function textOf(raw: unknown): string {
  if (typeof raw === 'string') return raw
  if (typeof raw === 'number' || typeof raw === 'boolean') return String(raw)
  throw wrongType(
    'java.lang.String',
    raw === null ? 'null' : Array.isArray(raw) ? 'Array value' : 'Object value',
  )
}

/** `current` is what the record holds: a leading `;` adds to it. */
export function storedValue(
  portal: Portal,
  type: ObjectType,
  property: Property,
  raw: string,
  current: string | undefined,
): StoredValue {
  const { definition } = property
  // Blanks around a value are trimmed at least for some properties (11): here for all.
  const text = raw.replaceAll('\r\n', '\n').trim()
  if (text === '') return value('')
  if (text.length > TEXT_MAX) {
    return fault('INVALID_LENGTH', `The value is longer than ${TEXT_MAX} characters`)
  }
  switch (definition.type) {
    case 'number':
      return DECIMAL.test(text)
        ? value(text)
        : fault('INVALID_INTEGER', `${text} was not a valid number`, text)
    case 'date':
      return storedDate(text)
    case 'datetime':
      return storedInstant(text)
    case 'bool':
      return ['true', 'false'].includes(text)
        ? value(text)
        : fault('INVALID_OPTION', optionMessage(text, ['true', 'false']), text)
    case 'enumeration':
      return definition.fieldType === 'checkbox'
        ? storedSet(portal, type, property, text, current)
        : storedOption(portal, type, property, text)
    case 'phone_number':
      return value(text)
    case 'string':
      if (definition.name === 'email') return storedEmail(text)
      return value(definition.fieldType === 'html' ? sanitized(text) : text)
  }
}

/** Values an enumeration takes now: stages, currencies and owners come from elsewhere in the portal. */
function allowedValues(portal: Portal, type: ObjectType, property: Property): readonly string[] {
  const { definition } = property
  const pipelines = portal.pipelines.list(type.typeId)
  if (definition.name === type.pipelineProperty) return pipelines.map((pipeline) => pipeline.id)
  if (definition.name === type.stageProperty) {
    return pipelines.flatMap((pipeline) => pipeline.stages.map((stage) => stage.id))
  }
  if (definition.name === 'deal_currency_code') {
    return [portal.settings.companyCurrency, ...portal.settings.additionalCurrencies]
  }
  if (definition.referencedObjectType === 'OWNER') {
    // Whether a write may name an owner who left is undocumented; refusing is the stricter reading.
    return [...portal.owners.all()].filter((owner) => !owner.archived).map((owner) => owner.id)
  }
  return definition.options.map((option) => option.value)
}

function storedOption(portal: Portal, type: ObjectType, property: Property, text: string): StoredValue {
  if (property.options.has(text)) return value(text)
  const allowed = allowedValues(portal, type, property)
  if (allowed.includes(text)) return value(text)
  return fault('INVALID_OPTION', optionMessage(text, optionBlocks(property) ?? allowed), text)
}

/** `a;b;c`: a plain list replaces, a leading `;` appends (11). */
function storedSet(
  portal: Portal,
  type: ObjectType,
  property: Property,
  text: string,
  current: string | undefined,
): StoredValue {
  const wanted = text.split(';').filter((option) => option !== '')
  if (property.definition.name === 'hs_additional_emails') {
    const wrong = wanted.find((entry) => !EMAIL.test(entry.trim()))
    if (wrong !== undefined) return fault('INVALID_EMAIL', `Email address ${wrong} is invalid`, wrong)
  } else {
    for (const option of wanted) {
      const checked = storedOption(portal, type, property, option)
      if (checked.kind === 'fault') return checked
    }
  }
  const kept = text.startsWith(';') && current !== undefined ? current.split(';') : []
  return value([...new Set([...kept, ...wanted])].join(';'))
}

function storedEmail(text: string): StoredValue {
  if (!EMAIL.test(text)) return fault('INVALID_EMAIL', `Email address ${text} is invalid`, text)
  return value(text.toLowerCase())
}

function storedDate(text: string): StoredValue {
  if (DAY.test(text)) {
    const ms = Date.parse(text)
    // `2026-02-30` parses in no calendar, `2026-02-31` in some parsers: the printed day must be the same.
    if (!Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text)) return value(text)
    return fault('INVALID_DATE', `${text} was not a valid date.`, text)
  }
  const ms = parsedInstant(text)
  if (ms === null) return fault('INVALID_DATE', `${text} was not a valid date.`, text)
  if (ms % DAY_MS !== 0) {
    const time = new Date(ms).toISOString().slice(11, 19)
    return fault('INVALID_DATE', `${ms} is at ${time}.0 UTC, not midnight!`, text)
  }
  return value(new Date(ms).toISOString().slice(0, 10))
}

function storedInstant(text: string): StoredValue {
  const ms = DAY.test(text) ? Date.parse(text) : parsedInstant(text)
  if (ms === null || Number.isNaN(ms)) return fault('INVALID_LONG', `${text} was not a valid long.`, text)
  return value(instant(ms))
}

/** Epoch milliseconds of a number or of ISO text with a zone; null otherwise. */
function parsedInstant(text: string): number | null {
  const ms = WHOLE.test(text) ? Number(text) : ISO_WITH_ZONE.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) || Math.abs(ms) > 8.64e15 ? null : ms
}

/** A search value of a date or datetime property, as epoch milliseconds. */
export function searchInstant(text: string): number {
  const ms = DAY.test(text) ? Date.parse(text) : parsedInstant(text)
  if (ms === null || Number.isNaN(ms)) throw invalid(`${text} was not a valid long.`)
  return ms
}

const WRAPPER = '<div style="" dir="auto" data-top-level="true">'

/**
 * Plain text stays as it is (recorded). Of markup, scripts and handlers are removed and the rest is wrapped
 * (19): what comes back is not what was sent.
 */
function sanitized(text: string): string {
  const clean = text
    .replace(/<(script|style|iframe)\b[\s\S]*?<\/\1>/gi, '')
    .replace(/\son\w+=("[^"]*"|'[^']*')/gi, '')
  if (!/<[a-z]/i.test(clean) || clean.startsWith(WRAPPER)) return clean
  return `${WRAPPER}${clean}</div>`
}

/** Defined options are listed as blocks, options from elsewhere as plain values (5.3). */
function optionBlocks(property: Property): string[] | null {
  const { options } = property.definition
  if (options.length === 0) return null
  return options.map(
    (option) =>
      `label: "${option.label}"\nvalue: "${option.value}"\ndisplay_order: ${option.displayOrder}\nhidden: ${option.hidden}\nread_only: false\n`,
  )
}

function optionMessage(text: string, options: readonly string[]): string {
  return `${text} was not one of the allowed options: [${options.join(', ')}]`
}

function value(text: string): StoredValue {
  return { kind: 'value', value: text }
}

function fault(code: string, message: string, text?: string): StoredValue {
  return { kind: 'fault', fault: { code, message, ...(text !== undefined && { value: text }) } }
}
