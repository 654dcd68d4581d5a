/**
 * The engine that people write who have not met the problem yet: every so often it lists both sides, pairs what has
 * the same key, lets the record that was modified last win, creates what has no counterpart, and tries again when a
 * request fails. It keeps a table of pairs and nothing else: no base, no intents, no tombstones.
 *
 * It is not a straw man: it uses the production connectors with their budgets and batches, the compiled mappings with
 * their transforms, and writes only what differs. Associations and other references are left out of it.
 */
import type { Connector } from '../../../src/connectors/connector.ts'
import type { WriteOutcome } from '../../../src/connectors/writing.ts'
import { ConnectorError } from '../../../src/errors.ts'
import {
  otherSide,
  SIDES,
  type Both,
  type RecordId,
  type Side,
  type Snapshot,
} from '../../../src/core/record.ts'
import type { FieldRule, SideContext } from '../../../src/core/rules.ts'
import type { FieldValues } from '../../../src/core/value.ts'
import { isBlank } from '../../../src/core/value.ts'
import type { Runtime } from '../../../src/runtime.ts'
import type { MappingRuntime, Pairing } from '../../../src/stages/engine.ts'
import { isReference } from '../../../src/stages/rule-index.ts'

/** Whose counterpart a creation was meant to be. */
export interface Copy {
  readonly mapping: string
  readonly from: Side
  readonly source: RecordId
  /** It had a counterpart before, which is not there any more. */
  readonly again: boolean
}

export interface NaiveMemory {
  /** Mapping → the two ids of every pair, as a table would keep them. */
  readonly pairs: Map<string, { left: RecordId; right: RecordId }[]>
}

export interface Naive {
  readonly pairing: Pairing
  readonly runtime: Runtime
  readonly memory: NaiveMemory
  /** Users of both sides; nothing that needs a memory. */
  readonly context: Both<SideContext>
  /** Told before a creation is sent, and after its last try. */
  readonly onCopy: (copy: Copy | null) => void
}

/** Tries of a request that failed. */
const TRIES = 3
const TRY_AGAIN_MS = 2_000

export async function naiveRound(naive: Naive): Promise<void> {
  for (const mapping of naive.pairing.mappings) await synchronise(naive, mapping)
}

async function synchronise(naive: Naive, mapping: MappingRuntime): Promise<void> {
  const { rules } = mapping
  const records = {
    left: await listAll(naive, mapping, 'left'),
    right: await listAll(naive, mapping, 'right'),
  }
  const known = naive.memory.pairs.get(rules.mapping) ?? []
  naive.memory.pairs.set(rules.mapping, known)
  const pairs = known.flatMap(({ left, right }) => {
    const both = { left: records.left.get(left), right: records.right.get(right) }
    return both.left && both.right ? [{ left: both.left, right: both.right }] : []
  })
  const taken = {
    left: new Set(pairs.map(({ left }) => left.key.id)),
    right: new Set(pairs.map(({ right }) => right.key.id)),
  }
  const link = (left: Snapshot, right: Snapshot) => {
    known.push({ left: left.key.id, right: right.key.id })
    pairs.push({ left, right })
    taken.left.add(left.key.id)
    taken.right.add(right.key.id)
  }
  for (const left of records.left.values()) {
    if (taken.left.has(left.key.id)) continue
    const keys = keysOf(mapping, 'left', left)
    const free = [...records.right.values()].filter(({ key }) => !taken.right.has(key.id))
    const right = free.find((each) => [...keysOf(mapping, 'right', each)].some((key) => keys.has(key)))
    if (right) link(left, right)
  }
  for (const pair of pairs) await newestWins(naive, mapping, pair)
  for (const side of SIDES) {
    for (const source of records[side].values()) {
      if (taken[side].has(source.key.id) || !rules.create[otherSide(side)]) continue
      if (!rules.inScope[side](source.values)) continue
      const again = known.some((each) => each[side] === source.key.id)
      const copy = { mapping: rules.mapping, from: side, source: source.key.id, again }
      const id = await create(naive, mapping, source, copy)
      if (id === null) continue
      const ids = side === 'left' ? { left: source.key.id, right: id } : { left: id, right: source.key.id }
      known.push(ids)
      await noteIds(naive, mapping, ids)
      taken[side].add(source.key.id)
      taken[otherSide(side)].add(id)
    }
  }
}

async function listAll(naive: Naive, mapping: MappingRuntime, side: Side): Promise<Map<RecordId, Snapshot>> {
  const found = new Map<RecordId, Snapshot>()
  const { object, reads } = mapping.rules
  let cursor: string | null = null
  do {
    const page = await again(naive, () =>
      naive.pairing.connectors[side].list({ object: object[side], fields: reads[side], cursor }),
    )
    for (const record of page.records) found.set(record.key.id, record)
    cursor = page.next
  } while (cursor !== null)
  return found
}

function keysOf({ rules }: MappingRuntime, side: Side, { values }: Snapshot): ReadonlySet<string> {
  const strong = rules.match.filter(({ strength }) => strength === 'strong')
  return new Set(strong.flatMap((rule, i) => rule.keys[side](values).map((key) => `${i}:${key}`)))
}

/** The record that was modified last is right about everything. */
async function newestWins(naive: Naive, mapping: MappingRuntime, pair: Both<Snapshot>): Promise<void> {
  const from: Side = modifiedMs(pair.left) >= modifiedMs(pair.right) ? 'left' : 'right'
  const to = otherSide(from)
  let values: FieldValues = {}
  for (const rule of rulesOf(mapping)) {
    const left = rule.left.read(pair.left.values, naive.context.left)
    const right = rule.right.read(pair.right.values, naive.context.right)
    if (rule.agree(left, right)) continue
    const restored =
      to === 'right' ? rule.forward(left, right, naive.context) : rule.backward(right, left, naive.context)
    if (restored.kind !== 'value') continue
    values = { ...values, ...rule[to].write(restored.value, pair[to].values, naive.context[to]) }
  }
  if (Object.keys(values).length === 0) return
  const { id } = pair[to].key
  await send(
    naive,
    (connector) => connector.update(mapping.rules.object[to], [{ writeId: 'w', id, values }]),
    to,
  )
}

async function create(
  naive: Naive,
  mapping: MappingRuntime,
  source: Snapshot,
  copy: Copy,
): Promise<RecordId | null> {
  const from = copy.from
  const to = otherSide(from)
  let values: FieldValues = {}
  for (const rule of rulesOf(mapping)) {
    const value = rule[from].read(source.values, naive.context[from])
    const blank = rule[to].read({}, naive.context[to])
    const restored =
      to === 'right' ? rule.forward(value, blank, naive.context) : rule.backward(value, blank, naive.context)
    if (restored.kind !== 'value' || isBlank(restored.value)) continue
    values = { ...values, ...rule[to].write(restored.value, {}, naive.context[to]) }
  }
  naive.onCopy(copy)
  try {
    return await send(
      naive,
      (connector) => connector.create(mapping.rules.object[to], [{ writeId: 'w', values, stamp: null }]),
      to,
    )
  } finally {
    naive.onCopy(null)
  }
}

/** Both records get the id of the other, as people do who want to find one from the other. */
async function noteIds(naive: Naive, { rules }: MappingRuntime, ids: Both<RecordId>): Promise<void> {
  for (const side of SIDES) {
    const field = rules.stamp[side]
    if (field === null) continue
    const values = { [field]: ids[otherSide(side)] }
    await send(
      naive,
      (connector) => connector.update(rules.object[side], [{ writeId: 'w', id: ids[side], values }]),
      side,
    )
  }
}

/** The id, or null where the CRM refused: the next round meets it again. */
async function send(
  naive: Naive,
  call: (connector: Connector) => Promise<readonly WriteOutcome[]>,
  side: Side,
): Promise<RecordId | null> {
  const outcome = await again(naive, async () => {
    const [first] = await call(naive.pairing.connectors[side])
    if (first?.kind === 'failed' && isWorthAnotherTry(first.error)) throw first.error
    return first
  })
  return outcome?.kind === 'done' ? outcome.id : null
}

/** Timeouts and server errors pass; so one tries again. */
async function again<T>({ runtime }: Naive, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work()
    } catch (error) {
      if (!isWorthAnotherTry(error) || tries === TRIES) throw error
      await runtime.sleep(TRY_AGAIN_MS)
    }
  }
}

function isWorthAnotherTry(error: unknown): boolean {
  return (
    error instanceof ConnectorError &&
    (error.kind === 'transient' || error.kind === 'ambiguous' || error.kind === 'rate-limited')
  )
}

function rulesOf(mapping: MappingRuntime): readonly FieldRule[] {
  return mapping.rules.fields.filter(
    (rule) => !isReference(mapping, rule.key) && mapping.paused[rule.key] === undefined,
  )
}

/** When a record was modified last, as its CRM shows it: of the record, or the newest of its fields. */
function modifiedMs({ version, evidence }: Snapshot): number {
  const times = [version, ...Object.values(evidence).map(({ at }) => at)]
  return Math.max(0, ...times.flatMap((text) => (isInstant(text) ? [Date.parse(text)] : [])))
}

/** Attio's version token is no time. */
function isInstant(text: string | null): text is string {
  return text !== null && /^\d{4}-\d\d-\d\dT/.test(text)
}
