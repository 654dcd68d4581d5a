/** What the platform changes along with a write, in the same transaction (Salesforce fact sheet 18). */
import type { Org } from '../org.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { changeRow, editStamps, insertRow, touchRow } from './store-row.ts'
import type { Draft } from './prepare.ts'
import type { Row, Values } from './row-store.ts'
import type { Transaction } from './transaction.ts'
import { indexKey } from './value-index.ts'

interface Write {
  readonly type: ObjectType
  readonly row: Row
  readonly before: Values | null
  readonly draft: Draft
}

export function followWrite(transaction: Transaction, write: Write): void {
  switch (write.type.name) {
    case 'Account':
      passOnOwner(transaction, write)
      break
    case 'Opportunity':
      addPrimaryRole(transaction, write)
      break
    case 'OpportunityContactRole':
      keepOnePrimary(transaction, write.row)
      break
    case 'Task':
    case 'Event':
      noteActivity(transaction, write.row)
      break
  }
}

/** Contacts and open opportunities that belonged to the old owner follow the account to the new one. */
function passOnOwner(transaction: Transaction, { row, before }: Write): void {
  const { org, actor } = transaction
  const [from, to] = [before?.['OwnerId'], row.values['OwnerId']]
  if (!org.settings.ownerCascade || from === undefined || to === undefined || from === to) return
  for (const object of ['Contact', 'Opportunity']) {
    for (const child of liveRows(org, object, 'AccountId', row.id)) {
      if (child.values['OwnerId'] !== from || child.values['IsClosed'] === true) continue
      const values = { ...child.values, OwnerId: to, ...editStamps(org, actor.userId) }
      changeRow(transaction, child, { values })
    }
  }
}

/** `ContactId` of a new opportunity makes its primary contact role. */
function addPrimaryRole(transaction: Transaction, { row, before }: Write): void {
  const contact = row.values['ContactId']
  if (before !== null || contact === undefined) return
  const type = transaction.org.schema.type('OpportunityContactRole')
  insertRow(transaction, type, { OpportunityId: row.id, ContactId: contact, IsPrimary: true })
}

/**
 * Setting one role primary clears the others. Whether that moves their stamps is not reliable (18): here the system
 * stamp moves and the date of the last edit does not.
 */
function keepOnePrimary(transaction: Transaction, row: Row): void {
  if (row.values['IsPrimary'] !== true) return
  const { OpportunityId: opportunity } = row.values
  for (const other of liveRows(transaction.org, row.object, 'OpportunityId', String(opportunity))) {
    if (other.id !== row.id && other.values['IsPrimary'] === true) {
      touchRow(transaction, other, { IsPrimary: false })
    }
  }
}

/** The last activity of a person and their company; moves only the system stamp (11). */
function noteActivity(transaction: Transaction, row: Row): void {
  const { org } = transaction
  const day = row.values['ActivityDate']
  if (typeof day !== 'string') return
  for (const [object, field] of [
    ['Contact', 'WhoId'],
    ['Lead', 'WhoId'],
    ['Opportunity', 'WhatId'],
    ['Account', 'AccountId'],
  ] as const) {
    const about = org.rows.find(object, String(row.values[field]))
    const last = about?.values['LastActivityDate']
    if (about && (last === undefined || last < day)) touchRow(transaction, about, { LastActivityDate: day })
  }
}

export function liveRows(org: Org, object: string, field: string, id: string): Row[] {
  return [...org.rows.withValue(object, field, indexKey(id))].filter(({ deletedAt }) => deletedAt === null)
}
