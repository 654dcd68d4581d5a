/** RECONCILE: `src/stages/reconcile.ts`, `linked.ts` and `plan-ready.ts`, one pair at a time. */
import { otherSide, SIDES, type Side } from '../../src/core/record.ts'
import { FIELD } from './frame.ts'
import { bySide, type State, type Task } from './state.ts'
import { queued, saying, seenNow, values } from './task.ts'
import { commit } from './transaction.ts'
import { course, fieldOf, type Step, type World } from './world.ts'

type Reading = Extract<Task, { phase: 'reading' }>

/** A pair without an open intent is claimed (`sortOut`); both records are read at once, so either may be first. */
export function claim(world: World, state: State): Step[] {
  return SIDES.map((side) =>
    course(`the engine claims the pair and reads the ${side} record`, {
      ...state,
      task: {
        phase: 'reading',
        seen: bySide(side, seenNow(world, state, side), null),
        choice: state.conflict?.decided ?? null,
      },
    }),
  )
}

/** The other read, the decision on both (`planReady`), and the commit of what it decided (`commitPlans`). */
export function readOther(world: World, state: State, task: Reading): Step {
  const read = (side: Side) => task.seen[side] ?? seenNow(world, state, side)
  const seen = { left: read('left'), right: read('right') }
  const missing: Side = task.seen.left ? 'right' : 'left'
  const { choice } = task
  const decided = world.production.decide({ base: state.base, seen: values(seen), choice })
  const committed = commit(world, { ...state, task: null }, decided.changes)
  const writes = perCall(world, decided.writes)
  const does = `the engine reads the ${missing} record and decides: ${saying(world, decided)}`
  return course(does, { ...committed, task: queued(world, { seen, choice, writes }) })
}

/** Control B9: the plan of a two-sided merge holds both halves, and each is committed as it was sent. */
function perCall(world: World, writes: readonly number[]): readonly number[] {
  if (world.configuration.protocol.merges === 'two-steps') return writes
  return writes.flatMap((number) => {
    const write = world.production.writes.at(number)
    const field = fieldOf(write)
    if (!field.agreedAs) return [number]
    const own = { ...field, agreedAs: null }
    const far = { ...own, source: field.target, before: field.source }
    const { target, source, side } = write
    return [
      world.production.writes.of({ ...write, fields: { [FIELD]: own } }),
      world.production.writes.of({
        ...write,
        side: otherSide(side),
        record: source.key.id,
        fields: { [FIELD]: far },
        target: source,
        source: target ?? source,
      }),
    ]
  })
}
