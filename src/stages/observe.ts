/**
 * OBSERVE by bells: what a vendor announced, verified and parsed already, becomes entries of the change log and marks
 * in the dirty set, all in one transaction. Nothing is read and nothing decided here, and it does not matter how the
 * bells came: by webhook, by a streaming client, or in a simulation.
 */
import type { Bell } from '../core/bell.ts'
import { SIDES, type RecordId, type Side } from '../core/record.ts'
import type { Change, ObservedChange } from '../store/change.ts'
import type { Debounce } from '../store/records.ts'
import type { Engine, MappingRuntime } from './engine.ts'

/** Algorithms 6.3; the flurry, the longest wait and that of our own changes are ours. */
export const DEBOUNCE: Debounce = {
  restMs: 300,
  flurryMs: 1_500,
  busyMs: 5_000,
  touchesMax: 5,
  withinMs: 60_000,
  waitMaxMs: 30_000,
  ownMs: 30_000,
}

type NotedOrigins = Extract<Change, { kind: 'note-origins' }>

/** The bells of one delivery. */
export interface Heard {
  readonly connection: string
  readonly bells: readonly Bell[]
}

export interface Observation {
  /** Bells about objects that no mapping keeps. */
  readonly unkept: number
  /** What the kept ones say, once per record and mapping: bells of a merge and two mappings make more of one. */
  readonly changes: number
  /** Those of them that were known: the delivery came before. */
  readonly repeated: number
  /** Our own writes coming back. */
  readonly echoes: number
  readonly marked: number
}

/**
 * All engines must share one store. When it cannot be written, it throws and nothing of the delivery is kept, so
 * that the vendor can be told to deliver again. A delivery that came before changes nothing.
 */
export async function observe(engines: Engine | readonly Engine[], heard: Heard): Promise<Observation> {
  const all = [engines].flat()
  const kept = heard.bells.map((bell) => all.flatMap((engine) => changesOf(engine, heard.connection, bell)))
  const changes = kept.flat()
  const unkept = kept.filter((made) => made.length === 0).length
  const [first] = all
  if (!first || changes.length === 0) return { unkept, changes: 0, repeated: 0, echoes: 0, marked: 0 }
  const { appended, marked } = await first.store.appendChanges({
    changes,
    lane: 0,
    stream: null,
    debounce: DEBOUNCE,
    origins: heard.bells.flatMap((bell) => all.flatMap((engine) => toldBy(engine, heard.connection, bell))),
  })
  if (marked > 0) for (const engine of all) engine.wake.call()
  const [repeated, echoes] = [changes.length - appended, appended - marked]
  first.log.debug({ connection: heard.connection, marked, repeated, echoes, unkept }, 'bells heard')
  return { unkept, changes: changes.length, repeated, echoes, marked }
}

function changesOf(engine: Engine, connection: string, bell: Bell): readonly ObservedChange[] {
  const { connectors, mappings } = engine.pairing
  return SIDES.filter((side) => connectors[side].connection === connection).flatMap((side) =>
    mappings
      .filter(({ rules }) => rules.object[side] === bell.object)
      .flatMap((mapping) =>
        recordsOf(bell).map((record) => changeOf(engine, { connection, mapping, side, bell, record })),
      ),
  )
}

/**
 * Who changed which field when, of a vendor that tells it only now: asked later it knows when a record was changed, and
 * nothing about its fields.
 */
function toldBy(engine: Engine, connection: string, bell: Bell): readonly NotedOrigins[] {
  const { connectors, mappings } = engine.pairing
  const { at, actor } = bell
  if (at === null || actor.kind === 'us' || bell.fields.length === 0) return []
  return SIDES.flatMap((side) => {
    const { connection: own, capabilities } = connectors[side]
    if (own !== connection || capabilities.keepsHistory) return []
    const kept = mappings.filter(({ rules }) => rules.object[side] === bell.object)
    const read = new Set(kept.flatMap(({ rules }) => rules.reads[side]))
    const fields = bell.fields.filter((field) => read.has(field))
    if (fields.length === 0) return []
    const evidence = Object.fromEntries(fields.map((field) => [field, { at, actor }]))
    return [{ kind: 'note-origins', connection, object: bell.object, record: bell.record, fields: evidence }]
  })
}

/** Both records of a merge want a look: the one that is no more, and the one that took over. */
function recordsOf(bell: Bell): readonly RecordId[] {
  return bell.into === null ? [bell.record] : [bell.record, bell.into]
}

function changeOf(
  engine: Engine,
  told: {
    readonly connection: string
    readonly mapping: MappingRuntime
    readonly side: Side
    readonly bell: Bell
    readonly record: RecordId
  },
): ObservedChange {
  const { connection, side, bell, record } = told
  const { mapping } = told.mapping.rules
  return {
    key: `webhook/${connection}/${bell.key}/${mapping}/${side}/${record}`,
    mapping,
    side,
    record,
    source: 'webhook',
    // That a record was merged away is no deletion: looking finds where it went.
    kind: bell.kind === 'removed' ? 'removed' : 'changed',
    actor: { ...bell.actor },
    vendorAt: bell.at,
    atMs: engine.runtime.now(),
    // Of somebody else's change it would silence a bell that says something new, should both fall into one moment.
    version: bell.actor.kind === 'us' ? bell.version : null,
  }
}
