/**
 * Who is connected with whom through equal matching keys, over both sides (algorithms 3.2). The search is
 * bounded in records and reads at most a limit's worth of rows per key: one shared `info@` address may
 * otherwise connect everybody.
 *
 * Most records of a batch share no key with anybody, which one statement finds out for all of them.
 */
import { and, asc, eq, exists, type SQLWrapper } from 'drizzle-orm'
import { otherSide, SIDES, type RecordId, type Side } from '../../core/record.ts'
import { outsiderKey, type RecordRef } from '../records.ts'
import type { Component } from '../reconcile.ts'
import { matchKey, record } from './schema.ts'
import { arg, element, elements, orm, statement, type Statements } from './statements.ts'
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

interface Reached {
  /** Null when nobody else was found. */
  readonly rule: number | null
  readonly nodes: readonly RecordRef[]
  readonly cut: boolean
  readonly outsiders: readonly RecordRef[]
}

const node = { row: record.row, side: record.side, id: record.id }
const nodesAmong = statement(() =>
  orm
    .select(node)
    .from(elements('ids'))
    .crossJoin(record)
    .where(and(eq(record.mapping, arg('mapping')), eq(record.side, arg('side')), eq(record.id, element)))
    .prepare(),
)
// `cross join`, here and below, keeps SQLite from beginning with all records of the mapping.
const holdersOf = (key: SQLWrapper) =>
  orm
    .select(node)
    .from(matchKey)
    .crossJoin(record)
    .where(and(eq(matchKey.key, key), eq(record.row, matchKey.record), eq(record.mapping, arg('mapping'))))
const holders = statement(() =>
  holdersOf(arg('key')).orderBy(asc(matchKey.record)).limit(arg('limit')).prepare(),
)
const shared = statement(() =>
  orm
    .select({ key: element })
    .from(elements('keys'))
    .where(exists(holdersOf(element).limit(1).offset(1)))
    .prepare(),
)

export function openComponents(
  db: Statements,
  { identity, links, matchKeys }: Pick<Tables, 'identity' | 'links' | 'matchKeys'>,
): (request: ComponentRequest) => readonly Component[] {
  return (request) => {
    const reached = request.records.map(reaching(request))
    const describe = describing(request.mapping, reached)
    return request.records.map((ref, i) => {
      const { rule = null, nodes = [ref], cut = false, outsiders = [] } = reached[i] ?? {}
      return { record: ref, rule, members: nodes.map(describe), cut, outsiders: outsiders.map(describe) }
    })
  }

  function reaching({ mapping, records, limit }: ComponentRequest): (ref: RecordRef) => Reached {
    const nodes = new Map<string, Node>()
    for (const side of SIDES) {
      const ids = records.filter((ref) => ref.side === side).map((ref) => ref.id)
      for (const found of db.all(nodesAmong, { mapping, side, ids })) nodes.set(keyOf(found), found)
    }
    const keys = new Map(matchKeys.of([...nodes.values()].map(({ row }) => row)))
    const isShared = new Set(
      db.all(shared, { mapping, keys: [...new Set([...keys.values()].flat())] }).map(({ key }) => key),
    )
    const outside = outsidersOf(mapping, [...nodes.values()], keys)
    const holding = new Map<string, readonly Node[]>()

    /** Whoever else was found is asked about in the same breath. */
    function keysOf(row: number, found: Iterable<number> = [row]): readonly string[] {
      if (!keys.has(row)) {
        const missing = [...found].filter((each) => !keys.has(each))
        const read = matchKeys.of(missing)
        for (const each of missing) keys.set(each, read.get(each) ?? [])
      }
      return keys.get(row) ?? []
    }

    function holdersOfKey(key: string): readonly Node[] {
      const found = holding.get(key) ?? db.all(holders, { mapping, key, limit: limit + 1 })
      holding.set(key, found)
      return found
    }

    /** Everybody reachable from `start` through keys of one rule; breadth first, `start` first. */
    function reach(start: Node, rule: number): Omit<Reached, 'outsiders'> {
      const found = new Map([[start.row, start]])
      const asked = new Set<string>()
      // A Map visits what is added to it while it is walked.
      for (const { row } of found.values()) {
        for (const key of keysOf(row, found.keys())) {
          if (ruleOf(key) !== rule || asked.has(key)) continue
          asked.add(key)
          for (const holder of holdersOfKey(key)) {
            if (found.has(holder.row)) continue
            if (found.size >= limit) return { rule, nodes: [...found.values()], cut: true }
            found.set(holder.row, holder)
          }
        }
      }
      return { rule, nodes: [...found.values()], cut: false }
    }

    const connected = (start: Node | undefined, ref: RecordRef): Omit<Reached, 'outsiders'> => {
      // A rule under which the record itself shares no key reaches nobody.
      const rules = start
        ? keysOf(start.row)
            .filter((key) => isShared.has(key))
            .map(ruleOf)
        : []
      for (const rule of [...new Set(rules)].filter(Number.isInteger).toSorted((a, b) => a - b)) {
        const reached = start && reach(start, rule)
        if (reached && (reached.nodes.length > 1 || reached.cut)) return reached
      }
      return { rule: null, nodes: [ref], cut: false }
    }
    return (ref) => {
      const start = nodes.get(keyOf(ref))
      const outsiders = start ? (outside.get(start.row) ?? []).slice(0, limit) : []
      return { ...connected(start, ref), outsiders }
    }
  }

  /** By row: records of the other side that hold one of its keys as outsiders. One read per side. */
  function outsidersOf(
    mapping: string,
    nodes: readonly Node[],
    keys: ReadonlyMap<number, readonly string[]>,
  ): ReadonlyMap<number, readonly RecordRef[]> {
    const found = new Map<number, readonly RecordRef[]>()
    for (const side of SIDES) {
      const far = otherSide(side)
      const wanted = nodes
        .filter((node) => node.side === side)
        .map(({ row }) => ({ row, keys: (keys.get(row) ?? []).map(outsiderKey) }))
      const holding = matchKeys.holders(mapping, far, [...new Set(wanted.flatMap((each) => each.keys))])
      for (const each of wanted) {
        const ids = new Set(each.keys.flatMap((key) => holding.get(key) ?? []))
        if (ids.size > 0)
          found.set(
            each.row,
            [...ids].map((id) => ({ side: far, id })),
          )
      }
    }
    return found
  }

  /** With each record's link and suppression: one read per side and table. */
  function describing(
    mapping: string,
    reached: readonly Reached[],
  ): (ref: RecordRef) => Component['members'][number] {
    const idsOn = (side: Side) => [
      ...new Set(
        reached
          .flatMap(({ nodes, outsiders }) => [...nodes, ...outsiders])
          .filter((ref) => ref.side === side)
          .map(({ id }) => id),
      ),
    ]
    const ids = { left: idsOn('left'), right: idsOn('right') }
    const linkOf = {
      left: links.ofRecords(mapping, 'left', ids.left),
      right: links.ofRecords(mapping, 'right', ids.right),
    }
    const suppressed = {
      left: identity.suppressedBecause(mapping, 'left', ids.left),
      right: identity.suppressedBecause(mapping, 'right', ids.right),
    }
    // Namesakes are members of each other's components, and many of them are in one batch.
    const described = new Map<RecordRef, Component['members'][number]>()
    return (ref) => {
      const { side, id } = ref
      const known = described.get(ref)
      if (known) return known
      const link = linkOf[side].get(id) ?? null
      const member = { side, id, link, suppressed: suppressed[side].has(id) }
      described.set(ref, member)
      return member
    }
  }
}

function keyOf({ side, id }: RecordRef): string {
  return `${side}/${id}`
}

/** Keys of rules are `<rule number>:<canonical key>`; NaN for keys of other kinds. */
function ruleOf(key: string): number {
  return Number(key.slice(0, key.indexOf(':')))
}
