/**
 * The guards of a daemon, in which several loops work off one backlog: whoever begins a round lets the guards count
 * first, and whoever begins one meanwhile waits for that count instead of counting again.
 */
import type { Engine, MappingRuntime } from './engine.ts'
import { guardAgainstMassChange, guardAgainstMassDeletion } from './guards.ts'
import { recover } from './recover.ts'

export interface SharedGuards {
  /** Throws `GuardTripped`. `changes` counts mass changes too, which reads the whole backlog where it is large. */
  count(engine: Engine, mapping: MappingRuntime, changes: boolean): Promise<void>
  /** Settles what is unsettled. Returns how much of that it could settle. */
  recover(engine: Engine, mapping: MappingRuntime): Promise<number>
}

export function sharedGuards(): SharedGuards {
  const counts = new Map<string, Promise<void>>()
  const recoveries = new Map<string, Promise<number>>()

  const once = <T>(underWay: Map<string, Promise<T>>, key: string, work: () => Promise<T>): Promise<T> => {
    const known = underWay.get(key)
    if (known) return known
    const own = work().finally(() => underWay.delete(key))
    underWay.set(key, own)
    return own
  }

  return {
    async count(engine, mapping, changes) {
      const { mapping: name } = mapping.rules
      await once(counts, `deletions/${name}`, () =>
        guardAgainstMassDeletion(engine, mapping, engine.lately.removals(mapping)),
      )
      if (changes) await once(counts, `changes/${name}`, () => guardAgainstMassChange(engine, mapping))
    },
    recover: (engine, mapping) =>
      once(recoveries, mapping.rules.mapping, async () => (await recover(engine, mapping)).settled),
  }
}
