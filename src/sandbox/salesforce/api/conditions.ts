/** Conditional requests on single rows (Salesforce fact sheet 19): one second fine, ETags on Account only. */
import { createHash } from 'node:crypto'
import { header, type Call } from '../call.ts'
import type { Values } from '../rows/row-store.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { stampMs } from '../times.ts'
import { Problem, refusal, type Answer } from '../wire.ts'

export function conditionalHeaders(type: ObjectType, values: Values): Record<string, string> {
  if (type.name !== 'Account') return {}
  return { etag: etagOf(values), 'last-modified': new Date(modifiedMs(values)).toUTCString() }
}

/** 304 when the client has this version already. */
export function notModified(call: Call, type: ObjectType, values: Values): Answer | null {
  const since = dateHeader(call, 'if-modified-since')
  const tags = type.name === 'Account' ? header(call, 'if-none-match') : null
  const isKnown = tags === null ? since !== null && modifiedMs(values) <= since : listed(tags, etagOf(values))
  return isKnown ? { status: 304, body: null, headers: conditionalHeaders(type, values) } : null
}

/** 412 when somebody has changed the row since. */
export function requireUnchanged(call: Call, type: ObjectType, values: Values): void {
  const since = dateHeader(call, 'if-unmodified-since')
  const tags = type.name === 'Account' ? header(call, 'if-match') : null
  const isChanged =
    tags === null ? since !== null && modifiedMs(values) > since : !listed(tags, etagOf(values))
  if (!isChanged) return
  throw new Problem(412, [
    {
      message: 'The resource was modified since the date or version given',
      errorCode: call.org.settings.preconditionCode,
    },
  ])
}

function dateHeader(call: Call, name: string): number | null {
  const text = header(call, name)
  if (text === null) return null
  const ms = Date.parse(text)
  if (Number.isNaN(ms)) throw refusal('INVALID_HEADER', `Invalid date in ${name}: ${text}`)
  return ms
}

function modifiedMs(values: Values): number {
  return stampMs(String(values['LastModifiedDate']))
}

function etagOf(values: Values): string {
  const digest = createHash('sha256').update(JSON.stringify(values)).digest('base64')
  return `"${digest.slice(0, 43)}=--gzip"`
}

function listed(tags: string, etag: string): boolean {
  return tags.split(',').some((tag) => tag.trim() === '*' || tag.trim() === etag)
}
