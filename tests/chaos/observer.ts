/**
 * Sees what the CRMs really hold, through the sandbox's control port: before and after everything that people do, and
 * several times a second in between. What changed while nobody was at work is the engine's doing.
 */
import { appendFile } from 'node:fs/promises'
import type { DumpedRecord, Dump, HumanEdit } from '../../src/sandbox/model.ts'
import { HANDS } from '../sim/cast.ts'
import { createChronicle, type Biography, type By } from '../sim/chronicle.ts'
import type { Kind } from '../sim/hands/hands.ts'
import { ControlRefusal, type RunningSandbox, type VendorName } from '../system/rig/sandbox.ts'
import { longestGapMs } from './gaps.ts'
import { until } from './wait.ts'

export interface Observer {
  biographies(vendor: string, kind: Kind): readonly Biography[]
  find(vendor: string, kind: Kind, id: string): Biography | null
  /** Live records of a kind at the last look, in the vendor's own words. */
  live(vendor: string, kind: Kind): readonly (readonly [id: string, record: DumpedRecord])[]
  /** Everything that a vendor held at the last look. */
  dump(vendor: string): Dump
  /** The first look: whatever is there was entered by somebody. */
  begin(): Promise<void>
  look(vendor: VendorName): Promise<void>
  /** Lets somebody do all this at once. The ids of what was done; refused edits are left out. */
  act(vendor: VendorName, edits: readonly HumanEdit[]): Promise<readonly string[]>
  /** Looks at all of them until stopped. */
  watch(signal: AbortSignal): Promise<void>
  /** How long nobody had looked at this vendor, at most, around what was noted at `atMs`. */
  gapMs(vendor: string, atMs: number): number
  readonly figures: { edits: number; refused: number; readonly editsIn: Record<string, number> }
}

/** How much later than it happened a change is noticed, where the machine is not too busy. */
const LOOK_EVERY_MS = 200

export function createObserver(
  sandbox: RunningSandbox,
  crms: readonly VendorName[],
  editLog: string,
): Observer {
  const chronicle = createChronicle(HANDS)
  const latest = new Map<VendorName, Dump>()
  const looksMs = new Map<VendorName, number[]>(crms.map((vendor) => [vendor, []]))
  const turn = new Map<VendorName, Promise<unknown>>()
  const figures: Observer['figures'] = { edits: 0, refused: 0, editsIn: {} }

  /** One after the other: a look that overtakes another one would turn time back. */
  const inTurn = <T>(vendor: VendorName, work: () => Promise<T>): Promise<T> => {
    const mine = (turn.get(vendor) ?? Promise.resolve()).then(work, work)
    turn.set(vendor, mine)
    return mine
  }

  const note = async (vendor: VendorName, by: (kind: Kind, id: string) => By): Promise<void> => {
    const dump = await sandbox.dump(vendor)
    latest.set(vendor, dump)
    const atMs = Date.now()
    chronicle.note({ vendor, atMs, dump, by })
    looksMs.get(vendor)?.push(atMs)
  }
  const engine = (): By => 'engine'
  const dumpOf = (vendor: string): Dump => latest.get(vendor as VendorName) ?? {}

  const edit = async (vendor: VendorName, wanted: HumanEdit): Promise<string | null> => {
    const atMs = Date.now()
    let id: string | null = null
    let refusal: string | null = null
    try {
      id = await sandbox.edit(vendor, wanted)
      figures.edits += 1
      figures.editsIn[vendor] = (figures.editsIn[vendor] ?? 0) + 1
    } catch (error) {
      if (!(error instanceof ControlRefusal) || error.status !== 422) throw error
      refusal = error.message
      figures.refused += 1
    }
    const line = { atMs, answeredMs: Date.now(), vendor, ...wanted, result: id, refusal }
    await appendFile(editLog, `${JSON.stringify(line)}\n`)
    return id
  }

  const act = async (vendor: VendorName, edits: readonly HumanEdit[]): Promise<readonly string[]> => {
    await note(vendor, engine)
    const done: string[] = []
    const touched = new Set<string>()
    for (const each of edits) {
      const id = await edit(vendor, each)
      if (id === null) continue
      done.push(id)
      for (const other of [id, each.id, each.other?.id]) if (other !== undefined) touched.add(other)
    }
    // What else changed in this moment can be the engine's work or the vendor's own: nobody can tell.
    await note(vendor, (_kind, id) => (touched.has(id) ? 'human' : 'vendor'))
    return done
  }

  return {
    ...chronicle,
    live: (vendor, kind) => {
      const records = HANDS.get(vendor)?.recordsOf(kind, dumpOf(vendor)) ?? []
      return [...records].filter(([, { state }]) => state === 'live')
    },
    dump: dumpOf,
    async begin() {
      for (const vendor of crms) await inTurn(vendor, () => note(vendor, () => 'human'))
    },
    look: (vendor) => inTurn(vendor, () => note(vendor, engine)),
    act: (vendor, edits) => inTurn(vendor, () => act(vendor, edits)),
    async watch(signal) {
      while (!signal.aborted) {
        for (const vendor of crms) await inTurn(vendor, () => note(vendor, engine))
        await until(Date.now() + LOOK_EVERY_MS, signal)
      }
    },
    gapMs: (vendor, atMs) => longestGapMs(looksMs.get(vendor as VendorName) ?? [], atMs),
    figures,
  }
}
