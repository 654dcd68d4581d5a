/** What every step of the model needs: the configuration, the production code, and values in canonical form. */
import type { IntentField } from '../../src/store/writes.ts'
import { otherSide, type Side } from '../../src/core/record.ts'
import type { Canonical, FieldValue } from '../../src/core/value.ts'
import type { Write } from '../../src/stages/work.ts'
import type { Configuration, Finding } from './configuration.ts'
import { FIELD } from './frame.ts'
import { createProduction, type Production } from './production.ts'
import type { Seen, State, Task } from './state.ts'
import { canonise } from './vendors.ts'

export interface World {
  readonly configuration: Configuration
  readonly production: Production
  canonical(value: FieldValue): Canonical
}

/** One possible next event. */
export interface Step {
  /** In words, for a trace. */
  readonly does: string
  readonly next: State
  /**
   * `world`: a person, a crash or a fault; stops when the budget is spent. `course`: the engine and the network
   * going about their business, which goes on until nothing is left to do.
   */
  readonly kind: 'world' | 'course'
  /** The vendor applied a write of ours. */
  readonly wrote: boolean
  readonly finds: readonly Finding[]
}

export function createWorld(configuration: Configuration): World {
  return {
    configuration,
    production: createProduction(configuration),
    canonical: (value) => canonise(configuration, value),
  }
}

export function course(does: string, next: State, finds: readonly Finding[] = [], wrote = false): Step {
  return { does, next, kind: 'course', wrote, finds }
}

/** The only field of a write. */
export function fieldOf(write: Pick<Write, 'fields'>): IntentField {
  const field = write.fields[FIELD]
  if (!field) throw new Error('a write of this model sets its field')
  return field
}

/**
 * The record on `side` got a new version, and its field a new value or the same value anew when `touched`: whoever
 * remembers an older version is marked.
 */
export function moveVersion(world: World, state: State, side: Side, touched: boolean): State {
  const { configuration, production } = world
  const { intent, task } = state
  return {
    ...state,
    task: task && moveSeen(world, task, side),
    intent:
      intent && production.writes.at(intent.write).side === side
        ? { ...intent, moved: true, touched: intent.touched || touched }
        : intent,
    calls: state.calls.map((call) => {
      if (production.writes.at(call.write).side !== side) return call
      if (call.answer?.kind === 'done') return { ...call, answer: { ...call.answer, moved: true } }
      return call.answer === null && configuration.vendors.compareAndSet ? { ...call, moved: true } : call
    }),
  }
}

/** Only where the version can still matter, so that equal situations stay equal. */
function moveSeen(world: World, task: Task, side: Side): Task {
  if (task.phase === 'settling') return task
  if (task.phase === 'reading') {
    const seen = task.seen[side]
    return seen ? { ...task, seen: { ...task.seen, [side]: moved(seen) } } : task
  }
  return remembersVersion(world, task, side)
    ? { ...task, seen: { ...task.seen, [side]: moved(task.seen[side]) } }
    : task
}

/**
 * A planned write names its target's version. The other side's is needed only by the second half of a merge; and
 * the target's not any more once the write is sent, since its answer brings a newer one.
 */
export function remembersVersion({ configuration, production }: World, task: Task, side: Side): boolean {
  if (task.phase === 'settling' || task.phase === 'reading') return true
  const { side: target } = production.writes.at(task.write)
  if (side === target) return task.phase === 'queued'
  return configuration.field.shape === 'elements' && target === otherSide(side)
}

function moved(seen: Seen): Seen {
  return seen.moved ? seen : { ...seen, moved: true }
}
