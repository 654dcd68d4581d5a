/** Plans in tests: made as `attune plan` makes them, and compared with what a run then really did. */
import { expect } from 'vitest'
import { copyDatabase, openStore } from '../../src/compose.ts'
import { otherSide } from '../../src/core/record.ts'
import type { Canonical } from '../../src/core/value.ts'
import { rehearse, type Rehearsal } from '../../src/stages/dry-run.ts'
import type { PlannedWrite } from '../../src/stages/planned.ts'
import type { Store } from '../../src/store/store.ts'
import type { JournalEntry } from '../../src/store/writes.ts'
import type { TestWorld } from './world.ts'

/** `from` is the database as it is, `copy` a file that does not exist. Nothing is written to either vendor. */
export async function makePlan(world: TestWorld, files: { from: string; copy: string }): Promise<Rehearsal> {
  await copyDatabase({ from: files.from, to: files.copy })
  const store = await openStore({ file: files.copy })
  const before = world.writes()
  try {
    const engine = await world.engine({ store })
    return await world.run(rehearse(engine, { report: () => undefined }))
  } finally {
    expect(world.writes(), 'I21: writes of a dry run').toEqual(before)
    await store.close()
  }
}

/** One write, in words that a plan and a journal share. */
export interface Deed {
  readonly mapping: string
  readonly side: string
  readonly kind: string
  /** The record of the other side. */
  readonly source: string | null
  readonly before: Readonly<Record<string, Canonical>>
  readonly after: Readonly<Record<string, Canonical>>
}

/** References are pairs in one and ids in the other: here it only counts that they are written. */
const REFERENCES = new Set(['company', 'associated_company', 'associated_people'])

function valued(fields: Readonly<Record<string, Canonical>>): Record<string, Canonical> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => {
      if (REFERENCES.has(key)) return [key, value !== null]
      // A CRM completes an amount with the currency that it has.
      const isAmount = value !== null && typeof value === 'object' && 'amount' in value
      return [key, isAmount ? { ...value, currency: null } : value]
    }),
  )
}

export function plannedDeeds(writes: readonly PlannedWrite[]): Deed[] {
  const isBlank = (value: Canonical) => value === null || (Array.isArray(value) && value.length === 0)
  return writes.map(({ mapping, side, kind, source, fields }) => ({
    mapping,
    side,
    kind,
    source,
    before: valued(
      Object.fromEntries(fields.map(({ field, before }) => [field, isBlank(before) ? null : before])),
    ),
    after:
      kind === 'remove'
        ? {}
        : valued(
            Object.fromEntries(fields.map(({ field, after }) => [field, isBlank(after) ? null : after])),
          ),
  }))
}

const WRITES = new Set<JournalEntry['kind']>(['create', 'update', 'associate', 'remove'])

/** What a run wrote, oldest first. */
export async function deedsOf(store: Store, run: string): Promise<Deed[]> {
  const journal = (await store.runJournal({ run, olderThan: null, limit: 10_000 })).toReversed()
  const links = await store.loadLinks({ links: [...new Set(journal.map(({ link }) => link))] })
  const linkById = new Map(links.map(({ link }) => [link.id, link]))
  return journal
    .filter(({ kind }) => WRITES.has(kind))
    .map(({ mapping, side, kind, link, before, after }) => ({
      mapping,
      side,
      kind,
      source: linkById.get(link)?.[otherSide(side)] ?? null,
      before: valued(before),
      after: valued(after),
    }))
}

/** In an order that does not depend on which of two equal calls came first. */
export function inOrder(deeds: readonly Deed[]): Deed[] {
  const text = (deed: Deed) => JSON.stringify(deed)
  return deeds.toSorted((a, b) => (text(a) < text(b) ? -1 : 1))
}
