/** A reversal as writes, in the order in which they are sent: what comes back first, what goes away last. */
import { NEVER_AGREED } from '../core/base.ts'
import { wasRead } from '../core/reconcile.ts'
import { otherSide, type Side, type Snapshot } from '../core/record.ts'
import type { Canonical } from '../core/value.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { imageOf, planRemoval, removalMode } from './removal.ts'
import { ruleOf } from './rule-index.ts'
import { sideWrites, stampOrder, type SideOrder, type WriteVerdict } from './side-writes.ts'
import type { Reversal } from './undo-decide.ts'
import type { Restore } from './undo-fields.ts'
import type { Look, Situation } from './undo-look.ts'
import type { UndoMemory } from './undo-memory.ts'
import { recreationWrite } from './undo-recreate.ts'
import type { Write } from './work.ts'

export interface Carrying {
  readonly look: Look
  readonly memory: UndoMemory
  /** Why, for the journal. */
  readonly because: string
}

export function reversalWrites(
  engine: Engine,
  mapping: MappingRuntime,
  reversal: Reversal,
  options: Carrying,
): readonly Write[] {
  const { look, because } = options
  const { situation } = reversal
  const made = reversal.recreations.map((recreation) =>
    recreationWrite(engine, mapping, { situation, recreation }, { context: look.directory.context, because }),
  )
  const sides = (['right', 'left'] as const).map((side) =>
    restoringWrites(engine, mapping, reversal, { ...options, side }),
  )
  const removals = reversal.removals.flatMap((side): Write[] => {
    const snapshot = snapshotOn(situation, side)
    if (!snapshot) return []
    const { link, base } = situation
    const mode = removalMode(engine, side)
    const removal = planRemoval(engine, { link, base, gone: otherSide(side), survivor: snapshot, mode })
    return [
      { ...removal, fields: imageOf(mapping, side, { snapshot, context: look.asLeft.context, because }) },
    ]
  })
  return [
    ...made,
    ...sides.flatMap(({ values }) => values),
    ...sides.flatMap(({ edges }) => edges),
    ...removals,
  ]
}

export function snapshotOn({ present }: Situation, side: Side): Snapshot | null {
  const here = present[side]
  return here.kind === 'live' ? here.snapshot : null
}

function restoringWrites(
  engine: Engine,
  mapping: MappingRuntime,
  reversal: Reversal,
  order: Carrying & { readonly side: Side },
): ReturnType<typeof sideWrites> {
  const { situation } = reversal
  const { side, look, memory, because } = order
  const target = snapshotOn(situation, side)
  if (!target) return { values: [], edges: [] }
  const verdicts = reversal.restores
    .filter((restore) => restore.side === side)
    .map((restore) => verdictOf(mapping, situation, restore, { look, because }))
  return sideWrites(engine, mapping, {
    link: situation.link.id,
    side,
    target,
    source: snapshotOn(situation, otherSide(side)) ?? target,
    base: situation.base,
    context: look.directory.context[side],
    verdicts,
    stamp: stampFor(mapping, reversal, { side, target, memory }),
    settles: () => ({ report: null, decided: false }),
  })
}

/**
 * The base that comes out of it says: the written side holds its former value, the other side what it holds now.
 * Neither differs from its base, so the difference stays until somebody edits (algorithms 9.2).
 */
function verdictOf(
  mapping: MappingRuntime,
  situation: Situation,
  { side, field, now, to }: Restore,
  { look, because }: { readonly look: Look; readonly because: string },
): WriteVerdict {
  const far = otherSide(side)
  const other = snapshotOn(situation, far)
  const base = situation.base[field] ?? NEVER_AGREED
  const rule = ruleOf(mapping, field)[far]
  const isKnown = other !== null && wasRead(rule, other.values)
  const source: Canonical = isKnown ? rule.read(other.values, look.asLeft.context[far]) : base[far]
  return {
    kind: 'write',
    field,
    because,
    side,
    source,
    target: to,
    before: now,
    agreedAs: null,
    base,
    conflict: null,
    human: true,
  }
}

/** A record that is set apart names its counterpart no more; one that is linked again names it as every pair does. */
function stampFor(
  mapping: MappingRuntime,
  { situation, step, unstamp }: Reversal,
  { side, target, memory }: { readonly side: Side; readonly target: Snapshot; readonly memory: UndoMemory },
): SideOrder['stamp'] {
  const field = mapping.rules.stamp[side]
  const far = otherSide(side)
  if (field === null) return null
  if (unstamp.includes(side)) {
    const isNamed = target.values[field] === situation.link[far]
    return isNamed ? { values: { [field]: null }, isDue: true } : null
  }
  const other = step === 'relink' ? snapshotOn(situation, far) : null
  const stamp = other && stampOrder(mapping, side, { target, other: other.key.id, refused: [] })
  // A stamp that is never taken does not keep the pair from being linked again.
  const isGivenUp = memory.givenUp(situation.footprint.link, side, 'stamp') !== null
  return stamp && { ...stamp, isDue: stamp.isDue && !isGivenUp }
}
