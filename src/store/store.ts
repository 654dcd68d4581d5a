/**
 * The store port: everything the engine remembers. One method is one transaction; the port is asynchronous
 * so that a networked database fits behind it. Times are epoch milliseconds from the injected clock.
 *
 * Tables in words (one row each): `link` identity of a pair; `base` what both sides held when they last agreed;
 * `record` a record once seen, with the fingerprint at which nothing was left to do; `match_key` its matching keys;
 * `alias` an id that was merged away; `suppressed` a record never to be created again; `dirty` a record that needs a
 * look; `change_log` who told us so; `stream` how far a feed was read; `pending_edge` a reference waiting for its
 * target to be linked; `intent` a write whose outcome is not yet recorded; `journal` every write with before- and
 * after-image; `conflict`, `review`, `quarantine` what waits for a person; `origin` whose change a value is that we
 * wrote; `run` one pass; `meta` small facts worth keeping; `lease` which process owns the file.
 */
import type { Comparison } from './comparison.ts'
import type { Deliver } from './deliver.ts'
import type { Observe } from './observe.ts'
import type { Operate } from './operate.ts'
import type { Ownership } from './ownership.ts'
import type { Reconcile } from './reconcile.ts'
import type { Retention } from './retention.ts'
import type { Runs } from './runs.ts'

/** Its parts follow who calls them: the three stages, then people, programs that compare, and the house-keeping. */
export interface Store extends Ownership, Runs, Observe, Reconcile, Deliver, Operate, Comparison, Retention {
  close(): Promise<void>
}
