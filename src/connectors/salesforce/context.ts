/** What the connector's parts work with. One context per lane; everything but the client is shared between them. */
import type { Runtime } from '../../runtime.ts'
import type { Actors } from './actors.ts'
import type { AskedFields } from './asked-fields.ts'
import type { Catalogue } from './catalogue.ts'
import type { SalesforceClient } from './client.ts'
import type { Parents } from './parents.ts'
import type { ServerClock } from './server-clock.ts'
import type { SnapshotMaker } from './snapshots.ts'

export interface SalesforceContext {
  readonly connection: string
  readonly client: SalesforceClient
  readonly runtime: Runtime
  readonly catalogue: Catalogue
  readonly actors: Actors
  readonly clock: ServerClock
  readonly snapshots: SnapshotMaker
  readonly asked: AskedFields
  readonly parents: Parents
  readonly settings: WriteSettings
}

/** What the operator chooses. */
export interface WriteSettings {
  /** Whether what a duplicate rule only warns of is saved all the same (Salesforce fact sheet 6.3). */
  readonly allowDuplicates: boolean
  /** Compare-and-set by `If-Unmodified-Since`, 25 rows a request instead of 200 (19). */
  readonly strict: boolean
  /** So many rows of one call go as a bulk job; null: never (16). */
  readonly bulkFrom: number | null
}
