/**
 * LOOK BACK: what did our writes replace that nobody had seen? (algorithms 5.5, tactic 4; I4, I5) Follows the journal,
 * where every write stands from the moment it is known to be applied, and asks the vendor's value history about the
 * fields it wrote. An edit of somebody else's that fell between our look and our write becomes a conflict that carries
 * the lost value. A person decides whether it comes back where the mapping lets people decide; elsewhere it is put on
 * record like every value that a rule overwrote.
 *
 * How far the journal was followed is committed together with what was found, so that a process that dies in between
 * neither misses a value nor reports one twice (I6).
 */
import { findOverwritten, lostWithRecord, type Overwritten, type OwnWrite } from '../core/overwritten.ts'
import { otherSide, SIDES, type History, type Side } from '../core/record.ts'
import type { FieldRule, SideContext } from '../core/rules.ts'
import type { Change } from '../store/change.ts'
import type { LinkId } from '../store/links.ts'
import type { Intent, JournalLine } from '../store/writes.ts'
import { inLane, type Engine, type MappingRuntime } from './engine.ts'
import { historiesOf, historyContext, timelineIn } from './histories.ts'
import { overwrittenRow, type Known } from './overwritten-row.ts'
import { journalCursorKey } from './retention.ts'
import { ruleOf } from './rule-index.ts'
import { hasRule, INTENTS_MAX } from './unsettled.ts'

/** Nobody waits for it: changes that people make now go first. */
const LANE = 2
/** Entries read at once, and records asked about at once: a round of the daemon has other things to do as well. */
const LINES_MAX = 500
const RECORDS_MAX = 50
/** Vendors keep only so many versions, and after so long nobody remembers what a value was for. */
const AGE_MAX_MS = 7 * 86_400_000

/** Undertakings that look at everything: what they write into pairs that they have made themselves is a first load. */
const FIRST_LOADS: ReadonlySet<string | null> = new Set(['sync', 'apply'])

/** Asks about the next entries. True when there are more. */
export async function lookBack(engine: Engine): Promise<boolean> {
  const key = journalCursorKey(engine.pairing.name)
  const after = Number((await engine.store.meta(key)) ?? 0)
  const lines = await engine.store.journalAfter({ after, limit: LINES_MAX })
  const { asked, until } = nextToAsk(engine, lines)
  if (until === null) return false
  const changes: Change[] = []
  for (const mapping of engine.pairing.mappings) {
    for (const side of SIDES) {
      const own = asked.filter((line) => line.mapping === mapping.rules.mapping && line.side === side)
      if (own.length > 0) changes.push(...(await lookAtSide(engine, mapping, side, own)))
    }
  }
  await engine.store.commitPlans([...changes, { kind: 'remember', key, value: String(until) }])
  return until !== lines.at(-1)?.id || lines.length === LINES_MAX
}

/** Until the end of the journal. */
export async function lookBackToTheEnd(engine: Engine): Promise<void> {
  while (await lookBack(engine)) engine.signal.throwIfAborted()
}

/** The entries to ask about, and the last entry that is then done with; null when there is none. */
function nextToAsk(
  engine: Engine,
  lines: readonly JournalLine[],
): { readonly asked: readonly JournalLine[]; readonly until: number | null } {
  const records = new Set<string>()
  const asked: JournalLine[] = []
  let until: number | null = null
  for (const line of lines) {
    if (isAskedAbout(engine, line)) {
      records.add(`${line.mapping}/${line.side}/${line.record}`)
      if (records.size > RECORDS_MAX) break
      asked.push(line)
    }
    until = line.id
  }
  return { asked, until }
}

/**
 * Creations replace nothing, associations are added and removed one by one. A removal takes away what nobody had
 * seen. A first load is left out: it meets records that have been at rest, and asking would cost as many requests
 * again as it took.
 */
function isAskedAbout({ runtime }: Engine, line: JournalLine): boolean {
  if ((line.kind !== 'update' && line.kind !== 'remove') || line.record === null) return false
  if (line.ofNewPair && FIRST_LOADS.has(line.runKind)) return false
  return line.atMs > runtime.now() - AGE_MAX_MS
}

async function lookAtSide(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  lines: readonly JournalLine[],
): Promise<readonly Change[]> {
  const byRecord = Map.groupBy(lines, ({ record }) => record ?? '')
  const records = [...byRecord].flatMap(([id, own]) => {
    const rules = rulesWritten(mapping, side, own)
    const fields = [...new Set(rules.flatMap((rule) => rule[side].fields))]
    return fields.length === 0 ? [] : [{ id, rules, fields, lines: own }]
  })
  if (records.length === 0) return []
  const histories = await historiesOf(inLane(engine, LANE), mapping, side, records)
  const known = await engine.store.loadLinks({ links: [...new Set(lines.map(({ link }) => link))] })
  const links = new Map(known.map((entry) => [entry.link.id, entry]))
  // Not in the journal yet, and perhaps in the histories: asked for after those.
  const open = await engine.store.openIntents({ mapping: mapping.rules.mapping, limit: INTENTS_MAX })
  const context = await historyContext(engine, mapping, side, histories)
  return records.flatMap(({ id, rules, lines: own }) => {
    const history = histories.get(id)
    if (!history) return []
    const unsettled = open.filter((intent) => intent.side === side && intent.record === id)
    return rules.flatMap((rule) =>
      lookAtField(engine, mapping, { side, rule, lines: own, unsettled, history, context, links }),
    )
  })
}

/** The fields that a write concerned: those that it set, or all that it took away. */
function keysOf({ kind, before, after }: JournalLine): readonly string[] {
  return Object.keys(kind === 'remove' ? before : after)
}

/** What people enter on the reading side of a one-way field is overwritten by the mapping's own word. */
function rulesWritten(
  mapping: MappingRuntime,
  side: Side,
  lines: readonly JournalLine[],
): readonly FieldRule[] {
  const keys = new Set(lines.flatMap(keysOf))
  return [...keys]
    .filter((key) => hasRule(mapping, key))
    .map((key) => ruleOf(mapping, key))
    .filter((rule) => rule[side].channel === 'value' && rule.direction !== `${otherSide(side)}-to-${side}`)
}

interface FieldLook {
  readonly side: Side
  readonly rule: FieldRule
  readonly lines: readonly JournalLine[]
  /** Writes to the same record of which nobody knows what became. */
  readonly unsettled: readonly Intent[]
  readonly history: History
  readonly context: SideContext
  readonly links: ReadonlyMap<LinkId, Known>
}

function lookAtField(engine: Engine, mapping: MappingRuntime, look: FieldLook): readonly Change[] {
  const { side, rule, history, context, links } = look
  const { key } = rule
  const lines = look.lines.filter((line) => keysOf(line).includes(key))
  const timeline = timelineIn(mapping, side, rule, history, context)
  const updates = lines.filter(({ kind }) => kind === 'update')
  const writes = updates.map(({ before, after }): OwnWrite => ({
    before: before[key] ?? null,
    after: after[key] ?? null,
  }))
  const underWay = look.unsettled.flatMap(({ fields, sentAtMs }): OwnWrite[] => {
    const sent = fields[key]
    const sinceMs = sentAtMs - engine.settings.clockErrorMs
    return sent ? [{ before: sent.before, after: sent.target, sinceMs }] : []
  })
  const overwrites = timeline === null ? [] : findOverwritten(timeline, [...writes, ...underWay], rule.shape)
  const foundBy = (line: JournalLine): Overwritten | null => {
    if (line.kind === 'update') return overwrites[updates.indexOf(line)] ?? null
    const untilMs = line.atMs + engine.settings.clockErrorMs
    const lost = timeline && lostWithRecord(timeline, { before: line.before[key] ?? null, untilMs })
    return lost ? { lost, stands: false } : null
  }
  return lines.flatMap((line): Change[] => {
    const { link, before } = line
    // Whatever was lost before this write is not what stands there any more.
    const over: Change = {
      kind: 'close-conflict',
      only: 'overwritten',
      link,
      field: key,
      state: 'superseded',
      loser: side,
      atMs: engine.runtime.now(),
    }
    const overwritten = foundBy(line)
    if (!overwritten) return [over]
    const known = links.get(link) ?? null
    const seen = before[key] ?? null
    const conflict = overwrittenRow(engine, mapping, { line, rule, seen, overwritten, known })
    const asks = conflict.state === 'open'
    if (asks) engine.tally.conflictsOpened += 1
    engine.log.warn({ linkId: link, side, field: key, asks }, 'a value that nobody had seen was overwritten')
    return [over, { kind: 'open-conflict', conflict }]
  })
}
