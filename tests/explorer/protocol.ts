/**
 * The engine's protocol around the production decisions, one step per moment at which something else can happen in
 * between. The order of steps follows `src/stages`; each function says which file it mirrors.
 *
 * Two neighbouring moments are one step where nothing that happens between them can tell the difference: a decision
 * depends only on what was read before it, so deciding belongs to the last read; and whoever remembers a version is
 * told of every edit alike before and after the intent is made durable, so sending belongs to beginning.
 */
import { answered, begin } from './deliver.ts'
import { claim, readOther } from './reconcile.ts'
import { conclude, look } from './recover.ts'
import type { State } from './state.ts'
import type { Step, World } from './world.ts'

export function protocol(world: World, state: State): Step[] {
  const { task, intent } = state
  if (!task) return intent ? look(world, state, intent) : claim(world, state)
  switch (task.phase) {
    case 'reading':
      return [readOther(world, state, task)]
    case 'queued':
      return begin(world, state, task)
    case 'sent':
      return answered(world, state, task)
    case 'settling':
      return [conclude(world, state, task)]
  }
}

/** A process that dies leaves its database and what is on the wire; answers find nobody. */
export function death(state: State): Step[] {
  if (!state.task || state.budget.crashes === 0) return []
  const calls = state.calls.flatMap((call) => (call.answer ? [] : { ...call, awaited: false }))
  const budget = { ...state.budget, crashes: state.budget.crashes - 1 }
  const next: State = { ...state, task: null, calls, budget }
  return [{ does: 'the process dies', next, kind: 'world', wrote: false, finds: [] }]
}
