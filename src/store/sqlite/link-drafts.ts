/**
 * Links as one transaction changes them: read once, written once, however many changes touch them. The epochs
 * fence writes that were planned on an older state of a link.
 */
import { eq, sql, type SQL } from 'drizzle-orm'
import type { FieldBase } from '../../core/base.ts'
import { SIDES } from '../../core/record.ts'
import { InvariantError } from '../../errors.ts'
import type { Change } from '../change.ts'
import { LinkTaken, type Link, type LinkId } from '../links.ts'
import { decodeBase, encodeBase } from './base-codec.ts'
import { isUniqueViolation } from './database.ts'
import { amongWithBase, type LinkRow } from './links.ts'
import { base, link } from './schema.ts'
import { arg, orm, statement, type Statements } from './statements.ts'

type SetLink = Extract<Change, { kind: 'set-link' }>
type SetBase = Extract<Change, { kind: 'set-base' }>

interface Draft {
  row: LinkRow
  /** The row as it is in the table. */
  written: LinkRow
  /** Stored form of the base; null when there is none. */
  readonly stored: string | null
  /** Decoded when the first change needs it, and then written at the end. */
  fields: Map<string, FieldBase> | null
  /** The row differs from what is stored. */
  isPending: boolean
}

const columns = {
  left: arg('left'),
  right: arg('right'),
  state: arg('state'),
  epoch: arg('epoch'),
  rules: arg('rules'),
  leftVersion: arg('leftVersion'),
  rightVersion: arg('rightVersion'),
}
const insert = statement(() =>
  orm
    .insert(link)
    .values({ id: arg('id'), mapping: arg('mapping'), ...columns })
    .returning({ row: link.row })
    .prepare(),
)
const unindexed = {
  epoch: sql`${arg('epoch')}`,
  rules: sql`${arg('rules')}`,
  leftVersion: sql`${arg('leftVersion')}`,
  rightVersion: sql`${arg('rightVersion')}`,
}
const identity = {
  left: { left: sql`${arg('left')}` },
  right: { right: sql`${arg('right')}` },
  state: { state: sql`${arg('state')}` },
}
// An index is written anew, equal or not, when a column of it is set, at a page for every random id.
const updating = (columnsOf: Partial<Record<keyof LinkRow, SQL>>) =>
  statement(() =>
    orm
      .update(link)
      .set(columnsOf)
      .where(eq(link.row, arg('row')))
      .prepare(),
  )
const updates = {
  nothing: updating(unindexed),
  state: updating({ ...identity.state, ...unindexed }),
  left: updating({ ...identity.left, ...identity.state, ...unindexed }),
  right: updating({ ...identity.right, ...identity.state, ...unindexed }),
  both: updating({ ...identity.left, ...identity.right, ...identity.state, ...unindexed }),
}
const putBase = statement(() =>
  orm
    .insert(base)
    .values({ link: arg('row'), fields: arg('fields') })
    .onConflictDoUpdate({ target: base.link, set: { fields: sql`excluded.fields` } })
    .prepare(),
)

/** For one transaction. `expected` are the links that it is likely to touch, read in one go. */
export function openLinkDrafts(db: Statements, expected: readonly LinkId[]) {
  const drafts = new Map<LinkId, Draft>()
  const touched = new Map<LinkId, number>()
  read(expected)

  function read(ids: readonly LinkId[]): void {
    for (const { fields: stored, ...row } of ids.length === 0 ? [] : db.all(amongWithBase, { ids })) {
      drafts.set(row.id, { row, written: row, stored, fields: null, isPending: false })
    }
  }

  /** The draft of a link; its epoch rises with the first change of the transaction. */
  function draftOf(id: LinkId): Draft {
    if (!drafts.has(id)) read([id])
    const draft = drafts.get(id)
    if (!draft) throw new InvariantError('I15', `link ${id} is to be changed but does not exist`)
    if (!touched.has(id)) change(draft, { epoch: draft.row.epoch + 1 })
    touched.set(id, draft.row.epoch)
    return draft
  }

  function change(draft: Draft, columnsOf: Partial<LinkRow>): void {
    draft.row = { ...draft.row, ...columnsOf }
    draft.isPending = true
  }

  function write(draft: Draft): void {
    const { row, written } = draft
    onceOnly(row.id, () => db.run(updates[indexedChange(row, written)], row))
    draft.written = row
    draft.isPending = false
  }

  return {
    put(put: Omit<Link, 'epoch'>): void {
      const { versions, ...rest } = put
      const row = { ...rest, epoch: 1, leftVersion: versions.left, rightVersion: versions.right }
      const stored = onceOnly(put.id, () => db.get(insert, row))
      if (!stored) throw new InvariantError('I7', `link ${put.id} was not stored`)
      touched.set(put.id, 1)
      const whole = { ...row, ...stored }
      drafts.set(put.id, { row: whole, written: whole, stored: null, fields: null, isPending: false })
    },

    touch(id: LinkId): void {
      draftOf(id)
    },

    set({ link: id, epoch, left, right, state, rules, versions }: SetLink): void {
      const isFirst = !touched.has(id)
      const draft = draftOf(id)
      if (epoch !== undefined && isFirst && draft.row.epoch !== epoch + 1) throw new LinkTaken(id)
      change(draft, {
        ...(left !== undefined && { left }),
        ...(right !== undefined && { right }),
        ...(state !== undefined && { state }),
        ...(rules !== undefined && { rules }),
        ...(versions?.left !== undefined && { leftVersion: versions.left }),
        ...(versions?.right !== undefined && { rightVersion: versions.right }),
      })
      // A record may be set free and taken by another link in one transaction: that needs its order.
      if (frees(draft)) write(draft)
    },

    setBase({ link: id, fields: changed }: SetBase): void {
      const draft = draftOf(id)
      draft.fields ??= new Map(Object.entries(draft.stored === null ? {} : decodeBase(draft.stored)))
      for (const [key, field] of Object.entries(changed)) {
        if (field === null) draft.fields.delete(key)
        else draft.fields.set(key, field)
      }
    },

    /** Writes what is left to write. Returns the new epoch of every link touched. */
    finish(): ReadonlyMap<LinkId, number> {
      for (const draft of drafts.values()) {
        if (draft.isPending) write(draft)
        if (draft.fields === null) continue
        db.run(putBase, { row: draft.row.row, fields: encodeBase(draft.fields) })
      }
      return touched
    },
  }
}

/** Columns with an index that a write has to set. */
function indexedChange(row: LinkRow, written: LinkRow): keyof typeof updates {
  const [isLeft, isRight] = [row.left !== written.left, row.right !== written.right]
  if (isLeft && isRight) return 'both'
  if (isLeft) return 'left'
  if (isRight) return 'right'
  return row.state === written.state ? 'nothing' : 'state'
}

/** Whether a record that the table shows in this link is no longer in it. */
function frees({ row, written }: Draft): boolean {
  return SIDES.some((side) => written[side] !== null && row[side] !== written[side])
}

/** The unique indexes decide races about who is linked with whom (algorithms 3.4); the transaction is undone. */
function onceOnly<T>(id: LinkId, write: () => T): T {
  try {
    return write()
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    throw new LinkTaken(id)
  }
}
