/** DELIVER: `src/stages/rounds.ts`, `precondition.ts`, `send.ts`, `success.ts` and `failure.ts`, one write at a time. */
import { otherSide } from '../../src/core/record.ts'
import { isEqual, type FieldValue } from '../../src/core/value.ts'
import { told, watchCommit } from './monitors.ts'
import type { Acknowledged } from './production.ts'
import { bySide, type Answer, type Call, type Seen, type State } from './state.ts'
import { queued, saying, seenNow, settledVersions, values, type Writing } from './task.ts'
import { commit } from './transaction.ts'
import { spelled } from './vendors.ts'
import { course, fieldOf, type Step, type World } from './world.ts'

/** The target may have been read so recently that it is not read again (`freshMs`), or not. */
export function begin(world: World, state: State, task: Writing): Step[] {
  const { side } = world.production.writes.at(task.write)
  const atOnce = send(world, state, task, `the engine begins the write to the ${side} and sends it`)
  return [atOnce, beginAfterReading(world, state, task)]
}

/** `splitStale`: the target is read again, and the write is dropped unless it still holds what the decision saw. */
function beginAfterReading(world: World, state: State, task: Writing): Step {
  const { side } = world.production.writes.at(task.write)
  const now = seenNow(world, state, side)
  if (!world.production.holds(task.write, now)) {
    return course(`the engine reads the ${side} record again and drops the write`, { ...state, task: null })
  }
  const fresh = { ...task, seen: { ...task.seen, [side]: now } }
  return send(world, state, fresh, `the engine reads the ${side} record again and sends the write`)
}

/** `beginWrites`, then the call. */
function send(world: World, state: State, task: Writing, does: string): Step {
  const { protocol, vendors } = world.configuration
  const write = world.production.writes.at(task.write)
  const { moved } = task.seen[write.side]
  const call: Call = {
    write: task.write,
    moved: vendors.compareAndSet && moved,
    awaited: true,
    current: true,
    answer: null,
  }
  const sent: State = {
    ...state,
    intent:
      protocol.intent === 'durable' ? { write: task.write, moved, touched: false, applied: null } : null,
    calls: [...state.calls, call],
    task: settledVersions(world, { ...task, phase: 'sent' }),
  }
  if (protocol.baseMoves === 'with-outcome') return course(does, sent)
  // Control B7: as if the answer had come already.
  const image = spelled(write.side, fieldOf(write).target)
  const ahead = acknowledge(world, state, task, image)
  const early = commit(
    world,
    sent,
    ahead.changes.filter((change) => change.kind === 'set-base'),
    write.side,
  )
  return course(
    does,
    early,
    watchCommit(world, ahead.changes, early.base, { write: task.write, stored: null }),
  )
}

/** `sendAccepted`: what the answer means, once it is there. */
export function answered(world: World, state: State, task: Writing): Step[] {
  return state.calls.flatMap((call) =>
    call.awaited && call.answer ? [answer(world, state, task, call, call.answer)] : [],
  )
}

function answer(world: World, state: State, task: Writing, call: Call, got: Answer): Step {
  const arrived: State = { ...state, task: null, calls: state.calls.filter((each) => each !== call) }
  if (got.kind === 'stale') {
    const refused = world.production.refused(call.write)
    return course(
      'the engine learns that the record moved, and will decide again',
      commit(world, arrived, refused),
    )
  }
  const { side } = world.production.writes.at(call.write)
  const learnt = learn(world, state, call.write, got)
  const done = acknowledge(world, state, task, learnt.image)
  const changes =
    world.configuration.protocol.baseMoves === 'with-outcome'
      ? done.changes
      : done.changes.filter((change) => change.kind !== 'set-base')
  const committed = commit(world, arrived, changes, side)
  // An image that the answer does not show leaves the version unknown, hence another than the one remembered.
  const target: Seen = { ...done.target, moved: learnt.image === undefined || learnt.moved }
  const next: State = {
    ...committed,
    truth: { ...told(world, committed.truth, call.write, got.stored), noted: done.noted },
    deviations: learnt.deviations,
    task: queued(world, {
      seen: bySide(side, target, task.seen[otherSide(side)]),
      choice: task.choice,
      writes: done.writes,
    }),
  }
  const finds = watchCommit(world, changes, next.base, { write: call.write, stored: { value: got.stored } })
  return course(`the engine commits the answer: ${saying(world, done)}`, next, finds)
}

function acknowledge(world: World, state: State, task: Writing, image: FieldValue | undefined): Acknowledged {
  return world.production.acknowledge({
    base: state.base,
    seen: values(task.seen),
    choice: task.choice,
    write: task.write,
    next: task.next,
    image,
  })
}

interface Learnt {
  /** Undefined where nothing certain was learnt: the connector leaves such a field out of its answer. */
  readonly image: FieldValue | undefined
  /** The version that came along is not the current one any more. */
  readonly moved: boolean
  readonly deviations: readonly string[]
}

/** What becomes known of the stored value, by `Protocol.learns`. */
function learn(world: World, state: State, number: number, got: Extract<Answer, { kind: 'done' }>): Learnt {
  const write = world.production.writes.at(number)
  const { deviations } = state
  const held = state[write.side]
  const isAsSent = isEqual(world.canonical(held.value), fieldOf(write).target)
  const read: Learnt = { image: held.value, moved: false, deviations }
  const unknown: Learnt = { image: undefined, moved: true, deviations }
  switch (world.configuration.protocol.learns) {
    case 'post-image':
      return { image: got.stored, moved: got.moved, deviations }
    case 'plain-read':
      return read
    case 'provenance':
      return held.by === 'us' ? read : unknown
    case 'intended':
      return isAsSent ? read : unknown
    case 'memory': {
      const deviation = `${write.side}/${JSON.stringify(fieldOf(write).target)}/${JSON.stringify(held.value)}`
      if (isAsSent || deviations.includes(deviation)) return read
      return { ...unknown, deviations: [...deviations, deviation].toSorted() }
    }
  }
}
