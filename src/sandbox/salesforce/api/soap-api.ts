/**
 * The few SOAP calls that have no REST resource (Salesforce fact sheet 2.2, 20): merge, undelete, convertLead,
 * emptyRecycleBin, getServerTimestamp, getUserInfo, describeTabs, logout; and login where it is allowed.
 */
import type { Call, Route } from '../call.ts'
import { normalId } from '../ids.ts'
import { convertLead, type Conversion } from '../rows/convert-lead.ts'
import { purgeRow, undeleteRecord } from '../rows/delete.ts'
import { mergeRecords } from '../rows/merge.ts'
import type { Row } from '../rows/row-store.ts'
import { inTransaction } from '../rows/transaction.ts'
import type { ObjectType } from '../schema/object-type.ts'
import type { Sessions } from '../sessions.ts'
import { notModelled, Problem, refusal, Text, type Answer } from '../wire.ts'
import { childrenOf, escapeXml, findElement, parseXml, textOf, type Element } from '../xml.ts'
import { login, tabSet, userInfo } from './soap-session.ts'

export function soapRoutes(sessions: Sessions): readonly Route[] {
  return [
    {
      method: 'POST',
      template: '/services/Soap/u/{version}',
      mutates: ({ body }) => /<(\w+:)?(merge|undelete|convertLead|emptyRecycleBin)[\s>]/.test(body ?? ''),
      // The session is in the envelope.
      access: 'open',
      handle: (call) => answer(call, sessions),
    },
  ]
}

function answer(call: Call, sessions: Sessions): Answer {
  try {
    const envelope = parseXml(call.request.body ?? '')
    const body = findElement(envelope, 'Body')
    const [request] = body === null ? [] : childrenOf(body)
    if (request === undefined) throw refusal('INVALID_SOAP_HEADER', 'the envelope has no request')
    // Every SOAP request counts (7). Whether `login` does is not said; here it does.
    call.admit()
    if (request.name === 'login') return reply('login', login(call, credentials(request), sessions))
    const sessionId = findElement(envelope, 'sessionId')
    const session = sessionId === null ? null : sessions.find(textOf(sessionId))
    if (session === null) throw refusal('INVALID_SESSION_ID', 'Invalid Session ID found in SessionHeader')
    // As clients leave that came by `login` (2.2).
    if (request.name === 'logout') {
      sessions.revoke(session.token)
      return reply(request.name, '')
    }
    const inSession: Call = { ...call, actor: { ...call.actor, userId: session.userId } }
    return reply(request.name, perform(inSession, request))
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    if (error.status === 501) throw error
    return fault(error)
  }
}

function perform(call: Call, request: Element): string {
  switch (request.name) {
    case 'getServerTimestamp':
      return `<result><timestamp>${new Date(call.org.now()).toISOString()}</timestamp></result>`
    case 'getUserInfo':
      return `<result>${userInfo(call)}</result>`
    case 'describeTabs':
      return `<result>${tabSet(call)}</result>`
    case 'merge':
      // The WSDL says `request`, jsforce `mergeRequests`.
      return [...childrenOf(request, 'request'), ...childrenOf(request, 'mergeRequests')]
        .map((each) => result(() => merge(call, each)))
        .join('')
    case 'undelete':
      return ids(request, 'ids')
        .map((id) => result(() => undelete(call, id)))
        .join('')
    case 'emptyRecycleBin':
      return ids(request, 'ids')
        .map((id) => result(() => purge(call, id)))
        .join('')
    case 'convertLead':
      return childrenOf(request, 'leadConverts')
        .map((each) => result(() => convert(call, each)))
        .join('')
    default:
      throw notModelled(`The SOAP call ${request.name}`)
  }
}

/** One result; a refusal is one as well. */
function result(work: () => string): string {
  try {
    return `<result>${work()}<success>true</success></result>`
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const errors = error.entries.map(
      ({ errorCode, message, fields = [] }) =>
        `<errors>${fields.map((name) => `<fields>${escapeXml(name)}</fields>`).join('')}<message>${escapeXml(message)}</message><statusCode>${errorCode}</statusCode></errors>`,
    )
    return `<result>${errors.join('')}<success>false</success></result>`
  }
}

function merge(call: Call, request: Element): string {
  const { org, actor } = call
  const master = childrenOf(request, 'masterRecord')[0]
  if (master === undefined) throw refusal('MISSING_ARGUMENT', 'masterRecord not specified')
  const id = text(master, 'Id')
  const { type, row } = found(call, id)
  const losers = ids(request, 'recordToMergeIds').map((each) => found(call, each).row)
  const values = Object.fromEntries(
    childrenOf(master)
      .filter(({ name }) => name !== 'Id' && name !== 'type' && name !== 'fieldsToNull')
      .map((element) => [element.name, textOf(element)]),
  )
  const nulls = ids(master, 'fieldsToNull').map((name) => [name, null] as const)
  inTransaction(org, actor, (transaction) =>
    mergeRecords(transaction, {
      type,
      master: row,
      losers,
      values: { ...values, ...Object.fromEntries(nulls) },
    }),
  )
  return `<id>${row.id}</id>${losers.map((loser) => `<mergedRecordIds>${loser.id}</mergedRecordIds>`).join('')}`
}

function undelete(call: Call, id: string): string {
  const { type, row } = found(call, id, { deleted: true })
  inTransaction(call.org, call.actor, (transaction) => undeleteRecord(transaction, type, row))
  return `<id>${row.id}</id>`
}

function purge(call: Call, id: string): string {
  const { row } = found(call, id, { deleted: true })
  if (row.deletedAt === null) throw refusal('INVALID_ID_FIELD', 'Record is not in recycle bin')
  call.org.rows.transact(() => purgeRow(call.org, row))
  return `<id>${row.id}</id>`
}

function convert(call: Call, request: Element): string {
  const { row: lead } = found(call, text(request, 'leadId'))
  const optional = (name: string): string | undefined => text(request, name) || undefined
  const accountId = optional('accountId')
  const contactId = optional('contactId')
  const ownerId = optional('ownerId')
  const opportunityName = optional('opportunityName')
  const conversion: Conversion = {
    lead,
    convertedStatus: text(request, 'convertedStatus'),
    ...(accountId !== undefined && { accountId }),
    ...(contactId !== undefined && { contactId }),
    ...(ownerId !== undefined && { ownerId }),
    ...(opportunityName !== undefined && { opportunityName }),
    ...(text(request, 'doNotCreateOpportunity') === 'true' && { opportunityName: null }),
  }
  const done = inTransaction(call.org, call.actor, (transaction) => convertLead(transaction, conversion))
  const opportunity =
    done.opportunityId === null ? '' : `<opportunityId>${done.opportunityId}</opportunityId>`
  return `<accountId>${done.accountId}</accountId><contactId>${done.contactId}</contactId><leadId>${lead.id}</leadId>${opportunity}`
}

function found(
  call: Call,
  text: string,
  { deleted = false }: { deleted?: boolean } = {},
): { type: ObjectType; row: Row } {
  const id = normalId(text)
  const type = id === null ? undefined : call.org.schema.byPrefix(id.slice(0, 3))
  if (id === null || type === undefined) throw refusal('MALFORMED_ID', `bad id ${text}`)
  const row = call.org.rows.find(type.name, id)
  if (row === undefined) throw refusal('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')
  if (row.deletedAt !== null && !deleted) throw refusal('ENTITY_IS_DELETED', 'entity is deleted')
  return { type, row }
}

function ids(element: Element, name: string): string[] {
  return childrenOf(element, name).map(textOf)
}

function text(element: Element, name: string): string {
  const [child] = childrenOf(element, name)
  return child === undefined ? '' : textOf(child)
}

function credentials(request: Element): { readonly username: string; readonly password: string } {
  return { username: text(request, 'username'), password: text(request, 'password') }
}

function reply(name: string, inner: string): Answer {
  return xmlAnswer(200, `<${name}Response>${inner}</${name}Response>`)
}

/** Faults are 500, whatever they are about (5). */
function fault(problem: Problem): Answer {
  const message = problem.entries[0]?.message ?? ''
  return xmlAnswer(
    500,
    `<soapenv:Fault><faultcode>sf:${problem.code}</faultcode><faultstring>${problem.code}: ${escapeXml(message)}</faultstring></soapenv:Fault>`,
  )
}

function xmlAnswer(status: number, inner: string): Answer {
  const body = `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body>${inner}</soapenv:Body></soapenv:Envelope>`
  return { status, body: new Text('text/xml; charset=utf-8', body) }
}
