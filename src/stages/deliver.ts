/**
 * DELIVER: sends a batch's writes, each bracketed by a durable intent and the commit of its outcome (DESIGN
 * rule 4). Per link one write at a time (I14), in rounds: records before associations, so that a pair created
 * in one round is planned again and gets its associations in the next.
 */
import { ConnectorError } from '../errors.ts'
import type { Connector, WriteOutcome } from '../connectors/connector.ts'
import { isEqual } from '../core/value.ts'
import { fingerprint } from '../core/fingerprint.ts'
import type { LinkBase } from '../core/base.ts'
import type { Side, Snapshot } from '../core/record.ts'
import { SIDES } from '../core/record.ts'
import type { Change, DirtyRecord, Intent, Link } from '../store/store.ts'
import type { Directory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { failed } from './failure.ts'
import { fetchRecords } from './fetch.ts'
import { applied } from './outcome.ts'
import { decidePairFields, planPair, ruleOf } from './plan-pair.ts'
import { removed } from './vanish.ts'
import { isComplete, type Pair, type Write } from './work.ts'

/** One link on its way through delivery. Mutable: it lives for one batch and is owned by it. */
export interface Task {
  link: Omit<Link, 'epoch'>
  epoch: number
  queue: Write[]
  left: Snapshot | null
  right: Snapshot | null
  base: LinkBase
  readonly pair: Pick<Pair, 'decisions' | 'quarantines'>
  /** Refusals of this record so far, for the length of its next quarantine. */
  readonly priorAttempts: number
  readonly dirty: readonly DirtyRecord[]
  /** `open` until every write succeeded; the others leave their dirty rows for a later claim. */
  state: 'open' | 'given-back'
}

export async function deliver(
  engine: Engine,
  mapping: MappingRuntime,
  tasks: readonly Task[],
  directory: Directory,
): Promise<void> {
  for (;;) {
    const waiting = tasks.filter((task) => task.state === 'open' && task.queue.length > 0)
    if (waiting.length === 0) break
    engine.signal.throwIfAborted()
    await Promise.all(groupHeads(waiting).map((group) => sendGroup(engine, mapping, group, directory)))
  }
  await settle(engine, mapping, tasks)
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
    await sendChunk(engine, mapping, side, group.slice(i, i + size), directory)
  }
}

async function sendChunk(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  chunk: readonly Task[],
  directory: Directory,
): Promise<void> {
  const fresh = await dropStale(engine, mapping, side, chunk, directory)
  if (fresh.length === 0) return
  const accepted = await engine.store.beginWrites(fresh.map((task) => intentOf(engine, mapping, task)))
  const sending: { task: Task; write: Write }[] = []
  for (const task of fresh) {
    const write = task.queue.shift()
    if (write && accepted.has(write.id)) sending.push({ task, write })
    else await giveBack(engine, mapping, task, 0)
  }
  if (sending.length === 0) return
  for (const { write } of sending) engine.sending.add(write.id)
  const outcomes = await send(
    engine,
    mapping,
    side,
    sending.map(({ write }) => write),
  )
  const changes: Change[] = []
  const dead: ConnectorError[] = []
  for (const { task, write } of sending) {
    const outcome = outcomes.get(write.id) ?? lost(engine, side, write)
    if (outcome.kind === 'done') {
      changes.push(...succeed(engine, mapping, task, write, outcome, directory))
    } else {
      if (outcome.error.kind === 'unauthorized') dead.push(outcome.error)
      changes.push(...(await failed(engine, mapping, task, write, outcome.error)))
    }
  }
  const epochs = await engine.store.ackWrites(changes)
  for (const { write } of sending) engine.sending.delete(write.id)
  for (const { task } of sending) task.epoch = epochs.get(task.link.id) ?? task.epoch
  if (dead[0]) throw dead[0]
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
    return removed(engine, mapping, write, task.link)
  }
  const result = applied(engine, mapping, write, outcome, { directory, before: task[side] })
  if (result.deviations.length > 0) {
    const fields = result.deviations
    engine.log.info({ linkId: write.link, side, fields }, 'vendor stored another value than was sent')
  }
  task.base = { ...task.base, ...result.bases }
  task[side] = result.snapshot
  const followUps = write.kind === 'create' ? followCreation(engine, mapping, task, write, directory) : []
  if (write.kind === 'create') engine.tally.created[side] += 1
  else if (!task.queue.some((next) => next.side === side)) engine.tally.updated[side] += 1
  return [...result.changes, ...followUps]
}

/** The pair is complete now: agree on blanks, and plan associations and whatever the vendor added by itself. */
function followCreation(
  engine: Engine,
  mapping: MappingRuntime,
  task: Task,
  write: Write,
  directory: Directory,
): readonly Change[] {
  const { left, right } = task
  if (!left || !right) return []
  task.link = { ...task.link, left: left.key.id, right: right.key.id, state: 'live' }
  const pair: Pair = { ...task.pair, link: task.link, isNew: true, base: task.base, left, right }
  const planned = planPair(
    engine,
    mapping,
    pair,
    directory,
    decidePairFields(engine, mapping, pair, directory, true),
  )
  task.queue.push(...planned.writes)
  for (const change of planned.changes) {
    if (change.kind === 'set-base') task.base = { ...task.base, ...withoutNull(change.fields) }
  }
  engine.tally.conflictsOpened += planned.opened
  engine.log.debug({ linkId: write.link, side: write.side }, 'record created')
  return planned.changes
}

function withoutNull(fields: Readonly<Record<string, LinkBase[string] | null>>): LinkBase {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, LinkBase[string]] => entry[1] !== null),
  )
}

/**
 * The precondition: a target that was read a while ago is read again, and the write is dropped unless the
 * fields it would set still hold what the decision saw. Vendors here offer no compare-and-set (algorithms 5.5).
 */
async function dropStale(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  chunk: readonly Task[],
  directory: Directory,
): Promise<readonly Task[]> {
  const deadline = engine.runtime.now() - engine.settings.freshMs
  const old = chunk.filter(
    (task) => isGuarded(task.queue[0]) && (task.queue[0]?.target?.readAtMs ?? 0) < deadline,
  )
  if (old.length === 0) return chunk
  const ids = old.flatMap((task) => task.queue[0]?.record ?? [])
  const readings = await fetchRecords(engine, mapping, side, ids, { edges: false })
  const stale = new Set<Task>()
  for (const task of old) {
    const write = task.queue[0]
    if (!write?.record) continue
    const reading = readings.get(write.record)
    const now =
      reading?.kind === 'found' && reading.snapshot.key.id === write.record ? reading.snapshot : null
    if (now && holdsBefore(mapping, write, now, directory)) {
      const target = { ...now, values: { ...write.target?.values, ...now.values } }
      task.queue[0] = { ...write, target }
      task[side] = target
    } else {
      stale.add(task)
      await giveBack(engine, mapping, task, 0)
    }
  }
  if (stale.size > 0) engine.log.info({ side, count: stale.size }, 'target changed meanwhile, deciding again')
  return chunk.filter((task) => !stale.has(task))
}

function isGuarded(write: Write | undefined): boolean {
  return write?.kind === 'update' || write?.kind === 'remove'
}

function holdsBefore(mapping: MappingRuntime, write: Write, now: Snapshot, directory: Directory): boolean {
  if (write.kind === 'remove') return now.version === write.target?.version
  return Object.entries(write.fields).every(([key, field]) =>
    isEqual(ruleOf(mapping, key)[write.side].read(now.values, directory.context[write.side]), field.before),
  )
}

function intentOf(engine: Engine, mapping: MappingRuntime, task: Task): Intent {
  const write = task.queue[0]
  if (!write) throw new Error('a task without a write cannot be sent')
  return {
    id: write.id,
    link: write.link,
    mapping: mapping.rules.mapping,
    epoch: task.epoch,
    run: engine.run,
    side: write.side,
    kind: write.kind,
    record: write.record,
    stamp: write.stamp,
    payload: write.values,
    fields: write.fields,
    versionBefore: write.target?.version ?? null,
    sentAtMs: engine.runtime.now(),
  }
}

/** One connector call for writes of one side and kind; whatever it throws becomes every item's outcome. */
async function send(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  writes: readonly Write[],
): Promise<ReadonlyMap<string, WriteOutcome>> {
  const connector = engine.pairing.connectors[side]
  try {
    const outcomes = await call(connector, mapping.rules.object[side], writes)
    return new Map(outcomes.map((outcome) => [outcome.writeId, outcome]))
  } catch (error) {
    if (!(error instanceof ConnectorError)) throw error
    return new Map(writes.map((write) => [write.id, { kind: 'failed', writeId: write.id, error }]))
  }
}

async function call(
  connector: Connector,
  object: string,
  writes: readonly Write[],
): Promise<readonly WriteOutcome[]> {
  const kind = writes[0]?.kind ?? 'update'
  switch (kind) {
    case 'create':
      return connector.create(
        object,
        writes.map((write) => ({ writeId: write.id, values: write.values, stamp: write.stamp })),
      )
    case 'update':
      return connector.update(
        object,
        writes.map((write) => ({ writeId: write.id, id: write.record ?? '', values: write.values })),
      )
    case 'associate':
      return connector.associate(
        object,
        writes.flatMap((write) =>
          write.edge ? [{ writeId: write.id, id: write.record ?? '', ...write.edge }] : [],
        ),
      )
    case 'remove':
      return connector.remove(
        object,
        writes.map((write) => ({
          writeId: write.id,
          id: write.record ?? '',
          mode: write.removal ?? 'archive',
        })),
      )
  }
}

/** A connector that answers for some items only broke its contract; the missing ones are unknown, not failed. */
function lost(engine: Engine, side: Side, write: Write): WriteOutcome {
  const error = new ConnectorError('ambiguous', 'the answer does not mention this write', {
    connection: engine.pairing.connectors[side].connection,
    hint: 'Its outcome is looked up before anything is sent again.',
  })
  return { kind: 'failed', writeId: write.id, error }
}

/** Leaves the dirty rows for a later claim; nothing of this task is sent any more. */
export async function giveBack(
  engine: Engine,
  mapping: MappingRuntime,
  task: Task,
  delayMs: number,
): Promise<void> {
  task.state = 'given-back'
  task.queue = []
  const dueMs = engine.runtime.now() + delayMs
  await engine.store.commitPlans(
    task.dirty.map((row) => ({ kind: 'postpone', mapping: mapping.rules.mapping, record: row, dueMs })),
  )
}

/** Everything succeeded: nothing is left to do at these fingerprints, and the dirty rows are answered. */
async function settle(engine: Engine, mapping: MappingRuntime, tasks: readonly Task[]): Promise<void> {
  const changes: Change[] = []
  const { rules } = mapping
  for (const task of tasks) {
    if (task.state !== 'open') continue
    for (const side of SIDES) {
      const snapshot = task[side]
      if (snapshot && isComplete(rules, side, snapshot.values)) {
        changes.push({
          kind: 'agree-record',
          mapping: rules.mapping,
          record: { side, id: snapshot.key.id },
          fingerprint: fingerprint(snapshot.values, rules.reads[side], rules.version),
          version: snapshot.version,
        })
      }
    }
    for (const row of task.dirty) {
      changes.push({ kind: 'settle', mapping: rules.mapping, record: row, seq: row.seq })
    }
    engine.tally.settled += task.dirty.length
  }
  if (changes.length > 0) await engine.store.commitPlans(changes)
}
