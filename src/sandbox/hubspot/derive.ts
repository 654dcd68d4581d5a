/** What HubSpot sets by itself when a record is written (HubSpot fact sheet 7.5, 11, 13, 14, 19). */
import { countsAtBirth } from './association-counts.ts'
import { untouchedValues } from './catalogue/untouched.ts'
import { exactText, multiply } from './decimal-text.ts'
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

/** The objects that count their notes; nobody calls or meets anybody here, so the count stays 0. */
const HAS_NOTES = new Set(['0-1', '0-2', '0-3', '0-5'])

export function derive(portal: Portal, derivation: Derivation): void {
  if (derivation.before === null) deriveProvenance(derivation)
  if (changed(derivation, 'hubspot_owner_id')) deriveOwner(portal, derivation)
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
  // A company that a setting of the account made says so (recorded).
  next['hs_object_source_label'] = source.type === 'COMPANIES' ? 'CRM_SETTING' : source.type
  if (HAS_NOTES.has(type.typeId)) next['num_notes'] = '0'
  Object.assign(next, untouchedValues(type.typeId), countsAtBirth(type.typeId))
  assign(next, 'hs_object_source_id', source.id ?? undefined)
  if (source.userId !== null) {
    next['hs_object_source_user_id'] = String(source.userId)
    next['hs_created_by_user_id'] = String(source.userId)
  }
}

function deriveOwner(portal: Portal, { next, now }: Derivation): void {
  const owner = next['hubspot_owner_id']
  assign(next, 'hubspot_owner_assigneddate', owner === undefined ? undefined : instant(now))
  assign(next, 'hs_all_owner_ids', owner)
  assign(next, 'hs_user_ids_of_all_owners', portal.owners.find(owner ?? '')?.userId.toString())
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
  deriveStageDates(derivation, 'lifecyclestage')
  const entered = `hs_lifecyclestage_${stage}_date`
  if (portal.properties.find(type.typeId, entered) !== undefined) next[entered] = instant(now)
}

function deriveContact(portal: Portal, derivation: Derivation): void {
  const { next } = derivation
  deriveLifecycle(portal, derivation, 'contacts-lifecycle-pipeline')
  if (derivation.before === null) {
    next['hs_is_contact'] = 'true'
    next['hs_is_unworked'] = 'true'
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
  assign(next, 'hs_task_label', next['name'] ?? next['domain'])
  if (derivation.before === null) next['hs_annual_revenue_currency_code'] = portal.settings.companyCurrency
}

function deriveDeal(portal: Portal, derivation: Derivation): void {
  const { next, before, now, sent, type } = derivation
  const usesCurrencies = portal.settings.additionalCurrencies.length > 0
  if (before === null) {
    next['hs_createdate'] = instant(now)
    if (usesCurrencies) next['deal_currency_code'] ??= portal.settings.companyCurrency
  }
  const stage = next['dealstage']
  const metadata = portal.pipelines.stage(type.typeId, stage ?? '')?.stage.metadata
  const isClosed = metadata?.['isClosed'] === 'true'
  const probability = Number(metadata?.['probability'] ?? '0')
  if (changed(derivation, 'dealstage') || before === null) {
    next['hs_deal_stage_probability_shadow'] = exactText(probability)
    next['hs_is_closed_won'] = String(isClosed && probability === 1)
    next['hs_closed_won_count'] = isClosed && probability === 1 ? '1' : '0'
    next['hs_is_closed_lost'] = String(isClosed && probability === 0)
  }
  if (stage !== undefined && changed(derivation, 'dealstage')) {
    deriveStageDates(derivation, 'dealstage')
    next['hs_deal_stage_probability'] = exactText(probability)
    next['hs_is_closed'] = String(isClosed)
    next['hs_is_closed_count'] = isClosed ? '1' : '0'
    next['hs_is_open_count'] = isClosed ? '0' : '1'
    // Closing sets the close date, unless the same write says when (13).
    if (isClosed && !sent.has('closedate')) next['closedate'] = instant(now)
  }
  // Every enabled currency starts at the rate 1.0; nobody changes rates here.
  assign(next, 'hs_exchange_rate', usesCurrencies ? '1.0' : undefined)
  const closes = Date.parse(next['closedate'] ?? '')
  // Without a close date nothing has elapsed.
  const elapsed = Number.isNaN(closes) ? 0 : closes - Date.parse(next['createdate'] ?? '')
  const days = Math.floor(elapsed / 86_400_000)
  next['days_to_close'] = String(days > 0 ? days : 0)
  next['hs_days_to_close_raw'] = exactText(Math.max(0, elapsed / 86_400_000))
  deriveAmounts(next, { probability, isWon: isClosed && probability === 1 })
}

/** Where currencies are in use the rate adds a place: `1000` becomes `1000.0` (11). */
function deriveAmounts(next: Record<string, string>, deal: { probability: number; isWon: boolean }): void {
  const { amount, hs_exchange_rate: rate } = next
  const atHome = amount !== undefined && rate !== undefined ? multiply(amount, rate) : amount
  assign(next, 'amount_in_home_currency', atHome)
  assign(next, 'hs_forecast_amount', amount)
  for (const [suffix, value] of [
    ['', amount],
    ['_in_home_currency', atHome],
  ] as const) {
    const projected = value === undefined ? undefined : multiply(value, exactText(deal.probability))
    assign(next, `hs_projected_amount${suffix}`, projected)
    next[`hs_closed_amount${suffix}`] = deal.isWon && value !== undefined ? value : '0'
  }
}

function deriveTicket(portal: Portal, derivation: Derivation): void {
  if (derivation.before === null) {
    derivation.next['hs_helpdesk_sort_timestamp'] = instant(derivation.now)
    derivation.next['hs_last_email_activity'] = 'ORIGINAL_FROM_CONTACT'
  }
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
  deriveCurrentStage({ next, now })
}

/** Named as a duration, and a point in time all the same (recorded). */
function deriveCurrentStage({ next, now }: Pick<Derivation, 'next' | 'now'>): void {
  next['hs_v2_date_entered_current_stage'] = instant(now)
  next['hs_v2_time_in_current_stage'] = instant(now)
}

/** Characters of a preview; the vendor's number is not known. */
const PREVIEW_MAX = 300

function derivePreview({ next }: Derivation, body: string): void {
  const plain = next[body]
    ?.replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
  assign(next, 'hs_body_preview', plain?.slice(0, PREVIEW_MAX))
  const html = next[body] && `<html>\n<head></head>\n<body>\n${next[body]}\n</body>\n</html>`
  assign(next, 'hs_body_preview_html', html)
  assign(next, 'hs_body_preview_is_truncated', plain && String(plain.length > PREVIEW_MAX))
}

function deriveTask(derivation: Derivation): void {
  const { next, now } = derivation
  derivePreview(derivation, 'hs_task_body')
  if (derivation.before === null) {
    next['hs_start_date_with_fallback'] = instant(now)
    next['hs_task_status'] ??= 'NOT_STARTED'
    next['hs_task_priority'] ??= 'NONE'
    next['hs_task_type'] ??= 'TODO'
  }
  if (!changed(derivation, 'hs_task_status')) return
  const done = next['hs_task_status'] === 'COMPLETED'
  next['hs_task_is_completed'] = done ? '1' : '0'
  next['hs_task_completion_count'] = done ? '1' : '0'
  assign(next, 'hs_task_completion_date', done ? instant(now) : undefined)
}
