/** A thin typed client of Attio's REST API v2: one function per endpoint we use. There is no official SDK. */
import type { z } from 'zod'
import { ask, askAll, withoutEnvelope } from './asking.ts'
import type { Aged } from './replica.ts'
import { SCOPES } from './scopes.ts'
import { attioSender, type Call, type SenderOptions } from './sending.ts'
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
  webhook: wrapped(wireWebhook),
  webhooks: wrapped(wireWebhook.array()),
} as const

export function attioClient(options: SenderOptions): AttioClient {
  const { connection } = options
  const sendAged = attioSender(options)

  const send = async <T>(call: Call<T>): Promise<T> => (await sendAged(call)).value

  const schema = <T>(path: string, answer: z.ZodType<{ data: T }>): Promise<T> =>
    ask(sendAged, { path, answer, scopes: SCOPES.schemaRead }).then(({ value }) => value)

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
    members: () =>
      ask(sendAged, { path: '/v2/workspace_members', answer: ANSWERS.members, scopes: SCOPES.members }).then(
        ({ value }) => value,
      ),
    objects: () => schema('/v2/objects', ANSWERS.objects),
    attributes: (object, onPage) =>
      askAll(
        sendAged,
        { path: at(object, 'attributes'), answer: ANSWERS.attributes, scopes: SCOPES.schemaRead },
        { connection, onPage },
      ).then(({ value }) => value),
    attribute: (object, attribute) => schema(at(object, 'attributes', attribute), ANSWERS.attribute),
    createAttribute: (object, definition) => writeAttribute('POST', at(object, 'attributes'), definition),
    restoreAttribute: (object, attribute) =>
      writeAttribute('PATCH', at(object, 'attributes', attribute), { is_archived: false }),
    options: (object, attribute, kind) => schema(at(object, 'attributes', attribute, kind), ANSWERS.options),
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
      ask(sendAged, {
        path: at(object, 'records', id),
        answer: ANSWERS.record,
        scopes: SCOPES.recordRead,
      }),
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
      askAll(
        sendAged,
        {
          path: `${at(object, 'records', id, 'attributes', attribute, 'values')}?show_historic=true`,
          answer: ANSWERS.values,
          scopes: SCOPES.recordRead,
        },
        { connection },
      ),
    webhooks: () =>
      askAll(
        sendAged,
        { path: '/v2/webhooks', answer: ANSWERS.webhooks, scopes: SCOPES.webhookRead },
        { connection },
      ).then(({ value }) => value),
    createWebhook: (target, subscriptions) =>
      writeWebhook('POST', '/v2/webhooks', { target_url: target, subscriptions }, ANSWERS.webhook).then(
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

function webhookPath(id: string): string {
  return `/v2/webhooks/${encodeURIComponent(id)}`
}

function at(object: string, ...rest: readonly string[]): string {
  return ['/v2/objects', ...[object, ...rest].map(encodeURIComponent)].join('/')
}
