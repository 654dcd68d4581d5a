/**
 * Who is connected with whom through equal matching keys, over both sides (algorithms 3.2). The search is
 * bounded in records and reads at most a limit's worth of rows per key: one shared `info@` address may
 * otherwise connect everybody.
 */
import { and, asc, eq } from 'drizzle-orm'
import type { RecordId, Side } from '../../core/record.ts'
import type { Component, RecordRef } from '../store.ts'
import { matchKey, record } from './schema.ts'
import { arg, orm, statement, type Statements } from './statements.ts'
import type { Tables } from './tables.ts'

interface Node {
  readonly row: number
  readonly side: Side
  readonly id: RecordId
}

export interface ComponentRequest {
  readonly mapping: string
  readonly records: readonly RecordRef[]
  readonly limit: number
}

const node = { row: record.row, side: record.side, id: record.id }
const findNode = statement(() =>
  orm
    .select(node)
    .from(record)
    .where(and(eq(record.mapping, arg('mapping')), eq(record.side, arg('side')), eq(record.id, arg('id'))))
    .prepare(),
)
const keysOf = statement(() =>
  orm
    .select({ key: matchKey.key })
    .from(matchKey)
    .where(eq(matchKey.record, arg('row')))
    .prepare(),
)
const holders = statement(() =>
  orm
    .select(node)
    .from(matchKey)
    .innerJoin(record, eq(record.row, matchKey.record))
    .where(and(eq(matchKey.key, arg('key')), eq(record.mapping, arg('mapping'))))
    .orderBy(asc(matchKey.record))
    .limit(arg('limit'))
    .prepare(),
)

export function openComponents(
  db: Statements,
  { links, identity }: Pick<Tables, 'links' | 'identity'>,
): (request: ComponentRequest) => readonly Component[] {
  /** Everybody reachable from `start` through keys of one rule; breadth first, `start` first. */
  function reach(request: ComponentRequest, start: Node, rule: number): { nodes: Node[]; cut: boolean } {
    const { mapping, limit } = request
    const found = new Map([[start.row, start]])
    const asked = new Set<string>()
    // A Map visits what is added to it while it is walked.
    for (const { row } of found.values()) {
      for (const { key } of db.all(keysOf, { row })) {
        if (ruleOf(key) !== rule || asked.has(key)) continue
        asked.add(key)
        for (const holder of db.all(holders, { mapping, key, limit: limit + 1 })) {
          if (found.has(holder.row)) continue
          if (found.size >= limit) return { nodes: [...found.values()], cut: true }
          found.set(holder.row, holder)
        }
      }
    }
    return { nodes: [...found.values()], cut: false }
  }

  function component(request: ComponentRequest, ref: RecordRef): Component {
    const start = db.get(findNode, { mapping: request.mapping, side: ref.side, id: ref.id })
    if (start) {
      const rules = new Set(
        db
          .all(keysOf, { row: start.row })
          .map(({ key }) => ruleOf(key))
          .filter(Number.isInteger),
      )
      for (const rule of [...rules].toSorted((a, b) => a - b)) {
        const { nodes, cut } = reach(request, start, rule)
        if (nodes.length > 1 || cut) {
          return { record: ref, rule, members: nodes.map((member) => describe(request, member)), cut }
        }
      }
    }
    return { record: ref, rule: null, members: [describe(request, ref)], cut: false }
  }

  function describe({ mapping }: ComponentRequest, { side, id }: RecordRef): Component['members'][number] {
    const link = links.ofRecord(mapping, { side, id })?.id ?? null
    return { side, id, link, suppressed: identity.suppressedBecause(mapping, { side, id }) !== null }
  }

  return (request) => request.records.map((ref) => component(request, ref))
}

/** Keys of rules are `<rule number>:<canonical key>`; NaN for keys of other kinds. */
function ruleOf(key: string): number {
  return Number(key.slice(0, key.indexOf(':')))
}
