/**
 * What the sandbox needs of a vendor model: a strict, synchronous, in-memory CRM that answers requests. It has
 * no sockets, no timers and no chance of its own: time is the injected clock, work that the vendor does later
 * (index lag, enrichment, webhook retries) happens when the clock has passed it and somebody looks.
 */
import type { z } from 'zod'
import type { HttpRequest, HttpResponse } from '../connectors/transport.ts'

export interface ModelOptions {
  /** Epoch milliseconds of the vendor's clock. */
  readonly clock: () => number
  /** Seeds ids and jitter; equal seeds and equal requests give equal answers. */
  readonly seed: number
  readonly limits: 'vendor' | 'off'
}

export interface VendorModel {
  readonly vendor: string
  /** The bearer token that the model accepts from the start, with every scope. */
  readonly token: string
  /** With what else a client can log in, where the vendor has such: client id and secret, refresh token … */
  readonly credentials?: Readonly<Record<string, string>>
  /** What the app behind the token knows besides, where the vendor has apps. */
  readonly app?: AppCredentials
  /** Switches of this vendor (lag, enrichment, scopes …), changeable while running; documented per model. */
  readonly settings: Record<string, unknown>
  /** What each of them may be set to. */
  readonly settingsSchema: z.ZodObject

  /** Answers one request, exactly as the vendor would; unknown routes as the vendor, unmodelled ones so or with 501. */
  handle(request: HttpRequest): HttpResponse

  /** The answer the vendor gives when it refuses for this reason, without any effect. */
  refuse(reason: Refusal, request: HttpRequest): HttpResponse

  /** Whether a request changes data, as the vendor counts it for its limits. */
  isMutating(request: HttpRequest): boolean

  /** `METHOD /template/{id}` of a request, for statistics. */
  routeOf(request: HttpRequest): string

  /**
   * How much longer the vendor keeps this request open before it answers, in ms, when it arrived at `arrivedAt` on the
   * vendor's clock; 0: it answers now. A host asks again from time to time, as something may come up meanwhile
   * (`hold.ts`). A model without this method answers everything at once.
   */
  waits?(request: HttpRequest, arrivedAt: number): number

  /** Whether an answer says that a limit was reached; without this method that is status 429. */
  throttles?(response: HttpResponse): boolean

  /** A change made by a person in the vendor's user interface; no rate limits apply. Throws `EditRefused`. */
  edit(edit: HumanEdit): { readonly id: string }

  /** Webhook deliveries that are due now; each must be answered with `settleDelivery`. */
  takeDeliveries(): readonly Delivery[]
  settleDelivery(id: string, status: number | null): void
  /** When the earliest waiting delivery is due, epoch ms, or null. */
  nextDeliveryAt(): number | null

  /**
   * Everything the vendor holds, as a person with database access would see it. The ground truth of tests: what changes
   * there later does not show in it.
   */
  dump(): Dump

  /** The whole state as JSON text, and back. */
  snapshot(): string
  restore(text: string): void
}

export interface AppCredentials {
  readonly id: string
  /** Signs webhooks. */
  readonly clientSecret: string
  /** Opens the app's webhook settings. */
  readonly developerKey: string
}

export type Refusal = 'rate-limit' | 'server-error' | 'bad-gateway' | 'unauthorized' | 'daily-limit'

export interface HumanEdit {
  readonly action:
    'create' | 'update' | 'delete' | 'restore' | 'merge' | 'associate' | 'dissociate' | 'convert'
  readonly object: string
  /** The record; the survivor of a merge; absent for `create`. */
  readonly id?: string
  /** Field values in the vendor's own write format (`create`, `update`), or the choices made on converting. */
  readonly values?: Readonly<Record<string, unknown>>
  /** The other record of a `merge`, or the far end of an association. */
  readonly other?: { readonly object: string; readonly id: string; readonly label?: string }
  /** User id or e-mail of the person; the model's first admin when absent. Attio also knows `system`, the vendor itself. */
  readonly actor?: string
  /** Made by an automation that somebody set up in the account, instead of by a person; `actor` is then unused. */
  readonly automated?: boolean
}

/** A person could not make this edit either: unknown record, invalid value. The message says which. */
export class EditRefused extends Error {
  override readonly name = 'EditRefused'
}

export interface Delivery {
  readonly id: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Object → record id → what it holds, in the vendor's own words. */
export type Dump = Readonly<Record<string, Readonly<Record<string, DumpedRecord>>>>

export interface DumpedRecord {
  readonly values: Readonly<Record<string, unknown>>
  readonly state: 'live' | 'archived' | 'merged'
  /** Survivor's id where `state` is `merged`. */
  readonly into: string | null
  readonly associations: readonly {
    readonly object: string
    readonly id: string
    readonly label: string | null
  }[]
}
