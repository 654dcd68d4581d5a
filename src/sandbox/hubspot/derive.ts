/** What HubSpot sets by itself when a record is written (HubSpot fact sheet 7.5, 13, 14, 19). */
import type { ObjectType } from './object-types.ts'
import type { Portal } from './portal.ts'
import type { Source, Values } from './record-store.ts'
import { instant } from './wire.ts'

export interface Derivation {
  readonly type: ObjectType
  /** Null for a new record. */
  readonly before: Values | null
  /** Changed in place. A deleted key is a cleared value. */
  readonly next: Record<string, string>
  /** Properties the caller named. */
  readonly sent: ReadonlySet<string>
  readonly now: number
  readonly source: Source
}

export function derive(portal: Portal, derivation: Derivation): void {
  if (derivation.before === null) deriveProvenance(derivation)
  if (changed(derivation, 'hubspot_owner_id')) deriveOwner(derivation)
  switch (derivation.type.typeId) {
    case '0-1':
      return deriveContact(portal, derivation)
    case '0-2':
      return deriveCompany(portal, derivation)
    case '0-3':
      return deriveDeal(portal, derivation)
    case '0-5':
      return deriveTicket(portal, derivation)
    case '0-46':
      return derivePreview(derivation, 'hs_note_body')
    case '0-27':
      return deriveTask(derivation)
    default:
  }
}

function changed({ before, next }: Derivation, property: string): boolean {
  return before?.[property] !== next[property]
}

function assign(next: Record<string, string>, property: string, value: string | undefined): void {
  if (value === undefined || value === '') delete next[property]
  else next[property] = value
}

function deriveProvenance({ next, source, type, now }: Derivation): void {
  next[type.createdProperty] = instant(now)
  next['hs_object_source'] = source.type
  next['hs_object_source_label'] = source.type
  assign(next, 'hs_object_source_id', source.id ?? undefined)
  if (source.userId !== null) {
    next['hs_object_source_user_id'] = String(source.userId)
    next['hs_created_by_user_id'] = String(source.userId)
  }
}

function deriveOwner({ next, now }: Derivation): void {
  const owner = next['hubspot_owner_id']
  assign(next, 'hubspot_owner_assigneddate', owner === undefined ? undefined : instant(now))
  assign(next, 'hs_all_owner_ids', owner)
}

function deriveLifecycle(portal: Portal, derivation: Derivation, pipeline: string): void {
  const { next, now, type } = derivation
  if (derivation.before === null) {
    next['hs_pipeline'] = pipeline
    // A stage given as '' at creation falls back to the default as well.
    if (next['lifecyclestage'] === undefined) {
      assign(next, 'lifecyclestage', portal.settings.defaultLifecycleStage)
    }
  }
  const stage = next['lifecyclestage']
  if (stage === undefined || !changed(derivation, 'lifecyclestage')) return
  const entered = `hs_lifecyclestage_${stage}_date`
  if (portal.properties.find(type.typeId, entered) !== undefined) next[entered] = instant(now)
}

function deriveContact(portal: Portal, derivation: Derivation): void {
  const { next } = derivation
  deriveLifecycle(portal, derivation, 'contacts-lifecycle-pipeline')
  if (derivation.before === null) {
    next['hs_is_contact'] = 'true'
    next['hs_is_unworked'] = 'true'
    next['hs_associated_target_accounts'] = '0'
    next['num_notes'] = '0'
  }
  const email = next['email']
  if (changed(derivation, 'email')) assign(next, 'hs_email_domain', email?.split('@')[1])
  const name = [next['firstname'], next['lastname']].filter((part) => part !== undefined).join(' ')
  assign(next, 'hs_full_name_or_email', name === '' ? email : name)
  derivePhone(derivation, 'phone', 'hs_searchable_calculated_phone_number')
  derivePhone(derivation, 'mobilephone', 'hs_searchable_calculated_mobile_number')
}

/** Area code and local number without the country code (9). */
function derivePhone(derivation: Derivation, from: string, to: string): void {
  if (!changed(derivation, from)) return
  const digits = derivation.next[from]?.replace(/\D/g, '')
  assign(derivation.next, to, digits?.slice(-10))
}

function deriveCompany(portal: Portal, derivation: Derivation): void {
  const { next } = derivation
  deriveLifecycle(portal, derivation, 'companies-lifecycle-pipeline')
  if (changed(derivation, 'domain') && next['website'] === undefined) {
    assign(next, 'website', next['domain'])
  }
}

function deriveDeal(portal: Portal, derivation: Derivation): void {
  const { next, before, now, sent, type } = derivation
  if (before === null) {
    next['hs_createdate'] = instant(now)
    next['deal_currency_code'] ??= portal.settings.companyCurrency
  }
  const metadata = portal.pipelines.stage(type.typeId, next['dealstage'] ?? '')?.stage.metadata
  const isClosed = metadata?.['isClosed'] === 'true'
  const probability = Number(metadata?.['probability'] ?? '0')
  if (changed(derivation, 'dealstage')) {
    deriveStageDates(derivation, 'dealstage')
    next['hs_deal_stage_probability'] = decimal(probability)
    next['hs_deal_stage_probability_shadow'] = decimal(probability)
    next['hs_is_closed'] = String(isClosed)
    next['hs_is_closed_won'] = String(isClosed && probability === 1)
    next['hs_is_closed_lost'] = String(isClosed && probability === 0)
    // Closing sets the close date, unless the same write says when (13).
    if (isClosed && !sent.has('closedate')) next['closedate'] = instant(now)
  }
  const amount = next['amount'] === undefined ? undefined : Number(next['amount'])
  const won = isClosed && probability === 1
  // Every enabled currency starts at the rate 1.0; nobody changes rates here.
  next['hs_exchange_rate'] = decimal(1)
  for (const suffix of ['', '_in_home_currency']) {
    const projected = amount === undefined ? undefined : decimal(amount * probability)
    assign(next, `hs_projected_amount${suffix}`, projected)
    next[`hs_closed_amount${suffix}`] = won && amount !== undefined ? decimal(amount) : '0'
  }
  assign(next, 'amount_in_home_currency', amount === undefined ? undefined : decimal(amount))
  assign(next, 'hs_forecast_amount', amount === undefined ? undefined : decimal(amount))
}

function deriveTicket(portal: Portal, derivation: Derivation): void {
  if (!changed(derivation, 'hs_pipeline_stage')) return
  const { next, now, type } = derivation
  deriveStageDates(derivation, 'hs_pipeline_stage')
  const stage = portal.pipelines.stage(type.typeId, next['hs_pipeline_stage'] ?? '')
  const isClosed = stage?.stage.metadata['isClosed'] === 'true'
  next['hs_is_closed'] = String(isClosed)
  assign(next, 'closed_date', isClosed ? instant(now) : undefined)
}

function deriveStageDates({ before, next, now }: Derivation, property: string): void {
  const left = before?.[property]
  const entered = next[property]
  if (left !== undefined) next[`hs_v2_date_exited_${left}`] = instant(now)
  if (entered !== undefined) next[`hs_v2_date_entered_${entered}`] = instant(now)
}

function derivePreview({ next }: Derivation, body: string): void {
  const plain = next[body]
    ?.replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  assign(next, 'hs_body_preview', plain?.slice(0, 300))
}

function deriveTask(derivation: Derivation): void {
  const { next, now } = derivation
  derivePreview(derivation, 'hs_task_body')
  if (derivation.before === null) {
    next['hs_task_status'] ??= 'NOT_STARTED'
    next['hs_task_priority'] ??= 'NONE'
    next['hs_task_type'] ??= 'TODO'
  }
  if (!changed(derivation, 'hs_task_status')) return
  const done = next['hs_task_status'] === 'COMPLETED'
  assign(next, 'hs_task_completion_date', done ? instant(now) : undefined)
}

/** Calculated numbers come back normalised: `1000.0` (11). */
function decimal(amount: number): string {
  return Number.isInteger(amount) ? amount.toFixed(1) : String(Number(amount.toFixed(6)))
}
