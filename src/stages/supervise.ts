/**
 * Keeps one pairing alive beside the others: whatever ends its work pauses this pairing only, and is told once. What
 * was heard meanwhile stays in the dirty set and every cursor where it was, so nothing is missed.
 *
 * | state            | entered by                                  | left by                                        |
 * |------------------|---------------------------------------------|------------------------------------------------|
 * | starting         | the start, and every resumption             | the first complete look                        |
 * | working          | that look                                   | what follows                                   |
 * | paused credential | `unauthorized`                             | the account answers again, asked ever less often |
 * | paused guard     | `GuardTripped`                              | a person's word (`attune resume`)              |
 * | paused defect    | `InvariantError`                            | a person's word                                |
 * | paused trouble   | anything else, such as a full disk          | by itself, after a growing while               |
 *
 * A person's word ends every pause at once.
 */
import { ConfigError, ConnectorError, GuardTripped, InvariantError } from '../errors.ts'
import type { Logger } from '../logging.ts'
import type { Runtime } from '../runtime.ts'

export type PauseReason = 'credential' | 'guard' | 'defect' | 'trouble'

export interface Pause {
  readonly kind: 'paused'
  readonly sinceMs: number
  readonly why: PauseReason
  readonly message: string
  /** What to do. */
  readonly hint: string
  /** Whose credential died. */
  readonly connection: string | null
}

export type PairingState =
  | { readonly kind: 'starting'; readonly sinceMs: number }
  | { readonly kind: 'working'; readonly sinceMs: number }
  | Pause

/** A person's word to go on. */
export interface Resumption {
  readonly acceptGuards: boolean
}

export interface LifeOptions {
  readonly guardsAccepted: boolean
  /** To be called after the first complete look. */
  readonly onWorking: () => void
}

export interface SuperviseOptions {
  readonly runtime: Runtime
  readonly log: Logger
  readonly signal: AbortSignal
  /** For the first life. */
  readonly guardsAccepted: boolean
  /** A pause that stands already, and was told: the first life begins when it ends. */
  readonly standing?: Pause | null
  /** Works until something ends it. */
  readonly live: (life: LifeOptions) => Promise<never>
  /** Asks the account that refused us; resolves when it answers. */
  readonly probe: (connection: string) => Promise<void>
  /** What a person has said after `sinceMs`; null: nothing. */
  readonly resumption: (sinceMs: number) => Promise<Resumption | null>
  readonly onState: (state: PairingState) => void
}

const FIRST_MS = 5_000
const RETRY_MAX_MS = 300_000
/** Working for so long, a life counts as a success. */
const HEALTHY_MS = 600_000
/** How soon a person's word is heard. */
const EAR_MS = 1_000

/** Rejects with the signal's reason, and with nothing else. */
export async function supervise(options: SuperviseOptions): Promise<never> {
  const { log } = options
  let { guardsAccepted, standing = null } = options
  let failures = 0
  // Ends with the signal.
  for (;;) {
    const { pause, wasHealthy } = standing
      ? { pause: standing, wasHealthy: false }
      : await lifeUntilPause(options, guardsAccepted)
    standing = null
    failures = wasHealthy ? 0 : failures + 1
    const word = await resumed(pause, failures, options)
    log.info({ why: pause.why, acceptGuards: word?.acceptGuards ?? false }, 'pairing resumes')
    guardsAccepted = word?.acceptGuards ?? false
  }
}

async function lifeUntilPause(
  { runtime, log, signal, live, onState }: SuperviseOptions,
  guardsAccepted: boolean,
): Promise<{ readonly pause: Pause; readonly wasHealthy: boolean }> {
  onState({ kind: 'starting', sinceMs: runtime.now() })
  let workingSinceMs = Infinity
  const ended: unknown = await live({
    guardsAccepted,
    onWorking: () => {
      workingSinceMs = runtime.now()
      onState({ kind: 'working', sinceMs: workingSinceMs })
    },
  }).catch((error: unknown) => error)
  signal.throwIfAborted()
  const pause = pauseFor(ended, runtime.now())
  const isDefect = pause.why === 'defect' || pause.why === 'trouble'
  log[isDefect ? 'error' : 'warn']({ why: pause.why, error: ended }, 'pairing paused')
  onState(pause)
  return { pause, wasHealthy: runtime.now() - workingSinceMs > HEALTHY_MS }
}

function pauseFor(error: unknown, sinceMs: number): Pause {
  const common = { kind: 'paused', sinceMs, connection: null } as const
  if (error instanceof GuardTripped) {
    const { message } = error
    const hint = `If this is right, run \`attune resume --accept-guards\`; once it is put right in the CRM, \`attune resume\`.`
    return { ...common, why: 'guard', message, hint }
  }
  if (error instanceof ConnectorError && error.kind === 'unauthorized') {
    const { message, hint, connection, scopes } = error
    const missing = scopes.length > 0 ? ` (missing scopes: ${scopes.join(', ')})` : ''
    return { ...common, why: 'credential', message: `${message}${missing}`, hint, connection }
  }
  if (error instanceof InvariantError) {
    const hint =
      'This is a defect of Attune: please report it. Nothing was lost; `attune resume` tries it again.'
    return { ...common, why: 'defect', message: error.message, hint }
  }
  const hint = error instanceof ConfigError || error instanceof ConnectorError ? error.hint : ''
  const message = error instanceof Error ? error.message : String(error)
  return { ...common, why: 'trouble', message, hint: `${hint} It is tried again by itself.`.trim() }
}

/** Waits for whatever ends the pause; returns a person's word when that did. */
async function resumed(
  pause: Pause,
  failures: number,
  options: SuperviseOptions,
): Promise<Resumption | null> {
  const { runtime, signal } = options
  const isForPerson = pause.why === 'guard' || pause.why === 'defect'
  let tries = Math.max(0, failures - 1)
  let nextMs = isForPerson ? Infinity : runtime.now() + waitMs(tries)
  // Ends with a word, with an account that answers, with the time, or with the signal.
  for (;;) {
    await runtime.sleep(Math.min(EAR_MS, Math.max(0, nextMs - runtime.now())), signal)
    const word = await heard(pause, options)
    if (word) return word
    // Never farther away than it was put: a clock may be set back.
    if (!isForPerson) nextMs = Math.min(nextMs, runtime.now() + waitMs(tries))
    if (runtime.now() < nextMs) continue
    if (pause.connection === null || (await answers(pause.connection, options))) return null
    tries += 1
    nextMs = runtime.now() + waitMs(tries)
  }
}

async function heard(
  pause: Pause,
  { resumption, signal, log }: SuperviseOptions,
): Promise<Resumption | null> {
  try {
    return await resumption(pause.sinceMs)
  } catch (error) {
    signal.throwIfAborted()
    // The pause may be about this very database.
    log.warn({ error }, 'a word to go on could not be looked for')
    return null
  }
}

function waitMs(tries: number): number {
  return Math.min(RETRY_MAX_MS, FIRST_MS * 2 ** tries)
}

async function answers(connection: string, { probe, signal, log }: SuperviseOptions): Promise<boolean> {
  try {
    await probe(connection)
    return true
  } catch (error) {
    signal.throwIfAborted()
    // An answer that cannot be used, since a renewed credential cannot be written down say, is none.
    const isNoAnswer = error instanceof ConnectorError
    log[isNoAnswer ? 'debug' : 'error']({ connection, error }, 'account does not answer yet')
    return false
  }
}
