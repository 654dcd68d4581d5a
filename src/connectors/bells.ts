/** How a CRM tells of changes by itself: webhooks, and lines that are kept open. */
import type { Bell, Delivery, Hearing } from '../core/bell.ts'

/** What a line tells. */
export interface LineNews {
  readonly bells: readonly Bell[]
  /** From where to go on when these were heard; null where that did not move. */
  readonly place: string | null
}

/** Hearing what the vendor pushes, and registering to be told. */
export interface Webhooks {
  /**
   * Gets ready to hear. What naming objects and fields takes is asked now, at one request per object at most, so
   * that hearing needs no request.
   */
  reader(request: WebhookReaderRequest): Promise<WebhookReader>

  /** What the vendor tells at `target`, beside what is wanted. Changes nothing. */
  list(request: WebhookRequest): Promise<WebhookState>

  /**
   * Makes the vendor tell exactly what is wanted at `target`. What leads there is ours, and nothing else is touched.
   * Doing it twice changes nothing the second time, and doing it again after a failure completes it.
   */
  install(request: WebhookRequest & WebhookInstallOptions): Promise<WebhookChange>

  /** Makes the vendor tell nothing at `target` any more; `wanted` only helps to name what it told. */
  remove(request: WebhookRequest): Promise<WebhookChange>
}

export interface WebhookReaderRequest {
  /** `Account.id`: events of other accounts are ignored. */
  readonly account: string
  /** Objects as the mappings spell them; bells come with these names. */
  readonly objects: readonly string[]
  /** What the vendor signs with. */
  readonly secret: string
}

export interface WebhookReader {
  /**
   * Verifies a delivery over its raw bytes, in constant time and before anything is parsed, then reads all of its
   * events. Pure, and never throws for what a stranger sent.
   */
  read(delivery: Delivery, nowMs: number): Hearing
}

export interface WebhookRequest {
  /** The URL that the vendor calls. */
  readonly target: string
  /** Objects that mappings keep, and the fields of them that they read. */
  readonly wanted: readonly { readonly object: string; readonly fields: readonly string[] }[]
}

export interface WebhookInstallOptions {
  /** The vendor shows some secrets only once. Where it is not known any more, a new one has to be made. */
  readonly secretIsKnown: boolean
  /** Where the account can deliver to one URL only: deliver here although it delivers elsewhere. */
  readonly takeOver?: boolean
}

/** `paused`: the vendor knows of it and does not tell. `unneeded`: no mapping wants to hear of it. */
export interface WebhookSubscription {
  /** One kind of event about one object or field, in the vendor's words. */
  readonly name: string
  readonly state: 'present' | 'missing' | 'paused' | 'unneeded'
}

/** `by-hand`: the vendor lets only a person set it up, and does not tell whether that was done. */
export type WebhookState =
  | {
      readonly kind: 'known'
      readonly subscriptions: readonly WebhookSubscription[]
      /** What is wrong with the deliveries, in the vendor's words; null when nothing is. */
      readonly trouble: string | null
    }
  | { readonly kind: 'by-hand'; readonly steps: readonly string[] }

export type WebhookChange =
  | {
      readonly kind: 'done'
      /** Names of subscriptions. */
      readonly created: readonly string[]
      readonly removed: readonly string[]
      readonly kept: readonly string[]
      /** What deliveries are signed with from now on; null when that did not change. Shown this once. */
      readonly secret: string | null
    }
  | { readonly kind: 'by-hand'; readonly steps: readonly string[] }
