/**
 * What will happen in one run, drawn from its seed and known before anything starts: what people do, what the weather
 * is like, how often the engine dies. Real processes keep no exact time, so that a seed repeats the plan of a run and
 * not each of its moments.
 */
import type { FaultRule } from '../../src/sandbox/faults.ts'
import type { Edit } from '../sim/acts.ts'
import { CASTS, vendorsOf, type CastName } from '../sim/cast.ts'
import type { Draft } from '../sim/hands/hands.ts'
import type { VendorName } from '../system/rig/sandbox.ts'

export interface ChaosStep {
  /** Since the beginning of the storm. */
  readonly atMs: number
  readonly vendor: VendorName
  readonly action: Edit
  /** Others edit the counterparts of the record that this step updates, one in each CRM, so much later. */
  readonly meets?: readonly Meeting[]
}

export interface Meeting {
  readonly afterMs: number
  readonly draft: Draft
}

/** Weather over one vendor for a while; it replaces the weather before. */
export interface Front {
  readonly vendor: VendorName
  readonly fromMs: number
  readonly rules: readonly FaultRule[]
  readonly settings: Settings
}

/** Switches of a vendor's model. */
export type Settings = Readonly<Record<string, unknown>>

/** One life of the engine's process. */
export interface Life {
  readonly command: 'start' | 'sync'
  /** `kill` is `kill -9`, `drain` is SIGTERM, `live` leaves a `sync` alone until it is done. */
  readonly end: 'kill' | 'drain' | 'live'
  /** When: after so long, or amid writing, where a moment is worth most. */
  readonly moment: { readonly afterMs: number } | { readonly writes: number }
  /** How long nobody starts it again. */
  readonly downMs: number
  /** Somebody starts a second process on the same database. */
  readonly intruder: boolean
}

export interface ChaosScenario {
  readonly seed: number
  /** Which CRMs take part. */
  readonly cast: CastName
  readonly stormMs: number
  /** Whether the leads of Salesforce are kept in agreement, too. */
  readonly hasLeads: boolean
  readonly world: {
    readonly people: number
    readonly overlap: number
    readonly limits: 'vendor' | 'off'
    readonly latency: number
  }
  /** By time. */
  readonly steps: readonly ChaosStep[]
  /** By time. */
  readonly fronts: readonly Front[]
  /** From the beginning to the end. */
  readonly climate: Readonly<Partial<Record<VendorName, Settings>>>
  /** Lives until the storm is over; as many as there is time for are lived. */
  readonly lives: readonly Life[]
  /** Whether there was a first sync, in peace, before the storm begins. */
  readonly isInstalled: boolean
  readonly engine: { readonly batchSize: number; readonly batchesInFlight: number }
}

/** The CRMs of a scenario. */
export function crmsOf({ cast }: Pick<ChaosScenario, 'cast'>): readonly VendorName[] {
  return vendorsOf(CASTS[cast])
}
