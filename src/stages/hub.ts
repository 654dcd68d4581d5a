/**
 * Pairings that share a connection: Attio as the hub of HubSpot and Salesforce. What one of them writes there is a
 * change to the others, made by whoever made it in the CRM that it came from. So a write into a shared connection
 * marks its record for the others, and leaves whose change it was: our token and the moment of our write say nothing
 * about that.
 */
import type { Connector } from '../connectors/connector.ts'
import type { Plan } from '../core/plan.ts'
import { newestEvidence } from '../core/reconcile.ts'
import {
  otherSide,
  SIDES,
  type Both,
  type Evidence,
  type RecordId,
  type Side,
  type Snapshot,
} from '../core/record.ts'
import type { ObjectRules } from '../core/rules.ts'
import type { Change } from '../store/change.ts'
import type { IntentField } from '../store/writes.ts'
import { followUp } from './dirty-rows.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { ruleOf } from './rule-index.ts'
import type { Pair } from './work.ts'

/** A mapping of another pairing that keeps an object of a connection which both have. */
export interface OtherMapping {
  readonly mapping: string
  /** On which side of that pairing the connection is. */
  readonly side: Side
  readonly object: string
  /** Where it keeps the ids of its counterparts. */
  readonly stamp: string | null
}

export type Others = Both<readonly OtherMapping[]>

/** What the other pairings have to know of one, open or not. */
export interface PairingOutline {
  readonly name: string
  readonly connectors: Both<Connector>
  readonly mappings: readonly { readonly rules: Pick<ObjectRules, 'mapping' | 'object' | 'stamp'> }[]
}

export function othersOf(pairing: PairingOutline, all: readonly PairingOutline[]): Others {
  const on = (own: Side): readonly OtherMapping[] =>
    all
      .filter((other) => other.name !== pairing.name)
      .flatMap((other) =>
        SIDES.filter(
          (side) => other.connectors[side].connection === pairing.connectors[own].connection,
        ).flatMap((side) =>
          other.mappings.map(({ rules }) => ({
            mapping: rules.mapping,
            side,
            object: rules.object[side],
            stamp: rules.stamp[side],
          })),
        ),
      )
  return { left: on('left'), right: on('right') }
}

/** The mappings of other pairings that keep the records which this mapping keeps on `side`. */
export function sharedWith(engine: Engine, mapping: MappingRuntime, side: Side): readonly OtherMapping[] {
  return engine.others[side].filter(({ object }) => object === mapping.rules.object[side])
}

/** The fields in which other pairings keep ids in the records that this mapping keeps on `side`. */
export function stampsOfOthers(engine: Engine, mapping: MappingRuntime, side: Side): readonly string[] {
  return sharedWith(engine, mapping, side).flatMap(({ stamp }) => (stamp === null ? [] : [stamp]))
}

/** The fields of a write, each with whose change it carries, where others will see it. */
export function withOrigins(
  engine: Engine,
  mapping: MappingRuntime,
  write: {
    readonly side: Side
    readonly source: Snapshot
    readonly fields: Readonly<Record<string, IntentField>>
  },
): Readonly<Record<string, IntentField>> {
  const { side, source, fields } = write
  if (sharedWith(engine, mapping, side).length === 0) return fields
  return Object.fromEntries(
    Object.entries(fields).map(([key, field]) => {
      const evidence = newestEvidence(ruleOf(mapping, key)[otherSide(side)], source)
      return [key, { ...field, origin: originOf(engine, field, evidence, source.key.connection) }]
    }),
  )
}

function originOf(
  engine: Engine,
  field: IntentField,
  evidence: Evidence | null,
  connection: string,
): Evidence {
  // A person's decision is an edit of now, whatever the values are that it chose from.
  if (field.settles?.decided) {
    return {
      at: new Date(engine.runtime.now()).toISOString(),
      actor: { kind: 'human', id: null },
      via: connection,
    }
  }
  if (!evidence) return { at: null, actor: { kind: 'unknown', id: null }, via: connection }
  // The record as a whole was written by us last; this field's change is somebody else's, of before that.
  const actor = evidence.actor.kind === 'us' ? ({ kind: 'unknown', id: null } as const) : evidence.actor
  return { ...evidence, actor, via: evidence.via ?? connection }
}

/** What the others have to learn of a write that was applied. */
export function handedOn(
  engine: Engine,
  mapping: MappingRuntime,
  write: {
    readonly side: Side
    readonly record: RecordId
    readonly fields: Readonly<Record<string, IntentField>>
  },
): readonly Change[] {
  const { side, record, fields } = write
  const others = sharedWith(engine, mapping, side)
  if (others.length === 0) return []
  const origins = Object.entries(fields).flatMap(([key, { origin }]) =>
    origin ? ruleOf(mapping, key)[side].fields.map((field) => [field, origin] as const) : [],
  )
  const noted: Change = {
    kind: 'note-origins',
    connection: engine.pairing.connectors[side].connection,
    object: mapping.rules.object[side],
    record,
    fields: Object.fromEntries(origins),
  }
  return [
    ...(origins.length > 0 ? [noted] : []),
    ...others.map((other) => followUp(engine, other.mapping, { side: other.side, id: record })),
  ]
}

/**
 * Fields whose evidence a write into a shared connection needs, and that did not come with the read, per source side.
 */
export function originWants(
  engine: Engine,
  mapping: MappingRuntime,
  { pair, plan }: { readonly pair: Pair; readonly plan: Plan },
): Both<readonly string[]> {
  const wants: { left: string[]; right: string[] } = { left: [], right: [] }
  for (const verdict of plan.verdicts) {
    if (verdict.kind !== 'write' || sharedWith(engine, mapping, verdict.side).length === 0) continue
    const from = otherSide(verdict.side)
    const rule = ruleOf(mapping, verdict.field)[from]
    if (rule.channel === 'edge' || newestEvidence(rule, pair[from])) continue
    wants[from].push(...rule.fields)
  }
  return wants
}
