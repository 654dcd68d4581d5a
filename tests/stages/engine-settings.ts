/** Settings of the engine in tests, apart from the accounts: the pace of a process of its own, on a database in memory. */
import type { Settings } from '../../src/config/settings.ts'
import { GUARD_LIMITS } from '../../src/core/guard.ts'
import { RETENTION } from './looks.ts'

export const ENGINE_SETTINGS = {
  database: ':memory:',
  batchSize: 200,
  batchesInFlight: 2,
  freshMs: 2_000,
  requestTimeoutMs: 30_000,
  zombieHorizonMs: 20_000,
  clockErrorMs: 2_000,
  lookBack: 'following',
  guards: GUARD_LIMITS,
  retention: RETENTION,
} as const satisfies Partial<Settings>
