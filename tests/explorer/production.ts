/**
 * The production code that the explorer drives, as functions of small plain values. Everything here builds the
 * arguments of a production function and hands back what it returned; nothing here decides.
 *
 * Each is remembered by its arguments: there are few different ones, and millions of states that ask.
 */
import { ConnectorError } from '../../src/errors.ts'
import type { WriteOutcome } from '../../src/connectors/writing.ts'
import type { FieldBase, LinkBase } from '../../src/core/base.ts'
import type { Side, Snapshot } from '../../src/core/record.ts'
import type { FieldValue } from '../../src/core/value.ts'
import { failure } from '../../src/stages/failure.ts'
import { decidePairFields, planPair } from '../../src/stages/plan-pair.ts'
import { holdsBefore } from '../../src/stages/precondition.ts'
import { intentOf } from '../../src/stages/send.ts'
import { conclude, judge } from '../../src/stages/settle-change.ts'
import { UNSTEERED } from '../../src/stages/steering.ts'
import { succeed } from '../../src/stages/success.ts'
import type { Pair, Task, Write } from '../../src/stages/work.ts'
import { mayStillArrive } from '../../src/stages/unsettled.ts'
import type { Change } from '../../src/store/change.ts'
import type { Intent } from '../../src/store/writes.ts'
import { DIRECTORY, DIRTY, engineAt, LINK, recordKey } from '../stages/frame.ts'
import type { Configuration, Sides } from './configuration.ts'
import { FIELD, LATE_MS, mappingIn } from './frame.ts'
import { createPool, type Pool } from './pool.ts'
import type { Held, Seen } from './state.ts'

export interface Production {
  readonly writes: Pool<Write>
  /** RECONCILE: both sides as read, the base and what a person chose, in; changes and planned writes, out. */
  decide(input: {
    readonly base: FieldBase | null
    readonly seen: Sides<Held>
    readonly choice: Side | null
  }): Decided
  /** The precondition of a write whose target was read again. */
  holds(write: number, now: Held): boolean
  /** A write that succeeded; `image` is undefined where the answer does not show the field. */
  acknowledge(input: {
    readonly base: FieldBase | null
    readonly seen: Sides<Held>
    readonly choice: Side | null
    readonly write: number
    readonly next: readonly number[]
    readonly image: FieldValue | undefined
  }): Acknowledged
  /** A write that the vendor refused because the record moved. */
  refused(write: number): readonly Change[]
  /** Whether recovery may look at the target of an open intent, before or after the zombie horizon. */
  mayLook(write: number, late: boolean): boolean
  /** Recovery has read the target of an open intent. */
  settle(input: {
    readonly base: FieldBase | null
    readonly write: number
    /** What the look showed, and whether the version is another one than before the write. */
    readonly now: Held
    readonly moved: boolean
    /** The field's history shows a change since the write was sent. */
    readonly touched: boolean
  }): readonly Change[]
}

export interface Decided {
  readonly changes: readonly Change[]
  readonly writes: readonly number[]
}

export interface Acknowledged extends Decided {
  /** The target as the task knows it from now on. */
  readonly target: Held
  /** The vendor stored another value, and the engine said so. */
  readonly noted: boolean
}

export function createProduction(configuration: Configuration): Production {
  const mapping = mappingIn(configuration)
  const writes = createPool<Write>()

  const pairOf = (base: FieldBase | null, seen: Sides<Held>, choice: Side | null): Pair => ({
    link: LINK,
    isNew: false,
    base: linkBase(base),
    left: snapshotOf('left', seen.left),
    right: snapshotOf('right', seen.right),
    decisions: choice === null ? {} : { [FIELD]: { conflict: 'conflict', choice, lost: null } },
    quarantines: [],
  })

  const taskOf = (pair: Pair, queue: readonly Write[]): Task => ({
    link: pair.link,
    epoch: 1,
    queue: [...queue],
    left: pair.left,
    right: pair.right,
    base: pair.base,
    pair,
    priorAttempts: 0,
    dirty: [DIRTY],
    agreed: new Map(),
    tries: 0,
    plans: 1,
    withheld: false,
    state: 'open',
  })

  /** As `beginWrites` stored it, sent at time 0. */
  const intentFor = (write: number): Intent => {
    const task = taskOf(pairOf(null, { left: BLANK, right: BLANK }, null), [])
    return intentOf(engineAt(0), mapping, task, writes.at(write))
  }

  return {
    writes,

    // `planReady` in stages/plan-ready.ts: plan with the evidence that the reads carry, then put into writes.
    decide: remembered(({ base, seen, choice }) => {
      const pair = pairOf(base, seen, choice)
      const plan = decidePairFields(engineAt(0), mapping, pair, DIRECTORY, true)
      const planned = planPair(engineAt(0), mapping, pair, DIRECTORY, plan)
      return { changes: planned.changes, writes: planned.writes.map((write) => writes.of(write)) }
    }),

    // `splitStale` in stages/precondition.ts.
    holds: (write, now) => {
      const planned = writes.at(write)
      return holdsBefore(mapping, planned, snapshotOf(planned.side, now), DIRECTORY)
    },

    // `sendAccepted` in stages/rounds.ts, for an outcome that is `done`.
    acknowledge: remembered(({ base, seen, choice, write, next, image }) => {
      const sent = writes.at(write)
      const pair = pairOf(base, seen, choice)
      const task = taskOf(
        pair,
        next.map((number) => writes.at(number)),
      )
      const outcome: Extract<WriteOutcome, { kind: 'done' }> = {
        kind: 'done',
        writeId: sent.id,
        id: recordKey(sent.side).id,
        image: image === undefined ? {} : { [FIELD]: image },
        version: image === undefined ? null : versionOn(sent.side),
      }
      const engine = engineAt(0)
      const success = { task, write: sent, outcome, directory: DIRECTORY, steering: UNSTEERED }
      const changes = succeed(engine, mapping, success)
      const queue = task.state === 'open' ? task.queue : []
      return {
        changes,
        writes: queue.map((queued) => writes.of(queued)),
        target: heldIn(task[sent.side]),
        noted: engine.messages.includes('vendor stored another value than was sent'),
      }
    }),

    // The same for an outcome that is `failed`.
    refused: remembered((write) => {
      const sent = writes.at(write)
      const task = taskOf(pairOf(null, { left: BLANK, right: BLANK }, null), [])
      const error = new ConnectorError('stale', 'the record has another version', {
        connection: sent.side,
        hint: '',
      })
      return failure(engineAt(0), mapping, task, sent, error)
    }),

    // `settleChange` in stages/settle-change.ts, before its reads and after them.
    mayLook: (write, late) => !mayStillArrive(engineAt(late ? LATE_MS : 0), intentFor(write)),

    settle: remembered(({ base, write, now, moved, touched }) => {
      const intent = intentFor(write)
      const snapshot = { ...snapshotOf(intent.side, now), version: moved ? 'moved' : versionOn(intent.side) }
      const sight = { snapshot, context: DIRECTORY.context[intent.side] }
      const result = judge(mapping, intent, sight)
      const untouched = new Set(touched ? [] : [FIELD])
      const options = { link: LINK, base: linkBase(base), sight, result, untouched, arrived: [] }
      return conclude(engineAt(LATE_MS), mapping, intent, options)
    }),
  }
}

const BLANK: Held = { value: null, by: 'person' }

function linkBase(base: FieldBase | null): LinkBase {
  return base === null ? {} : { [FIELD]: base }
}

function snapshotOf(side: Side, { value, by }: Held | Seen): Snapshot {
  const kind = by === 'us' ? 'us' : 'human'
  return {
    key: recordKey(side),
    values: { [FIELD]: value },
    version: versionOn(side),
    readAtMs: 0,
    evidence: { [FIELD]: { at: '2026-01-01T00:00:00Z', actor: { kind, id: kind } } },
  }
}

/** The version that whoever planned the write had seen; flags say whether it still is (`state.ts`). */
function versionOn(side: Side): string {
  return `${side} v`
}

function heldIn(snapshot: Snapshot | null): Held {
  const value = snapshot?.values[FIELD] ?? null
  return { value, by: snapshot?.evidence[FIELD]?.actor.kind === 'us' ? 'us' : 'person' }
}

function remembered<I, O>(decide: (input: I) => O): (input: I) => O {
  const known = new Map<string, O>()
  return (input) => {
    const key = JSON.stringify(input)
    let output = known.get(key)
    if (output === undefined) {
      output = decide(input)
      known.set(key, output)
    }
    return output
  }
}
