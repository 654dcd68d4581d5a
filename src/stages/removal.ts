/**
 * Removing records: the write, what it takes away, and what it means for the pair. What is taken away goes into the
 * intent and the journal, associations included, so that the record can be made anew from it.
 */
import type { LinkBase } from '../core/base.ts'
import { wasRead } from '../core/reconcile.ts'
import { otherSide, type Both, type Side, type Snapshot } from '../core/record.ts'
import type { SideContext } from '../core/rules.ts'
import type { Change } from '../store/change.ts'
import type { Link } from '../store/links.ts'
import type { Intent, IntentField } from '../store/writes.ts'
import { openDirectory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { handedOn } from './hub.ts'
import { edgeFields, fetchRecords } from './fetch.ts'
import { entomb, unlink } from './vanish.ts'
import type { Task, Write } from './work.ts'

/** `gone` is the side whose deletion is carried over; the pair becomes a tomb when the write is acknowledged. */
export function planRemoval(
  engine: Engine,
  options: { link: Link; base: LinkBase; gone: Side; survivor: Snapshot; mode: 'archive' | 'delete' },
): Write {
  const { link, base, gone, survivor, mode } = options
  return {
    id: engine.runtime.id(),
    link: link.id,
    side: otherSide(gone),
    kind: 'remove',
    record: survivor.key.id,
    values: {},
    edge: null,
    removal: mode,
    stamp: null,
    fields: {},
    target: survivor,
    source: { ...survivor, key: { ...survivor.key, id: link[gone] ?? survivor.key.id } },
    base,
  }
}

/**
 * Completes the removals among the tasks with what they take away. One read per side that has associations. Returns
 * those whose record turns out to have been changed since it was decided about: they have to be decided about again
 * (I4).
 */
export async function imageRemovals(
  engine: Engine,
  mapping: MappingRuntime,
  tasks: readonly Task[],
): Promise<ReadonlySet<Task>> {
  const changed = new Set<Task>()
  const removing = tasks.filter((task) => task.queue[0]?.kind === 'remove')
  if (removing.length === 0) return changed
  const targets = { left: await targetsOn('left'), right: await targetsOn('right') }
  async function targetsOn(side: Side): Promise<ReadonlyMap<string, Snapshot>> {
    const own = removing.flatMap((task) => {
      const write = task.queue[0]
      return write?.side === side && write.target ? [write.target] : []
    })
    const found = new Map(own.map((snapshot) => [snapshot.key.id, snapshot]))
    if (edgeFields(mapping, side).length === 0) return found
    const readings = await fetchRecords(engine, mapping, side, [...found.keys()], { edges: true })
    for (const [id, reading] of readings) if (reading.kind === 'found') found.set(id, reading.snapshot)
    return found
  }
  const { context } = await openDirectory(engine.store, engine.pairing, {
    left: [...targets.left.values()],
    right: [...targets.right.values()],
  })
  for (const task of removing) {
    task.queue = task.queue.map((write) => {
      const snapshot = targets[write.side].get(write.record ?? '')
      if (write.kind !== 'remove' || !snapshot) return write
      if (snapshot.version !== write.target?.version) changed.add(task)
      const because = `deleted on the ${otherSide(write.side)} side`
      const fields = imageOf(mapping, write.side, { snapshot, context, because })
      // The precondition stays what was decided on: its version.
      return { ...write, fields, target: write.target && { ...write.target, values: snapshot.values } }
    })
  }
  return changed
}

/** Everything mapped that the record holds, as a removal takes it away. */
export function imageOf(
  mapping: MappingRuntime,
  side: Side,
  of: { readonly snapshot: Snapshot; readonly context: Both<SideContext>; readonly because: string },
): Readonly<Record<string, IntentField>> {
  const { snapshot, context, because } = of
  return Object.fromEntries(
    mapping.rules.fields
      .filter((rule) => wasRead(rule[side], snapshot.values))
      .map((rule) => {
        const before = rule[side].read(snapshot.values, context[side])
        const nothing = { source: null, target: null, agreedAs: null, human: false, settles: null }
        return [rule.key, { ...nothing, before, because }]
      }),
  )
}

/**
 * The record is gone, by our hand. `alone`: its other half lives, so the pair ends as if a person had deleted this
 * one, and the survivor is not created here again; otherwise nobody is left.
 */
export function removed(
  engine: Engine,
  mapping: MappingRuntime,
  write: Pick<Intent, 'id' | 'link' | 'side' | 'record' | 'fields'>,
  pair: { readonly link: Link; readonly base: LinkBase; readonly alone: boolean },
): readonly Change[] {
  const { link, base, alone } = pair
  const { side, record } = write
  const fields = Object.entries(write.fields)
  const because = fields[0]?.[1].because ?? ''
  const { mapping: name } = mapping.rules
  return [
    { kind: 'close-intent', intent: write.id },
    {
      kind: 'journal',
      entry: {
        run: engine.run,
        link: write.link,
        mapping: name,
        side,
        kind: 'remove',
        record,
        before: Object.fromEntries(fields.map(([key, field]) => [key, field.before])),
        after: {},
        cause: because,
        version: null,
        atMs: engine.runtime.now(),
      },
    },
    ...(record === null ? [] : handedOn(engine, mapping, { side, record, fields: {} })),
    ...forgotten(name, write),
    ...(alone
      ? unlink(engine, mapping, { link, base, gone: side, because, question: null })
      : entomb(engine, mapping, link, base)),
  ]
}

/** A record that belonged to no pair any more is known all the same. */
function forgotten(mapping: string, { side, record: id }: Pick<Intent, 'side' | 'record'>): Change[] {
  if (id === null) return []
  const record = { side, id }
  return [
    { kind: 'forget-record', mapping, record },
    { kind: 'release', mapping, record },
  ]
}

/** Where a removal ends: in the recycle bin where there is one. */
export function removalMode(engine: Engine, side: Side): 'archive' | 'delete' {
  return engine.pairing.connectors[side].capabilities.archives ? 'archive' : 'delete'
}
