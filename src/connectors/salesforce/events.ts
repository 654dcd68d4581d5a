/**
 * Change events (Salesforce fact sheet 21): who changed which fields of which record, seconds after it
 * happened. An event says where to look and is evidence; what the record holds is read. Nothing is lost by losing one, as
 * the change feed meets the same rows.
 *
 * Whoever listens keeps the replay id of what it has processed and begins there the next time. Events are kept for 72
 * hours; when the place is gone, or an event says only that something happened (a gap), the object has to be looked
 * through, and a `gap` says so.
 */
import type { Bell } from '../../core/bell.ts'
import type { Actor, RecordId } from '../../core/record.ts'
import type { Runtime } from '../../runtime.ts'
import { ConnectorError } from '../../errors.ts'
import { backOffMs } from '../back-off.ts'
import type { Transport } from '../transport.ts'
import type { Actors } from './actors.ts'
import { openCometd, type CometdMessage } from './cometd.ts'
import type { SalesforceClient } from './client.ts'
import { toId18 } from './ids.ts'
import { isObject, textIn, type Json } from './wire.ts'

export type ChangeEvent =
  | {
      readonly kind: 'created' | 'changed' | 'removed' | 'restored'
      readonly object: string
      readonly id: RecordId
      /** When it was committed, ISO text. */
      readonly at: string
      readonly actor: Actor
      /** The fields that changed, in the names of reads; empty where all are meant (`created`), or where it is not said. */
      readonly fields: readonly string[]
      /** Equal for repetitions of one event about one record: delivery is at least once. */
      readonly key: string
      readonly replayId: number
    }
  /** Something happened that no event tells: look through the object, or through all where it is null. */
  | {
      readonly kind: 'gap'
      readonly object: string | null
      readonly because: string
      readonly replayId: number | null
    }

export interface ListenOptions {
  readonly client: SalesforceClient
  readonly actors: Actors
  /** Keeps a request open for two minutes; not the one of other requests, which are bounded more tightly. */
  readonly transport: Transport
  readonly runtime: Runtime
  /** Objects to listen for. */
  readonly objects: readonly string[]
  readonly apiVersion: string
  /** Null: from now on. */
  readonly replayFrom: number | null
  readonly signal: AbortSignal
}

/** Silence longer than this means that the line is dead, not quiet (21.2). */
const RECONNECTS_MAX = 6

/**
 * Rings until the signal is aborted. Lost connections, lost subscriptions and ended sessions are taken up again where
 * the last event was; throws a `ConnectorError` when that fails again and again, or when the org does not allow it.
 */
export async function* listen(options: ListenOptions): AsyncGenerator<ChangeEvent, void> {
  const { runtime, signal, actors, client } = options
  await actors.identify(client)
  let replayFrom = options.replayFrom
  let failures = 0
  let wasOpen = false
  while (!signal.aborted) {
    try {
      const line = await openCometd({ ...options, channel: channelOf(options.objects), replayFrom })
      if (line.kind === 'replay-lost') {
        yield {
          kind: 'gap',
          object: null,
          because: 'the place in the stream of events is not kept any more',
          replayId: null,
        }
        replayFrom = null
        continue
      }
      if (wasOpen && replayFrom === null) {
        // Nothing has come yet that would say where to go on, so what came while we were away is lost.
        yield {
          kind: 'gap',
          object: null,
          because: 'the line was lost before the first event',
          replayId: null,
        }
      }
      wasOpen = true
      for await (const message of line.messages) {
        failures = 0
        for (const event of eventsIn(message, options)) yield event
        replayFrom = message.replayId
      }
      // The line ended without a reason of ours: the server has lost us, and knows us again after a new handshake.
    } catch (error) {
      if (signal.aborted) return
      if (!(error instanceof ConnectorError) || !PASSING.has(error.kind)) throw error
      failures += 1
      if (failures > RECONNECTS_MAX) throw error
    }
    if (signal.aborted) return
    await runtime.sleep(backOffMs(Math.max(1, failures), runtime), signal).catch(() => undefined)
  }
}

const PASSING = new Set(['transient', 'ambiguous', 'rate-limited'])

/** One object has a channel of its own; all selected objects together have another (21.1). */
function channelOf(objects: readonly string[]): string {
  const [only, ...others] = objects
  if (only === undefined || others.length > 0) return '/data/ChangeEvents'
  return only.endsWith('__c') ? `/data/${only.replace(/__c$/, '__ChangeEvent')}` : `/data/${only}ChangeEvent`
}

/** What the stage that hears bells is told: one for the record, whichever of its fields changed. */
export function bellsOf(event: ChangeEvent): readonly Bell[] {
  if (event.kind === 'gap') return []
  return [
    {
      object: event.object,
      record: event.id,
      // A merge shows as a deletion; looking finds where the record went.
      kind: event.kind === 'removed' ? 'removed' : 'changed',
      into: null,
      at: event.at,
      version: null,
      actor: event.actor,
      fields: event.fields,
      key: event.key,
    },
  ]
}

const KINDS: Readonly<Record<string, 'created' | 'changed' | 'removed' | 'restored'>> = {
  CREATE: 'created',
  UPDATE: 'changed',
  DELETE: 'removed',
  UNDELETE: 'restored',
}

function eventsIn(message: CometdMessage, { objects, actors }: ListenOptions): readonly ChangeEvent[] {
  const { replayId, payload } = message
  const header = payload['ChangeEventHeader']
  if (!isObject(header)) return []
  const object = textIn(header, 'entityName') ?? ''
  if (objects.length > 0 && !objects.includes(object)) return []
  const type = textIn(header, 'changeType') ?? ''
  const ids = Array.isArray(header['recordIds']) ? header['recordIds'].map(String) : []
  if (type === 'GAP_OVERFLOW') {
    return [{ kind: 'gap', object, because: 'more changed at once than events can tell', replayId }]
  }
  if (ids.some((id) => id.includes('*'))) {
    return [{ kind: 'gap', object, because: 'the schema changed under many records', replayId }]
  }
  const kind = KINDS[type.replace(/^GAP_/, '')]
  if (kind === undefined) return [{ kind: 'gap', object, because: `an event of the kind ${type}`, replayId }]
  const isGap = type.startsWith('GAP_')
  const at = new Date(Number(header['commitTimestamp'])).toISOString()
  return ids.flatMap((text): ChangeEvent[] => {
    const id = toId18(text)
    if (id === null) return []
    return [
      {
        kind,
        object,
        id,
        at,
        actor: actorOf(header, actors),
        // Of a gap nobody knows which fields; the record is read whole in any case.
        fields: isGap ? [] : fieldsOf(header),
        key: `event/${textIn(header, 'transactionKey') ?? replayId}/${Number(header['sequenceNumber'] ?? 0)}/${id}`,
        replayId,
      },
    ]
  })
}

/**
 * Automations of others run within our transactions and carry our name, so the user decides together with it: our user
 * alone may be shared, our name alone says who was first (22).
 */
function actorOf(header: Json, actors: Actors): Actor {
  return actors.of(textIn(header, 'commitUser'))
}

/** `Name.FirstName` and `MailingAddress.City` are `FirstName` and `MailingCity` when they are read (21.1). */
function fieldsOf(header: Json): readonly string[] {
  const changed = header['changedFields']
  if (!Array.isArray(changed)) return []
  return [...new Set(changed.map(String).map(readName))].filter((name) => !STAMPS.has(name))
}

/** They change with everything. */
const STAMPS = new Set(['LastModifiedDate', 'LastModifiedById', 'SystemModstamp'])

function readName(name: string): string {
  const [compound = '', part] = name.split('.')
  if (part === undefined) return compound
  return compound.endsWith('Address') ? `${compound.slice(0, -'Address'.length)}${part}` : part
}
