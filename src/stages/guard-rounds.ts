/**
 * The guards of a daemon, in which several loops work off one backlog: whoever begins a round lets the guards count
 * first, and whoever begins one meanwhile waits for that count instead of counting again.
 */
import type { Runtime } from '../runtime.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import {
  guardAgainstMassChange,
  guardAgainstMassDeletion,
  removalGuard,
  type RemovalGuard,
} from './guards.ts'
import { recover } from './recover.ts'

export interface SharedGuards {
  readonly removals: RemovalGuard
  /** Throws `GuardTripped`. `changes` counts mass changes too, which reads the whole backlog where it is large. */
  count(engine: Engine, mapping: MappingRuntime, changes: boolean): Promise<void>
  /** Settles what is unsettled. */
  recover(engine: Engine, mapping: MappingRuntime): Promise<void>
}

export function sharedGuards(runtime: Runtime): SharedGuards {
  const removals = removalGuard(runtime)
  const underWay = new Map<string, Promise<void>>()

  const once = (key: string, work: () => Promise<void>): Promise<void> => {
    const known = underWay.get(key)
    if (known) return known
    const own = work().finally(() => underWay.delete(key))
    underWay.set(key, own)
    return own
  }

  return {
    removals,
    async count(engine, mapping, changes) {
      const { mapping: name } = mapping.rules
      await once(`deletions/${name}`, () =>
        guardAgainstMassDeletion(engine, mapping, removals.lately(mapping)),
      )
      if (changes) await once(`changes/${name}`, () => guardAgainstMassChange(engine, mapping))
    },
    recover: (engine, mapping) =>
      once(`recover/${mapping.rules.mapping}`, async () => void (await recover(engine, mapping))),
  }
}
