/**
 * Keeps a pairing in agreement until it is stopped. No printing and no timers of its own: rounds are reported to the
 * caller, waiting is the runtime's.
 *
 * Eight loops run side by side, and where one ends, all end:
 *
 * | loop         | does                                                                                     |
 * |--------------|------------------------------------------------------------------------------------------|
 * | urgent work  | works off the lanes 0 and 1: what bells told of, decisions, writes to settle             |
 * | other work   | works off the lanes 2 and 3: what polls and listings found                               |
 * | poll         | asks the feeds what changed                                                              |
 * | listing      | the same where there is no feed, and nobody tells at once                                 |
 * | delayed poll | asks for what was changed a while ago: indexes lag, and the first poll may have missed it |
 * | sweep        | compares everything, which finds what bells and feeds missed                             |
 * | refusals     | tries again what a CRM refused, when its wait is over                                    |
 * | look back    | asks what our writes replaced that nobody had seen                                       |
 */
import type { ConnectorError } from '../errors.ts'
import { SIDES, type Side } from '../core/record.ts'
import { atLeastEvery, type Looks, type Schedule } from '../schedule.ts'
import { newTally, type Engine, type Tally } from './engine.ts'
import { sharedGuards } from './guard-rounds.ts'
import { keepWorking } from './keep-working.ts'
import { lookBack } from './look-back.ts'
import { lookAtEverything, type Progress } from './pass.ts'
import { poll } from './poll.ts'
import { persistently } from './persist.ts'
import { recheckReviews } from './stale-reviews.ts'
import { keepRetryingRefused } from './retry-refused.ts'
import { sweep } from './sweep.ts'
import { keepTimetable } from './timetable.ts'
import { allUntilOneEnds } from './together.ts'
import { createWake } from './wake.ts'

export interface FollowOptions {
  readonly looks: Looks
  /** Sweep at once, since nobody has looked for a while. Told when it is done. */
  readonly sweepFirst?: { readonly onDone: () => void }
  /** Whether the changes of this side are told at once: where there is no feed either, only then polls need not list. */
  readonly isTold?: (side: Side) => boolean
  /** How soon work that another process left is noticed. A second when absent. */
  readonly tickMs?: number
  /** After every round in which something was written, linked or found in conflict. */
  readonly onRound: (tally: Tally) => void
  /** A look found changes that nobody had told of. */
  readonly onFound?: (found: Found) => void
  /** A CRM does not answer as it should. It is tried again, after `retryInMs`. */
  readonly onTrouble: (error: ConnectorError, retryInMs: number) => void
}

export interface Found {
  readonly look: keyof Looks
  readonly side: Side
  readonly count: number
}

/** How long after a change a delayed poll asks for it: longer than indexes lag (algorithms 6.2). */
const SETTLED_MS = 3_600_000

/** What nobody waits for is gathered for so long: most of it are our own writes, each told of by itself. */
const UNHURRIED_MS = 2_000
/**
 * The same for what somebody waits for: nothing as long as half of the allowances are free, and then in proportion to
 * what is used beyond that and in inverse proportion to what is left, so that the rest lasts until there is room
 * again.
 */
const GATHERING_MS = 120
const GATHERING_MAX_MS = 1_000

function spacingMs({ pairing: { connectors } }: Engine): number {
  const pressure = Math.max(connectors.left.pressure(), connectors.right.pressure())
  if (pressure <= 0.5) return 0
  return Math.min(GATHERING_MAX_MS, (GATHERING_MS * (2 * pressure - 1)) / (1 - pressure))
}

/**
 * Polls ask all day long, whether or not anything happens. Once half of a day's requests is gone, they take half of what is
 * left at most: an org with few of them is asked less often then, and not every quarter of a minute until there are none.
 */
const POLLS_SHARE = 0.5
/** A day that looks used up may look otherwise soon; as often as the budget itself asks then. */
const POLL_SPACING_MAX_MS = 900_000

function pollSpacingMs({ pairing: { connectors, mappings } }: Engine): number {
  const feeds = SIDES.filter((side) => connectors[side].capabilities.changes)
  const paces = feeds.map((side) => connectors[side].paceMs())
  return Math.min(POLL_SPACING_MAX_MS, Math.max(0, ...paces) * (mappings.length / POLLS_SHARE))
}

const SILENT: Progress = { report: () => undefined }

/**
 * Rejects with the signal's reason when stopped, with `GuardTripped` when a person has to look, with
 * `unauthorized` when a credential died; trouble that passes by itself is waited out for as long as it lasts.
 */
export async function follow(engine: Engine, options: FollowOptions): Promise<never> {
  const { looks, tickMs = 1_000, onRound, onTrouble } = options
  const otherWake = createWake(engine.runtime)
  const guards = sharedGuards()
  const looking = lookouts(options, () => otherWake.call())
  return allUntilOneEnds(engine.signal, (signal) => {
    const own: Engine = { ...engine, signal }
    const work = { guards, tickMs, onRound, onTrouble }
    const { batchesInFlight } = engine.settings
    const keep = (schedule: Schedule, look: (engine: Engine) => Promise<void>) =>
      keepTimetable({
        schedule,
        runtime: engine.runtime,
        signal,
        run: () => persistently(own, () => look({ ...own, tally: newTally() }), onTrouble),
      })
    const sweepFirst = async ({ onDone }: { readonly onDone: () => void }): Promise<never> => {
      await persistently(own, () => looking.sweep(own), onTrouble)
      onDone()
      return keep(looks.sweep, looking.sweep)
    }
    const sweeping = options.sweepFirst ? sweepFirst(options.sweepFirst) : keep(looks.sweep, looking.sweep)
    return [
      keepWorking(own, {
        ...work,
        lanes: [0, 1],
        decisionsMax: batchesInFlight,
        spacingMs: () => spacingMs(engine),
        wake: engine.wake,
        onDone: () => otherWake.call(),
      }),
      keepWorking(own, {
        ...work,
        lanes: [2, 3],
        // Much that is found at once may be about the same people, and nobody waits for it.
        decisionsMax: 1,
        spacingMs: () => UNHURRIED_MS,
        wake: otherWake,
        onDone: () => engine.wake.call(),
      }),
      keep(
        atLeastEvery(looks.poll, () => pollSpacingMs(engine)),
        looking.poll,
      ),
      keep(looks.listing, looking.listing),
      keep(looks.delayedPoll, looking.delayedPoll),
      sweeping,
      keepRetryingRefused(own),
      ...(engine.settings.lookBack === 'never' ? [] : [keepLookingBack(own, tickMs, options)]),
    ]
  })
}

/** Piece by piece: whoever else wants to ask the CRM has its turn in between. */
async function keepLookingBack(
  engine: Engine,
  tickMs: number,
  { onRound, onTrouble }: FollowOptions,
): Promise<never> {
  const { runtime, signal } = engine
  // Ends with the signal.
  for (;;) {
    const round: Engine = { ...engine, tally: newTally() }
    const isBehind = await persistently(engine, () => lookBack(round), onTrouble)
    if (round.tally.conflictsOpened > 0) onRound(round.tally)
    signal.throwIfAborted()
    if (!isBehind) await runtime.sleep(tickMs, signal)
  }
}

/** The three looks of one pairing. A side is never listed twice at once: the listing under way sees everything. */
function lookouts({ isTold, onFound }: FollowOptions, onMarked: () => void) {
  let listing: Promise<void> | null = null
  const alone = async (work: () => Promise<void>): Promise<void> => {
    const own = work()
    listing = own
    try {
      await own
    } finally {
      listing = null
    }
  }
  const found = (look: keyof Looks, side: Side, count: number): void => {
    if (count > 0) onFound?.({ look, side, count })
  }

  const listWhatNobodyTells = async (engine: Engine): Promise<void> => {
    const { connectors, mappings } = engine.pairing
    const silent = SIDES.filter((side) => !connectors[side].capabilities.changes && !isTold?.(side))
    if (silent.length === 0 || listing) return
    await alone(async () => {
      for (const mapping of mappings) {
        for (const side of silent) found('listing', side, (await sweep(engine, mapping, side, 2)).marked)
      }
    })
  }

  const pollFeeds = async (engine: Engine, look: keyof Looks, settledMs: number): Promise<void> => {
    const { connectors, mappings } = engine.pairing
    for (const side of SIDES.filter((each) => connectors[each].capabilities.changes)) {
      for (const mapping of mappings) found(look, side, (await poll(engine, mapping, side, settledMs)).marked)
    }
  }

  return {
    poll: async (engine: Engine) => {
      await pollFeeds(engine, 'poll', 0)
      onMarked()
    },
    listing: async (engine: Engine) => {
      await listWhatNobodyTells(engine)
      onMarked()
    },
    delayedPoll: async (engine: Engine) => {
      await pollFeeds(engine, 'delayedPoll', SETTLED_MS)
      onMarked()
    },
    sweep: async (engine: Engine) => {
      // Waited for, whatever became of it: it is told by whoever began it.
      await listing?.catch(() => undefined)
      await alone(async () => {
        const counts = await lookAtEverything(engine, SILENT)
        for (const side of SIDES) found('sweep', side, counts[side])
      })
      for (const mapping of engine.pairing.mappings) await recheckReviews(engine, mapping)
      onMarked()
    },
  }
}
