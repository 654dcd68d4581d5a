/**
 * OBSERVE in a recycle bin: what was archived of the records that have a pair. It cannot be filtered by time or sorted by
 * it, so a look takes all of its pages (HubSpot fact sheet 7.3); what a full one hides for a while, webhooks tell at once
 * and complete looks at the latest.
 */
import type { Lane } from '../core/lane.ts'
import type { Side } from '../core/record.ts'
import type { ObservedChange } from '../store/change.ts'
import type { Engine, MappingRuntime } from './engine.ts'

/** One request so often in the mean, however many pages there are: a cleaned-up portal keeps hundreds for 90 days. */
const REQUEST_EVERY_MS = 15_000

interface Look {
  readonly atMs: number
  readonly pages: number
}

/** Marks what was archived; rows already known as gone cost nothing (same key). Resolves to how many it marked. */
export async function pollRecycleBin(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  lane: Lane,
): Promise<number> {
  const { store, runtime } = engine
  const connector = engine.pairing.connectors[side]
  const name = mapping.rules.mapping
  const key = `recycle-bin/${name}/${side}`
  const known = await store.meta(key)
  if (known !== null && isRecent(JSON.parse(known) as Look, runtime.now())) return 0
  const atMs = runtime.now()
  let cursor: string | null = null
  let pages = 0
  let marked = 0
  do {
    const page = await connector.list({
      object: mapping.rules.object[side],
      fields: [],
      cursor,
      archived: true,
    })
    const changes = page.records.map((record): ObservedChange => ({
      key: `archived/${name}/${side}/${record.key.id}/${record.version ?? ''}`,
      mapping: name,
      side,
      record: record.key.id,
      source: 'poll',
      kind: 'removed',
      actor: null,
      vendorAt: record.version,
      atMs: runtime.now(),
      version: null,
    }))
    const ids = changes.map((change) => change.record)
    const links = await store.linksOf({ mapping: name, side, ids })
    const relevant = changes.filter((change) => links.has(change.record))
    if (relevant.length > 0) {
      marked += (await store.appendChanges({ changes: relevant, lane, stream: null })).marked
    }
    pages += 1
    cursor = page.next
  } while (cursor !== null)
  const look: Look = { atMs, pages }
  if (pages > 1) await store.setMeta(key, JSON.stringify(look))
  return marked
}

/** Nothing that lies ahead is recent: the clock was set back. */
function isRecent({ atMs, pages }: Look, nowMs: number): boolean {
  return atMs <= nowMs && nowMs < atMs + pages * REQUEST_EVERY_MS
}
