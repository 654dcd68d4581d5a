/** A contact as the oldest API shows it: every value with its history, and who the contact is known as. */
import { uuid } from '../chance.ts'
import { versionsOf } from './history.ts'
import { oldValue } from './old-records.ts'
import type { Portal } from './portal.ts'
import type { StoredRecord } from './record-store.ts'

/** Always there, whatever was asked for. */
const ALWAYS = 'lastmodifieddate'

/** Only what has a value. `properties` empty: all of them. */
export function printProfile(
  portal: Portal,
  record: StoredRecord,
  { properties, withHistory }: { properties: readonly string[]; withHistory: boolean },
): Record<string, unknown> {
  const names = properties.length === 0 ? Object.keys(record.values) : [ALWAYS, ...properties]
  const known = portal.properties
    .known(record.typeId, names)
    .filter((name) => record.values[name] !== undefined)
  return {
    vid: record.serial,
    'canonical-vid': record.serial,
    'merged-vids': (record.values['hs_merged_object_ids']?.split(';') ?? []).map(Number),
    'portal-id': portal.identity.portalId,
    'is-contact': true,
    properties: Object.fromEntries(
      known.map((name) => [name, printProperty(portal, record, name, withHistory)]),
    ),
    'form-submissions': [],
    // Answered no more since April 2026 (change log).
    'list-memberships': [],
    'identity-profiles': [printIdentities(portal, record)],
    'merge-audits': [],
  }
}

function printProperty(portal: Portal, record: StoredRecord, name: string, withHistory: boolean): unknown {
  const property = portal.properties.find(record.typeId, name)
  const type = property?.definition.type
  const value = oldValue(record.values[name] ?? '', type)
  if (!withHistory) return { value }
  const versions = versionsOf(record, name, property?.readOnly ?? false)
  return {
    value,
    versions: versions.toReversed().map((version) => ({
      value: oldValue(version.value, type),
      'source-type': version.source.type,
      'source-id': version.source.id,
      'source-label': null,
      timestamp: version.at,
      selected: false,
    })),
  }
}

function printIdentities(portal: Portal, record: StoredRecord): unknown {
  const { email, hs_additional_emails: additional } = record.values
  const address = (value: string, rank: object) => ({
    type: 'EMAIL',
    value,
    timestamp: record.createdAt,
    ...rank,
  })
  const leadGuid = uuid(portal.seed, 'lead guid', record.id)
  return {
    vid: record.serial,
    'saved-at-timestamp': record.updatedAt,
    'deleted-changed-timestamp': 0,
    identities: [
      ...(email === undefined ? [] : [address(email, { 'is-primary': true })]),
      ...(additional?.split(';') ?? []).map((value) => address(value, { 'is-secondary': true })),
      { type: 'LEAD_GUID', value: leadGuid, timestamp: record.createdAt },
    ],
  }
}
