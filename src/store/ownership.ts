/** The store port: which process may write, and small facts worth keeping. */
import { ConfigError } from '../errors.ts'

/** Another program keeps the database locked (a VACUUM, a backup, a transaction left open): it passes when that ends. */
export class DatabaseLocked extends ConfigError {}

/** Who took a database, and until when. */
export interface Owner {
  readonly holder: string
  readonly untilMs: number
}

export interface Ownership {
  /**
   * Takes the database for one writing process. Null when taken; otherwise the holder's description. A lease
   * is free when it expired or `isAlive(holder)` denies it.
   */
  acquireLease(request: {
    holder: string
    nowMs: number
    ttlMs: number
    isAlive: (holder: string) => boolean
  }): Promise<string | null>
  renewLease(request: { holder: string; nowMs: number; ttlMs: number }): Promise<boolean>
  releaseLease(holder: string): Promise<void>

  meta(key: string): Promise<string | null>
  setMeta(key: string, value: string): Promise<void>
}
