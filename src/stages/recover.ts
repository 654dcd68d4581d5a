/**
 * Writes whose outcome nobody recorded: the process died between intent and commit, or the answer was lost.
 * They are settled by looking, never by sending again (DESIGN rule 4, algorithms 5.3).
 */
import type { LinkBase } from '../core/base.ts'
import { otherSide, type Side } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import type { Link } from '../store/links.ts'
import type { Intent } from '../store/writes.ts'
import { followUp } from './dirty-rows.ts'
import { inLane, type Engine, type MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'
import { removed } from './removal.ts'
import { settleChange } from './settle-change.ts'
import { settleCreation } from './settle-creation.ts'
import { INTENTS_MAX, mayStillArrive, readTarget } from './unsettled.ts'

const LANE = 1

export interface Recovery {
  readonly settled: number
  /** When the next parked intent may be settled, epoch ms; null when none is left. */
  readonly nextAtMs: number | null
}

export async function recover(engine: Engine, mapping: MappingRuntime): Promise<Recovery> {
  // Of a write that was under way when this began the answer may come while others are looked at: it is not ours.
  const underWay = new Set(engine.sending)
  const intents = await engine.store.openIntents({ mapping: mapping.rules.mapping, limit: INTENTS_MAX })
  for (const id of engine.sending) underWay.add(id)
  if (intents.length === 0) return { settled: 0, nextAtMs: null }
  const links = await engine.store.loadLinks({ links: [...new Set(intents.map((intent) => intent.link))] })
  const byLink = new Map(links.map((entry) => [entry.link.id, entry]))
  let settled = 0
  let nextAtMs: number | null = null
  for (const intent of intents) {
    const known = byLink.get(intent.link)
    if (!known || underWay.has(intent.id)) continue
    // What comes of it belongs to the run that sent it, not to the one that found out.
    const sender = inLane({ ...engine, run: intent.run }, LANE)
    const changes = await settle(sender, mapping, intent, known.link, known.base)
    if (changes) {
      await engine.store.ackWrites([...changes, ...remark(engine, mapping, intent, known.link)])
      settled += 1
    } else {
      const due = intent.sentAtMs + engine.settings.zombieHorizonMs
      nextAtMs = nextAtMs === null ? due : Math.min(nextAtMs, due)
    }
  }
  if (settled > 0) engine.log.info({ settled, parked: intents.length - settled }, 'unknown writes settled')
  return { settled, nextAtMs }
}

/** How much longer than the zombie horizon an unknown outcome is waited for: its record may be out of sight. */
const PATIENCE_MS = 5_000

/** Settles every write of the pairing whose outcome is not recorded, and waits for those that may still arrive. */
export async function settleUnknown(engine: Engine): Promise<void> {
  const { runtime, settings, pairing } = engine
  const giveUpAtMs = runtime.now() + settings.zombieHorizonMs + PATIENCE_MS
  for (;;) {
    let nextAtMs: number | null = null
    for (const mapping of pairing.mappings) {
      const recovery = await recover(engine, mapping)
      if (recovery.nextAtMs !== null) nextAtMs = Math.min(nextAtMs ?? Infinity, recovery.nextAtMs)
    }
    if (nextAtMs === null || runtime.now() >= giveUpAtMs) return
    await runtime.sleep(Math.max(50, nextAtMs - runtime.now()), engine.signal)
  }
}

/** Null while it is too early to tell: the request may still be travelling. */
async function settle(
  engine: Engine,
  mapping: MappingRuntime,
  intent: Intent,
  link: Link,
  base: LinkBase,
): Promise<readonly Change[] | null> {
  switch (intent.kind) {
    case 'create':
      return settleCreation(engine, mapping, intent, { link, base })
    case 'update':
    case 'associate':
      return settleChange(engine, mapping, intent, { link, base })
    case 'remove':
      return settleRemoval(engine, mapping, intent, link, base)
  }
}

async function settleRemoval(
  engine: Engine,
  mapping: MappingRuntime,
  intent: Intent,
  link: Link,
  base: LinkBase,
): Promise<readonly Change[] | null> {
  const isEarly = mayStillArrive(engine, intent)
  const snapshot = await readTarget(engine, mapping, intent)
  if (snapshot === 'gone') {
    // Carrying a deletion over leaves nobody; taking a creation back leaves the record that it was made for.
    const isUndo = (await engine.store.run(intent.run))?.kind === 'undo'
    const alone = isUndo && (await isLive(engine, mapping, otherSide(intent.side), link))
    return removed(engine, mapping, intent, { link, base, alone })
  }
  if (snapshot === 'hidden' || isEarly) return null
  return [{ kind: 'close-intent', intent: intent.id }]
}

async function isLive(engine: Engine, mapping: MappingRuntime, side: Side, link: Link): Promise<boolean> {
  const id = link[side]
  if (id === null) return false
  return (await fetchRecords(engine, mapping, side, [id], { edges: false })).get(id)?.kind === 'found'
}

/** Settled either way, the pair is looked at again with fresh reads. */
function remark(engine: Engine, mapping: MappingRuntime, intent: Intent, link: Link): readonly Change[] {
  const atMs = engine.runtime.now()
  const side = otherSide(intent.side)
  const id = link[side]
  if (id === null) return []
  const record = { side, id }
  const { mapping: name } = mapping.rules
  return [
    followUp(engine, name, record),
    // A row that waited for the outcome waits no more.
    { kind: 'postpone', mapping: name, record, dueMs: atMs },
  ]
}
