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

/** How long a listing that came back too short is left before another one: longer than replicas lag. */
const SECOND_LOOK_MS = 10_000

/**
 * Throws `GuardTripped` where far fewer records are listed than are known, twice: a vendor answers from replicas that may
 * not know yet what was made there a moment ago.
 */
export async function sweep(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  lane: Lane,
  onPage?: (seen: number) => void,
): Promise<SweepResult> {
  const { store, settings, runtime, signal } = engine
  const { rules } = mapping
  const scope = { mapping: rules.mapping, side }
  const listAll = () => list(engine, mapping, side, lane, onPage)
  const end = (suspect: boolean) => store.endSweep({ ...scope, suspect, lane, nowMs: runtime.now() })
  const tooShort = ({ seen, known }: Listed) =>
    settings.guardsAccepted ? null : guardListing(seen, known, settings.guards)

  let listed = await listAll()
  if (tooShort(listed)) {
    await end(false)
    await runtime.sleep(SECOND_LOOK_MS, signal)
    listed = await listAll()
  }
  const tripped = tooShort(listed)
  const { marked: suspects } = await end(!tripped)
  if (tripped) {
    throw new GuardTripped(
      tripped.guard,
      `${rules.object[side]} on the ${side} side: ${tripped.message}`,
      'Nothing was deleted or changed. If this is right, run the same command with --accept-guards.',
    )
  }
  const { seen, marked } = listed
  engine.log.info({ ...scope, seen, marked, suspects }, 'sweep finished')
  return { seen, marked: marked + suspects, suspects }
}

interface Listed {
  readonly seen: number
  readonly marked: number
  /** How many were known when the listing began. */
  readonly known: number
}

/** From the page at which an earlier process stopped, if one did. */
async function list(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  lane: Lane,
  onPage?: (seen: number) => void,
): Promise<Listed> {
  const { rules } = mapping
  const scope = { mapping: rules.mapping, side }
  const connector = inLane(engine, lane).pairing.connectors[side]
  const started = await engine.store.beginSweep({ ...scope, nowMs: engine.runtime.now() })
  engine.signal.throwIfAborted()
  const fields = [...new Set([...rules.reads[side], ...stampsOfOthers(engine, mapping, side)])]
  const ask = (cursor: string | null): Promise<ListPage> => {
    const page = connector.list({ object: rules.object[side], fields, cursor })
    // Whoever stops before it is waited for has no use for its failure either.
    page.catch(() => undefined)
    return page
  }
  let listing: Promise<ListPage> | null = ask(started.sweepCursor)
  let seen = started.sweepSeen
  let marked = 0
  do {
    engine.signal.throwIfAborted()
    const page: ListPage = await listing
    // Listed while this page is being remembered. When that fails, so does the sweep, whatever the listing says.
    listing = page.next === null ? null : ask(page.next)
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
  return { seen, marked, known: started.sweepKnown }
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
