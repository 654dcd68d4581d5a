/**
 * The change feed: rows by `SystemModstamp` and `Id`, deleted and merged ones included (Salesforce fact sheet 11).
 *
 * Two cursors walk through time. The first follows the present at a distance of `SETTLED_MS`, so that the seconds it
 * reports are over: a stamp says which second, and nothing more comes under it. The second goes over the same ground
 * `DELAY_MS` later, because rows are stamped before they are committed and a long transaction publishes them behind
 * the first. What both meet has one key, and counts once.
 *
 * Rows that were purged leave no trace but in the log of deletions (12), which is asked now and then. It can lose
 * entries; what it loses, a complete listing finds.
 *
 * Opportunities are joined with people by records of their own, which do not move the opportunity's stamp: they are
 * walked along. All walks of a step travel in one request, which counts once (7).
 */
import { ConnectorError } from '../../errors.ts'
import type { RecordId } from '../../core/record.ts'
import type { ChangesPage, ChangesRequest } from '../reading.ts'
import type { SalesforceContext } from './context.ts'
import { EDGE_OWNER, ROLES } from './edges.ts'
import { parsePosition, printPosition, type Position, type Walk } from './feed-position.ts'
import { toId18 } from './ids.ts'
import { SETTLED_MS } from './server-clock.ts'
import { settledVersion } from './snapshots.ts'
import { instantLiteral, queries, quoted, type Row } from './soql.ts'
import { listIn, textIn } from './wire.ts'

/** A second is reported when it is over; the windows of two passes meet there. */
const OVERLAP_MS = 1_000
/** Transactions that run longer publish their rows unnoticed until the next listing (algorithms 6.2). */
export const DELAY_MS = 300_000
/** How often the second cursor moves, and the log of deletions is asked; each is a request, or a part of one. */
const DELAYED_EVERY_MS = 60_000
const PURGED_EVERY_MS = 600_000
/** The log goes back fifteen days (12). */
const LOG_MS = 14 * 86_400_000
const PAGE_ROWS = 2_000

type Change = ChangesPage['changes'][number]

export async function readChanges(
  context: SalesforceContext,
  { object, cursor, settledMs = 0 }: ChangesRequest,
): Promise<ChangesPage> {
  const { client, clock, catalogue } = context
  // Any answer shows the org's clock; the description is needed anyway.
  const { fields } = await catalogue.of(object)
  // Whoever asks for what has settled sees the org as it was then.
  const nowMs = clock.now() - settledMs
  if (cursor === null) {
    const start = floorSecond(nowMs - SETTLED_MS)
    const position: Position = { presentMs: start, delayedMs: start, purgedMs: nowMs, walks: [] }
    return { changes: [], cursor: printPosition(position), more: false }
  }
  const position = parsePosition(cursor)
  if (!position) {
    throw client.error(
      'rejected',
      'the cursor of the change feed is unreadable',
      'Reset the feed of this object; the next sweep finds what it missed.',
    )
  }
  const begun = position.walks.length > 0 ? position : withWalks(position, object, nowMs)
  const pages = await queries(
    client,
    begun.walks.map((walk) => ({
      soql: soqlOf(walk, object, fields.has('LastModifiedById')),
      deleted: true,
    })),
  )
  const changes: Change[] = []
  const walks: Walk[] = []
  for (const [index, walk] of begun.walks.entries()) {
    const rows = pages[index]?.rows ?? []
    changes.push(...rows.flatMap((row) => changeOf(walk, row)))
    const last = rows.at(-1)
    const isOver = last === undefined || (pages[index]?.done === true && rows.length < PAGE_ROWS)
    if (!isOver)
      walks.push({
        ...walk,
        after: { stamp: textIn(last, 'SystemModstamp') ?? '', id: textIn(last, 'Id') ?? '' },
      })
  }
  if (walks.length > 0) return { changes, cursor: printPosition({ ...begun, walks }), more: true }
  const purged = await purgedRecords(context, object, begun.purgedMs, nowMs)
  return {
    changes: [...changes, ...purged.changes],
    cursor: printPosition({ ...ended(begun), purgedMs: purged.coveredMs, walks: [] }),
    more: false,
  }
}

/** The walks of a new pass. */
function withWalks(position: Position, object: string, nowMs: number): Position {
  const toMs = floorSecond(nowMs - SETTLED_MS)
  const objects = object === EDGE_OWNER ? [object, ROLES] : [object]
  const present = objects.map((name): Walk => ({
    object: name,
    kind: 'present',
    fromMs: position.presentMs - OVERLAP_MS,
    toMs,
    after: null,
  }))
  const delayedToMs = toMs - DELAY_MS
  const isDue = delayedToMs - position.delayedMs >= DELAYED_EVERY_MS
  const delayed = objects.map((name): Walk => ({
    object: name,
    kind: 'delayed',
    fromMs: position.delayedMs,
    toMs: delayedToMs,
    after: null,
  }))
  return {
    ...position,
    walks: [...present, ...(isDue ? delayed : [])].filter((walk) => walk.fromMs < walk.toMs),
  }
}

function ended(position: Position): Position {
  const reached = (kind: Walk['kind'], before: number) =>
    Math.max(before, ...position.walks.filter((walk) => walk.kind === kind).map(({ toMs }) => toMs))
  return {
    ...position,
    presentMs: reached('present', position.presentMs),
    delayedMs: reached('delayed', position.delayedMs),
  }
}

function soqlOf({ object, fromMs, toMs, after }: Walk, asked: string, hasModifier: boolean): string {
  const isOwn = object === asked
  const columns = ['Id', 'SystemModstamp', 'IsDeleted', ...(isOwn ? [] : ['OpportunityId'])]
  if (isOwn && hasModifier) columns.push('LastModifiedById')
  const conditions = [
    `SystemModstamp >= ${instantLiteral(fromMs)}`,
    `SystemModstamp < ${instantLiteral(toMs)}`,
  ]
  if (after) {
    const at = instantLiteral(Date.parse(after.stamp))
    conditions.push(`(SystemModstamp > ${at} OR (SystemModstamp = ${at} AND Id > ${quoted(after.id)}))`)
  }
  return `SELECT ${columns.join(', ')} FROM ${object} WHERE ${conditions.join(' AND ')} ORDER BY SystemModstamp, Id LIMIT ${PAGE_ROWS}`
}

function changeOf({ object }: Walk, row: Row): readonly Change[] {
  const at = textIn(row, 'SystemModstamp')
  const id = textIn(row, 'Id')
  if (object === ROLES) {
    const opportunity = textIn(row, 'OpportunityId')
    // No version of the opportunity says that somebody joined it, or left.
    return opportunity === null
      ? []
      : [{ id: opportunity, at, version: `${ROLES} ${id} ${at}`, kind: 'changed' }]
  }
  if (id === null) return []
  const version = at === null ? null : settledVersion(at, textIn(row, 'LastModifiedById'))
  return [{ id, at, version, kind: row['IsDeleted'] === true ? 'removed' : 'changed' }]
}

/** Records that left the recycle bin, or never went there. */
async function purgedRecords(
  { client }: SalesforceContext,
  object: string,
  sinceMs: number,
  nowMs: number,
): Promise<{ readonly changes: readonly Change[]; readonly coveredMs: number }> {
  if (nowMs - sinceMs < PURGED_EVERY_MS) return { changes: [], coveredMs: sinceMs }
  const fromMs = Math.max(sinceMs, nowMs - LOG_MS)
  const span = `start=${isoParameter(fromMs)}&end=${isoParameter(nowMs)}`
  try {
    const answer = await client.get(`/sobjects/${encodeURIComponent(object)}/deleted/?${span}`)
    const changes = listIn(answer, 'deletedRecords').flatMap((entry): Change[] => {
      const id: RecordId | null = toId18(textIn(entry, 'id') ?? '')
      const at = textIn(entry, 'deletedDate')
      return id === null ? [] : [{ id, at, version: `deleted ${at}`, kind: 'removed' }]
    })
    // Long transactions hold it back (12): what it is not sure of is asked for again.
    const coveredMs = Date.parse(textIn(answer, 'latestDateCovered') ?? '')
    return { changes, coveredMs: Number.isNaN(coveredMs) ? sinceMs : Math.max(sinceMs, coveredMs) }
  } catch (error) {
    const isTooMuch =
      error instanceof ConnectorError &&
      /^(EXCEEDED_ID_LIMIT|INVALID_REPLICATION_DATE|INVALID_OPERATION)$/.test(error.code ?? '')
    if (!isTooMuch) throw error
    // A safety net, not the feed: what it cannot show, the next listing finds.
    return { changes: [], coveredMs: nowMs }
  }
}

/** With an offset and whole seconds; the plus is a space in a query unless it is encoded (12). */
function isoParameter(ms: number): string {
  return encodeURIComponent(`${new Date(ms).toISOString().slice(0, 19)}+00:00`)
}

function floorSecond(ms: number): number {
  return Math.floor(ms / 1_000) * 1_000
}
