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
  /** Settles what is unsettled. */
  recover(engine: Engine, mapping: MappingRuntime): Promise<void>
}

export function sharedGuards(): SharedGuards {
  const underWay = new Map<string, Promise<void>>()

  const once = (key: string, work: () => Promise<void>): Promise<void> => {
    const known = underWay.get(key)
    if (known) return known
    const own = work().finally(() => underWay.delete(key))
    underWay.set(key, own)
    return own
  }

  return {
    async count(engine, mapping, changes) {
      const { mapping: name } = mapping.rules
      await once(`deletions/${name}`, () =>
        guardAgainstMassDeletion(engine, mapping, engine.lately.removals(mapping)),
      )
      if (changes) await once(`changes/${name}`, () => guardAgainstMassChange(engine, mapping))
    },
    recover: (engine, mapping) =>
      once(`recover/${mapping.rules.mapping}`, async () => void (await recover(engine, mapping))),
  }
}
