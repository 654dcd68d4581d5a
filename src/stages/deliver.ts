/**
 * DELIVER: sends a batch's writes, each bracketed by a durable intent and the commit of its outcome (DESIGN
 * rule 4). Per link one write at a time (I14), in rounds: records before associations. When a link's writes are
 * done it is planned again from what the vendors stored, so that associations of a created record, the second
 * half of a merge and an edit that a write's answer showed follow at once, and nothing unseen counts as agreed.
 */
import type { ConnectorError } from '../errors.ts'
import type { WriteOutcome } from '../connectors/connector.ts'
import { SIDES, type Side } from '../core/record.ts'
import type { Change } from '../store/store.ts'
import type { Directory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { backoffMs, failed } from './failure.ts'
import { applied } from './outcome.ts'
import { decidePairFields, planPair } from './plan-pair.ts'
import { splitStale } from './precondition.ts'
import { removed } from './removal.ts'
import { intentOf, send } from './send.ts'
import { agreedPrint } from './sighting.ts'
import { refKey, type Pair, type Task, type Write } from './work.ts'

/** Plans of one link within one batch: creation, associations, the second half of a merge, and one to spare. */
const PLANS_MAX = 4

export async function deliver(
  engine: Engine,
  mapping: MappingRuntime,
  tasks: readonly Task[],
  directory: Directory,
): Promise<void> {
  for (;;) {
    await settle(engine, mapping, tasks)
    const waiting = tasks.filter((task) => task.state === 'open')
    if (waiting.length === 0) return
    engine.signal.throwIfAborted()
    await Promise.all(groupHeads(waiting).map((group) => sendGroup(engine, mapping, group, directory)))
  }
}

/** Tasks whose next writes can share calls: same side, same kind. */
function groupHeads(tasks: readonly Task[]): readonly (readonly Task[])[] {
  const groups = Map.groupBy(tasks, (task) => `${task.queue[0]?.side}/${task.queue[0]?.kind}`)
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
  const size = engine.pairing.connectors[side].capabilities.batch.write
  for (let i = 0; i < group.length; i += size) {
    engine.signal.throwIfAborted()
    const chunk = group.slice(i, i + size)
    await sendChunk(engine, mapping, side, chunk, directory)
    await settle(engine, mapping, chunk)
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
  const accepted =
    heads.length === 0
      ? new Set<string>()
      : await engine.store.beginWrites(heads.map(({ task, write }) => intentOf(engine, mapping, task, write)))
  const sending = heads.filter(({ write }) => accepted.has(write.id))
  const refused = heads.filter(({ write }) => !accepted.has(write.id)).map(({ task }) => task)
  const waiting = [...stale, ...refused].flatMap((task) => giveBack(engine, mapping, task))
  if (waiting.length > 0) await engine.store.commitPlans(waiting)
  if (sending.length === 0) return

  const ids = sending.map(({ write }) => write.id)
  for (const id of ids) engine.sending.add(id)
  try {
    await sendAccepted(engine, mapping, side, sending, directory)
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
  const outcomeOf = await send(engine, mapping, side, writes)
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
  const epochs = await engine.store.ackWrites(changes)
  for (const { task } of sending) task.epoch = epochs.get(task.link.id) ?? task.epoch
  if (dead) throw dead
}

function succeed(
  engine: Engine,
  mapping: MappingRuntime,
  task: Task,
  write: Write,
  outcome: Extract<WriteOutcome, { kind: 'done' }>,
  directory: Directory,
): readonly Change[] {
  const { side } = write
  if (write.kind === 'remove') {
    engine.tally.deleted[side] += 1
    task.queue = []
    const link = { ...task.link, epoch: task.epoch }
    return removed(engine, mapping, { ...write, run: engine.run }, { link, base: write.base, alone: false })
  }
  const result = applied(engine, mapping, write, outcome, { directory, before: task[side] })
  if (result.deviations.length > 0) {
    const fields = result.deviations
    engine.log.info({ linkId: write.link, side, fields }, 'vendor stored another value than was sent')
  }
  task.base = { ...task.base, ...result.bases }
  task[side] = result.snapshot
  if (write.kind === 'create') {
    task.link = { ...task.link, [side]: result.snapshot.key.id, state: 'live' }
    engine.tally.created[side] += 1
    engine.log.debug({ linkId: write.link, side }, 'record created')
  } else if (!task.queue.some((next) => next.side === side)) {
    engine.tally.updated[side] += 1
  }
  const followUps = task.queue.length === 0 ? planAgain(engine, mapping, task, directory) : []
  return [...result.changes, ...followUps]
}

/** What is left to do for the pair as it is stored now. Commits with the outcome that led to it. */
function planAgain(
  engine: Engine,
  mapping: MappingRuntime,
  task: Task,
  directory: Directory,
): readonly Change[] {
  const { left, right } = task
  if (!left || !right) return []
  const pair: Pair = { ...task.pair, link: task.link, isNew: false, base: task.base, left, right }
  const plan = decidePairFields(engine, mapping, pair, directory, false)
  const wantsEvidence = plan.wantsEvidence.left.length + plan.wantsEvidence.right.length > 0
  const writes = plan.verdicts.some((verdict) => verdict.kind === 'write')
  task.plans += 1
  // Who changed what is asked by a full look; and a link that never comes to rest must not keep the batch.
  if (wantsEvidence || (writes && task.plans >= PLANS_MAX)) return giveBack(engine, mapping, task)
  const planned = planPair(engine, mapping, pair, directory, plan)
  task.queue.push(...planned.writes)
  for (const change of planned.changes) {
    if (change.kind !== 'set-base') continue
    for (const [field, base] of Object.entries(change.fields)) {
      if (base) task.base = { ...task.base, [field]: base }
    }
  }
  engine.tally.conflictsOpened += planned.opened
  return planned.changes
}

/** Leaves the dirty rows for a later claim; nothing of this task is sent any more. */
function giveBack(engine: Engine, mapping: MappingRuntime, task: Task): readonly Change[] {
  task.state = 'given-back'
  task.queue = []
  return task.dirty.map((row) => {
    const delay = row.attempts === 0 ? 0 : backoffMs(row.attempts, engine.runtime.random())
    return {
      kind: 'postpone',
      mapping: mapping.rules.mapping,
      record: row,
      dueMs: engine.runtime.now() + delay,
    }
  })
}

/**
 * Tasks whose writes all succeeded: nothing is left to do at these fingerprints, and the dirty rows are answered.
 */
async function settle(engine: Engine, mapping: MappingRuntime, tasks: readonly Task[]): Promise<void> {
  const changes: Change[] = []
  const { rules } = mapping
  for (const task of tasks) {
    if (task.state !== 'open' || task.queue.length > 0) continue
    task.state = 'settled'
    for (const side of SIDES) {
      const snapshot = task[side]
      if (!snapshot) continue
      const record = { side, id: snapshot.key.id }
      const known = task.agreed.get(refKey(record)) ?? null
      const fingerprint = agreedPrint(rules, side, snapshot.values, known)
      if (fingerprint === null) continue
      const { version } = snapshot
      changes.push({ kind: 'agree-record', mapping: rules.mapping, record, fingerprint, version })
    }
    for (const row of task.dirty) {
      changes.push({ kind: 'settle', mapping: rules.mapping, record: row, seq: row.seq })
    }
    engine.tally.settled += task.dirty.length
  }
  if (changes.length === 0) return
  await engine.store.commitPlans(changes)
  engine.onSettled()
}
