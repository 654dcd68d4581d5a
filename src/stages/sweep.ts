/**
 * OBSERVE by sweeping: lists an object completely and marks what differs from its agreed fingerprint. The only
 * capture that needs nothing from the vendor but a listing, and the one that repairs what the others lost.
 */
import type { ListPage } from '../connectors/reading.ts'
import { GuardTripped } from '../errors.ts'
import { guardListing } from '../core/guard.ts'
import type { Lane } from '../core/lane.ts'
import type { Side } from '../core/record.ts'
import { inLane, type Engine, type MappingRuntime } from './engine.ts'
import { stampsOfOthers } from './hub.ts'
import type { Progress } from './pass.ts'
import { rememberForOthers } from './seen-for-others.ts'
import { sightingOf } from './sighting.ts'

export interface SweepResult {
  readonly seen: number
  readonly marked: number
  /** Known records that were not listed and are now asked for by id. */
  readonly suspects: number
}

export async function sweep(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  lane: Lane,
  onPage?: (seen: number) => void,
): Promise<SweepResult> {
  const { rules } = mapping
  const scope = { mapping: rules.mapping, side }
  const connector = inLane(engine, lane).pairing.connectors[side]
  const started = await engine.store.beginSweep({ ...scope, nowMs: engine.runtime.now() })
  engine.signal.throwIfAborted()
  const fields = [...new Set([...rules.reads[side], ...stampsOfOthers(engine, mapping, side)])]
  const list = (cursor: string | null): Promise<ListPage> => {
    const page = connector.list({ object: rules.object[side], fields, cursor })
    // Whoever stops before it is waited for has no use for its failure either.
    page.catch(() => undefined)
    return page
  }
  let listing: Promise<ListPage> | null = list(started.sweepCursor)
  let seen = started.sweepSeen
  let marked = 0
  do {
    engine.signal.throwIfAborted()
    const page: ListPage = await listing
    // Listed while this page is being remembered. When that fails, so does the sweep, whatever the listing says.
    listing = page.next === null ? null : list(page.next)
    await rememberForOthers(engine, mapping, side, page.records)
    const sightings = page.records.map((record) => sightingOf(rules, side, record))
    const recorded = await engine.store.recordPage({
      ...scope,
      sightings,
      next: page.next,
      lane,
      nowMs: engine.runtime.now(),
    })
    seen = recorded.seen
    marked += recorded.marked
    onPage?.(seen)
  } while (listing !== null)

  const tripped = guardListing(seen, started.sweepKnown, engine.settings.guards)
  if (tripped && !engine.settings.guardsAccepted) {
    await engine.store.endSweep({ ...scope, suspect: false, lane, nowMs: engine.runtime.now() })
    throw new GuardTripped(
      tripped.guard,
      `${rules.object[side]} on the ${side} side: ${tripped.message}`,
      'Nothing was deleted or changed. If this is right, run the same command with --accept-guards.',
    )
  }
  const ended = await engine.store.endSweep({ ...scope, suspect: true, lane, nowMs: engine.runtime.now() })
  engine.log.info({ ...scope, seen, marked, suspects: ended.marked }, 'sweep finished')
  return { seen, marked: marked + ended.marked, suspects: ended.marked }
}

/** With its progress told, for whoever waits for a complete look. */
export function sweepInView(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  progress: Progress,
): Promise<SweepResult> {
  const what = `reading ${mapping.rules.object[side]} of ${engine.pairing.connectors[side].connection}`
  return sweep(engine, mapping, side, 3, (seen) => progress.report({ what, done: seen, total: null }))
}
