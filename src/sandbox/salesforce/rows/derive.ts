/** Values that follow from others: names, what a stage means, fiscal periods (Salesforce fact sheet 17, 18). */
import { FORECAST_NAMES, type Stage } from '../catalogue/opportunity.ts'
import type { Org } from '../org.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { stamp, stampMs } from '../times.ts'
import type { Scalar, Values } from './row-store.ts'

interface Change {
  readonly type: ObjectType
  readonly before: Values | null
  readonly next: Record<string, Scalar>
  readonly sent: ReadonlySet<string>
}

export function derive(org: Org, change: Change): void {
  switch (change.type.name) {
    case 'Contact':
    case 'Lead':
      derivePerson(change.next)
      break
    case 'Opportunity':
      deriveOpportunity(org, change)
      break
    case 'Task':
      deriveTask(org, change.next)
      break
    case 'Event':
      deriveEvent(org, change)
      break
  }
}

/** 121 characters hold first and last name with a blank between; the salutation is not part of it. */
export function derivePerson(next: Record<string, Scalar>): void {
  const parts = [next['FirstName'], next['LastName']].filter((part) => part !== undefined)
  if (parts.length > 0) next['Name'] = parts.join(' ')
}

function deriveOpportunity(org: Org, { before, next, sent }: Change): void {
  const stage = stageNamed(org, next['StageName'])
  const moved = before?.['StageName'] !== next['StageName']
  if (moved) {
    // The probability follows the stage unless it is set in the same save (18).
    if (!sent.has('Probability')) next['Probability'] = stage.probability
    if (!sent.has('ForecastCategoryName')) next['ForecastCategoryName'] = FORECAST_NAMES[stage.forecast]
    if (before !== null) next['LastStageChangeDate'] = org.stamp()
  }
  next['IsClosed'] = stage.isClosed
  next['IsWon'] = stage.isWon
  const forecast = Object.entries(FORECAST_NAMES).find(([, name]) => name === next['ForecastCategoryName'])
  next['ForecastCategory'] = forecast?.[0] ?? stage.forecast
  const { Amount: amount, Probability: probability, CloseDate: closeDate } = next
  if (typeof amount === 'number') {
    next['ExpectedRevenue'] = Math.round(amount * Number(probability ?? 0)) / 100
  } else delete next['ExpectedRevenue']
  if (typeof closeDate === 'string') {
    const [year = 0, month = 1] = closeDate.split('-').map(Number)
    const quarter = Math.ceil(month / 3)
    Object.assign(next, { FiscalYear: year, FiscalQuarter: quarter, Fiscal: `${year} ${quarter}` })
  }
}

/** A stage that nobody has defined is open and worth nothing: any text can be one (fact sheet 0.17). */
function stageNamed(org: Org, name: Scalar | undefined): Stage {
  for (const { values } of org.rows.all('OpportunityStage')) {
    if (values['ApiName'] !== name) continue
    return {
      name: String(name),
      probability: Number(values['DefaultProbability'] ?? 0),
      forecast: values['ForecastCategory'] as Stage['forecast'],
      isClosed: values['IsClosed'] === true,
      isWon: values['IsWon'] === true,
    }
  }
  return { name: String(name), probability: 0, forecast: 'Pipeline', isClosed: false, isWon: false }
}

function deriveTask(org: Org, next: Record<string, Scalar>): void {
  next['IsClosed'] = next['Status'] === 'Completed'
  next['IsHighPriority'] = next['Priority'] === 'High'
  next['TaskSubtype'] ??= 'Task'
  deriveAccount(org, next)
}

function deriveEvent(org: Org, { next, sent }: Change): void {
  const start = next['StartDateTime'] ?? next['ActivityDateTime']
  if (typeof start === 'string') {
    next['StartDateTime'] = start
    next['ActivityDateTime'] = start
    next['ActivityDate'] = start.slice(0, 10)
    const minutes = next['DurationInMinutes']
    if (typeof minutes === 'number' && !sent.has('EndDateTime')) {
      next['EndDateTime'] = stamp(stampMs(start) + minutes * 60_000)
    }
    const end = next['EndDateTime']
    if (typeof end === 'string') next['DurationInMinutes'] = (stampMs(end) - stampMs(start)) / 60_000
  }
  const end = next['EndDateTime']
  if (typeof end === 'string') next['EndDate'] = end.slice(0, 10)
  deriveAccount(org, next)
}

/** The account of an activity is that of the person or thing it is about. */
function deriveAccount(org: Org, next: Record<string, Scalar>): void {
  const [what, who] = [next['WhatId'], next['WhoId']].map((id) => (typeof id === 'string' ? id : ''))
  const direct = org.rows.find('Account', what ?? '')
  const about = org.rows.find('Opportunity', what ?? '') ?? org.rows.find('Contact', who ?? '')
  const account = direct?.id ?? about?.values['AccountId']
  if (account === undefined) delete next['AccountId']
  else next['AccountId'] = account
}
