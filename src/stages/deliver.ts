/**
 * DELIVER: sends a batch's writes, each bracketed by a durable intent and the commit of its outcome (DESIGN
 * rule 4). Per link one write at a time (I14), in rounds: records before associations. When a link's writes are
 * done it is planned again from what the vendors stored, so that associations of a created record, the second
 * half of a merge and an edit that a write's answer showed follow at once, and nothing unseen counts as agreed.
 */
import type { ConnectorError } from '../errors.ts'
import type { Side } from '../core/record.ts'
import type { Change } from '../store/store.ts'
import type { Directory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { failed } from './failure.ts'
import { splitStale } from './precondition.ts'
import { intentOf, isHurried, send } from './send.ts'
import { settled } from './settled.ts'
import { giveBack, succeed } from './success.ts'
import { together } from './together.ts'
import type { Task, Write } from './work.ts'

export async function deliver(
  engine: Engine,
  mapping: MappingRuntime,
  tasks: readonly Task[],
  directory: Directory,
): Promise<void> {
  for (;;) {
    const waiting = tasks.filter((task) => task.state === 'open')
    if (waiting.length === 0) return
    engine.signal.throwIfAborted()
    await together(groupHeads(waiting).map((group) => sendGroup(engine, mapping, group, directory)))
  }
}

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
  directory: Directory,
): Promise<void> {
  const side = group[0]?.queue[0]?.side
  if (!side) return
  const { batch, writesPerRequest } = engine.pairing.connectors[side].capabilities
  const chunks = Array.from({ length: Math.ceil(group.length / batch.write) }, (_, i) =>
    group.slice(i * batch.write, (i + 1) * batch.write),
  )
  if (writesPerRequest > 1) {
    await together(chunks.map((chunk) => sendChunk(engine, mapping, side, chunk, directory)))
    return
  }
  // A chunk is a request per write: what waits in line behind it would be stale when its turn comes.
  for (const chunk of chunks) {
    engine.signal.throwIfAborted()
    await sendChunk(engine, mapping, side, chunk, directory)
  }
}

async function sendChunk(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  chunk: readonly Task[],
  directory: Directory,
): Promise<void> {
  const { fresh, stale } = await splitStale(engine, mapping, side, chunk, directory)
  const heads = fresh.flatMap((task) => {
    const write = task.queue.shift()
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
    const refused = heads.filter(({ write }) => !accepted.has(write.id)).map(({ task }) => task)
    const waiting = [...stale, ...refused].flatMap((task) => giveBack(engine, mapping, task))
    if (waiting.length > 0) await engine.store.commitPlans(waiting)
    if (sending.length > 0) await sendAccepted(engine, mapping, side, sending, directory)
  } finally {
    // Whatever kept their outcomes from being recorded, from now on they are settled by looking.
    for (const id of ids) engine.sending.delete(id)
  }
}

async function sendAccepted(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  sending: readonly { readonly task: Task; readonly write: Write }[],
  directory: Directory,
): Promise<void> {
  const writes = sending.map(({ write }) => write)
  const hurried = sending.every(({ task, write }) => isHurried(task, write))
  const outcomeOf = await send(engine, mapping, side, writes, hurried)
  const changes: Change[] = []
  let dead: ConnectorError | null = null
  for (const { task, write } of sending) {
    const outcome = outcomeOf(write)
    if (outcome.kind === 'done') {
      changes.push(...succeed(engine, mapping, task, write, outcome, directory))
    } else {
      if (outcome.error.kind === 'unauthorized') dead = outcome.error
      changes.push(...(await failed(engine, mapping, task, write, outcome.error)))
    }
  }
  const done = settled(
    engine,
    mapping,
    sending.map(({ task }) => task),
  )
  const epochs = await engine.store.ackWrites([...changes, ...done])
  if (done.length > 0) engine.onSettled()
  for (const { task } of sending) task.epoch = epochs.get(task.link.id) ?? task.epoch
  if (dead) throw dead
}
