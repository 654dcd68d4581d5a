/** What the process has in hand, and what it would say about it. */
import type { Side } from '../../src/core/record.ts'
import type { Acknowledged } from './production.ts'
import type { Held, Seen, State, Task } from './state.ts'
import { fieldOf, remembersVersion, type World } from './world.ts'

export type Writing = Extract<Task, { phase: 'queued' | 'sent' }>

export function queued(
  world: World,
  {
    seen,
    choice,
    writes,
  }: { seen: Readonly<Record<Side, Seen>>; choice: Side | null; writes: readonly number[] },
): Task | null {
  const [write, ...next] = writes
  return write === undefined ? null : settledVersions(world, { phase: 'queued', seen, choice, write, next })
}

/** Versions that do not matter any more count as moved or not in one fixed way. */
export function settledVersions(world: World, task: Writing): Task {
  const seen = (side: Side): Seen =>
    remembersVersion(world, task, side) ? task.seen[side] : { ...task.seen[side], moved: false }
  return { ...task, seen: { left: seen('left'), right: seen('right') } }
}

export function seenNow(world: World, state: State, side: Side): Seen {
  return { ...held(world, state, side), moved: false }
}

/** Who changed a value last is evidence only for the breaker; elsewhere every edit is a person's (see `Protocol`). */
export function held(world: World, state: State, side: Side): Held {
  const { value, by } = state[side]
  return { value, by: world.configuration.protocol.breaker === 'on' ? by : 'person' }
}

export function values(seen: Readonly<Record<Side, Seen>>): Readonly<Record<Side, Held>> {
  const one = ({ value, by }: Seen): Held => ({ value, by })
  return { left: one(seen.left), right: one(seen.right) }
}

export function saying(world: World, { changes, writes }: Pick<Acknowledged, 'changes' | 'writes'>): string {
  const words = [
    ...changes.flatMap((change) =>
      change.kind === 'open-conflict' ? `a conflict (${change.conflict.state})` : [],
    ),
    ...writes.map((number) => {
      const write = world.production.writes.at(number)
      return `write ${JSON.stringify(fieldOf(write).target)} to the ${write.side}`
    }),
  ]
  return words.length === 0 ? 'nothing to write' : words.join(', ')
}
