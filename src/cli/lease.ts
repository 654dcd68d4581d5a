/** The right of one process to write to a database, renewed while it works and free as soon as it is gone. */
import { hostname } from 'node:os'
import { ConfigError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import type { Owner } from '../store/ownership.ts'
import type { Store } from '../store/store.ts'
import type { Stopping } from './stop-signal.ts'

/** A crashed owner's lease ends by itself after this; a living one renews it three times as often. */
const LEASE_TTL_MS = 30_000

const STOP_IT =
  'stop it first, or name another database with --db; status, conflicts, resolve, explain, runs, plan and a report of pair work beside it'

export interface Lease {
  release(): Promise<void>
}

interface Holder {
  readonly host: string
  readonly pid: number
  readonly nonce: string
}

/**
 * Throws `ConfigError` that names the owner when the database is taken, with `whenTaken` as what to do; aborts the work when
 * it is lost.
 */
export async function takeLease(
  store: Store,
  runtime: Runtime,
  stopping: Stopping,
  whenTaken: string = STOP_IT,
): Promise<Lease> {
  const own: Holder = { host: hostname(), pid: process.pid, nonce: runtime.id() }
  const holder = JSON.stringify(own)
  const owner = await store.acquireLease({ holder, nowMs: runtime.now(), ttlMs: LEASE_TTL_MS, isAlive })
  if (owner !== null) {
    const { pid, host } = JSON.parse(owner) as Holder
    throw new ConfigError(`another attune process (pid ${pid} on ${host}) is working on this database`, {
      hint: whenTaken,
    })
  }
  await store.releaseClaims()
  const renewing = new AbortController()
  const renew = async (): Promise<void> => {
    while (!renewing.signal.aborted) {
      // Rejects only when we end it.
      await runtime.sleep(LEASE_TTL_MS / 3, renewing.signal).catch(() => undefined)
      if (renewing.signal.aborted) return
      if (await isRenewed(store, holder, runtime.now())) continue
      stopping.stop(new ConfigError('another process took over this database', { hint: 'start only one' }))
      return
    }
  }
  const loop = renew()
  return {
    async release() {
      renewing.abort()
      await loop
      await store.releaseLease(holder)
    },
  }
}

/**
 * What keeps a newer release from changing the schema beneath an older process that works on the database: it knows nothing
 * of what was added, and would leave it as it is.
 */
export function refuseBeneathOwner(runtime: Pick<Runtime, 'now'>): (owner: Owner) => void {
  return ({ holder, untilMs }) => {
    if (untilMs <= runtime.now() || !isAlive(holder)) return
    const { pid, host } = JSON.parse(holder) as Holder
    throw new ConfigError(
      `another attune process (pid ${pid} on ${host}), of an older release, is working on this database`,
      { hint: 'stop it, and start this release in its place: that brings the database up to date' },
    )
  }
}

/** False when it is another's now. */
async function isRenewed(store: Store, holder: string, nowMs: number): Promise<boolean> {
  try {
    return await store.renewLease({ holder, nowMs, ttlMs: LEASE_TTL_MS })
  } catch {
    // A disk that is full, or another program that keeps the database locked: whoever writes says so. Meanwhile nobody
    // can take it from us, and nothing is sent, since that begins with a row.
    return true
  }
}

/** A holder on this machine whose process is gone left its lease behind by dying. */
function isAlive(holder: string): boolean {
  const { host, pid } = JSON.parse(holder) as Holder
  if (host !== hostname()) return true
  // It is not ours, and yet has our number: in a container, the process before us had it as well.
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}
