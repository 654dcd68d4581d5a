/**
 * New fields: made over the Tooling API, and then made visible, since a field that an API client makes is visible to
 * nobody (Salesforce fact sheet 18). Where the user may not do that, an admin is told which clicks make it.
 */
import { ConnectorError } from '../../errors.ts'
import type { NewField } from '../writing.ts'
import type { Description } from './catalogue.ts'
import type { SalesforceContext } from './context.ts'
import { queryAllPages, quoted } from './soql.ts'
import { textIn } from './wire.ts'

/** Fits every record id there is. */
const LENGTH = 64

/** Grants what a program needs beside its profile; one for all our fields. */
const PERMISSION_SET = { Name: 'Attune', Label: 'Attune' } as const

/** Makes a text field, or finds that an equal one exists; `rejected` when an unequal one has the name. */
export async function createTextField(
  context: SalesforceContext,
  object: string,
  field: NewField,
): Promise<void> {
  const { catalogue, client } = context
  if (isSettled(context, await catalogue.load(object), field)) return
  try {
    await unlessTaken(
      client.json({
        method: 'POST',
        path: '/tooling/sobjects/CustomField',
        body: {
          FullName: `${object}.${field.name}`,
          Metadata: {
            label: field.label,
            description: field.description,
            inlineHelpText: field.description,
            type: 'Text',
            length: LENGTH,
            externalId: field.unique,
            unique: field.unique,
            required: false,
          },
        },
        mutating: true,
        object,
      }),
    )
    await grantField(context, `${object}.${field.name}`)
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.status === 401 || !REFUSALS.has(error.kind)) throw error
    throw byHand(context, object, field, error)
  }
  if (isSettled(context, await catalogue.load(object), field)) return
  throw byHand(context, object, field, null)
}

const REFUSALS = new Set(['unauthorized', 'rejected', 'unavailable', 'not-found'])

function isSettled({ client }: SalesforceContext, description: Description, field: NewField): boolean {
  const existing = description.fields.get(field.name)
  if (!existing) return false
  const isRight = existing.type === 'string' && (existing.unique && existing.externalId) === field.unique
  if (isRight && existing.createable && existing.updateable) return true
  if (isRight) {
    throw client.error(
      'rejected',
      `field "${field.name}" of ${description.object} exists, but the user of this connection may not write it`,
      `Setup, Permission Sets, the set of that user, Object Settings, ${description.label}: check "Edit Access" of ${field.label}.`,
    )
  }
  throw client.error(
    'rejected',
    `field "${field.name}" of ${description.object} exists, but is not a ${field.unique ? 'unique external-id ' : ''}text field`,
    `Setup, Object Manager, ${description.label}, Fields & Relationships: rename or delete it, or make it Text${field.unique ? ', External ID and Unique' : ''}.`,
  )
}

/** Taken: by an earlier run of ours, by somebody who was faster, or by a field that we could not see. */
async function unlessTaken(creation: Promise<unknown>): Promise<void> {
  try {
    await creation
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'DUPLICATE_DEVELOPER_NAME') throw error
  }
}

async function grantField(context: SalesforceContext, field: string): Promise<void> {
  const { client, actors } = context
  const userId = await actors.identify(client)
  const set = await permissionSet(context)
  const assigned = await queryAllPages(
    client,
    `SELECT Id FROM PermissionSetAssignment WHERE PermissionSetId = ${quoted(set)} AND AssigneeId = ${quoted(userId)}`,
  )
  if (assigned.length === 0) {
    await insert(context, 'PermissionSetAssignment', { PermissionSetId: set, AssigneeId: userId })
  }
  const granted = await queryAllPages(
    client,
    `SELECT Id FROM FieldPermissions WHERE ParentId = ${quoted(set)} AND Field = ${quoted(field)}`,
  )
  if (granted.length > 0) return
  const [SobjectType = ''] = field.split('.')
  const Field = field
  await insert(context, 'FieldPermissions', {
    ParentId: set,
    SobjectType,
    Field,
    PermissionsRead: true,
    PermissionsEdit: true,
  })
}

async function permissionSet(context: SalesforceContext): Promise<string> {
  const soql = `SELECT Id FROM PermissionSet WHERE Name = ${quoted(PERMISSION_SET.Name)} LIMIT 1`
  const [found] = await queryAllPages(context.client, soql)
  return textIn(found, 'Id') ?? insert(context, 'PermissionSet', PERMISSION_SET)
}

async function insert(
  { client }: SalesforceContext,
  object: string,
  body: Readonly<Record<string, unknown>>,
): Promise<string> {
  const answer = await client.json({
    method: 'POST',
    path: `/sobjects/${object}`,
    body,
    mutating: true,
    object,
  })
  return textIn(answer, 'id') ?? ''
}

/** The clicks that make what we could not. */
function byHand(
  { client }: SalesforceContext,
  object: string,
  { name, label, unique }: NewField,
  cause: ConnectorError | null,
): ConnectorError {
  const apiName = name.replace(/__c$/, '')
  const kind = unique ? `Text, length ${LENGTH}, Unique and External ID checked` : `Text, length ${LENGTH}`
  return new ConnectorError(
    cause?.kind ?? 'rejected',
    cause
      ? `the user of this connection may not create ${object}.${name}: ${cause.message}`
      : `${object}.${name} does not show up after its creation`,
    {
      connection: client.connection,
      hint: `Ask an admin: Setup, Object Manager, ${object}, Fields & Relationships, New: ${kind}, field name ${apiName}, label "${label}", visible and editable for the user of this connection. Or give that user the permission "Customize Application" and run the command again.`,
      cause,
    },
  )
}
