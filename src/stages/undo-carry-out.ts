/**
 * Sends what a reversal needs, through the same bracket as every other write. What the CRM refuses is remembered and
 * reported, never set aside: an undo leaves no quarantine behind.
 */
import type { ConnectorError } from '../errors.ts'
import { otherSide } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import { broughtBack } from './bring-back.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { idOn } from './link-changes.ts'
import { applied } from './outcome.ts'
import { removed } from './removal.ts'
import { sendInRounds, type Done } from './rounds.ts'
import { ruleOf } from './rule-index.ts'
import type { Reversal } from './undo-decide.ts'
import { linkAgain, setApart } from './undo-steps.ts'
import type { UndoMemory } from './undo-memory.ts'
import { snapshotOn, type Carrying } from './undo-writes.ts'
import { taskOf, type Task, type Write } from './work.ts'

export interface Order {
  readonly reversal: Reversal
  readonly writes: readonly Write[]
}

/** Returns how much was moved: zero when nothing is left that could be. */
export async function carryOut(
  engine: Engine,
  mapping: MappingRuntime,
  orders: readonly Order[],
  carrying: Carrying,
): Promise<number> {
  let moved = 0
  const tasks = orders.map(({ reversal, writes }) => {
    const { situation } = reversal
    const group = { link: situation.link, dirty: [], subjects: [] }
    const [left, right] = [snapshotOn(situation, 'left'), snapshotOn(situation, 'right')]
    const task = taskOf(group, left, right, { queue: writes, tries: triesOf(writes, carrying.memory) })
    task.base = situation.base
    return task
  })
  await sendInRounds(engine, mapping, {
    tasks,
    directory: carrying.look.asLeft,
    handling: {
      succeeded(task, write, outcome) {
        moved += 1
        return succeeded(engine, mapping, { task, write, outcome }, carrying)
      },
      async failed(task, write, error) {
        moved += 1
        return failed(engine, task, { write, error }, carrying.memory)
      },
      waiting(task, write) {
        moved += 1
        const failure = { reason: 'it changed again and again meanwhile', isFinal: false }
        for (const what of partsOf(write)) carrying.memory.failed(write.link, write.side, what, failure)
        giveUp(task)
        return []
      },
      through(own) {
        for (const task of own) {
          if (task.state === 'open' && task.queue.length === 0) task.state = 'settled'
        }
        return []
      },
    },
  })
  const steps = orders.flatMap(({ reversal }, i): readonly (readonly Change[])[] => {
    const task = tasks[i]
    return task?.state === 'settled' ? [stepOf(engine, mapping, { reversal, task }, carrying)] : []
  })
  const changes = steps.flat()
  if (changes.length > 0) await engine.store.commitPlans(changes)
  return moved + steps.filter((step) => step.length > 0).length
}

function stepOf(
  engine: Engine,
  mapping: MappingRuntime,
  { reversal, task }: { readonly reversal: Reversal; readonly task: Task },
  { look, because }: Carrying,
): readonly Change[] {
  const { left, right } = task
  switch (reversal.step) {
    case 'apart':
      return setApart(engine, mapping, task, because)
    case 'relink':
      if (!left || !right) return []
      return linkAgain(engine, mapping, {
        task,
        records: { left, right },
        directory: look.directory,
        because,
      })
    case 'relink-later':
    case null:
      return []
  }
}

function succeeded(
  engine: Engine,
  mapping: MappingRuntime,
  { task, write, outcome }: { readonly task: Task; readonly write: Write; readonly outcome: Done },
  { look, memory }: Carrying,
): readonly Change[] {
  const { side, link } = write
  const directory = look.asLeft
  for (const what of partsOf(write)) memory.arrived(link, side, what)
  if (write.kind === 'create') {
    engine.tally.created[side] += 1
    task.link = { ...task.link, state: 'unlinked', ...idOn(side, null) }
    const after = Object.fromEntries(
      Object.keys(write.fields).map((key) => {
        const rule = ruleOf(mapping, key)[side]
        return [key, rule.read({ ...write.values, ...outcome.image }, directory.context[side])]
      }),
    )
    const made = { intent: write, from: write.record ?? '', to: outcome.id, after, version: outcome.version }
    return broughtBack(engine, mapping, made)
  }
  if (write.kind === 'remove') {
    engine.tally.deleted[side] += 1
    const alone = task[otherSide(side)] !== null && task.link[otherSide(side)] !== null
    return removed(engine, mapping, write, {
      link: { ...task.link, epoch: task.epoch },
      base: task.base,
      alone,
    })
  }
  const result = applied(engine, mapping, write, outcome, { directory, before: task[side] })
  task.base = { ...task.base, ...result.bases }
  task[side] = result.snapshot
  task.queue = task.queue.map((next) => afterwards(next, write, result.bases))
  if (!task.queue.some((next) => next.side === side)) engine.tally.updated[side] += 1
  return result.changes
}

/** A later write of the same field on the other side goes with what this one left here. */
function afterwards(next: Write, write: Write, bases: Task['base']): Write {
  if (next.side === write.side || next.kind === 'remove') return { ...next, base: { ...next.base, ...bases } }
  const fields = Object.entries(next.fields).map(([key, field]) => {
    const known = bases[key]
    return [key, known ? { ...field, source: known[write.side] } : field] as const
  })
  return { ...next, base: { ...next.base, ...bases }, fields: Object.fromEntries(fields) }
}

function triesOf(writes: readonly Write[], memory: UndoMemory): number {
  const tries = writes.flatMap((write) =>
    partsOf(write).map((what) => memory.tries(write.link, write.side, what)),
  )
  return Math.max(0, ...tries)
}

/** What of the undo a write stands for, as the memory counts it. */
function partsOf(write: Write): readonly string[] {
  if (write.kind === 'create' || write.kind === 'remove') return [write.kind]
  const fields = Object.keys(write.fields)
  return fields.length === 0 ? ['stamp'] : fields
}

function failed(
  engine: Engine,
  task: Task,
  { write, error }: { readonly write: Write; readonly error: ConnectorError },
  memory: UndoMemory,
): readonly Change[] {
  giveUp(task)
  const { side, link } = write
  const { kind, code, status } = error
  engine.log.info({ linkId: link, side, kind, code, status }, 'undoing a write failed')
  // Sent, outcome unknown: it is settled by looking, and then decided again.
  if (kind === 'ambiguous') return []
  const isFinal = kind === 'rejected' || kind === 'not-unique' || kind === 'unavailable'
  for (const what of partsOf(write)) {
    memory.failed(link, side, what, { reason: `${error.connection}: ${error.message}`, isFinal })
  }
  return [{ kind: 'close-intent', intent: write.id }]
}

/** Nothing more of this link in this round; the next one looks again. */
function giveUp(task: Task): void {
  task.state = 'given-back'
  task.queue = []
}
