/** The CRMs in one process, without sockets: for tests, the simulator and the server. */
import type { Runtime } from '../runtime.ts'
import { createClock } from './clock.ts'
import type { SandboxClock } from './clock.ts'
import { generateWorld, setUpWorld } from './generate/generate.ts'
import type { Census } from './generate/generate.ts'
import type { VendorModel } from './model.ts'
import { VENDORS, vendorsNamed } from './vendors.ts'
import type { Vendor } from './vendors.ts'

export interface WorldOptions {
  readonly runtime: Pick<Runtime, 'now'>
  /** Equal seeds give equal worlds. 1 when absent. */
  readonly seed?: number
  /**
   * Start without records; the options below are then unused. `true`: as a new account is. `set-up`: with the
   * pipelines and record types that generated data has, which the shipped mapping files name.
   */
  readonly empty?: boolean | 'set-up'
  /** Different people in the world; companies are about a fifth, deals about a quarter of it. */
  readonly people?: number
  /** Share of people, of companies and of deals that exist in every CRM; the others exist in one. */
  readonly overlap?: number
  /** Share of the overlapping records that contradict each other in some field. */
  readonly contradictions?: number
  /** `off` lifts all rate limits. `vendor` when absent. */
  readonly limits?: 'vendor' | 'off'
  /** Which CRMs there are, by name; all of them when absent. */
  readonly crms?: readonly string[]
  /** Instead of `crms`: models of other vendors (tests). */
  readonly vendors?: readonly Vendor[]
}

export interface World {
  /** By vendor name. */
  readonly models: ReadonlyMap<string, VendorModel>
  readonly clock: SandboxClock
  /** What was generated; null in an empty world. */
  readonly census: Census | null
}

const WORLD_DEFAULTS = { people: 200, overlap: 0.6, contradictions: 0.05, seed: 1 } as const

/** The generated past: the first record is this old. Long enough for closed deals and owners who left. */
const HISTORY_MS = 400 * 86_400_000

/** Nothing happens on the last day, so that indexes have caught up and no delivery is due. */
const QUIET_MS = 86_400_000

export function createWorld(options: WorldOptions): World {
  const { limits = 'vendor', seed = WORLD_DEFAULTS.seed } = options
  const vendors = vendorsOf(options)
  const clock = createClock(options.runtime)
  clock.advance(-HISTORY_MS)
  const models = new Map(
    vendors.map(({ name, create, portOffset }) => [
      name,
      create({ clock: clock.now, seed: seed * 16 + portOffset, limits }),
    ]),
  )
  const census = options.empty
    ? null
    : generateWorld(models, {
        vendors,
        seed,
        people: options.people ?? WORLD_DEFAULTS.people,
        overlap: options.overlap ?? WORLD_DEFAULTS.overlap,
        contradictions: options.contradictions ?? WORLD_DEFAULTS.contradictions,
        elapse: (share) => clock.advance(share * (HISTORY_MS - QUIET_MS)),
      })
  if (options.empty === 'set-up') setUpWorld(models, vendors)
  clock.advance(options.runtime.now() - clock.now())
  return { models, clock, census }
}

/** The rows of the table that a world is made of. */
export function vendorsOf({ vendors, crms }: Pick<WorldOptions, 'vendors' | 'crms'>): readonly Vendor[] {
  return vendors ?? (crms ? vendorsNamed(crms) : VENDORS)
}
