/** What people do in Salesforce's user interface and in Setup (Salesforce fact sheet 20). */
import { EditRefused, type HumanEdit } from '../model.ts'
import type { Actor } from './actor.ts'
import { normalId } from './ids.ts'
import type { Org } from './org.ts'
import { writeRecord } from './rows/commit.ts'
import { convertLead, type Conversion } from './rows/convert-lead.ts'
import { deleteRecord, purgeRow, undeleteRecord } from './rows/delete.ts'
import { mergeRecords } from './rows/merge.ts'
import type { Row } from './rows/row-store.ts'
import { archiveRow } from './rows/store-row.ts'
import { inTransaction } from './rows/transaction.ts'
import { indexKey } from './rows/value-index.ts'
import type { ObjectType } from './schema/object-type.ts'
import type { Sessions } from './sessions.ts'
import { editSetup } from './setup-edit.ts'
import { Problem } from './wire.ts'

/** Makes the edit, or throws `EditRefused` with the reason. */
export function makeEdit(org: Org, sessions: Sessions, edit: HumanEdit): { readonly id: string } {
  org.settle()
  const actor = edit.automated ? automation(org) : personNamed(org, edit.actor)
  try {
    return editSetup(org, { sessions, actor, edit }) ?? editRecord(org, actor, edit)
  } catch (error) {
    if (error instanceof Problem) throw new EditRefused(error.message, { cause: error })
    throw error
  }
}

/** Work that automations do later, on their own, is that of a user of its own, who is nobody (18). */
function automation(org: Org): Actor {
  for (const { id, values } of org.rows.all('User')) {
    if (values['UserType'] !== 'AutomatedProcess') continue
    return { userId: id, kind: 'person', origin: '', allowDuplicates: true, assigns: false }
  }
  throw new EditRefused('This org has no user for automated processes')
}

function personNamed(org: Org, name: string | undefined): Actor {
  for (const { id, values } of org.rows.all('User')) {
    const isMeant =
      name === undefined || id === name || String(values['Email']).toLowerCase() === name.toLowerCase()
    if (!isMeant) continue
    if (values['IsActive'] !== true) throw new EditRefused(`${String(values['Email'])} is not active`)
    return { userId: id, kind: 'person', origin: '', allowDuplicates: true, assigns: false }
  }
  throw new EditRefused(`There is no user ${name}`)
}

function editRecord(org: Org, actor: Actor, edit: HumanEdit): { readonly id: string } {
  const type = org.schema.find(edit.object)
  if (type === undefined) throw new EditRefused(`There is no object ${edit.object}`)
  switch (edit.action) {
    case 'create':
    case 'update': {
      const row = edit.action === 'create' ? null : live(org, type, edit.id)
      const body = edit.values ?? {}
      if (row !== null && body['IsArchived'] === true) return archive(org, actor, type, row)
      const written = inTransaction(org, actor, (transaction) =>
        writeRecord(transaction, { type, row, body }),
      )
      return { id: written.row.id }
    }
    case 'delete':
      return { id: remove(org, actor, type, edit.id).id }
    case 'restore': {
      const row = any(org, type, edit.id)
      inTransaction(org, actor, (transaction) => undeleteRecord(transaction, type, row))
      return { id: row.id }
    }
    case 'merge': {
      const master = live(org, type, edit.id)
      const loser = live(org, type, edit.other?.id)
      inTransaction(org, actor, (transaction) => {
        // The page offers the winner's values and fills its blanks from the other.
        const values = blanksOf(type, master, loser)
        return mergeRecords(transaction, { type, master, losers: [loser], values })
      })
      return { id: master.id }
    }
    case 'convert':
      return convert(org, actor, live(org, type, edit.id), edit)
    case 'associate':
    case 'dissociate':
      return associate(org, actor, { type, row: live(org, type, edit.id), edit })
  }
}

/** What the platform does with old activities: they are in no query any more, only in `queryAll` (9). */
function archive(org: Org, actor: Actor, type: ObjectType, row: Row): { readonly id: string } {
  if (!type.byName.has('isarchived')) throw new EditRefused(`${type.name} is never archived`)
  inTransaction(org, actor, (transaction) => archiveRow(transaction, row))
  return { id: row.id }
}

/** From the list into the recycle bin; from the recycle bin for good. */
function remove(org: Org, actor: Actor, type: ObjectType, id: string | undefined): Row {
  const row = any(org, type, id)
  if (row.deletedAt === null) {
    inTransaction(org, actor, (transaction) => deleteRecord(transaction, { type, row }))
  } else org.rows.transact(() => purgeRow(org, row))
  return row
}

function blanksOf(type: ObjectType, master: Row, loser: Row): Record<string, unknown> {
  const names = type.fields
    .filter(({ updateable, unique, name }) => updateable && !unique && master.values[name] === undefined)
    .map(({ name }) => name)
  return Object.fromEntries(
    names.flatMap((name) => (loser.values[name] === undefined ? [] : [[name, loser.values[name]]])),
  )
}

/** `values`: `accountId`, `contactId`, `opportunityName` (null for none), `convertedStatus`, `ownerId`. */
function convert(org: Org, actor: Actor, lead: Row, edit: HumanEdit): { readonly id: string } {
  if (lead.object !== 'Lead') throw new EditRefused('Only leads are converted')
  const conversion: Conversion = { ...(edit.values as Omit<Conversion, 'lead'> | undefined), lead }
  const { contactId } = inTransaction(org, actor, (transaction) => convertLead(transaction, conversion))
  return { id: contactId }
}

/** People take part in opportunities by a role; they belong to one account. */
function associate(
  org: Org,
  actor: Actor,
  { type, row, edit }: { type: ObjectType; row: Row; edit: HumanEdit },
): { readonly id: string } {
  const other = edit.other
  if (other === undefined) throw new EditRefused('An association needs its other end')
  const target = org.schema.find(other.object)
  if (target === undefined) throw new EditRefused(`There is no object ${other.object}`)
  const far = live(org, target, other.id)
  const joins = edit.action === 'associate'
  if (type.name === 'Opportunity' && target.name === 'Contact') {
    if (joins) addRole(org, actor, { opportunity: row, contact: far, role: other.label })
    else removeRole(org, actor, { opportunity: row, contact: far })
    return { id: row.id }
  }
  const field = type.fields.find(({ name, updateable }) => name === 'AccountId' && updateable)
  if (target.name !== 'Account' || field === undefined) {
    throw new EditRefused(`${type.name} and ${target.name} are not associated; write the reference field`)
  }
  const body = { AccountId: joins ? far.id : null }
  inTransaction(org, actor, (transaction) => writeRecord(transaction, { type, row, body }))
  return { id: row.id }
}

function addRole(
  org: Org,
  actor: Actor,
  { opportunity, contact, role }: { opportunity: Row; contact: Row; role: string | undefined },
): void {
  const type = org.schema.type('OpportunityContactRole')
  const body = {
    OpportunityId: opportunity.id,
    ContactId: contact.id,
    ...(role !== undefined && { Role: role }),
  }
  inTransaction(org, actor, (transaction) => writeRecord(transaction, { type, row: null, body }))
}

function removeRole(
  org: Org,
  actor: Actor,
  { opportunity, contact }: { opportunity: Row; contact: Row },
): void {
  const type = org.schema.type('OpportunityContactRole')
  const roles = [...org.rows.withValue(type.name, 'OpportunityId', indexKey(opportunity.id))].filter(
    ({ values, deletedAt }) => deletedAt === null && values['ContactId'] === contact.id,
  )
  if (roles.length === 0) throw new EditRefused('There is no such contact role')
  inTransaction(org, actor, (transaction) => {
    for (const role of roles) deleteRecord(transaction, { type, row: role })
  })
}

function live(org: Org, type: ObjectType, id: string | undefined): Row {
  const row = any(org, type, id)
  if (row.deletedAt !== null) throw new EditRefused(`The ${type.name} ${id} is in the recycle bin`)
  return row
}

function any(org: Org, type: ObjectType, id: string | undefined): Row {
  const row = org.rows.find(type.name, normalId(id ?? '') ?? '')
  if (row === undefined) throw new EditRefused(`There is no ${type.name} ${id}`)
  return row
}
