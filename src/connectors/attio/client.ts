/**
 * A thin typed client of Attio's REST API v2: one function per endpoint we use. There is no official SDK.
 *
 * Repeated here, because nothing can have been applied: reads that failed for a passing reason, and writes
 * that Attio refused because another write to the same record was under way. Nothing else.
 */
import type { z } from 'zod'
import { ConnectorError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import { backOffMs } from '../back-off.ts'
import { fromTransportError, TransportError } from '../transport.ts'
import type { Transport } from '../transport.ts'
import { attioError, parsedJson } from './errors.ts'
import { replicaClock, type Aged, type ReplicaClock } from './replica.ts'
import {
  wireAttribute,
  wireMember,
  wireNothing,
  wireObject,
  wireOption,
  wireRecord,
  wireSelf,
  wireValue,
  wireWebhook,
  wrapped,
} from './wire.ts'
import type {
  WireAttribute,
  WireMember,
  WireObject,
  WireOption,
  WireRecord,
  WireSelf,
  WireSubscription,
  WireValue,
  WireWebhook,
} from './wire.ts'

export interface AttioClientOptions {
  readonly connection: string
  /** Without the `/v2`. */
  readonly baseUrl: string
  readonly token: string
  readonly transport: Transport
  readonly runtime: Runtime
  /** Shared by all clients of one account, so that what one learns about its clock serves all. */
  readonly accurateAt?: ReplicaClock
}

export interface RecordQuery {
  readonly filter?: unknown
  readonly limit: number
  readonly offset: number
}

/** Attribute name → what `values.ts` made of a field value. */
export type WireValues = Readonly<Record<string, readonly unknown[]>>

export interface AttioClient {
  self(): Promise<WireSelf>
  members(): Promise<readonly WireMember[]>
  objects(): Promise<readonly WireObject[]>
  /**
   * All attributes of an object, archived ones excluded. `onPage` is given them as they come: the last request only finds
   * out that there are no more.
   */
  attributes(
    object: string,
    onPage?: (attributes: readonly WireAttribute[]) => void,
  ): Promise<readonly WireAttribute[]>
  /** One attribute, archived or not. */
  attribute(object: string, attribute: string): Promise<WireAttribute>
  createAttribute(object: string, definition: Readonly<Record<string, unknown>>): Promise<WireAttribute>
  restoreAttribute(object: string, attribute: string): Promise<WireAttribute>
  options(object: string, attribute: string, kind: 'options' | 'statuses'): Promise<readonly WireOption[]>
  /** Oldest first. */
  query(object: string, query: RecordQuery): Promise<Aged<readonly WireRecord[]>>
  record(object: string, id: string): Promise<Aged<WireRecord>>
  create(object: string, values: WireValues): Promise<WireRecord>
  /** Creates, or overwrites the record that holds the same value in `matching`. */
  assert(object: string, matching: string, values: WireValues): Promise<WireRecord>
  /** Makes exactly the given attributes equal to the given values. */
  overwrite(object: string, id: string, values: WireValues): Promise<WireRecord>
  /** The same, but the values of multi-valued attributes are added to those that are there, in front. */
  add(object: string, id: string, values: WireValues): Promise<WireRecord>
  delete(object: string, id: string): Promise<void>
  /** Every value an attribute of a record ever had, oldest first. */
  history(object: string, id: string, attribute: string): Promise<Aged<readonly WireValue[]>>
  /** All webhooks of the workspace, other applications' included. */
  webhooks(): Promise<readonly WireWebhook[]>
  createWebhook(target: string, subscriptions: readonly WireSubscription[]): Promise<WireWebhook>
  /** The subscriptions replace all that it had. */
  updateWebhook(id: string, subscriptions: readonly WireSubscription[]): Promise<void>
  deleteWebhook(id: string): Promise<void>
}

const ATTEMPTS_MAX = 3

/** The largest page in documented use (Attio fact sheet 6). */
const PAGE_ROWS = 100

/** A bound on following pages: an object has hundreds of attributes at most, a value as many changes. */
const PAGES_MAX = 200

export const SCOPES = {
  members: ['user_management:read'],
  schemaRead: ['object_configuration:read'],
  schemaWrite: ['object_configuration:read-write'],
  recordRead: ['record_permission:read', 'object_configuration:read'],
  recordWrite: ['record_permission:read-write', 'object_configuration:read'],
  webhookRead: ['webhook:read'],
  webhookWrite: ['webhook:read-write'],
} as const

/** Made once: to put together and compile a schema takes longer than to check an answer with it. */
const ANSWERS = {
  record: wrapped(wireRecord),
  records: wrapped(wireRecord.array()),
  attribute: wrapped(wireAttribute),
  attributes: wrapped(wireAttribute.array()),
  members: wrapped(wireMember.array()),
  objects: wrapped(wireObject.array()),
  options: wrapped(wireOption.array()),
  values: wrapped(wireValue.array()),
} as const

interface Call<T> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Encoded, from `/v2` on, with its query. */
  readonly path: string
  readonly body?: unknown
  readonly answer: z.ZodType<T>
  readonly mutating: boolean
  readonly scopes: readonly string[]
  readonly fields?: readonly string[]
}

export function attioClient(options: AttioClientOptions): AttioClient {
  const { connection, transport, runtime } = options
  const baseUrl = options.baseUrl.replace(/\/+$/, '')
  const accurateAt = options.accurateAt ?? replicaClock()
  const headers = {
    authorization: `Bearer ${options.token}`,
    accept: 'application/json',
    'content-type': 'application/json',
  }

  const sendOnce = async <T>(call: Call<T>): Promise<Aged<T>> => {
    const { method, mutating } = call
    const path = call.path.replace(/\?.*$/, '')
    const sentMs = runtime.now()
    let response
    try {
      response = await transport({
        method,
        url: baseUrl + call.path,
        headers,
        body: call.body === undefined ? null : JSON.stringify(call.body),
      })
    } catch (error) {
      if (error instanceof TransportError) throw fromTransportError(error, { connection, mutating })
      throw error
    }
    if (response.status < 200 || response.status > 299) {
      const { scopes, fields = [] } = call
      throw attioError(response, { connection, method, path, mutating, scopes, fields, nowMs: runtime.now() })
    }
    const accurateAtMs = accurateAt(response, sentMs, runtime.now())
    const parsed = call.answer.safeParse(parsedJson(response.body))
    if (parsed.success) return { value: parsed.data, accurateAtMs }
    // A write that was answered "fine" in words we cannot read has probably happened.
    throw new ConnectorError(mutating ? 'ambiguous' : 'transient', `${method} ${path}: unreadable answer`, {
      connection,
      hint: 'The answer is not what Attio documents. Is the base URL right, and no proxy in between?',
      status: response.status,
      cause: parsed.error,
    })
  }

  const sendAged = async <T>(call: Call<T>): Promise<Aged<T>> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await sendOnce(call)
      } catch (error) {
        if (attempt >= ATTEMPTS_MAX || !isRepeatable(error, call.mutating)) throw error
        await runtime.sleep(backOffMs(attempt, runtime))
      }
    }
  }

  const send = async <T>(call: Call<T>): Promise<T> => (await sendAged(call)).value

  const askAged = <T>(
    path: string,
    answer: z.ZodType<{ data: T }>,
    scopes: readonly string[],
  ): Promise<Aged<T>> =>
    sendAged({ method: 'GET', path, answer, mutating: false, scopes }).then(withoutEnvelope)

  const ask = <T>(path: string, answer: z.ZodType<{ data: T }>, scopes: readonly string[]): Promise<T> =>
    askAged(path, answer, scopes).then(({ value }) => value)

  /**
   * Follows offset pages until one is empty: neither default nor maximum page size of these endpoints is
   * documented, so a short page proves nothing. As old as the oldest page.
   */
  const askAllAged = async <T>(
    path: string,
    answer: z.ZodType<{ data: T[] }>,
    scopes: readonly string[],
    onPage: (page: readonly T[]) => void = () => undefined,
  ): Promise<Aged<readonly T[]>> => {
    const rows: T[] = []
    let accurateAtMs = Number.POSITIVE_INFINITY
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const separator = path.includes('?') ? '&' : '?'
      const next = `${path}${separator}limit=${PAGE_ROWS}&offset=${rows.length}`
      const more = await askAged(next, answer, scopes)
      accurateAtMs = Math.min(accurateAtMs, more.accurateAtMs)
      if (more.value.length === 0) return { value: rows, accurateAtMs }
      rows.push(...more.value)
      onPage(more.value)
    }
    throw new ConnectorError('unavailable', `GET ${path}: more than ${PAGES_MAX} pages`, { connection })
  }

  const askAll = <T>(
    path: string,
    answer: z.ZodType<{ data: T[] }>,
    scopes: readonly string[],
    onPage?: (page: readonly T[]) => void,
  ): Promise<readonly T[]> => askAllAged(path, answer, scopes, onPage).then(({ value }) => value)

  const writeRecord = (
    method: 'POST' | 'PUT' | 'PATCH',
    path: string,
    values: WireValues,
  ): Promise<WireRecord> =>
    send({
      method,
      path,
      body: { data: { values } },
      answer: ANSWERS.record,
      mutating: true,
      scopes: SCOPES.recordWrite,
      fields: Object.keys(values),
    }).then(({ data }) => data)

  const writeWebhook = <T>(
    method: 'POST' | 'PATCH' | 'DELETE',
    path: string,
    data: unknown,
    answer: z.ZodType<T>,
  ): Promise<T> =>
    send({
      method,
      path,
      ...(data === null ? {} : { body: { data } }),
      answer,
      mutating: true,
      scopes: SCOPES.webhookWrite,
    })

  const writeAttribute = (method: 'POST' | 'PATCH', path: string, data: unknown): Promise<WireAttribute> =>
    send({
      method,
      path,
      body: { data },
      answer: ANSWERS.attribute,
      mutating: true,
      scopes: SCOPES.schemaWrite,
    }).then((answer) => answer.data)

  return {
    self: () => send({ method: 'GET', path: '/v2/self', answer: wireSelf, mutating: false, scopes: [] }),
    members: () => ask('/v2/workspace_members', ANSWERS.members, SCOPES.members),
    objects: () => ask('/v2/objects', ANSWERS.objects, SCOPES.schemaRead),
    attributes: (object, onPage) =>
      askAll(at(object, 'attributes'), ANSWERS.attributes, SCOPES.schemaRead, onPage),
    attribute: (object, attribute) =>
      ask(at(object, 'attributes', attribute), ANSWERS.attribute, SCOPES.schemaRead),
    createAttribute: (object, definition) => writeAttribute('POST', at(object, 'attributes'), definition),
    restoreAttribute: (object, attribute) =>
      writeAttribute('PATCH', at(object, 'attributes', attribute), { is_archived: false }),
    options: (object, attribute, kind) =>
      ask(at(object, 'attributes', attribute, kind), ANSWERS.options, SCOPES.schemaRead),
    query: (object, query) =>
      sendAged({
        method: 'POST',
        path: at(object, 'records', 'query'),
        // Without a sort the order is not documented, and offset pages would mean nothing.
        body: { ...query, sorts: [{ attribute: 'created_at', direction: 'asc' }] },
        answer: ANSWERS.records,
        mutating: false,
        scopes: SCOPES.recordRead,
      }).then(withoutEnvelope),
    record: (object, id) =>
      sendAged({
        method: 'GET',
        path: at(object, 'records', id),
        answer: ANSWERS.record,
        mutating: false,
        scopes: SCOPES.recordRead,
      }).then(withoutEnvelope),
    create: (object, values) => writeRecord('POST', at(object, 'records'), values),
    assert: (object, matching, values) =>
      writeRecord(
        'PUT',
        `${at(object, 'records')}?matching_attribute=${encodeURIComponent(matching)}`,
        values,
      ),
    overwrite: (object, id, values) => writeRecord('PUT', at(object, 'records', id), values),
    add: (object, id, values) => writeRecord('PATCH', at(object, 'records', id), values),
    delete: async (object, id) => {
      await send({
        method: 'DELETE',
        path: at(object, 'records', id),
        answer: wireNothing,
        mutating: true,
        scopes: SCOPES.recordWrite,
      })
    },
    history: (object, id, attribute) =>
      askAllAged(
        `${at(object, 'records', id, 'attributes', attribute, 'values')}?show_historic=true`,
        ANSWERS.values,
        SCOPES.recordRead,
      ),
    webhooks: () => askAll('/v2/webhooks', wrapped(wireWebhook.array()), SCOPES.webhookRead),
    createWebhook: (target, subscriptions) =>
      writeWebhook('POST', '/v2/webhooks', { target_url: target, subscriptions }, wrapped(wireWebhook)).then(
        ({ data }) => data,
      ),
    updateWebhook: async (id, subscriptions) => {
      await writeWebhook('PATCH', webhookPath(id), { subscriptions }, wireNothing)
    },
    deleteWebhook: async (id) => {
      await writeWebhook('DELETE', webhookPath(id), null, wireNothing)
    },
  }
}

function withoutEnvelope<T>({ value, accurateAtMs }: Aged<{ data: T }>): Aged<T> {
  return { value: value.data, accurateAtMs }
}

function webhookPath(id: string): string {
  return `/v2/webhooks/${encodeURIComponent(id)}`
}

function at(object: string, ...rest: readonly string[]): string {
  return ['/v2/objects', ...[object, ...rest].map(encodeURIComponent)].join('/')
}

/** A merge takes longer than our patience here, and the caller has other records to look at meanwhile. */
function isRepeatable(error: unknown, mutating: boolean): boolean {
  if (!(error instanceof ConnectorError) || error.kind !== 'transient') return false
  if (error.code === 'concurrent_write_conflict') return true
  return !mutating && error.code !== 'merge_in_progress'
}
