/**
 * Conflicts. A conflict *stands* while it is `open` or `decided`; at most one stands per link and field.
 *
 * | state | entered by | left by |
 * |---|---|---|
 * | `open` | `open-conflict` | a decision, closing, or other values (`superseded`) |
 * | `decided` | a person's choice | the engine writing it (`resolved`), or other values (`superseded`) |
 * | `resolved`, `superseded`, `auto` | closing; a rule that decided at once | never |
 */
import { and, desc, eq, getTableColumns, sql } from 'drizzle-orm'
import { otherSide, type Both } from '../../core/record.ts'
import { isEqual, type Canonical } from '../../core/value.ts'
import type { Change } from '../change.ts'
import type { LinkId } from '../links.ts'
import type { Conflict, ConflictDecision } from '../waiting.ts'
import { arg, element, elements, orm, statement, type Statements } from './statements.ts'
import { conflict } from './schema-history.ts'

type CloseConflict = Extract<Change, { kind: 'close-conflict' }>

export type Conflicts = ReturnType<typeof openConflicts>

// Spelled as in the partial unique index, so that SQLite may use it.
const stands = sql`state in ('open', 'decided')`
const isStanding = and(eq(conflict.link, arg('link')), eq(conflict.field, arg('field')), stands)

const byId = statement(() =>
  orm
    .select()
    .from(conflict)
    .where(eq(conflict.id, arg('id')))
    .prepare(),
)
const standing = statement(() => orm.select().from(conflict).where(isStanding).prepare())
const insert = statement(() =>
  orm
    .insert(conflict)
    .values({
      id: arg('id'),
      mapping: arg('mapping'),
      link: arg('link'),
      field: arg('field'),
      kind: arg('kind'),
      left: arg('left'),
      right: arg('right'),
      base: arg('base'),
      records: arg('records'),
      evidence: arg('evidence'),
      rule: arg('rule'),
      loser: arg('loser'),
      state: arg('state'),
      openedAtMs: arg('openedAtMs'),
      closedAtMs: arg('closedAtMs'),
    })
    .prepare(),
)
const close = statement(() =>
  orm
    .update(conflict)
    .set({
      state: sql`${arg('state')}`,
      loser: sql`coalesce(${arg('loser')}, ${conflict.loser})`,
      closedAtMs: sql`${arg('atMs')}`,
    })
    .where(isStanding)
    .prepare(),
)
const decide = statement(() =>
  orm
    .update(conflict)
    .set({ state: 'decided', loser: sql`${arg('loser')}` })
    .where(eq(conflict.id, arg('id')))
    .prepare(),
)
const decidedAmong = statement(() =>
  orm
    .select(getTableColumns(conflict))
    .from(elements('links'))
    .crossJoin(conflict)
    .where(and(eq(conflict.link, element), eq(conflict.state, 'decided')))
    .prepare(),
)
const newestOpen = statement(() =>
  orm
    .select()
    .from(conflict)
    .where(eq(conflict.state, 'open'))
    .orderBy(desc(conflict.openedAtMs), desc(conflict.id))
    .limit(arg('limit'))
    .prepare(),
)
const newest = statement(() =>
  orm
    .select()
    .from(conflict)
    .orderBy(desc(conflict.openedAtMs), desc(conflict.id))
    .limit(arg('limit'))
    .prepare(),
)
const newestOfLink = statement(() =>
  orm
    .select()
    .from(conflict)
    .where(eq(conflict.link, arg('link')))
    .orderBy(desc(conflict.openedAtMs), desc(conflict.id))
    .limit(arg('limit'))
    .prepare(),
)

export function openConflicts(db: Statements) {
  return {
    find(id: string): Conflict | null {
      return db.get(byId, { id }) ?? null
    },

    /**
     * Reported once per pair of values (I6): on the values of the standing one, nothing happens. An overwritten value
     * pushes no other question aside; it is then put on record only.
     */
    open(opened: Conflict): void {
      if (opened.state === 'open') {
        const { link, field } = opened
        const old = db.get(standing, { link, field })
        if (old && hasValues(old, opened)) return
        const lost = lostValue(opened)
        if (old && lost && old.kind !== 'overwritten') {
          db.run(insert, { ...opened, state: 'auto', loser: lost.side, closedAtMs: opened.openedAtMs })
          return
        }
        if (old) db.run(close, { link, field, state: 'superseded', loser: null, atMs: opened.openedAtMs })
      }
      db.run(insert, { ...opened })
    },

    close({ link, field, state, loser, atMs, only }: CloseConflict): void {
      if (only !== undefined && db.get(standing, { link, field })?.kind !== only) return
      db.run(close, { link, field, state, loser, atMs })
    },

    decide(id: string, choice: 'left' | 'right'): void {
      db.run(decide, { id, loser: otherSide(choice) })
    },

    /** What people chose for these links and the engine has not written yet, by link and field. */
    decisions(links: readonly LinkId[]): ReadonlyMap<LinkId, Readonly<Record<string, ConflictDecision>>> {
      const decisions = new Map<LinkId, Record<string, ConflictDecision>>()
      for (const row of db.all(decidedAmong, { links })) {
        const { link, id, field, loser } = row
        if (loser === null) continue
        const ofLink = decisions.get(link) ?? {}
        ofLink[field] = { conflict: id, choice: otherSide(loser), lost: lostValue(row) }
        decisions.set(link, ofLink)
      }
      return decisions
    },

    list({ state, limit }: { state: 'open' | 'all'; limit: number }): readonly Conflict[] {
      return db.all(state === 'open' ? newestOpen : newest, { limit })
    },

    ofLink(link: LinkId, limit: number): readonly Conflict[] {
      return db.all(newestOfLink, { link, limit })
    },
  }
}

/** What `overwritten` conflicts are about: of the two sides, the one that has evidence lost its value. */
function lostValue({ kind, left, right, evidence }: Conflict): ConflictDecision['lost'] {
  if (kind !== 'overwritten') return null
  return evidence.left
    ? { side: 'left', value: left, prevailed: right }
    : { side: 'right', value: right, prevailed: left }
}

export function hasValues(conflict: Both<Canonical>, values: Both<Canonical>): boolean {
  return isEqual(conflict.left, values.left) && isEqual(conflict.right, values.right)
}
