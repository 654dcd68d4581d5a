/**
 * The draft of a write: checks everything and changes nothing. A single write is atomic, and so is a batch
 * without trace ids: all drafts are made before the first commit (HubSpot fact sheet 5.3).
 */
import { typeCode, type ObjectType } from './object-types.ts'
import type { Portal } from './portal.ts'
import type { Source, StoredRecord, Values } from './record-store.ts'
import { storedValue, textOf, type ValueFault } from './values.ts'
import { conflict, invalid, missingFields, Problem, wrongType } from './wire.ts'

export interface Intent {
  readonly type: ObjectType
  /** Null to create. */
  readonly record: StoredRecord | null
  readonly properties: unknown
  readonly source: Source
  /** Rules that bind only the API: lifecycle forward, ignored properties. */
  readonly viaApi: boolean
  /** Version 2026-09 also checks the fields of the create form (2). */
  readonly checksForm: boolean
}

export interface PropertyFault extends ValueFault {
  readonly name: string
}

export interface Draft {
  readonly intent: Intent
  readonly next: Record<string, string>
  readonly sent: ReadonlySet<string>
}

export type Prepared =
  | { readonly kind: 'ready'; readonly draft: Draft }
  | { readonly kind: 'faulty'; readonly faults: readonly PropertyFault[] }
  | { readonly kind: 'refused'; readonly problem: Problem }

/** Unique values that drafts of the same batch already took: `property/value` → what took it. */
export type Claims = Map<string, unknown>

export function prepareWrite(portal: Portal, intent: Intent, claims: Claims = new Map()): Prepared {
  const { type, record } = intent
  const faults: PropertyFault[] = []
  const next: Record<string, string> = { ...record?.values }
  const sent = new Set<string>()
  for (const [name, raw] of propertyEntries(intent.properties)) {
    sent.add(name)
    const text = textOf(raw)
    const property = portal.properties.find(type.typeId, name)
    if (property === undefined) {
      const message = `Property "${name}" does not exist`
      faults.push({ name, code: 'PROPERTY_DOESNT_EXIST', message })
    } else if (property.readOnly) {
      const message = `"${name}" is a calculated/read only property; its value cannot be set.`
      faults.push({ name, code: 'READ_ONLY_VALUE', message, value: text })
    } else if (!isIgnored(portal, intent, name)) {
      const stored = storedValue(portal, type, property, text, record?.values[name])
      if (stored.kind === 'fault') faults.push({ name, ...stored.fault })
      else if (stored.value === '') delete next[name]
      else next[name] = stored.value
    }
  }
  keepLifecycleForward(portal, intent, next)
  faults.push(...placeInPipeline(portal, intent, next, sent))
  faults.push(...blockedEmail(portal, intent, next))
  if (faults.length > 0) return { kind: 'faulty', faults }

  const incomplete = record === null ? missingRequired(portal, intent, next) : null
  if (incomplete !== null) return { kind: 'refused', problem: incomplete }
  const taken = takenValue(portal, intent, next, claims)
  if (taken !== null) return taken
  return { kind: 'ready', draft: { intent, next, sent } }
}

/** Prepares one write on its own; throws what is wrong with it. */
export function prepareSingle(portal: Portal, intent: Intent): Draft {
  const prepared = prepareWrite(portal, intent)
  if (prepared.kind === 'faulty') throw invalidProperties(portal, prepared.faults)
  if (prepared.kind === 'refused') throw prepared.problem
  return prepared.draft
}

/** All invalid properties at once; the JSON in the message repeats the list (5.3). */
export function invalidProperties(portal: Portal, faults: readonly PropertyFault[]): Problem {
  const listed = faults.map((fault) => ({
    isValid: false,
    message: fault.message,
    error: fault.code,
    name: fault.name,
    localizedErrorMessage: fault.message,
    ...(fault.value !== undefined && { propertyValue: fault.value }),
    portalId: portal.identity.portalId,
  }))
  return new Problem(400, `Property values were not valid: ${JSON.stringify(listed)}`, {
    errors: faults.map((fault) => ({
      message: fault.message,
      code: fault.code,
      context: { propertyName: [fault.name] },
    })),
    category: 'VALIDATION_ERROR',
  })
}

function propertyEntries(properties: unknown): [string, unknown][] {
  if (properties === undefined || properties === null) throw missingFields('properties')
  if (typeof properties !== 'object' || Array.isArray(properties)) {
    throw wrongType('java.util.LinkedHashMap', Array.isArray(properties) ? 'Array value' : 'scalar value')
  }
  return Object.entries(properties)
}

/** Some portals take a written `hs_additional_emails`, others drop it without a word (8). */
function isIgnored(portal: Portal, intent: Intent, name: string): boolean {
  return name === 'hs_additional_emails' && intent.viaApi && portal.settings.additionalEmails === 'ignored'
}

/** An address on the block list makes no contact any more (18.2); as what it is refused is not documented. */
function blockedEmail(portal: Portal, { type, record }: Intent, next: Values): PropertyFault[] {
  const { email } = next
  if (type.plural !== 'contacts' || email === undefined || email === record?.values['email']) return []
  if (!portal.blockedEmails.has(email)) return []
  return [
    { name: 'email', code: 'INVALID_EMAIL', message: `Email address ${email} is invalid`, value: email },
  ]
}

/** The API moves the lifecycle stage forward only; a step back succeeds and changes nothing (14). */
function keepLifecycleForward(portal: Portal, intent: Intent, next: Record<string, string>): void {
  const current = intent.record?.values['lifecyclestage']
  const wanted = next['lifecyclestage']
  if (!intent.viaApi || current === undefined || wanted === undefined || current === wanted) return
  const options = portal.properties.find(intent.type.typeId, 'lifecyclestage')?.definition.options ?? []
  const rank = (stage: string) => options.findIndex((option) => option.value === stage)
  if (rank(wanted) < rank(current)) next['lifecyclestage'] = current
}

/**
 * A stage belongs to exactly one pipeline; without a pipeline the default one is assumed (13). A deal created
 * without a stage has none (recorded), though the sheet puts it into the default pipeline (7.5).
 */
function placeInPipeline(
  portal: Portal,
  { type, record }: Intent,
  next: Record<string, string>,
  sent: ReadonlySet<string>,
): PropertyFault[] {
  const { pipelineProperty, stageProperty } = type
  if (pipelineProperty === null || stageProperty === null) return []
  if (record !== null && !sent.has(pipelineProperty) && !sent.has(stageProperty)) return []
  if (record === null) {
    const first = portal.pipelines.first(type.typeId)
    if (first !== undefined) next[pipelineProperty] ??= first.id
  }
  // Never set, or required and reported as missing; clearing a stage is another matter.
  if (next[stageProperty] === undefined && record?.values[stageProperty] === undefined) return []
  const pipeline = portal.pipelines.find(type.typeId, next[pipelineProperty] ?? '')
  const stages = pipeline?.stages.map((stage) => stage.id) ?? []
  const stage = next[stageProperty] ?? ''
  // An invalid pipeline is reported as such already; the text for a foreign stage is not documented.
  if (pipeline === undefined || stages.includes(stage)) return []
  const message = `${stage} was not one of the allowed options: [${stages.join(', ')}]`
  return [{ name: stageProperty, code: 'INVALID_OPTION', message, value: stage }]
}

function missingRequired(portal: Portal, intent: Intent, next: Values): Problem | null {
  const { type } = intent
  const form = intent.checksForm ? (portal.settings.createFormFields[type.plural] ?? []) : []
  const missing = [...type.required, ...form].filter((name) => next[name] === undefined)
  const nothing =
    type.requiredOneOf.length > 0 && type.requiredOneOf.every((name) => next[name] === undefined)
  if (nothing) missing.push(...type.requiredOneOf)
  if (missing.length === 0) return null
  return invalid(`Error creating ${typeCode(type)}. Some required properties were not set.`, {
    properties: missing,
  })
}

/** Unique values held by another record, or by an earlier draft of the same batch. */
function takenValue(
  portal: Portal,
  { type, record }: Intent,
  next: Record<string, string>,
  claims: Claims,
): Prepared | null {
  const me = record ?? next
  const mine: string[] = []
  for (const property of portal.records.uniqueProperties(type.typeId)) {
    for (const value of wantedUniqueValues(property, next)) {
      const key = `${property}/${value}`
      const holder = portal.records.holder(type.typeId, property, value)
      const other = holder !== undefined && holder !== record
      const claimed = claims.has(key) && claims.get(key) !== me
      if (other || claimed) return collision(property, value, type, other ? holder.id : null)
      mine.push(key)
    }
  }
  for (const key of mine) claims.set(key, me)
  return null
}

function wantedUniqueValues(property: string, next: Record<string, string>): string[] {
  if (property !== 'email') return next[property] === undefined ? [] : [next[property].toLowerCase()]
  const email = next['email']
  const additional = next['hs_additional_emails']?.toLowerCase().split(';') ?? []
  // A secondary address that becomes the primary one is no longer secondary.
  const secondary = additional.filter((address) => address !== email)
  if (secondary.length > 0) next['hs_additional_emails'] = secondary.join(';')
  else delete next['hs_additional_emails']
  return email === undefined ? secondary : [email, ...secondary]
}

function collision(property: string, value: string, type: ObjectType, holder: string | null): Prepared {
  if (property === 'email') {
    // Within one batch there is no id yet to name (recorded).
    const existing = holder === null ? '' : `. Existing ID: ${holder}`
    return { kind: 'refused', problem: conflict(`${type.label} already exists${existing}`) }
  }
  const message = `${type.label} with the value ${value} of the unique property ${property} already exists`
  return { kind: 'faulty', faults: [{ name: property, code: 'CONFLICTING_UNIQUE_VALUE', message, value }] }
}
