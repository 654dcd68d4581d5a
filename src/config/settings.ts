/** What the program goes by, once the file and the environment were read. */
import type { GuardLimits } from '../core/guard.ts'
import type { Looks } from '../schedule.ts'
import type { Address } from './address.ts'
import type { ConnectionSettings } from './connection.ts'

export interface AlertSettings {
  readonly url: string
  readonly secret: string
}

export interface WebSettings {
  /** Null: as the caller likes. */
  readonly bind: Address | null
  /**
   * Of health and metrics; apart from the vendors' door, which a proxy opens to the world. Null: as the caller likes.
   */
  readonly operations: Address | null
  /** Without a trailing slash. Null: the vendors cannot reach us, and nothing is listened for. */
  readonly publicUrl: string | null
}

export interface PairingSettings {
  readonly name: string
  readonly left: string
  readonly right: string
  /** Absolute paths. */
  readonly mappings: readonly string[]
  readonly looks: Looks
}

export interface Settings {
  readonly connections: readonly ConnectionSettings[]
  /** Optional connections of which nothing is known. */
  readonly leftOut?: readonly string[]
  readonly pairings: readonly PairingSettings[]
  readonly database: string
  /** Absent: as with an empty `web` in the file. */
  readonly web?: WebSettings
  /** Absent: alerts go to the log only. */
  readonly alerts?: AlertSettings
  readonly batchSize: number
  readonly batchesInFlight: number
  readonly freshMs: number
  readonly requestTimeoutMs: number
  readonly zombieHorizonMs: number
  readonly clockErrorMs: number
  /** When the value histories are asked what our writes replaced unseen. */
  readonly lookBack: 'following' | 'always' | 'never'
  readonly guards: GuardLimits
  /** How long each is kept. */
  readonly retention: RetentionSettings
}

export interface RetentionSettings {
  readonly changesMs: number
  readonly journalMs: number
  readonly conflictsMs: number
}
