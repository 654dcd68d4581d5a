/**
 * Looks at how things go, again and again, and tells what a person should know: an allowance of the day that runs out, a
 * direction that fell silent, webhooks that come no more.
 */
import type { Runtime } from '../runtime.ts'
import { SIDES, type Side } from '../core/record.ts'
import type { Store } from '../store/store.ts'
import type { AlertBook } from './alerts.ts'
import type { Tally } from './engine.ts'
import { heard, newSilence, silence, type SilenceLedger } from './silence.ts'

/** What is left of our part of a connection's day, 0 to 1. */
export interface DayLeft {
  readonly connection: string
  readonly leftShare: number
}

export interface WatchOptions {
  readonly store: Pick<Store, 'meta' | 'setMeta'>
  readonly runtime: Runtime
  readonly alerts: AlertBook
  readonly pairings: readonly string[]
  readonly days: () => readonly DayLeft[]
  /** Connections whose webhooks come no more: see `hearing.ts`. */
  readonly silentWebhooks: () => readonly string[]
}

export interface Watch {
  /** What a round of this pairing did. */
  round(pairing: string, tally: RoundTally): void
  look(): Promise<void>
  keepLooking(signal: AbortSignal): Promise<never>
}

const EVERY_MS = 30_000
/** Complete listings stop at a tenth (`budget/day-plan.ts`): this comes before it, and it is over well after it. */
const LOW_SHARE = 0.15
const ENOUGH_SHARE = 0.25
/** A ledger is as old as this at most when it is found again. */
const LOOKED = 'silence'

type RoundTally = Pick<Tally, 'created' | 'updated' | 'deleted' | 'conflictsOpened'>

export async function openWatch(options: WatchOptions): Promise<Watch> {
  const { store, runtime, alerts, pairings, days, silentWebhooks } = options
  const ledgers = await recallLedgers(store, pairings, runtime.now())
  const conflicts = new Map<string, number>()

  const watchDays = async (): Promise<void> => {
    for (const { connection, leftShare } of days()) {
      if (leftShare >= ENOUGH_SHARE) await alerts.resolve('budget-low', connection)
      if (leftShare > LOW_SHARE) continue
      await alerts.raise({
        kind: 'budget-low',
        subject: connection,
        message: `${Math.floor(100 * leftShare)} % of our part of the day's requests is left`,
        hint: 'Complete listings stop at 10 %, polls at 5 %; edits go on. See which other apps use the account, or raise `day.share` of this connection.',
      })
    }
  }

  const tellConflicts = async (): Promise<void> => {
    const opened = [...conflicts]
    conflicts.clear()
    for (const [pairing, count] of opened) {
      await alerts.note({
        kind: 'conflict-opened',
        subject: pairing,
        message: `${count} ${count === 1 ? 'conflict waits' : 'conflicts wait'} for a person`,
        hint: 'See `attune conflicts`, and decide with `attune resolve`.',
      })
    }
  }

  const watchWebhooks = async (): Promise<void> => {
    const silent = silentWebhooks()
    for (const { kind, subject } of alerts.open()) {
      if (kind === 'webhooks-silent' && !silent.includes(subject)) await alerts.resolve(kind, subject)
    }
    for (const subject of silent) {
      await alerts.raise({
        kind: 'webhooks-silent',
        subject,
        message: 'records changed, and no webhook told of it',
        hint: 'Changes are found by listing meanwhile, which takes a minute or so and more requests. `attune webhooks list` says whether the vendor still delivers; then look at the public URL and the proxy behind it.',
      })
    }
  }

  const watchDirections = async (): Promise<void> => {
    for (const pairing of pairings) {
      for (const side of SIDES) {
        const ledger = ledgers.get(keyOf(pairing, side))
        const subject = `${pairing} ${side}`
        const silent = ledger ? silence(ledger, runtime.now()) : null
        if (!silent) {
          await alerts.resolve('direction-silent', subject)
          continue
        }
        await alerts.raise({
          kind: 'direction-silent',
          subject,
          message: `nothing was written into the ${side} side for ${hours(silent.silentMs)}, and the longest pause lately was ${hours(silent.usualMs)}`,
          hint: 'Edit a record on the other side. If the edit does not arrive, `attune status`, `attune webhooks list` and `attune check` say more.',
        })
      }
    }
  }

  const self: Watch = {
    round(pairing, { conflictsOpened, ...written }) {
      if (conflictsOpened > 0) conflicts.set(pairing, (conflicts.get(pairing) ?? 0) + conflictsOpened)
      for (const side of SIDES) {
        if (written.created[side] + written.updated[side] + written.deleted[side] === 0) continue
        const key = keyOf(pairing, side)
        const ledger = heard(ledgers.get(key) ?? newSilence(runtime.now()), runtime.now())
        ledgers.set(key, ledger)
      }
    },
    async look() {
      await tellConflicts()
      await watchDays()
      await watchWebhooks()
      await watchDirections()
      await store.setMeta(LOOKED, JSON.stringify({ atMs: runtime.now(), ledgers: [...ledgers] }))
    },
    async keepLooking(signal) {
      // Ends with the signal.
      for (;;) {
        await runtime.sleep(EVERY_MS, signal)
        await self.look()
      }
    },
  }
  return self
}

function keyOf(pairing: string, side: Side): string {
  return `${pairing}/${side}`
}

function hours(ms: number): string {
  return `${(ms / 3_600_000).toFixed(1)} h`
}

/** While nobody was there, nobody was silent: the time since the last look does not count. */
async function recallLedgers(
  store: Pick<Store, 'meta'>,
  pairings: readonly string[],
  nowMs: number,
): Promise<Map<string, SilenceLedger>> {
  const text = await store.meta(LOOKED)
  const known = JSON.parse(text ?? `{"atMs":${nowMs},"ledgers":[]}`) as {
    readonly atMs: number
    readonly ledgers: readonly (readonly [string, SilenceLedger])[]
  }
  const awayMs = nowMs - known.atMs
  const byKey = new Map(known.ledgers)
  return new Map(
    pairings.flatMap((pairing) =>
      SIDES.map((side) => {
        const key = keyOf(pairing, side)
        const { sinceMs, lastMs, gaps } = byKey.get(key) ?? newSilence(nowMs - awayMs)
        return [key, { sinceMs: sinceMs + awayMs, lastMs: lastMs + awayMs, gaps }] as const
      }),
    ),
  )
}
