/** Recovery of writes whose outcome nobody recorded: `src/stages/recover.ts` and `settle-change.ts`. */
import { isEqual } from '../../src/core/value.ts'
import { told, watchCommit } from './monitors.ts'
import type { OpenIntent, Seen, State, Task } from './state.ts'
import { held } from './task.ts'
import { commit } from './transaction.ts'
import { course, fieldOf, type Step, type World } from './world.ts'

type Settling = Extract<Task, { phase: 'settling' }>

/** `readTarget`, before and after the horizon; after it nothing is on the wire any more, if zombies are excluded. */
export function look(world: World, state: State, intent: OpenIntent): Step[] {
  const { side } = world.production.writes.at(intent.write)
  const seen: Seen = { ...held(world, state, side), moved: intent.moved }
  const isOver = world.configuration.vendors.zombies || !state.calls.some((call) => call.current)
  return [false, ...(isOver ? [true] : [])].flatMap((late) => {
    if (!world.production.mayLook(intent.write, late)) return []
    const does = `recovery reads the ${side} record of the unsettled write, ${late ? 'after' : 'before'} the horizon`
    return course(does, { ...state, task: { phase: 'settling', seen } })
  })
}

/** The verdict on what the look showed, and its commit. */
export function conclude(world: World, state: State, { seen }: Settling): Step {
  const { intent } = state
  if (!intent) throw new Error('recovery has an intent to settle')
  const write = world.production.writes.at(intent.write)
  const { side } = write
  // Control B3: without a token the old value looks like a record that nobody touched.
  const moved =
    world.configuration.protocol.token === 'version'
      ? seen.moved
      : !isEqual(world.canonical(seen.value), fieldOf(write).before)
  const changes = world.production.settle({
    base: state.base,
    write: intent.write,
    now: { value: seen.value, by: seen.by },
    moved,
    touched: intent.touched,
  })
  const idle: State = { ...state, task: null }
  const committed = commit(world, idle, changes, side)
  const isTaken = committed.base !== state.base && committed.base?.doubt === false
  const next: State = isTaken
    ? { ...committed, truth: told(world, committed.truth, intent.write, seen.value) }
    : committed
  const finds = watchCommit(world, changes, next.base, {
    write: intent.write,
    stored: intent.applied,
    found: seen.value,
  })
  return course(`recovery settles the write${isTaken ? ' as applied' : ''}`, next, finds)
}
