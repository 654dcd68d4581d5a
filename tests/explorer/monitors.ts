/**
 * What must not happen, defined against the truth that only an observer knows.
 *
 * `truth.base` is the base that an engine would have that misses nothing: it moves when a vendor applies a write
 * of ours (the written side to what was stored, the other to the value that caused the write), and when the
 * engine records that both sides agree, or finds the value it sent. It does not move when a person edits. A value *stands* when it differs
 * from `truth.base` of its side: a person typed it, and it was neither carried over nor given up since.
 *
 * - **revert**: a write overwrites a standing value that its decision had seen, without a conflict that names
 *   it as the loser; or a write without cause overwrites anything. Of a set each element is judged by itself
 *   (`loss.ts`).
 * - **blind overwrite**: a write overwrites a standing value that its decision had not seen. It was typed between
 *   the read and the moment the vendor applied the write, the window that only compare-and-set closes (5.5).
 * - **zombie overwrite**: the same by a request that arrives when its outcome counts as settled already (5.6).
 * - **loss behind a zombie**: a revert, or a loss unreported, after a zombie came: it hid what had to be seen.
 * - **write without cause** (Theorem 1): its decision saw no value that stands on either side, and its base was
 *   neither missing nor in doubt.
 * - **base off** (I15): a write's commit sets the base of the written side to anything but what the vendor stored
 *   when it applied that write, or, for an unknown outcome, what was seen there and equals what was sent.
 * - **silent divergence**: at rest the sides disagree, although no conflict stands on these values, and it is not
 *   a difference that the vendor made, nobody touched since, and the engine reported.
 * - **loss unreported**: at rest a value that a rule decided against is in no conflict row (unless its own side
 *   was edited since).
 * - **stale conflict**: at rest a conflict stands on values that nobody holds any more.
 *
 * *At rest* means: nothing in hand or on the wire, no open intent, and one more look changes nothing.
 */
import type { FieldBase } from '../../src/core/base.ts'
import { pairHash } from '../../src/core/fingerprint.ts'
import { otherSide, SIDES, type Side } from '../../src/core/record.ts'
import { isEqual, type Canonical, type FieldValue } from '../../src/core/value.ts'
import type { Change } from '../../src/store/change.ts'
import type { Finding } from './configuration.ts'
import { FIELD } from './frame.ts'
import { lossOf } from './loss.ts'
import { bySide, type Call, type State, type Truth } from './state.ts'
import { fieldOf, type World } from './world.ts'

/** A vendor applies a write of ours and stores `stored`. */
export function watchArrival(
  world: World,
  state: State,
  call: Call,
  stored: FieldValue,
): { readonly truth: Truth; readonly finds: readonly Finding[] } {
  const write = world.production.writes.at(call.write)
  const { side } = write
  const { source, target, before, agreedAs, settles } = fieldOf(write)
  const { truth } = state
  const lost = world.canonical(state[side].value)
  const now = world.canonical(stored)
  const overwrites = !isEqual(lost, now)
  const isRefusal = !overwrites && !isEqual(now, target)
  if (!call.current) {
    return { truth: { ...truth, haunted: true }, finds: overwrites ? ['zombie overwrite'] : [] }
  }
  // Recovery looks when nothing can come any more: what comes all the same is a zombie, if not yet by the books.
  const haunted = truth.haunted || state.task?.phase === 'settling'
  const known = write.base[FIELD]
  const far = truth.base[otherSide(side)]
  const hasCause = !isEqual(source, far) || !isEqual(before, truth.base[side]) || !known || known.doubt
  const loss = lossOf(world.configuration.field.shape, {
    lost,
    now,
    before,
    own: truth.base[side],
    source,
    far,
  })
  const isReported = settles?.decided === true || settles?.report?.loser === side
  const isRevert = !isReported && (loss === 'seen' || (overwrites && !hasCause))
  const owes = loss === 'seen' && isReported && settles?.decided !== true
  const own = agreedAs ? agreedAs.value : now
  return {
    truth: isRefusal
      ? // It changes nothing and counts as known with its answer: until then it is rightly tried again.
        truth
      : {
          ...truth,
          base: bySide(side, own, source),
          owed: owes ? { side, value: lost } : truth.owed,
          noted: false,
          haunted,
        },
    finds: [
      ...(isRevert ? ([haunted ? 'loss behind a zombie' : 'revert'] as const) : []),
      ...(loss === 'unseen' ? (['blind overwrite'] as const) : []),
      ...(hasCause ? [] : (['write without cause'] as const)),
    ],
  }
}

/** The engine learns what became of a write, a refusal included; or finds what it sent, whoever stored it. */
export function told(world: World, truth: Truth, number: number, value: FieldValue): Truth {
  const { side, ...write } = world.production.writes.at(number)
  const { source, agreedAs } = fieldOf(write)
  const own = agreedAs ? agreedAs.value : world.canonical(value)
  return { ...truth, base: bySide(side, own, source) }
}

/** The outcome of a write moves the base to `base`; `stored` is what the vendor made of it, null if it never came. */
export function watchCommit(
  world: World,
  changes: readonly Change[],
  base: FieldBase | null,
  outcome: {
    readonly write: number
    readonly stored: { readonly value: FieldValue } | null
    /** What recovery found there. */
    readonly found?: FieldValue
  },
): readonly Finding[] {
  const write = world.production.writes.at(outcome.write)
  const { target, agreedAs } = fieldOf(write)
  const moves = changes.some((change) => change.kind === 'set-base' && FIELD in change.fields)
  if (!moves || !base || base.doubt || agreedAs) return []
  const own = base[write.side]
  if (outcome.stored && isEqual(own, world.canonical(outcome.stored.value))) return []
  const found = outcome.found === undefined ? undefined : world.canonical(outcome.found)
  if (found !== undefined && isEqual(found, target) && isEqual(own, found)) return []
  return ['base off']
}

/** What is wrong with a state of rest; null when it is none. */
export function watchRest(world: World, state: State): readonly Finding[] | null {
  if (!isAtRest(world, state)) return null
  const { conflict, truth, base } = state
  const values = { left: world.canonical(state.left.value), right: world.canonical(state.right.value) }
  const agree = isEqual(values.left, values.right)
  const isHeld =
    base?.held === pairHash(values.left, values.right) && conflict !== null && isSame(conflict, values)
  const isDeviation = truth.noted && isSame(truth.base, values)
  return [
    ...(agree || isHeld || isDeviation ? [] : (['silent divergence'] as const)),
    ...(truth.owed ? ([truth.haunted ? 'loss behind a zombie' : 'loss unreported'] as const) : []),
    ...(conflict && (agree || !isSame(conflict, values)) ? (['stale conflict'] as const) : []),
  ]
}

const MOVES: ReadonlySet<Change['kind']> = new Set(['set-base', 'open-conflict', 'close-conflict'])

function isAtRest({ production }: World, state: State): boolean {
  if (state.task || state.intent || state.calls.length > 0) return false
  const { base, left, right, conflict } = state
  const { changes, writes } = production.decide({
    base,
    seen: { left, right },
    choice: conflict?.decided ?? null,
  })
  return writes.length === 0 && !changes.some((change) => MOVES.has(change.kind))
}

function isSame(a: Readonly<Record<Side, Canonical>>, b: Readonly<Record<Side, Canonical>>): boolean {
  return SIDES.every((side) => isEqual(a[side], b[side]))
}
