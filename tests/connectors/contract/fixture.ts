/** What the connector contract needs to know about one vendor, and what it must be able to make happen there. */
import type { Connector } from '../../../src/connectors/connector.ts'
import type { RecordId } from '../../../src/core/record.ts'
import type { FieldValue, FieldValues } from '../../../src/core/value.ts'
import type { Delivery, VendorModel } from '../../../src/sandbox/model.ts'
import type { Interruptible } from './interruptible.ts'

export interface ConnectorFixture {
  readonly connector: Connector
  /** Another connector to the same account with a token that the vendor does not know. */
  readonly strangersConnector: Connector
  readonly network: Interruptible
  readonly sample: SampleObject
  /** The name of a text field that neither the sample object nor the stamped one has yet. */
  readonly newField: string
  /** An object whose stamp field exists and is unique; null where the vendor has none. */
  readonly stamped: {
    readonly object: string
    readonly stamp: string
    /** What the n-th record needs besides its stamp. */
    values(n: number): FieldValues
  } | null
  /** A multi-valued field of the sample object, with three values it takes; null where there is none. */
  readonly several: {
    readonly field: string
    readonly values: readonly [FieldValue, FieldValue, FieldValue]
  } | null
  /** An object that the account has switched off; null where the vendor knows no such thing. */
  readonly switchedOff: string | null
  /** Null where the vendor pushes nothing. */
  readonly vendor: PushingVendor | null
  /** A person working in the vendor's own user interface. */
  readonly person: Person
  /** Lets time pass and the vendor finish what it does later (indexing, enrichment). */
  settle(): void
}

/** The vendor as it delivers webhooks. */
export interface PushingVendor {
  nowMs(): number
  /** What is due; taken as answered. */
  deliveries(): readonly Delivery[]
  /** What deliveries are signed with, where that is not told by installing. */
  readonly webhookSecret: string | null
}

/** Takes what is due and answers it as a receiver does that is well. */
export function deliveriesOf(model: VendorModel): readonly Delivery[] {
  const all: Delivery[] = []
  // Ends: nothing becomes due while the clock stands.
  for (let due = model.takeDeliveries(); due.length > 0; due = model.takeDeliveries()) {
    for (const { id } of due) model.settleDelivery(id, 204)
    all.push(...due)
  }
  return all
}

export interface SampleObject {
  readonly object: string
  /** A single-valued text field, blank in `values`. */
  readonly text: string
  /** A field in `values` that `find` answers for consistently; `keyIsUnique` when the vendor enforces it. */
  readonly key: string
  readonly keyIsUnique: boolean
  /** Values of the n-th record, as `create` takes them; different n, different key. */
  values(n: number): FieldValues
  keyOf(n: number): string
  /** Values that differ from `values(n)` in something that the vendor refuses. */
  refused(n: number): FieldValues
}

/** All on the sample object. */
export interface Person {
  create(n: number): RecordId
  setText(id: RecordId, text: string): void
  clearText(id: RecordId): void
  remove(id: RecordId): void
  /** Returns the id of the record that results. */
  merge(primary: RecordId, secondary: RecordId): RecordId
}
