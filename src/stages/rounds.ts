/**
 * Sends queues of writes, each bracketed by a durable intent and the commit of its outcome (DESIGN rule 4): one
 * write per link at a time (I14), in rounds of calls that share a side and a kind. What an outcome means is the
 * caller's; that it is recorded in the transaction that closes the intent is ours.
 */
import type { ConnectorError } from '../errors.ts'
import type { WriteOutcome } from '../connectors/writing.ts'
import type { Side } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import type { Directory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { splitStale } from './precondition.ts'
import { intentOf, isHurried, send } from './send.ts'
import { together } from './together.ts'
import type { Task, Write } from './work.ts'

export type Done = Extract<WriteOutcome, { kind: 'done' }>

/** All of these may move the task: its queue, its snapshots, its state. */
export interface Handling {
  succeeded(task: Task, write: Write, outcome: Done): readonly Change[]
  /** An `ambiguous` error must leave the intent open; every other one closes it. */
  failed(task: Task, write: Write, error: ConnectorError): Promise<readonly Change[]>
  /** The target changed since the decision, or another write of the link is under way: nothing was sent. */
  waiting(task: Task, write: Write): readonly Change[]
  /**
   * Asked before the first round, and after every call with its tasks: moves those whose queue is empty out of
   * `open`, and returns what the store has to learn of that. Part of the commit that made it true.
   */
  through(tasks: readonly Task[]): readonly Change[]
}

/** Until no task is `open`. Throws `unauthorized` after recording what came before it. */
export async function sendInRounds(
  engine: Engine,
  mapping: MappingRuntime,
  work: { readonly tasks: readonly Task[]; readonly directory: Directory; readonly handling: Handling },
): Promise<void> {
  const done = work.handling.through(work.tasks)
  if (done.length > 0) {
    await engine.store.commitPlans(done)
    engine.onSettled()
  }
  for (;;) {
    const waiting = work.tasks.filter((task) => task.state === 'open')
    if (waiting.length === 0) return
    engine.signal.throwIfAborted()
    await together(groupHeads(waiting).map((group) => sendGroup(engine, mapping, group, work)))
  }
}

type Work = Parameters<typeof sendInRounds>[2]

/** Tasks whose next writes can share calls: same side, same kind, in the same hurry. */
function groupHeads(tasks: readonly Task[]): readonly (readonly Task[])[] {
  const groups = Map.groupBy(tasks, (task) => {
    const [write] = task.queue
    return `${write?.side}/${write?.kind}/${isHurried(task, write)}`
  })
  return [...groups.values()]
}

async function sendGroup(
  engine: Engine,
  mapping: MappingRuntime,
  group: readonly Task[],
  work: Work,
): Promise<void> {
  const side = group[0]?.queue[0]?.side
  if (!side) return
  const { batch, writesPerRequest } = engine.pairing.connectors[side].capabilities
  // Where a write is a request, what waits in line behind a chunk of those would be stale when its turn comes.
  for (const chunk of inChunks(group, writesPerRequest > 1 ? group.length : batch.write)) {
    engine.signal.throwIfAborted()
    await sendChunk(engine, mapping, { ...work, side, chunk })
  }
}

/** Announced in one transaction, whose wait for the disk is then one for all of their calls. */
async function sendChunk(
  engine: Engine,
  mapping: MappingRuntime,
  { side, chunk, directory, handling }: Work & { readonly side: Side; readonly chunk: readonly Task[] },
): Promise<void> {
  const { fresh, stale } = await splitStale(engine, mapping, side, chunk, directory)
  const heads = fresh.flatMap((task) => {
    const write = task.queue.shift()
    return write ? [{ task, write }] : []
  })
  const outdated = stale.flatMap((task) => {
    const write = task.queue[0]
    return write ? [{ task, write }] : []
  })
  // From the moment that they are in the store, or a look at what is open would settle them.
  const ids = heads.map(({ write }) => write.id)
  for (const id of ids) engine.sending.add(id)
  try {
    const accepted =
      heads.length === 0
        ? new Set<string>()
        : await engine.store.beginWrites(
            heads.map(({ task, write }) => intentOf(engine, mapping, task, write)),
          )
    const sending = heads.filter(({ write }) => accepted.has(write.id))
    const refused = heads.filter(({ write }) => !accepted.has(write.id))
    const waiting = [...outdated, ...refused].flatMap(({ task, write }) => handling.waiting(task, write))
    if (waiting.length > 0) await engine.store.commitPlans(waiting)
    const { batch } = engine.pairing.connectors[side].capabilities
    await together(
      inChunks(sending, batch.write).map(async (call) => {
        try {
          await sendAccepted(engine, mapping, { side, sending: call, handling })
        } finally {
          // Whatever kept their outcomes from being recorded, from now on they are settled by looking.
          for (const { write } of call) engine.sending.delete(write.id)
        }
      }),
    )
  } finally {
    for (const id of ids) engine.sending.delete(id)
  }
}

function inChunks<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}

async function sendAccepted(
  engine: Engine,
  mapping: MappingRuntime,
  options: {
    readonly side: Side
    readonly sending: readonly { readonly task: Task; readonly write: Write }[]
    readonly handling: Handling
  },
): Promise<void> {
  const { side, sending, handling } = options
  const writes = sending.map(({ write }) => write)
  const hurried = sending.every(({ task, write }) => isHurried(task, write))
  const outcomeOf = await send(engine, mapping, side, writes, hurried)
  const changes: Change[] = []
  let dead: ConnectorError | null = null
  for (const { task, write } of sending) {
    const outcome = outcomeOf(write)
    if (outcome.kind === 'done') {
      changes.push(...handling.succeeded(task, write, outcome))
    } else {
      if (outcome.error.kind === 'unauthorized') dead = outcome.error
      changes.push(...(await handling.failed(task, write, outcome.error)))
    }
  }
  const done = handling.through(sending.map(({ task }) => task))
  const epochs = await engine.store.ackWrites([...changes, ...done])
  if (done.length > 0) engine.onSettled()
  for (const { task } of sending) task.epoch = epochs.get(task.link.id) ?? task.epoch
  if (dead) throw dead
}
