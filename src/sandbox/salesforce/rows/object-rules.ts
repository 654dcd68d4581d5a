/** What only certain objects refuse (Salesforce fact sheet 18, 20). */
import { requireTopicQuery } from '../events/topics.ts'
import type { Org } from '../org.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { refusal } from '../wire.ts'
import type { Row, Values } from './row-store.ts'

export function requireSaveable(
  org: Org,
  { type, row, next, sent }: { type: ObjectType; row: Row | null; next: Values; sent: ReadonlySet<string> },
): void {
  switch (type.name) {
    case 'Lead':
      // Converted leads are frozen, and no API converts by writing the flag.
      if (row?.values['IsConverted'] === true) {
        throw refusal('CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead', [])
      }
      if (next['IsConverted'] === true) {
        throw refusal('FIELD_INTEGRITY_EXCEPTION', 'a converted lead needs the contact it became', [
          'IsConverted',
        ])
      }
      break
    case 'OpportunityContactRole':
      requireOnce(org, { row, next })
      break
    case 'Account':
    case 'Contact':
      requireNoLoop(org, type, { row, next, sent })
      break
    case 'PushTopic':
      requireTopicQuery(org, next)
      break
    case 'StreamingChannel':
      if (!/^\/u\/./.test(String(next['Name']))) {
        throw refusal('FIELD_INTEGRITY_EXCEPTION', 'The name of a channel begins with /u/', ['Name'])
      }
      break
    case 'Task':
    case 'Event':
      // Something can be related to a contact and a deal at once, not to a lead and a deal (18).
      if (next['WhatId'] !== undefined && org.rows.find('Lead', String(next['WhoId'] ?? ''))) {
        throw refusal('FIELD_INTEGRITY_EXCEPTION', 'You cannot associate a lead with another record', [
          'WhatId',
        ])
      }
      if (type.name === 'Event') requireTimes(next)
      break
  }
}

/** The same person with the same role takes part in a deal once. */
function requireOnce(org: Org, { row, next }: { row: Row | null; next: Values }): void {
  const key = String(next['OpportunityId']).toLowerCase()
  for (const other of org.rows.withValue('OpportunityContactRole', 'OpportunityId', key)) {
    if (other.id === row?.id || other.deletedAt !== null) continue
    const same = ['ContactId', 'Role'].every((name) => other.values[name] === next[name])
    if (same) {
      throw refusal(
        'DUPLICATE_VALUE',
        `duplicate value found: <unknown> duplicates value on record with id: ${other.id.slice(0, 15)}`,
        [],
      )
    }
  }
}

/** Nobody reports to themselves, no company is above itself. */
function requireNoLoop(
  org: Org,
  type: ObjectType,
  { row, next, sent }: { row: Row | null; next: Values; sent: ReadonlySet<string> },
): void {
  const name = type.name === 'Account' ? 'ParentId' : 'ReportsToId'
  if (row === null || !sent.has(name)) return
  const seen = new Set([row.id])
  for (let id = next[name]; typeof id === 'string';) {
    if (seen.has(id)) {
      throw refusal('CIRCULAR_DEPENDENCY', `${name}: circular dependency`, [name])
    }
    seen.add(id)
    id = org.rows.find(type.name, id)?.values[name]
  }
}

function requireTimes(next: Values): void {
  const isComplete = next['ActivityDateTime'] !== undefined && next['EndDateTime'] !== undefined
  if (isComplete || (next['IsAllDayEvent'] === true && next['ActivityDate'] !== undefined)) return
  throw refusal(
    'REQUIRED_FIELD_MISSING',
    'Required fields are missing: [DurationInMinutes, ActivityDateTime]',
    ['DurationInMinutes', 'ActivityDateTime'],
  )
}
